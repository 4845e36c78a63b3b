"""A real mail server and a real web server to deliver to."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ivigil.alerts import channels_from

sys.path.insert(0, str(Path(__file__).parent))  # this folder's own helpers: importlib mode adds no folder by itself

from alert_makers import Clock, MailSink, WebSink


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mail() -> Iterator[MailSink]:
    sink = MailSink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        sink.port = probe.getsockname()[1]
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def web() -> Iterator[WebSink]:
    sink = WebSink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sink.tried += 1
            if sink.answer is None:
                sink.released.wait(30)
                return
            if sink.answer < 300:
                sink.received.append(body)
                sink.headers.append(dict(self.headers))
            self.send_response(sink.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield sink
    sink.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def channels(mail: MailSink, web: WebSink) -> list:
    """One mailbox and one webhook."""
    return channels_from([mail.url("one@example.org"), web.url()], seconds=5)
