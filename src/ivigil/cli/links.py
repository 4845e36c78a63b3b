"""`ivigil links`: suggestions, and a person's word on what belongs together."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from ivigil.cli.output import AsJson, AsOf, Home, command_context, out, print_json
from ivigil.surveillance.settling import join_reports, part_studies, settle_suggestion, split_report, take_back
from ivigil.surveillance.suggestions import list_suggestions

Reviewer = Annotated[str, typer.Option("--reviewer", help="Who says so.")]
Why = Annotated[str, typer.Option("--why", help="The reason, kept with the link.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Suggested links, and a person's word on them.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("accept")(accept)
    group.command("refuse")(refuse)
    group.command("split")(split)
    group.command("join")(join)
    group.command("part")(part)
    group.command("undo")(undo)
    app.add_typer(group, name="links")


def list_(as_json: AsJson = False, home: Home = None) -> None:
    """Links that are not certain and wait for a person."""
    with command_context(home) as context:
        found = list_suggestions(context)
    if as_json:
        print_json([item.as_json() for item in found])
        return
    if not found:
        out.print("No suggestion waits.", style="dim")
    for item in found:
        what = "one report" if item.kind == "report" else "two reports of one study"
        out.print(Text.assemble((f"link {item.link_id}", "bold"), f"  {what}? {item.why} ({item.rule})"))
        for side in item.sides:
            out.print(Text(f"    report {side.report_id}, {side.record}, {side.year or 'no year'}: {side.title}"))


def accept(link: int, reviewer: Reviewer, as_of: AsOf = None, home: Home = None) -> None:
    """They do belong together."""
    with command_context(home, as_of) as context:
        word = settle_suggestion(context, link, accept=True, reviewer=reviewer)
    out.print(f"Link {link} accepted, as link {word}.", highlight=False)


def refuse(link: int, reviewer: Reviewer, as_of: AsOf = None, home: Home = None) -> None:
    """They do not; it will not be suggested again."""
    with command_context(home, as_of) as context:
        word = settle_suggestion(context, link, accept=False, reviewer=reviewer)
    out.print(f"Link {link} refused, as link {word}.", highlight=False)


def split(
    report: int,
    record: Annotated[list[int], typer.Option("--record", help="Number of a record to part (may be repeated).")],
    reviewer: Reviewer,
    why: Why = "",
    as_of: AsOf = None,
    home: Home = None,
) -> None:
    """Part records from their report, for ever; what was decided on each goes with it."""
    with command_context(home, as_of) as context:
        reports = split_report(context, report, record, reviewer=reviewer, why=why)
    out.print(f"Now reports {', '.join(map(str, reports))}.", highlight=False)


def join(
    first: int,
    second: int,
    reviewer: Reviewer,
    kind: Annotated[str, typer.Option("--as", help="report (one document) or study (two reports of one).")] = "report",
    why: Why = "",
    as_of: AsOf = None,
    home: Home = None,
) -> None:
    """Join two reports, as one report or as one study."""
    with command_context(home, as_of) as context:
        word = join_reports(context, first, second, kind=kind, reviewer=reviewer, why=why)
    out.print(f"Reports {first} and {second} joined as one {kind}, as link {word}.", highlight=False)


def part(first: int, second: int, reviewer: Reviewer, why: Why = "", as_of: AsOf = None, home: Home = None) -> None:
    """Say that two reports are of different studies, whatever links them."""
    with command_context(home, as_of) as context:
        word = part_studies(context, first, second, reviewer=reviewer, why=why)
    out.print(f"Reports {first} and {second} are of two studies, as link {word}.", highlight=False)


def undo(link: int, reviewer: Reviewer, as_of: AsOf = None, home: Home = None) -> None:
    """Take a person's word back, as if it had not been given."""
    with command_context(home, as_of) as context:
        take_back(context, link, reviewer=reviewer)
    out.print(f"Link {link} taken back.", highlight=False)
