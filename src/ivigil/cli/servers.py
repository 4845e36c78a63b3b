"""`ivigil serve`, `simulate`."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from ivigil.cli.output import AsOf, Home, out, parse_day
from ivigil.cli.serve import serve
from ivigil.errors import ConfigurationError
from ivigil.settings import load_settings
from ivigil.simulator import Simulator
from ivigil.simulator.server import SOURCES


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve_command)
    app.command("simulate")(simulate)


def serve_command(
    nightly: Annotated[str, typer.Option("--nightly", help="When the night runs, as a cron line.")] = "30 2 * * *",
    port: Annotated[int, typer.Option("--port", help="Port of the Prefect server; 0 finds a free one.")] = 0,
    home: Home = None,
) -> None:
    """Schedule and run everything on this machine until stopped (Prefect)."""
    settings = load_settings(home)
    raise typer.Exit(serve(settings.home, nightly_cron=nightly, time_zone=settings.time_zone, port=port))


def simulate(
    port: Annotated[int, typer.Option("--port", help="Port on the loopback address; 0 finds a free one.")] = 8418,
    faults: Annotated[
        str, typer.Option("--faults", help="Faults to play, e.g. 'pubmed:error200@2,europepmc:503*3'.")
    ] = "",
    corpus: Annotated[Path | None, typer.Option("--corpus", help="Folder of PubMed XML to serve instead.")] = None,
    bulk: Annotated[int, typer.Option("--bulk", min=0, help="Add this many generated hits in one week.")] = 0,
    as_of: AsOf = None,
) -> None:
    """The local stand-in for the sources: their wires, errors and limits, over texts written for it."""
    if corpus is not None and not corpus.is_dir():
        raise ConfigurationError("is not a folder", field="--corpus", file=corpus)
    with Simulator(today=parse_day(as_of), corpus=corpus, faults=faults, bulk=bulk, port=port) as simulator:
        for source in SOURCES:
            out.print(
                f"IVIGIL_{source.upper()}_BASE_URL={simulator.base_url(source)}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()
