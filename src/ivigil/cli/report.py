"""`ivigil report`: the living report and its parts, for paper and for people who have no ivigil."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from ivigil.alerts import digest_html, digest_markdown
from ivigil.cli.output import AsOf, Home, command_context, err
from ivigil.errors import ConfigurationError
from ivigil.reports.render import RENDERERS, render_report
from ivigil.surveillance.alerting import protocol_name
from ivigil.surveillance.context import Context
from ivigil.surveillance.digesting import digest_of
from ivigil.surveillance.reporting import living_report

DIGEST, DIGEST_DAYS = "digest", timedelta(days=7)
DIGESTS = {"md": digest_markdown, "html": digest_html}
FORMATS = {**{part: tuple(formats) for part, formats in RENDERERS.items()}, DIGEST: tuple(DIGESTS)}
PARTS = tuple(FORMATS)
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
    """The living report (one HTML file to send around), PRISMA flow, PRISMA-S search log, evidence table, digest."""
    if part not in FORMATS:
        raise ConfigurationError(f"{part!r} is not a report", field="PART", hint=f"there are: {', '.join(PARTS)}")
    chosen = format_ or (SAVED_AS.get(file.suffix.lower()) if file else None) or FORMATS[part][0]
    with command_context(home, as_of) as context:
        text = _digest(context, chosen) if part == DIGEST else render_report(living_report(context), part, chosen)
    if file is None:
        sys.stdout.write(text)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    err.print(f"{part} written to {file}", markup=False, highlight=False)


def _digest(context: Context, format_: str) -> str:
    """The seven days that end today."""
    if format_ not in DIGESTS:
        raise ConfigurationError(
            f"the digest is not made as {format_!r}", field="--format", hint=f"formats: {', '.join(DIGESTS)}"
        )
    today = context.clock.today()
    return DIGESTS[format_](digest_of(context, today - DIGEST_DAYS + timedelta(days=1), today), protocol_name(context))
