"""Web of Science's Starter API over a library: /documents, paged, without abstracts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ivigil.records import Author, Record
from ivigil.simulator.fault_kinds import RETRY, FaultKind, ServiceFaults
from ivigil.simulator.index import Index
from ivigil.simulator.library import Holding, Library
from ivigil.simulator.query import And, Or, QuerySyntaxError, Question, Span
from ivigil.simulator.vocabulary import MONTHS
from ivigil.simulator.wire import Gate, Reply, Request
from ivigil.simulator.wos_query import UID, parse

LARGEST, DEFAULT_SIZE = 50, 10
RATE = 5
MISSING_KEY = {"error_description": "The access token is missing", "error": "invalid_request"}


def _error(status: int, title: str, details: str) -> Reply:
    return Reply.json({"error": {"status": status, "title": title, "details": details}}, status)


def nothing_found() -> Reply:
    """Zero hits, as some routes say it."""
    details = "There is no record found in the Web of Science database. Please check your query."
    return _error(404, "Resource couldn't be found", details)


def _too_many() -> Reply:
    """The body is not recorded; its form is that of the documented errors."""
    return _error(429, "Too Many Requests", "API rate limit exceeded")


FAULTS = ServiceFaults(
    endpoints=("documents",),
    own={
        "429": FaultKind(lambda struck: struck.with_wait(_too_many()), argument=RETRY),
        "badkey": FaultKind(lambda _: Reply.json(MISSING_KEY, 401)),
    },
)


class WebOfScience:
    """Answers `/documents`."""

    def __init__(self, library: Library, today: Callable[[], date], gate: Gate) -> None:
        self._library, self._today, self._gate = library, today, gate

    def forget(self) -> None:
        """Nothing is kept."""

    def answer(self, request: Request) -> Reply:
        """The reply to one call: key and rate are checked first."""
        key = request.headers.get("x-apikey", "")
        if not key or not self._gate.knows(key):
            return Reply.json(MISSING_KEY, 401)
        if self._gate.is_too_fast(key, RATE):
            return _too_many()
        if (request.endpoint, request.method) != ("documents", "GET"):
            return _error(404, "Not Found", "no such route")
        return self._documents(request)

    def _documents(self, request: Request) -> Reply:
        query, size, page = request.get("q"), request.number("limit", DEFAULT_SIZE), request.number("page", 1)
        if not query or not 1 <= size <= LARGEST or page < 1:
            return _error(400, "Bad Request", "q, limit (1-50) or page is missing or wrong")
        span = request.get("modifiedTimeSpan")
        try:
            found, _ = self._library.search(query, _within(span), self._today())
        except (QuerySyntaxError, ValueError) as error:
            return _error(400, "Bad Request", str(error))
        if not found:
            return nothing_found()
        if request.get("sortField") == "LD A":
            found = found[::-1]
        hits = [_hit(holding) for holding in found[(page - 1) * size : page * size]]
        return Reply.json({"metadata": {"total": len(found), "page": page, "limit": size}, "hits": hits})


def _within(span: str) -> Callable[[str, Index, date], Question]:
    """The query's reader, limited to what was added or changed within a span ("2024-01-01 2024-01-31")."""
    if not span:
        return parse
    first, last = (date.fromisoformat(day) for day in span.split())
    # What was indexed in the span is as new as what changed in it, whatever day its own record bears.
    limits = Or(Span("revised", first, last), Span("first_indexed", first, last))

    def read(text: str, index: Index, today: date) -> Question:
        question = parse(text, index, today)
        return Question(And(question.node, limits), question.translation, question.remarks)

    return read


def uid_of(record: Record) -> str:
    """The accession number of a record of the corpus."""
    return f"{UID}{record.source_id:0>14}"


def _hit(holding: Holding) -> dict[str, Any]:
    record = holding.record
    when = record.published or record.electronic
    pages = record.pages or ""
    source = {
        "sourceTitle": (record.journal or "").upper(),
        "publishYear": when.year if when else None,
        "publishMonth": MONTHS[when.month - 1].upper() if when and when.month else None,
        "volume": record.volume,
        "issue": record.issue,
        "pages": {"range": pages, "begin": pages.partition("-")[0], "end": pages.partition("-")[2]} if pages else {},
    }
    ids = {"doi": record.doi, "issn": record.issns[0] if record.issns else None, "pmid": record.pmid}
    return {
        "uid": uid_of(record),
        "title": record.title.rstrip("."),
        "types": ["Review" if "Review" in record.publication_types else "Article"],
        "sourceTypes": ["Review" if "Review" in record.publication_types else "Article"],
        "source": {name: value for name, value in source.items() if value is not None},
        "names": {"authors": [_author(author) for author in record.authors]},
        "links": {"record": f"https://www.webofscience.com/wos/woscc/full-record/{uid_of(record)}"},
        "citations": [{"db": "WOS", "count": 0}],
        "identifiers": {name: value for name, value in ids.items() if value is not None},
        "keywords": {"authorKeywords": list(record.keywords) or None},
    }


def _author(author: Author) -> dict[str, str]:
    if author.collective:
        return {"displayName": author.collective}
    name = f"{author.last_name}, {author.fore_name or author.initials or ''}".rstrip(", ")
    return {"displayName": name, "wosStandard": f"{author.last_name}, {author.initials or ''}".rstrip(", ")}
