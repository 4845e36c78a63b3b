"""Embase's API over a library, in the shape of code that read it: no answer of the live service is recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ivigil.records import Record
from ivigil.simulator import elsevier_answers as answers
from ivigil.simulator.boolean import understood
from ivigil.simulator.embase_query import parse
from ivigil.simulator.fault_kinds import RETRY, FaultKind, ServiceFaults
from ivigil.simulator.library import Holding, Library
from ivigil.simulator.query import Exactly, QuerySyntaxError
from ivigil.simulator.wire import TEXT, Gate, Reply, Request

LARGEST, DEFAULT_SIZE = 100, 25
GARBAGE = "\x00\x1f upstream busy {{{"
FAULTS = ServiceFaults(
    endpoints=("article",),
    own={
        "429": FaultKind(answers.quota_exceeded, argument=RETRY),
        "badkey": FaultKind(lambda _: answers.wrong_key()),
        "garbage": FaultKind(lambda _: Reply.text(GARBAGE, TEXT)),
    },
)


class Embase:
    """Answers `/article`, as a search and for a single record."""

    def __init__(self, library: Library, today: Callable[[], date], gate: Gate) -> None:
        self._library, self._today, self._gate = library, today, gate

    def forget(self) -> None:
        """Nothing is kept."""

    def answer(self, request: Request) -> Reply:
        """The reply to one call: the key is checked first."""
        if refusal := answers.refused_key(request, self._gate):
            return refusal
        endpoint, _, name = request.endpoint.partition("/")
        if endpoint != "article":
            return answers.service_error("RESOURCE_NOT_FOUND", "The resource specified cannot be found.", 404)
        return self._single(name) if name else self._search(request)

    def _search(self, request: Request) -> Reply:
        start, size = request.number("start", 1), request.number("count", DEFAULT_SIZE)
        if start < 1 or not 1 <= size <= LARGEST:
            return answers.service_error("INVALID_INPUT", "start or count out of range", 400)
        try:
            found, _ = self._library.search(request.get("query"), parse, self._today())
        except QuerySyntaxError as error:
            return answers.service_error("INVALID_INPUT", str(error), 400)
        return _results(found, start, size)

    def _single(self, name: str) -> Reply:
        kind, _, value = name.partition("/")
        column = {"lui": "id", "pubmed_id": "id", "doi": "doi"}.get(kind, "none")
        wanted = Exactly(column, (value.removeprefix("L9").lstrip("0") if kind == "lui" else value,))
        found, _ = self._library.search(name, lambda *_: understood(wanted, name), self._today())
        if not found:
            return answers.service_error("RESOURCE_NOT_FOUND", "The resource specified cannot be found.", 404)
        return _results(found, 1, 1)


def _results(found: list[Holding], start: int, size: int) -> Reply:
    shown = found[start - 1 : start - 1 + size]
    return Reply.json({"header": {"hits": len(found)}, "results": [_item(holding) for holding in shown]})


def lui_of(record: Record) -> str:
    """The accession number of a record of the corpus."""
    return f"L9{record.source_id:0>9}"


def _item(holding: Holding) -> dict[str, Any]:
    record = holding.record
    ids = {"lui": lui_of(record), "pui": lui_of(record)[1:], "medl": record.pmid, "doi": record.doi}
    head: dict[str, Any] = {
        "citationTitle": {"titleText": [{"ttltext": record.title}]},
        "source": {
            "publicationYear": str(record.year) if record.year else None,
            "sourceTitle": [record.journal] if record.journal else [],
            "sourceTitleAbbrev": [record.journal_abbreviation] if record.journal_abbreviation else [],
        },
        "authorList": {
            "authors": [
                {"surname": author.last_name, "initials": "".join(f"{letter}." for letter in author.initials or "")}
                for author in record.authors
                if author.last_name
            ]
        },
    }
    if record.abstract:
        head["abstracts"] = {"abstracts": [{"paras": [part.text for part in record.abstract]}]}
    return {"itemInfo": {"itemIdList": {name: value for name, value in ids.items() if value}}, "head": head}
