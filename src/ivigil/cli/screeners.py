"""`ivigil screeners list`, `rollback`; `ivigil audit`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from ivigil.cli.output import AsJson, AsOf, Home, command_context, out, print_json
from ivigil.surveillance.audit import audit_below
from ivigil.surveillance.screeners import list_promotions, list_screeners, roll_back


def register(app: typer.Typer) -> None:
    """Add the group and the command."""
    group = typer.Typer(help="Trained screeners: see them, go back to an earlier one.", no_args_is_help=True)
    group.command("list")(list_command)
    group.command("rollback")(rollback_command)
    app.add_typer(group, name="screeners")
    app.command("audit")(audit)


def list_command(as_json: AsJson = False, home: Home = None) -> None:
    """Every screener, newest first: its labels, its loss beside elas_u4's, and why it became champion."""
    with command_context(home) as context:
        found, promoted = list_screeners(context), list_promotions(context)
    if as_json:
        print_json(
            [asdict(one) | {"promotions": [asdict(p) for p in promoted if p.version == one.version]} for one in found]
        )
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "version", "trained", "recipe", "included", "excluded", "loss", "elas_u4"):
        table.add_column(name)
    for one in found:
        labels = one.card.get("labels") or {}
        loss = next((row for row in one.card.get("metrics") or () if row["metric"] == "loss"), None)
        table.add_row(
            "★" if one.champion else "",
            one.version,
            f"{one.trained_at:%Y-%m-%d}",
            (one.card.get("recipe") or {}).get("name", ""),
            str(labels.get("included", "–")),
            str(labels.get("excluded", "–")),
            f"{loss['model']['value']:.3f}" if loss else "–",
            f"{loss['baseline']['value']:.3f}" if loss else "–",
        )
    out.print(table)


def rollback_command(
    version: Annotated[str, typer.Argument(help="Version of the screener to go back to.")],
    reviewer: Annotated[str, typer.Option("--reviewer", help="Who goes back; kept with the change.")] = "command line",
    as_of: AsOf = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Make an earlier screener champion again; every score it gave is as it was."""
    with command_context(home, as_of) as context:
        roll_back(context, version, reviewer=reviewer)
    if as_json:
        print_json({"champion": version})
    else:
        out.print(f"{version} is champion again, with every score it gave.", markup=False, highlight=False)


def audit(as_of: AsOf = None, as_json: AsJson = False, home: Home = None) -> None:
    """This month's random reports from below the alert threshold, and what may have been missed there."""
    with command_context(home, as_of) as context:
        found = audit_below(context)
    if as_json:
        print_json(found.as_json())
        return
    out.print(found.sentence, markup=False, highlight=False, soft_wrap=True)
    for one in found.sample:
        out.print(f"  {one.report_id:>6}  {one.title}  ({one.outcome})", markup=False, highlight=False, soft_wrap=True)
