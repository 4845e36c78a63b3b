"""Semantic Scholar's Academic Graph over a library: bulk search by token, batches, title matches, citations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from ivigil.records import Author, DatePrecision, Record
from ivigil.simulator.boolean_query import Dialect, parse_boolean
from ivigil.simulator.citations import Citations
from ivigil.simulator.cursors import cursor_at, offset_of
from ivigil.simulator.fault_kinds import RETRY, FaultKind, ServiceFaults
from ivigil.simulator.index import tokenize
from ivigil.simulator.library import Holding, Library
from ivigil.simulator.numbering import identifier_of, number_of
from ivigil.simulator.query import Exactly, QuerySyntaxError, Words
from ivigil.simulator.wire import Gate, Reply, Request

PAGE_SIZE = 1000
MOST_IN_BATCH = 500
MOST_CITATIONS = 1000
RATE = 1
ESTIMATE = 1.01  # the stated total lies a little beside the truth, as the service's does
DIALECT = Dialect("+", "|", "-")
TOO_MANY = (
    "Too Many Requests. Please wait and try again or apply for a key for higher rate limits. "
    "https://www.semanticscholar.org/product/api#api-key-form"
)
DEFAULT_FIELDS = "paperId,title"


def _too_many() -> Reply:
    return Reply.json({"message": TOO_MANY, "code": "429"}, 429)


def _refused(message: str, status: int = 400) -> Reply:
    return Reply.json({"error": message}, status)


def _endpoint(path: str) -> str:
    parts = path.strip("/").split("/")
    return parts[-1] if parts[-1] in {"bulk", "batch", "match", "citations"} else "paper"


FAULTS = ServiceFaults(
    endpoints=("bulk", "batch", "match", "citations", "paper"),
    name=_endpoint,
    own={
        "429": FaultKind(lambda struck: struck.with_wait(_too_many()), argument=RETRY),
        "504": FaultKind(lambda _: Reply.json({"message": "Endpoint request timed out"}, 504)),
        "400": FaultKind(lambda _: _refused("Unrecognized or unsupported fields: [x]")),
        "badkey": FaultKind(lambda _: Reply.json({"message": "Forbidden"}, 403)),
        "nodata": FaultKind(lambda _: Reply.json({"total": 3, "offset": 0}), ("bulk",)),
    },
)


class SemanticScholar:
    """Answers `paper/search/bulk`, `paper/search/match`, `paper/batch`, `paper/ID` and `paper/ID/citations`."""

    def __init__(
        self,
        library: Library,
        citations: Citations,
        today: Callable[[], date],
        gate: Gate,
    ) -> None:
        self._library, self._citations, self._today, self._gate = library, citations, today, gate

    def forget(self) -> None:
        """Nothing is kept: a token says all."""

    def answer(self, request: Request) -> Reply:
        """The reply to one call; the pool without a key is always full."""
        key = request.headers.get("x-api-key", "")
        if key and not self._gate.knows(key):
            return Reply.json({"message": "Forbidden"}, 403)
        if not key or self._gate.is_too_fast(key, RATE):
            return _too_many()
        path = request.endpoint.strip("/")
        handlers = {"paper/batch": self._batch, "paper/search/bulk": self._bulk, "paper/search/match": self._match}
        return handlers.get(path, self._one)(request)

    def _bulk(self, request: Request) -> Reply:
        query, span = request.get("query"), request.get("publicationDateOrYear")
        offset = offset_of(request.get("token") or "*", f"{query} {span}")
        if offset is None:
            return _refused("Invalid continuation token")
        try:
            found = self._library.answer(parse_boolean(query, DIALECT), self._today())
            found = [each for each in found if _within(each.record, span)]
        except (QuerySyntaxError, ValueError) as error:
            return _refused(f"Invalid query: {error}")
        if not found:
            return Reply.json({"total": 0, "offset": 0})
        found.sort(key=lambda each: paper_id(each.document.identifier))
        page = found[offset : offset + PAGE_SIZE]
        after = offset + len(page)
        token = {"token": cursor_at(after, f"{query} {span}")} if after < len(found) else {}
        data = [self._paper(each, request) for each in page]
        return Reply.json({"total": round(len(found) * ESTIMATE), **token, "data": data})

    def _batch(self, request: Request) -> Reply:
        try:
            asked = json.loads(request.body)["ids"]
        except (ValueError, TypeError, KeyError):
            return _refused("a list of ids is expected")
        if not asked or len(asked) > MOST_IN_BATCH:
            return _refused(f"between 1 and {MOST_IN_BATCH} ids are expected")
        found = [self._find(str(each)) for each in asked]
        if not any(found):
            return _refused("No valid paper ids given")
        return Reply.json([self._paper(each, request) if each else None for each in found])

    def _match(self, request: Request) -> Reply:
        words = tuple(tokenize(request.get("query")))
        found = self._library.answer(Words(("title",), words), self._today()) if words else []
        if not found:
            return _refused("Title match not found", 404)
        return Reply.json({"data": [self._paper(found[0], request) | {"matchScore": 109.5}]})

    def _one(self, request: Request) -> Reply:
        path = request.endpoint.strip("/").removeprefix("paper/")
        name, _, part = path.rpartition("/") if path.endswith("/citations") else (path, "", "")
        holding = self._find(name)
        if holding is None:
            return _refused(f"Paper with id {name} not found", 404)
        if not part:
            return Reply.json(self._paper(holding, request))
        offset, limit = request.number("offset", 0), min(request.number("limit", 100), MOST_CITATIONS)
        citing = self._library.get(self._citations.citing.get(holding.document.identifier, ()), self._today())
        page = citing[offset : offset + limit]
        more = {"next": offset + limit} if offset + limit < len(citing) else {}
        data = [{"citingPaper": self._paper(each, request)} for each in page]
        return Reply.json({"offset": offset, **more, "data": data})

    def _find(self, name: str) -> Holding | None:
        scheme, _, value = name.partition(":")
        match scheme:
            case "DOI":
                found = self._library.answer(Exactly("doi", (value,)), self._today())
            case "PMID":
                found = self._library.get([value], self._today())
            case "CorpusId":
                found = self._library.get([identifier_of(value)], self._today())
            case _:
                found = []
        return found[0] if found else None

    @staticmethod
    def _paper(holding: Holding, request: Request) -> dict[str, Any]:
        whole = paper(holding)
        return {name: whole[name] for name in ("paperId", *_fields(request)) if name in whole}


def _fields(request: Request) -> list[str]:
    return (request.get("fields") or DEFAULT_FIELDS).split(",")


def paper_id(identifier: str) -> str:
    """Forty hexadecimal digits."""
    return hashlib.sha1(identifier.encode(), usedforsecurity=False).hexdigest()


def paper(holding: Holding) -> dict[str, Any]:
    """Every field of a paper."""
    record = holding.record
    number = int(number_of(holding.document.identifier))
    ids: dict[str, Any] = {"CorpusId": number}
    ids |= {"DOI": record.doi.upper()} if record.doi else {}
    ids |= {"PubMed": record.pmid} if record.pmid else {}
    when = record.first_published
    exact = when is not None and when.precision is DatePrecision.DAY
    venue = record.journal or record.publisher or ""
    return {
        "paperId": paper_id(holding.document.identifier),
        "corpusId": number,
        "externalIds": ids,
        "title": record.title.rstrip("."),
        "abstract": record.abstract_text or None,
        "authors": [{"authorId": None, "name": _short(author)} for author in record.authors],
        "venue": venue,
        "publicationVenue": {"name": venue, "issn": record.issns[0] if record.issns else None},
        "journal": {"name": record.journal, "volume": record.volume, "pages": record.pages} if record.journal else None,
        "year": when.year if when else None,
        "publicationDate": when.earliest.isoformat() if when and exact else None,
        "publicationTypes": ["Review"] if "Review" in record.publication_types else ["JournalArticle"],
        "url": f"https://www.semanticscholar.org/paper/{paper_id(holding.document.identifier)}",
    }


def _short(author: Author) -> str:
    if author.collective:
        return author.collective
    letters = " ".join(f"{letter}." for letter in (author.initials or (author.fore_name or "")[:1]))
    return " ".join(part for part in (letters, author.last_name) if part)


def _within(record: Record, span: str) -> bool:
    """Whether a paper was published in 'from:to', either end open; a date that is not known to the day is 1 January."""
    if not span:
        return True
    when = record.first_published
    if when is None:
        return False
    day = when.earliest if when.precision is DatePrecision.DAY else date(when.year, 1, 1)
    first, _, last = span.partition(":")
    return (not first or date.fromisoformat(first) <= day) and (not last or day <= date.fromisoformat(last))
