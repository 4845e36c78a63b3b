"""`ivigil demo`: the whole loop in front of your eyes, without a network."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import typer
from pydantic import SecretStr
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from ivigil.cli import tables
from ivigil.cli.output import AsJson, err, out, print_json, progress
from ivigil.pretrained.packaged import NO_MODEL
from ivigil.protocol_file import load_protocol
from ivigil.settings import Settings, SourceSettings
from ivigil.simulator import Simulator
from ivigil.sources.clock import VirtualClock
from ivigil.sources.session import PoliteSession
from ivigil.store import open_store
from ivigil.surveillance.bootstrap import BootstrapOutcome, bootstrap
from ivigil.surveillance.candidates import Candidate, list_candidates
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context
from ivigil.surveillance.delivering import deliver_due
from ivigil.surveillance.night import NightSummary, run_night
from ivigil.surveillance.status import review_status

NIGHTS = (date(2024, 5, 15), date(2024, 9, 1), date(2025, 3, 1), date(2025, 3, 2), date(2026, 6, 1))
SOURCES = ("pubmed", "europepmc")
SHOWN = 12
SHOWN_ALERTS = 6


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    as_json: AsJson = False, keep: Path | None = typer.Option(None, help="Keep the demo's home folder here.")
) -> None:
    """Watch a review being kept alive: bootstrap, nights, alerts, the ranked list. No network, no set-up."""
    with tempfile.TemporaryDirectory(prefix="ivigil-demo-") as scratch, _sink() as sink:
        home = keep or Path(scratch)
        with Simulator(today=date(2024, 4, 15), rate_limit=False) as simulator:
            labels = home / "screening-export.csv"
            home.mkdir(parents=True, exist_ok=True)
            labels.write_text(simulator.labels().to_csv(), encoding="utf-8")
            settings = Settings(
                home=home,
                sources=SOURCES,
                contact_email="demo@example.org",
                notify=(SecretStr(sink.address),),
                # encoding invented texts would take a minute and prove nothing
                embedding_model=os.environ.get("IVIGIL_EMBEDDING_MODEL", NO_MODEL),
                source={name: SourceSettings(base_url=simulator.base_url(name)) for name in SOURCES},
            )
            if not as_json:
                _introduce(settings)
            outcome, nights = _replay(settings, simulator, labels, quiet=as_json)
        context = _context(settings, NIGHTS[-1])
        try:
            candidates = list_candidates(context)
            guarantee = review_status(context).guarantee
        finally:
            context.store.close()
        if as_json:
            print_json(
                {
                    "bootstrap": outcome.as_json(),
                    "runs": [night.as_json() for night in nights],
                    "alerts": sink.received,
                    "candidates": [candidate.as_json() for candidate in candidates],
                }
            )
        else:
            _conclude(candidates, guarantee, sink.received)


class Sink:
    """A channel on this machine that keeps what it is sent."""

    def __init__(self, port: int) -> None:
        self.address = f"json://127.0.0.1:{port}/alerts"
        self.received: list[dict[str, Any]] = []


@contextmanager
def _sink() -> Iterator[Sink]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sink.received.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Say nothing: the demo prints what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink = Sink(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _context(settings: Settings, day: date) -> Context:
    """The review on a day; its sources are on this machine, so nobody has to wait between requests."""
    protocol, store = load_protocol(settings.protocol), open_store(settings.database)
    return Context(settings, protocol, store, Clock.at(day), PoliteSession(clock=VirtualClock()))


def _replay(
    settings: Settings, simulator: Simulator, labels: Path, *, quiet: bool
) -> tuple[BootstrapOutcome, list[NightSummary]]:
    """Bootstrap at the cutoff, then each night as of its day."""
    context = _context(settings, date(2024, 4, 15))
    with progress("bootstrap", quiet=True) as step:
        outcome = bootstrap(context, labels=labels, progress=step)
    context.store.close()
    if not quiet:
        tables.print_bootstrap(out, outcome)
        out.print(Rule("Nights", style="dim"))
    nights = []
    for day in NIGHTS:
        simulator.today = day
        context = _context(settings, day)
        try:
            with progress(f"night of {day}", quiet=True) as step:
                nights.append(run_night(context, progress=step))
                deliver_due(context)
        finally:
            context.store.close()
        if not quiet:
            out.print(Text(f"\nAs of {day}", style="bold"))
            tables.print_night(out, nights[-1])
    return outcome, nights


def _introduce(settings: Settings) -> None:
    protocol = load_protocol(settings.protocol)
    out.print(
        Panel(
            Text.assemble(
                (protocol.review.title, "bold"),
                f"\nsearched {protocol.review.start} to {protocol.review.cutoff}; the evidence did not stop there.",
                "\nThe sources are simulated on this machine; later studies and all texts are invented.",
            ),
            title="ivigil demo",
        )
    )


def _conclude(candidates: list[Candidate], guarantee: str, received: list[dict[str, Any]]) -> None:
    out.print(Rule(f"Alerts delivered: {len(received)}", style="dim"))
    if received:
        first = received[0]
        out.print(
            Panel(Text(str(first.get("message", ""))), title=Text(str(first.get("title", ""))), border_style="green")
        )
        for other in received[1 : SHOWN_ALERTS + 1]:
            out.print(Text(f"  • {other.get('title', '')}", overflow="ellipsis", no_wrap=True))
        if len(received) > SHOWN_ALERTS + 1:
            out.print(Text(f"  … and {len(received) - SHOWN_ALERTS - 1} more, each once", style="dim"))
    out.print(Rule(f"Ranked list: the best {min(SHOWN, len(candidates))} of {len(candidates)} candidates", style="dim"))
    tables.print_candidates(out, candidates[:SHOWN], guarantee=guarantee)
    out.print(Rule("Now the real thing", style="dim"))
    out.print(
        "  export IVIGIL_CONTACT_EMAIL=you@example.org   # the sources ask for a contact\n"
        "  ivigil bootstrap && ivigil serve",
        markup=False,
        highlight=False,
    )
    if os.environ.get("IVIGIL_NOTIFY") is None:
        err.print(
            "Set IVIGIL_NOTIFY to be told (mailto://, slack://, json://, ...): see README.",
            style="dim",
            highlight=False,
        )
