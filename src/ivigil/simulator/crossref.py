"""Crossref's works over a library: single works by DOI, lists by filter or title, rates stated with each answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ivigil.records import Relation
from ivigil.simulator.citations import Citations
from ivigil.simulator.crossref_results import work
from ivigil.simulator.crossref_review import PublishedReview
from ivigil.simulator.cursors import cursor_at, offset_of
from ivigil.simulator.fault_kinds import RETRY, FaultKind, ServiceFaults
from ivigil.simulator.index import tokenize
from ivigil.simulator.library import Holding, Library
from ivigil.simulator.query import And, Everything, Exactly, Node, Or, QuerySyntaxError, Span, Words
from ivigil.simulator.wire import TEXT, Meter, Reply, Request

DEFAULT_ROWS, MOST_ROWS = 20, 1000
LIST_RATE, LIST_RATE_POLITE = 1, 3
WORK_RATE, WORK_RATE_POLITE = 5, 10
EVER_FIRST, EVER_LAST = date(1, 1, 1), date(9999, 12, 31)
NOT_FOUND = "Resource not found."
DATES = {"created-date": "created", "pub-date": "first_published", "update-date": "revised"}


def failed(kind: str, value: str, message: str, status: int = 400) -> Reply:
    """A refusal: `message` is a list, where a success has an object."""
    body = {
        "status": "failed",
        "message-type": "resource-failure" if status == 404 else "validation-failure",
        "message": [{"type": kind, "value": value, "message": message}],
    }
    return Reply.json(body, status)


def _too_many() -> Reply:
    # The body of a 429 is not recorded.
    return Reply.text("Too Many Requests", TEXT, 429).with_headers(("Retry-After", "1"))


def _cursor_lost() -> Reply:
    return failed("cursor-invalid", "thing", "Cursor specified but it is invalid", 404)


FAULTS = ServiceFaults(
    endpoints=("works", "work"),
    name=lambda path: "works" if path.strip("/") == "works" else "work",
    own={
        "429": FaultKind(lambda struck: struck.with_wait(_too_many()), argument=RETRY),
        "404": FaultKind(lambda _: Reply.text(NOT_FOUND, TEXT, 404)),
        "400": FaultKind(lambda _: failed("parameter-not-allowed", "sort", "This route does not support sort")),
        "cursor": FaultKind(lambda _: _cursor_lost(), ("works",)),
    },
)


class Crossref:
    """Answers `works` and `works/DOI`."""

    def __init__(
        self,
        library: Library,
        citations: Citations,
        today: Callable[[], date],
        meter: Meter,
        *,
        review: PublishedReview | None = None,
        rate_factor: float = 1.0,
    ) -> None:
        self._library, self._citations, self._today, self._review = library, citations, today, review
        self._meter, self._rate_factor = meter, rate_factor

    def forget(self) -> None:
        """Nothing is kept: a cursor says all."""

    def answer(self, request: Request) -> Reply:
        """The reply to one call; its headers say which pool answered and how fast one may ask it."""
        path, _, doi = request.endpoint.strip("/").partition("/")
        if path != "works" or request.method != "GET":
            return Reply.text(NOT_FOUND, TEXT, 404)
        polite = bool(request.get("mailto")) or "mailto:" in request.headers.get("user-agent", "")
        rates = (WORK_RATE, WORK_RATE_POLITE) if doi else (LIST_RATE, LIST_RATE_POLITE)
        rate = rates[polite]
        allowed = max(1, round(rate * self._rate_factor)) if self._rate_factor else None
        if allowed and self._meter.count(f"{request.client} {bool(doi)}") > allowed:
            reply = _too_many()
        else:
            reply = self._one(doi, request) if doi else self._list(request)
        return reply.with_headers(
            ("x-api-pool", ("polite" if polite else "public") + ("" if doi else "-array")),
            ("x-concurrency-limit", "3" if polite else "1"),
            ("x-rate-limit-interval", "1s"),
            ("x-rate-limit-limit", str(allowed or rate)),
        )

    def _one(self, doi: str, request: Request) -> Reply:
        if any(name.startswith("query") for name in request.params):
            return failed("parameter-not-allowed", "query.*", "This route does not support field query parameters")
        today = self._today()
        if (
            self._review
            and doi.lower() == self._review.holding.record.doi
            and today >= self._review.holding.document.arrives
        ):
            return _success("work", work(self._review.holding, self._review.cited, 0, self._doi_of))
        found = self._library.answer(Exactly("doi", (doi,)), today)
        if not found:
            return Reply.text(NOT_FOUND, TEXT, 404)
        return _success("work", self._work(found[0]))

    def _list(self, request: Request) -> Reply:
        rows = request.get("rows") or str(DEFAULT_ROWS)
        if not rows.isdecimal() or int(rows) > MOST_ROWS:
            message = f"Integer specified as {rows} but must be a positive integer less than or equal to {MOST_ROWS}. "
            return failed("integer-not-valid", rows, message)
        title = request.get("query.bibliographic") or request.get("query.title") or request.get("query")
        cursor, question = request.get("cursor"), f"{request.get('filter')} {title}"
        offset = offset_of(cursor, question) if cursor else request.number("offset", 0)
        if offset is None:
            return _cursor_lost()
        try:
            found = self._library.answer(_read(request.get("filter")), self._today())
        except QuerySyntaxError as error:
            name = str(error)
            message = f"Filter '{name}' specified but there is no such filter for this route."
            return failed("filter-not-available", name, message)
        if title:
            found = self._ranked(title, found)
        page = found[offset : offset + int(rows)]
        selected = [part for part in request.get("select").split(",") if part]
        items = [self._work(holding) for holding in page]
        if selected:
            items = [{name: item[name] for name in selected if name in item} for item in items]
        body: dict[str, Any] = {"facets": {}}
        body |= {"next-cursor": cursor_at(offset + len(page), question)} if cursor else {}
        body |= {"total-results": len(found), "items": items, "items-per-page": int(rows)}
        return _success("work-list", body | {"query": {"start-index": offset, "search-terms": title or None}})

    def _ranked(self, title: str, among: list[Holding]) -> list[Holding]:
        """What shares any word with the title, most words first: a ranking, not a decision."""
        words = set(tokenize(title))
        node: Node | None = None
        for word in words:
            one = Words(("title",), (word,))
            node = Or(node, one) if node else one
        wanted = {holding.document.identifier for holding in among}
        found = self._library.answer(node, self._today()) if node else []
        shared = [
            (-len(words.intersection(tokenize(holding.record.title))), holding.document.identifier, holding)
            for holding in found
            if holding.document.identifier in wanted
        ]
        return [holding for *_, holding in sorted(shared, key=lambda each: each[:2])]

    def _work(self, holding: Holding) -> dict[str, Any]:
        name, today = holding.document.identifier, self._today()
        cited = self._library.get(self._citations.cited.get(name, ()), today)
        citing = self._library.get(self._citations.citing.get(name, ()), today)
        return work(holding, [each.record for each in cited], len(citing), self._doi_of)

    def _doi_of(self, relation: Relation) -> str | None:
        if relation.doi or not relation.pmid:
            return relation.doi
        found = self._library.get([relation.pmid], self._today())
        return found[0].record.doi if found else None


def _success(kind: str, message: dict[str, Any]) -> Reply:
    return Reply.json({"status": "ok", "message-type": kind, "message-version": "1.0.0", "message": message})


def _read(question: str) -> Node:
    """A comma list of `name:value`: values of one name are alternatives, names must all hold.

    Raises:
        QuerySyntaxError: its message is the name of a filter that there is not.
    """
    named: dict[str, Node] = {}
    for part in filter(None, question.split(",")):
        name, _, value = part.partition(":")
        one = _filter(name, value)
        named[name] = Or(named[name], one) if name in named else one
    node: Node = Everything()
    for each in named.values():
        node = And(node, each)
    return node


def _filter(name: str, value: str) -> Node:
    if name == "doi":
        return Exactly("doi", (value,))
    direction, _, column = name.partition("-")
    if direction not in {"from", "until"} or column not in DATES:
        raise QuerySyntaxError(name)
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise QuerySyntaxError(name) from error
    first, last = (day, EVER_LAST) if direction == "from" else (EVER_FIRST, day)
    return Span(DATES[column], first, last)
