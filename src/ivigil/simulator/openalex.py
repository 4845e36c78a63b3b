"""OpenAlex's works over a library: lists by filter with cursors, single works, and a budget for the day."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from threading import Lock
from typing import Any

from ivigil.simulator.boolean_query import Dialect, parse_boolean
from ivigil.simulator.citations import Citations
from ivigil.simulator.cursors import START, cursor_at, offset_of
from ivigil.simulator.fault_kinds import RETRY, FaultKind, ServiceFaults, Struck
from ivigil.simulator.library import Holding, Library
from ivigil.simulator.numbering import identifier_of
from ivigil.simulator.openalex_results import work
from ivigil.simulator.query import And, Everything, Exactly, Node, QuerySyntaxError, Span
from ivigil.simulator.wire import HTML, Reply, Request

DEFAULT_SIZE, LARGEST_SIZE = 25, 100
MOST_VALUES = 100
CREDITS, CREDITS_WITH_KEY = 1_000, 10_000
LIST_COST, SEARCH_COST = 1, 10
DOLLARS = 0.0001
EVER_FIRST, EVER_LAST = date(1, 1, 1), date(9999, 12, 31)
SEARCHES = {
    "title_and_abstract.search": ("title", "abstract"),
    "title.search": ("title",),
    "display_name.search": ("title",),
}
DATES = ("from_publication_date", "to_publication_date")
NOT_FOUND = (
    "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not "
    "found on the server. If you entered the URL manually please check your spelling and try again.</p>\n"
)
WILDCARDS = "Wildcards (* or ?) require exact (no-stem) search..."


def refused(message: str, status: int = 400) -> Reply:
    """A question that cannot be read."""
    return Reply.json({"error": "Invalid query parameters error.", "message": message}, status)


def budget_spent(cost: int, wait: int = 57_505) -> Reply:
    """The day's budget is spent; the wait is until midnight."""
    message = (
        f"Insufficient budget. This request costs ${cost * DOLLARS:g} but you only have $0 remaining. Resets at "
        "midnight UTC. Need more? Add funds at https://openalex.org/pricing"
    )
    body = {
        "error": "Rate limit exceeded",
        "message": message,
        "retryAfter": wait,
        "costUsd": cost * DOLLARS,
        "creditsRequired": cost,
        "creditsRemaining": 0,
    }
    return Reply.json(body, 429).with_headers(("Retry-After", str(wait)))


def _burst(_: Struck) -> Reply:
    # The body of a burst's 429 is not recorded.
    return Reply.json({"error": "Rate limit exceeded", "message": "Too many requests"}, 429)


def _cursor_lost(_: Struck) -> Reply:
    return refused("Cursor value is invalid.")


FAULTS = ServiceFaults(
    endpoints=("works", "work"),
    name=lambda path: "works" if path.strip("/") == "works" else "work",
    data=("works",),
    own={
        "429": FaultKind(lambda struck: struck.with_wait(_burst(struck)), argument=RETRY),
        "budget": FaultKind(lambda struck: struck.with_wait(budget_spent(SEARCH_COST)), argument=RETRY),
        "badkey": FaultKind(lambda _: Reply.json({"error": "Invalid API key", "message": "unknown key"}, 401)),
        "error200": FaultKind(lambda _: refused(WILDCARDS, 200), ("works",)),
        "403": FaultKind(lambda _: refused(WILDCARDS, 403), ("works",)),
        "cursor": FaultKind(_cursor_lost, ("works",)),
    },
)


