"""A real HTTP server on this machine whose every answer a test writes, and stand-ins that speak a source's wire."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest

from ivigil.simulator import Simulator
from ivigil.sources.clock import VirtualClock
from ivigil.sources.session import PoliteSession
from review_at_work import simulator

__all__ = ["simulator"]


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    media_type: str = "text/xml"
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    """The connection is dropped after so many bytes of the body, whose whole length was announced."""


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: str
    params: dict[str, str]
    headers: dict[str, str]
    at: float


class Wire:
    """Records what is asked and answers with the first scripted reply left, else with what `serve` says."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.script: list[Reply | Callable[[Asked], Reply]] = []
        self.serve: Callable[[Asked], Reply] = lambda asked: Reply(b"nothing is served here", 404, "text/plain")
        self.url = ""

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if self.script:
            scripted = self.script.pop(0)
            return scripted if isinstance(scripted, Reply) else scripted(asked)
        return self.serve(asked)


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's acknowledgement

        def _answer(self, method: str) -> None:
            at = time.monotonic()
            length = int(self.headers.get("Content-Length") or 0)
            form = self.rfile.read(length).decode()
            parts = urlsplit(self.path)
            params = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(
                parse_qsl(form, keep_blank_values=True)
            )
            reply = wire.answer(Asked(method, parts.path, parts.query, params, dict(self.headers), at))
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.cut_at is not None:
                self.wfile.write(reply.body[: reply.cut_at])
                self.close_connection = True
            else:
                self.wfile.write(reply.body)

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    wire.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield wire
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def session(clock: VirtualClock) -> Iterator[PoliteSession]:
    session = PoliteSession(contact="librarian@example.org", clock=clock, rng=random.Random(7))
    yield session
    session.close()


@pytest.fixture
def settled(simulator: Simulator) -> Simulator:
    """The sources as they stand when nothing changes any more, without faults."""
    simulator.today = None
    simulator.set_faults("")
    simulator.reset_log()
    return simulator


@dataclass(frozen=True)
class Entry:
    """What the PubMed stand-in knows of a record: its number and its dates."""

    pmid: int
    crdt: date
    mhda: date | None = None
    edat: date | None = None
    mdat: date | None = None
    dp: tuple[date, ...] = ()

    @cached_property
    def dates(self) -> dict[str, list[str]]:
        """Each searchable date as PubMed writes it; written so, dates compare as they follow each other."""
        found = {
            "crdt": [self.crdt],
            "mhda": [self.mhda or self.crdt],
            "edat": [self.edat or self.crdt],
            "mdat": [self.mdat or self.crdt],
            "dp": list(self.dp) or [self.crdt],
        }
        return {tag: [f"{value:%Y/%m/%d}" for value in values] for tag, values in found.items()}


SPAN = re.compile(r'"(\d{4}/\d\d/\d\d)"\[(\w+)\] : "(\d{4}/\d\d/\d\d)"\[(\w+)\]')


def article(pmid: int | str, title: str = "A title") -> str:
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><Journal/>'
        f"<ArticleTitle>{title}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    )


def article_set(*articles: str) -> bytes:
    return f"<?xml version='1.0'?><PubmedArticleSet>{''.join(articles)}</PubmedArticleSet>".encode()


class PubMedStandIn:
    """ESearch with date spans and the 9,999 cap, EFetch by history and by id, over entries that carry dates only."""

    cap = 9_999

    def __init__(self, entries: list[Entry], *, unfetchable: set[int] | None = None) -> None:
        self.entries = entries
        self.unfetchable = unfetchable or set()
        self.histories: dict[str, list[int]] = {}

    def __call__(self, asked: Asked) -> Reply:
        return self.esearch(asked) if asked.path.endswith("/esearch.fcgi") else self.efetch(asked)

    def esearch(self, asked: Asked) -> Reply:
        params = asked.params
        matches = self.condition(params["term"])
        hits = [entry.pmid for entry in self.entries if matches(entry)]
        listed = hits[: min(int(params["retmax"]), self.cap)]
        result: dict[str, object] = {"count": str(len(hits)), "idlist": [str(pmid) for pmid in listed]}
        if params.get("usehistory") == "y":
            web_env = f"MCID_{len(self.histories)}"
            self.histories[web_env] = hits
            result |= {"webenv": web_env, "querykey": "1"}
        return Reply(json.dumps({"esearchresult": result}).encode(), media_type="application/json")

    @staticmethod
    def condition(term: str) -> Callable[[Entry], bool]:
        groups = [SPAN.findall(group) for group in term.split(" AND ")]
        uids = re.findall(r"(\d+)\[uid\]", term)

        def matches(entry: Entry) -> bool:
            if uids and str(entry.pmid) not in uids:
                return False
            return all(
                any(start <= value <= end for start, tag, end, _ in spans for value in entry.dates[tag])
                for spans in groups
                if spans
            )

        return matches

    def efetch(self, asked: Asked) -> Reply:
        params = asked.params
        if "id" in params:
            held = {entry.pmid for entry in self.entries}
            pmids = [int(one) for one in params["id"].split(",") if int(one) in held]
        elif params["WebEnv"] in self.histories:
            start = int(params["retstart"])
            pmids = self.histories[params["WebEnv"]][start : start + int(params["retmax"])]
        else:
            return Reply(b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>")
        return Reply(article_set(*(article(pmid) for pmid in pmids if pmid not in self.unfetchable)))


def entries(number: int, *, first: date = date(2024, 3, 1), days: int = 30, start: int = 1000) -> list[Entry]:
    """So many records, spread evenly over the days."""
    return [Entry(start + place, first + timedelta(days=place * days // number)) for place in range(number)]


@pytest.fixture
def fakes() -> SimpleNamespace:
    """The builders above, for tests to make their own worlds with."""
    return SimpleNamespace(
        Reply=Reply, Entry=Entry, PubMed=PubMedStandIn, article=article, article_set=article_set, entries=entries
    )
