"""ClinicalTrials.gov's API, version 2, over the corpus's trials: /studies with page tokens, and /studies/{number}."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from ivigil.simulator.boolean import understood
from ivigil.simulator.essie import parse
from ivigil.simulator.fault_kinds import RETRY, FaultKind, ServiceFaults
from ivigil.simulator.index import Index
from ivigil.simulator.library import Holding
from ivigil.simulator.query import And, Everything, Exactly, Node, QuerySyntaxError, Question
from ivigil.simulator.trials import Trials
from ivigil.simulator.wire import HTML, TEXT, Reply, Request

DEFAULT_SIZE, LARGEST_SIZE = 10, 1_000
QUERIES = ("query.term", "query.cond", "query.intr", "query.titles", "filter.advanced")
AREAS = {"query.cond": "ConditionSearch", "query.intr": "InterventionSearch", "query.titles": "BriefTitle"}
FAULTS = ServiceFaults(
    endpoints=("studies",),
    own={
        # No body is recorded; known is that 400 is plain text, and that 403 comes from a gate before the service.
        "429": FaultKind(lambda struck: struck.with_wait(Reply.text("Too many requests", TEXT, 429)), argument=RETRY),
        "403": FaultKind(lambda _: Reply.text("<html><body><h1>403 Forbidden</h1></body></html>", HTML, 403)),
        "400": FaultKind(lambda _: Reply.text("Invalid value of parameter", TEXT, 400)),
        "cursor": FaultKind(
            lambda struck: _bad_token() if struck.request.get("pageToken") else struck.whole(), ("studies",)
        ),
    },
)


class ClinicalTrials:
    """Answers `/studies`, with `pageToken` that dies when the data changes, and `/studies/{number}`."""

    def __init__(self, trials: Trials, today: Callable[[], date]) -> None:
        self._trials, self._today = trials, today

    def forget(self) -> None:
        """Nothing is kept: a token says all."""

    def answer(self, request: Request) -> Reply:
        """The reply to one call."""
        endpoint, _, number = request.endpoint.partition("/")
        if endpoint != "studies" or request.method != "GET":
            return Reply.text("Not Found", TEXT, 404)
        return self._single(number) if number else self._studies(request)

    def _single(self, number: str) -> Reply:
        if not re.fullmatch(r"(NCT|nct)\d{8}", number):
            return Reply.text("Invalid NCT number", TEXT, 400)
        held = self._trials.library.get([number.upper()], self._today())
        if not held:
            return Reply.text(f"NCT number {number} not found", TEXT, 404)
        return Reply.json(self._study(held[0]))

    def _studies(self, request: Request) -> Reply:
        size = min(request.number("pageSize", DEFAULT_SIZE) or DEFAULT_SIZE, LARGEST_SIZE)
        asked = {name: request.get(name) for name in (*QUERIES, "filter.ids") if request.get(name)}
        digest = f"{self._today()}:{json.dumps(asked, sort_keys=True)}"
        token = request.get("pageToken")
        start = _offset(token, digest) if token else 0
        if start is None:
            return _bad_token()
        try:
            found, _ = self._trials.library.search("", _reader(asked), self._today())
        except QuerySyntaxError as error:
            return Reply.text(str(error), TEXT, 400)
        body: dict[str, Any] = {"studies": [self._study(holding) for holding in found[start : start + size]]}
        if not token and request.get("countTotal").lower() == "true":
            body["totalCount"] = len(found)
        if start + size < len(found):
            body["nextPageToken"] = _token(start + size, digest)
        return Reply.json(body)

    def _study(self, holding: Holding) -> Any:
        record = holding.record
        return self._trials.studies[record.source_id, record.revised or self._today()]


def _bad_token() -> Reply:
    return Reply.text("Invalid page token", TEXT, 400)


def _reader(asked: dict[str, str]) -> Callable[[str, Index, date], Question]:
    """All parameters together, each limiting what the others find."""

    def read(_text: str, index: Index, today: date) -> Question:
        node: Node = Everything()
        for name, text in asked.items():
            if name == "filter.ids":
                node = And(node, Exactly("registry", tuple(re.split(r"[|,]", text))))
            else:
                expression = f"AREA[{AREAS[name]}]({text})" if name in AREAS else text
                node = And(node, parse(expression, index, today).node)
        return understood(node, str(asked))

    return read


def _token(offset: int, digest: str) -> str:
    return base64.urlsafe_b64encode(f"{offset}|{_mark(digest)}".encode()).decode()


def _offset(token: str, digest: str) -> int | None:
    """Where a token points to; None where it is not one of this question on this state of the data."""
    try:
        offset, _, mine = base64.urlsafe_b64decode(token.encode()).decode().partition("|")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return int(offset) if offset.isdecimal() and mine == _mark(digest) else None


def _mark(text: str) -> str:
    """A short mark of a text."""
    return base64.urlsafe_b64encode(binascii.crc32(text.encode()).to_bytes(4)).decode().rstrip("=")
