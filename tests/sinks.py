"""A real mail server and a real web server to deliver to, and what they remember."""

from __future__ import annotations

import email
import email.policy
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from pydantic import SecretStr

PASSWORD = "hunter2-mail-password"
TOKEN = "tok-3f9a7c51b2"


@dataclass
class MailSink:
    """What a mail server took; `answer` is what it says to the next ones."""

    port: int = 0
    answer: str = "250 taken"
    received: list[email.message.EmailMessage] = field(default_factory=list)
    server: Controller | None = None

    def start(self) -> None:
        self.server = Controller(self, hostname="127.0.0.1", port=self.port)
        self.server.start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.received.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer

    def url(self, *recipients: str, password: str = "") -> SecretStr:
        account = f"reviewer:{password}@" if password else ""
        to = "/".join(recipients)
        return SecretStr(f"mailto://{account}127.0.0.1:{self.port}/{to}?from=ivigil@example.org&mode=insecure")

    @property
    def shown(self) -> list[str]:
        """Message-IDs as a mail program shows them: each once."""
        return list(dict.fromkeys(str(mail["Message-ID"]) for mail in self.received))


@dataclass
class WebSink:
    """What a webhook took; `answer` is its status, None lets the caller hang until the test ends."""

    port: int = 0
    answer: int | None = 204
    received: list[dict] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    tried: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, options: str = "") -> SecretStr:
        return SecretStr(f"json://127.0.0.1:{self.port}/hooks/{TOKEN}{options}")

    @property
    def shown(self) -> list[str]:
        """Alert ids as a receiver that honours the idempotency key shows them: each once."""
        return list(dict.fromkeys(document["alert"]["id"] for document in self.received))


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A mail server on a free port of this machine."""
    sink = MailSink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        sink.port = probe.getsockname()[1]
    sink.start()
    yield sink
    sink.stop()


@contextmanager
def web_sink() -> Iterator[WebSink]:
    """A webhook's receiver on a free port of this machine."""
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
