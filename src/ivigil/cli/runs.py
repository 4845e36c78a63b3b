"""`ivigil bootstrap`, `run`, `retrain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivigil.cli import tables
from ivigil.cli.output import AsJson, AsOf, Home, command_context, err, out, print_json, progress
from ivigil.surveillance.bootstrap import bootstrap
from ivigil.surveillance.delivering import deliver_due
from ivigil.surveillance.night import run_night
from ivigil.surveillance.reconstructing import Proposal
from ivigil.surveillance.retrain import retrain
from ivigil.surveillance.retrain_due import retrain_due

EXIT_PARTIAL = 3


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("bootstrap")(bootstrap_command)
    app.command("run")(run)
    app.command("retrain")(retrain_command)


def bootstrap_command(
    labels: Annotated[
        Path | None, typer.Option("--labels", help="The review team's own screening export, in any import format.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Accept a reconstructed included set without asking.")] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Search the review's own window, reconstruct its labelled set, train the first screener."""

    def confirm(proposal: Proposal) -> bool:
        tables.print_proposal(err, proposal)
        return yes or typer.confirm("Use this included set as the labels?", err=True)

    with command_context(home, as_of) as context, progress("bootstrap") as step:
        outcome = bootstrap(context, labels=labels, confirm=confirm if labels is None else None, progress=step)
    if as_json:
        print_json(outcome.as_json())
    else:
        tables.print_bootstrap(out, outcome)
    if not outcome.complete:
        raise typer.Exit(EXIT_PARTIAL)


def run(
    as_of: AsOf = None,
    source: Annotated[list[str] | None, typer.Option("--source", help="Only this source (may be repeated).")] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """One surveillance night now: search, link, rank, assess, alert."""
    with command_context(home, as_of) as context:
        with progress("night") as step:
            summary = run_night(context, sources=source, progress=step)
            step("delivering alerts")
            deliveries = deliver_due(context)
        if as_json:
            print_json(summary.as_json() | {"deliveries": deliveries.as_json()})
        else:
            tables.print_night(out, summary)
            if deliveries.failed or deliveries.dead:
                err.print(f"{deliveries.failed} deliveries failed and will be tried again.", style="yellow")
    if summary.status == "partial":
        raise typer.Exit(EXIT_PARTIAL)


def retrain_command(
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Only when the protocol's [screening] rule makes it due.")
    ] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Train a challenger on labels and decisions; it becomes champion only if it wins."""
    with command_context(home, as_of) as context, progress("retrain") as step:
        due = retrain_due(context)
        outcome = None if if_due and due is None else retrain(context, progress=step)
    if outcome is None:
        if as_json:
            print_json({"due": None, "promoted": False})
        else:
            out.print("not due: too little was judged since the last training, by the protocol's rule", markup=False)
    elif as_json:
        print_json(outcome.as_json() | {"due": due})
    else:
        tables.print_retrain(out, outcome)
