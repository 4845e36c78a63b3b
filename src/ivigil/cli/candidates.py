"""`ivigil candidates`, `show`, `decide`, `export`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ivigil.cli import tables
from ivigil.cli.output import AsJson, AsOf, Home, command_context, err, out, print_json
from ivigil.errors import ConfigurationError
from ivigil.surveillance.candidates import list_candidates, show_report
from ivigil.surveillance.deciding import STAGES, decide
from ivigil.surveillance.explaining import explain_report
from ivigil.surveillance.exporting import export_library
from ivigil.surveillance.status import review_status

FORMATS = ("table", "json", "csv", "ris")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("candidates")(candidates)
    app.command("show")(show)
    app.command("decide")(decide_command)
    app.command("export")(export)


def candidates(
    top: Annotated[int | None, typer.Option("--top", min=1, help="Only the best N.")] = None,
    format_: Annotated[str, typer.Option("--format", help="table, json, csv or ris.")] = "table",
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Undecided reports, best first: why each is where it is, and what the list can promise."""
    if format_ not in FORMATS:
        raise ConfigurationError(f"{format_!r} is not one of {', '.join(FORMATS)}", field="--format")
    with command_context(home) as context:
        if format_ in ("csv", "ris"):
            export_library(context, Path("-"), suffix=f".{format_}", top=top, undecided_only=True)
            return
        found = list_candidates(context, top)
        if as_json or format_ == "json":
            print_json([candidate.as_json() for candidate in found])
            return
        tables.print_candidates(out, found, guarantee=review_status(context).guarantee)


def show(
    report: Annotated[int, typer.Argument(help="Number of the report.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Everything held on one report: records, links, scores and what moved them, assessment, decisions."""
    with command_context(home) as context:
        found = show_report(context, report)
        found["explanation"] = asdict(explain_report(context, report))
    if as_json:
        print_json(found)
    else:
        tables.print_report(out, found)


def decide_command(
    report: Annotated[int, typer.Argument(help="Number of the report.")],
    decision: Annotated[str, typer.Argument(help="include, exclude or maybe.")],
    reviewer: Annotated[str, typer.Option("--reviewer", help="Who decides.")],
    reason: Annotated[str | None, typer.Option("--reason", help="A reason code of the protocol.")] = None,
    stage: Annotated[str, typer.Option("--stage", help=f"{' or '.join(STAGES)}.")] = STAGES[0],
    note: Annotated[str | None, typer.Option("--note", help="A remark to keep with it.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Append a decision; nothing is ever overwritten."""
    with command_context(home, as_of) as context:
        number = decide(context, report, decision, reviewer=reviewer, reason=reason, stage=stage, note=note)
    if as_json:
        print_json({"decision_id": number})
    else:
        out.print(f"Decision {number}: report {report} — {decision}, by {reviewer}.", markup=False, highlight=False)


def export(
    file: Annotated[Path, typer.Argument(help="Where to write; the extension says how: .ris .csv .xlsx .jsonl")],
    candidates_only: Annotated[bool, typer.Option("--candidates", help="Only undecided reports.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """The library in rank order, with labels, scores and reasons, for another tool."""
    with command_context(home) as context:
        count = export_library(context, file, undecided_only=candidates_only)
    if as_json:
        print_json({"count": count, "file": str(file)})
    else:
        err.print(f"{count} reports written to {file}", markup=False, highlight=False)
