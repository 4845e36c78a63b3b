"""`ivigil report`: the living report and its parts, for paper and for people who have no ivigil."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ivigil.cli.output import AsOf, Home, command_context, err
from ivigil.errors import ConfigurationError
from ivigil.reports.render import RENDERERS, render_report
from ivigil.surveillance.reporting import living_report

PARTS = tuple(RENDERERS)
SAVED_AS = {".md": "md", ".html": "html", ".svg": "svg", ".csv": "csv"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    part: Annotated[str, typer.Argument(help=f"{', '.join(PARTS)}.")] = "living",
    format_: Annotated[
        str | None, typer.Option("--format", help="md, html, svg or csv; default: what suits the part, or the file.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="Write to this file instead of standard output.", dir_okay=False)
    ] = None,
    as_of: AsOf = None,
    home: Home = None,
) -> None:
    """The living report (one HTML file to send around), PRISMA 2020 flow, PRISMA-S search log, evidence table."""
    if part not in RENDERERS:
        raise ConfigurationError(f"{part!r} is not a report", field="PART", hint=f"there are: {', '.join(PARTS)}")
    chosen = format_ or (SAVED_AS.get(file.suffix.lower()) if file else None) or next(iter(RENDERERS[part]))
    with command_context(home, as_of) as context:
        text = render_report(living_report(context), part, chosen)
    if file is None:
        sys.stdout.write(text)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    err.print(f"{part} written to {file}", markup=False, highlight=False)
