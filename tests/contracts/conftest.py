"""One recorded file served as the answer to everything."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ivigil.sources.clock import VirtualClock
from ivigil.sources.session import PoliteSession
from recorded import Case, Judge

Serve = Callable[[Case, str], tuple[PoliteSession, str]]


@pytest.fixture
def judge(record_property: Callable[[str, object], None]) -> Judge:
    return Judge(record_property)


@pytest.fixture
def served(shared: Path) -> Iterator[Serve]:
    """Serve a case's file out of a folder of `contracts`; gives a session and the server's address."""
    case: list[tuple[Case, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            current, body = case[-1]
            self.send_response(current.status)
            self.send_header("Content-Type", current.media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    session = PoliteSession(clock=VirtualClock(), rng=random.Random(1))

    def serve(current: Case, folder: str) -> tuple[PoliteSession, str]:
        case.append((current, (shared / "contracts" / folder / current.file).read_bytes()))
        return session, f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    session.close()
    server.shutdown()
    server.server_close()
    thread.join()
