"""`ivigil status`, `doctor`, `sources`, `reconcile`."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ivigil.cli import source_tables, tables
from ivigil.cli.output import AsJson, AsOf, Home, command_context, out, print_json, progress, start_logging
from ivigil.errors import ConfigurationError
from ivigil.settings import load_settings
from ivigil.surveillance.doctor import examine
from ivigil.surveillance.reconciling import reconcile_sources
from ivigil.surveillance.source_overview import overview
from ivigil.surveillance.status import review_status

EXIT_UNHEALTHY, EXIT_PARTIAL = 1, 3


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status")(status)
    app.command("doctor")(doctor)
    app.command("sources")(sources)
    app.command("reconcile")(reconcile)


def status(as_of: AsOf = None, as_json: AsJson = False, home: Home = None) -> None:
    """Ledger, watermarks, canaries, champion; exit 1 when no night was completed lately or a canary is lost."""
    with command_context(home, as_of) as context:
        found = review_status(context)
    if as_json:
        print_json(found.as_json())
    else:
        tables.print_status(out, found)
    if not found.healthy:
        raise typer.Exit(EXIT_UNHEALTHY)


def sources(as_of: AsOf = None, as_json: AsJson = False, home: Home = None) -> None:
    """Each source: whether it is searched, how far, what it brought that no other did; and what all missed."""
    with command_context(home, as_of) as context:
        found = overview(context)
    if as_json:
        print_json(found.as_json())
    else:
        source_tables.print_overview(out, found)


def reconcile(
    source: Annotated[list[str] | None, typer.Option("--source", help="Only this source (may be repeated).")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Hold each whole strategy against what is held, and fetch what the nightly windows lost."""
    with command_context(home, as_of) as context, progress("reconcile") as step:
        found = reconcile_sources(context, source, progress=step)
    if as_json:
        print_json({"reconciled": [one.as_json() for one in found]})
    else:
        source_tables.print_reconciliations(out, found)
    if any(one.error for one in found):
        raise typer.Exit(EXIT_PARTIAL)


def doctor(as_json: AsJson = False, home: Home = None) -> None:
    """Check configuration, database, model, sources, notification channels and schedule."""
    with suppress(ConfigurationError):  # told by the checks themselves
        start_logging(load_settings(home).home)
    checks = examine(home)
    if as_json:
        print_json({"checks": [check.as_json() for check in checks]})
    else:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1)
        for check in checks:
            mark = Text("✓", style="green") if check.ok else Text("✗", style="bold red")
            table.add_row(mark, check.name, Text(check.detail))
        out.print(table)
    if not all(check.ok for check in checks):
        raise typer.Exit(EXIT_UNHEALTHY)