class OpenAlex:
    """Answers `works` and `works/ID`; each caller has a budget of credits for each simulated day, unless unmetered."""

    def __init__(
        self,
        library: Library,
        citations: Citations,
        today: Callable[[], date],
        *,
        metered: bool = False,
        keys: frozenset[str] | None = None,
    ) -> None:
        self._library, self._citations, self._today = library, citations, today
        self._metered, self._keys = metered, keys
        self._spent: defaultdict[tuple[str, date], int] = defaultdict(int)
        self._lock = Lock()

    def forget(self) -> None:
        """Nothing is kept: a cursor says all."""

    def answer(self, request: Request) -> Reply:
        """The reply to one call: key and budget are checked first."""
        key = request.headers.get("authorization", "").removeprefix("Bearer ") or request.get("api_key")
        if key and self._keys is not None and key not in self._keys:
            return Reply.json({"error": "Invalid API key", "message": "unknown key"}, 401)
        path, _, name = request.endpoint.strip("/").partition("/")
        if path != "works" or request.method != "GET":
            return Reply.text(NOT_FOUND, HTML, 404)
        if name:
            return self._one(name)
        cost = SEARCH_COST if ".search:" in request.get("filter") or request.get("search") else LIST_COST
        limit = CREDITS_WITH_KEY if key else CREDITS
        left = limit - self._charge(key or request.client, cost)
        if self._metered and left < 0:
            return budget_spent(cost)
        return self._list(request, cost).with_headers(
            ("X-RateLimit-Limit", str(limit)),
            ("X-RateLimit-Remaining", str(max(0, left))),
            ("X-RateLimit-Credits-Used", str(cost)),
            ("X-RateLimit-Cost-USD", f"{cost * DOLLARS:g}"),
            ("X-RateLimit-Remaining-USD", f"{max(0, left) * DOLLARS:g}"),
        )

    def _charge(self, caller: str, cost: int) -> int:
        with self._lock:
            self._spent[caller, self._today()] += cost
            return self._spent[caller, self._today()]

    def _one(self, name: str) -> Reply:
        scheme, _, value = name.partition(":")
        if name.startswith("https://doi.org/"):
            scheme, value = "doi", name.removeprefix("https://doi.org/")
        if scheme == "doi":
            found = self._library.answer(Exactly("doi", (value,)), self._today())
        else:
            found = self._library.get([value if scheme == "pmid" else identifier_of(name[1:])], self._today())
        return Reply.json(self._work(found[0])) if found else Reply.text(NOT_FOUND, HTML, 404)

    def _list(self, request: Request, cost: int) -> Reply:
        size = request.number("per-page", request.number("per_page", DEFAULT_SIZE))
        if not 1 <= size <= LARGEST_SIZE:
            return refused(f"per-page parameter must be between 1 and {LARGEST_SIZE}")
        question = request.get("filter")
        offset = offset_of(request.get("cursor") or START, question)
        if offset is None:
            return refused("Cursor value is invalid.")
        try:
            found = self._library.answer(self._read(question), self._today())
        except QuerySyntaxError as error:
            return refused(str(error))
        page = found[offset : offset + size]
        more = cursor_at(offset + len(page), question) if page else None
        meta: dict[str, Any] = {
            "count": len(found),
            "db_response_time_ms": 8,
            "page": None if request.get("cursor") else 1,
            "per_page": size,
            "cost_usd": cost * DOLLARS,
        }
        meta |= {"next_cursor": more} if request.get("cursor") else {}
        return Reply.json({"meta": meta, "results": [self._work(holding) for holding in page], "group_by": []})

    def _work(self, holding: Holding) -> dict[str, Any]:
        name = holding.document.identifier
        citing = self._library.get(self._citations.citing.get(name, ()), self._today())
        cited = self._citations.cited.get(name, ())
        return work(holding, self._library.lag, list(cited), len(citing))

    def _read(self, question: str) -> Node:
        """A comma list of `name:value`, all of which must hold.

        Raises:
            QuerySyntaxError: it cannot be read, or asks for what is for payers.
        """
        node: Node = Everything()
        for part in filter(None, question.split(",")):
            name, _, value = part.partition(":")
            node = And(node, self._filter(name.strip(), value.strip()))
        return node

    def _filter(self, name: str, value: str) -> Node:
        if name in SEARCHES:
            if re.search(r"[*?]", value):
                raise QuerySyntaxError(WILDCARDS)
            return parse_boolean(value, Dialect("AND", "OR", "NOT", SEARCHES[name]))
        if name in DATES:
            first, last = (_day(value), EVER_LAST) if name == "from_publication_date" else (EVER_FIRST, _day(value))
            return Span("first_published", first, last)
        values = tuple(value.split("|"))
        if len(values) > MOST_VALUES:
            raise QuerySyntaxError(f"Maximum number of values exceeded for {name}.")
        if name in {"from_created_date", "from_updated_date"}:
            raise QuerySyntaxError(f"{name} requires a paid plan.")
        read = {
            "doi": lambda: Exactly("doi", tuple(each.removeprefix("https://doi.org/") for each in values)),
            "pmid": lambda: Exactly("id", values),
            "openalex": lambda: Exactly("id", _documents(values)),
            "cites": lambda: Exactly("id", self._citations.citing.get(_documents(values)[0], ())),
        }.get(name.removeprefix("ids."))
        if read is None:
            raise QuerySyntaxError(f"{name} is not a valid field.")
        return read()


def _documents(works: Sequence[str]) -> tuple[str, ...]:
    return tuple(identifier_of(each.rpartition("/")[2][1:]) for each in works)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise QuerySyntaxError(f"{text} is not a valid date.") from error
