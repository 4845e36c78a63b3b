"""Scopus's Search API over a library: STANDARD and COMPLETE view, paging by start (5,000 at most) and by cursor."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import date
from typing import Any

from ivigil.records import Author, Record
from ivigil.simulator import elsevier_answers as answers
from ivigil.simulator.fault_kinds import RETRY, FaultKind, ServiceFaults, Struck
from ivigil.simulator.library import Holding, Library
from ivigil.simulator.query import QuerySyntaxError
from ivigil.simulator.scopus_query import EID, parse
from ivigil.simulator.vocabulary import MONTHS
from ivigil.simulator.wire import Gate, Reply, Request

CAP = 5_000
LARGEST = {"STANDARD": 200, "COMPLETE": 25}
DEFAULT_SIZE = 25
RATE = 9
START = "*"
EMPTY = {"@_fa": "true", "error": "Result set was empty"}
KINDS = {"Review": ("re", "Review"), "Letter": ("le", "Letter"), "Editorial": ("ed", "Editorial")}


def _without(name: str, value: str, refusal: Callable[[], Reply]) -> Callable[[Struck], Reply]:
    """A key without a right: refused where the parameter has that value (any, where it is empty), else answered."""

    def spoil(struck: Struck) -> Reply:
        asked = struck.request.get(name)
        return refusal() if asked and value in asked else struck.whole()

    return spoil


FAULTS = ServiceFaults(
    endpoints=("search",),
    name=lambda _: "search",
    own={
        "429": FaultKind(answers.quota_exceeded, argument=RETRY),
        "badkey": FaultKind(lambda _: answers.wrong_key()),
        "noview": FaultKind(_without("view", "COMPLETE", answers.view_refused)),
        "nocursor": FaultKind(_without("cursor", "", answers.cursor_refused)),
    },
)


class Scopus:
    """Answers the search endpoint, which is the base address itself."""

    def __init__(self, library: Library, today: Callable[[], date], gate: Gate) -> None:
        self._library, self._today, self._gate = library, today, gate

    def forget(self) -> None:
        """Nothing is kept: a cursor says all."""

    def answer(self, request: Request) -> Reply:
        """The reply to one call: key and rate are checked first."""
        if request.endpoint or request.method != "GET":
            return answers.service_error("RESOURCE_NOT_FOUND", "The resource specified cannot be found.", 404)
        if refusal := answers.refused_key(request, self._gate):
            return refusal
        if self._gate.is_too_fast(request.headers["x-els-apikey"], RATE):
            return answers.service_error("TOO_MANY_REQUESTS", "Throttled", 429)
        return self._search(request).with_headers(*answers.quota(answers.QUOTA - 1))

    def _search(self, request: Request) -> Reply:
        query, view = request.get("query"), request.get("view") or "STANDARD"
        if not query or view not in LARGEST:
            return answers.service_error("INVALID_INPUT", "Invalid or missing query or view", 400)
        size = request.number("count", DEFAULT_SIZE)
        if size > LARGEST[view]:
            return answers.service_error("INVALID_INPUT", "Exceeds the number allowed for the service level", 400)
        cursor = request.get("cursor")
        start = _offset(cursor) if cursor else request.number("start", 0)
        if start is None or (not cursor and start + size > CAP):
            return answers.service_error("INVALID_INPUT", "Exceeds the number of search results", 400)
        try:
            found, _ = self._library.search(query, parse, self._today())
        except QuerySyntaxError as error:
            return answers.service_error("INVALID_INPUT", str(error), 400)
        shown = found[start : start + size]
        results: dict[str, Any] = {
            "opensearch:totalResults": str(len(found)),
            "opensearch:startIndex": str(start),
            "opensearch:itemsPerPage": str(len(shown)),
            "opensearch:Query": {"@role": "request", "@searchTerms": query, "@startPage": str(start)},
        }
        if cursor:
            results["cursor"] = {"@current": cursor, "@next": _cursor(start + len(shown))}
        entries = [_entry(holding, view) for holding in shown]
        return Reply.json({"search-results": results | {"entry": entries if found else [EMPTY]}})


def _cursor(offset: int) -> str:
    return base64.b64encode(f"scopus:{offset}".encode()).decode()


def _offset(cursor: str) -> int | None:
    """Where a cursor points to; None where it is none."""
    if cursor == START:
        return 0
    try:
        name, _, offset = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return int(offset) if name == "scopus" and offset.isdecimal() else None


def eid_of(record: Record) -> str:
    """The EID of a record of the corpus."""
    return f"{EID}{record.source_id:0>10}"


def _entry(holding: Holding, view: str) -> dict[str, Any]:
    """One record; values that are missing are left out, as the service does."""
    record = holding.record
    eid = eid_of(record)
    subtype, description = next((KINDS[kind] for kind in record.publication_types if kind in KINDS), ("ar", "Article"))
    when = record.published or record.electronic
    entry = {
        "@_fa": "true",
        "link": [{"@_fa": "true", "@ref": "scopus", "@href": f"https://www.scopus.com/record/{eid}"}],
        "dc:identifier": f"SCOPUS_ID:{eid.rpartition('-')[2]}",
        "eid": eid,
        "dc:title": record.title.rstrip("."),
        "dc:creator": _creator(record.authors[0]) if record.authors else None,
        "prism:publicationName": record.journal,
        "prism:issn": record.issns[0].replace("-", "") if record.issns else None,
        "prism:volume": record.volume,
        "prism:issueIdentifier": record.issue,
        "prism:pageRange": record.pages,
        "prism:coverDate": when.earliest.isoformat() if when else None,
        "prism:coverDisplayDate": _display(record),
        "prism:doi": record.doi,
        "pubmed-id": record.pmid,
        "prism:aggregationType": "Journal",
        "subtype": subtype,
        "subtypeDescription": description,
        "citedby-count": "0",
    }
    if view == "COMPLETE":
        entry["dc:description"] = " ".join(record.abstract_text.split()) or None
        entry["authkeywords"] = " | ".join(record.keywords) or None
        entry["author"] = [_author(author) for author in record.authors if not author.collective] or None
    return {name: value for name, value in entry.items() if value is not None}


def _creator(author: Author) -> str:
    initials = "".join(f"{letter}." for letter in author.initials or "")
    return author.collective or f"{author.last_name} {initials}".strip()


def _author(author: Author) -> dict[str, Any]:
    return {
        "@_fa": "true",
        "authname": _creator(author),
        "surname": author.last_name,
        "given-name": author.fore_name,
        "initials": "".join(f"{letter}." for letter in author.initials or ""),
    }


def _display(record: Record) -> str | None:
    when = record.published or record.electronic
    if when is None:
        return None
    month = [MONTHS[when.month - 1]] if when.month else []
    return " ".join([*([str(when.day)] if when.day else []), *month, str(when.year)])
