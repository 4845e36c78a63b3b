"""`ivigil status`, `doctor`."""

from __future__ import annotations

from contextlib import suppress

import typer
from rich.table import Table
from rich.text import Text

from ivigil.cli import tables
from ivigil.cli.output import AsJson, AsOf, Home, command_context, out, print_json, start_logging
from ivigil.errors import ConfigurationError
from ivigil.settings import load_settings
from ivigil.surveillance.doctor import examine
from ivigil.surveillance.status import review_status

EXIT_UNHEALTHY = 1


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status")(status)
    app.command("doctor")(doctor)


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
