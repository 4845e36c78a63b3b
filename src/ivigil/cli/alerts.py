"""`ivigil alerts list`, `test`, `deliver`, `revive`."""

from __future__ import annotations

import typer
from rich.table import Table
from rich.text import Text

from ivigil.cli.output import AsJson, AsOf, Home, command_context, out, print_json
from ivigil.surveillance.delivering import deliver_due, list_alerts, revive_dead, test_channels

EXIT_FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(
        help="See, test, deliver and revive alerts.", no_args_is_help=False, invoke_without_command=True
    )
    group.callback()(_default)
    group.command("list")(list_)
    group.command("test")(test)
    group.command("deliver")(deliver)
    group.command("revive")(revive)
    app.add_typer(group, name="alerts")


def _default(ctx: typer.Context, as_json: AsJson = False, home: Home = None) -> None:
    """See, test, deliver and revive alerts; without a sub-command, list them."""
    if ctx.invoked_subcommand is None:
        list_(as_json=as_json, home=home)


def list_(as_json: AsJson = False, home: Home = None) -> None:
    """Every alert, newest first, with its deliveries."""
    with command_context(home) as context:
        found = list_alerts(context)
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("No alerts.", style="dim")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("alert", "kind", "raised", "about", "deliveries"):
        table.add_column(heading)
    for alert in found:
        deliveries = ", ".join(f"{d['channel']}: {d['state']}" for d in alert["deliveries"]) or "no channel"
        table.add_row(
            str(alert["alert_id"]), alert["kind"], alert["raised_at"][:10], Text(alert["title"]), Text(deliveries)
        )
    out.print(table)


def test(as_json: AsJson = False, home: Home = None) -> None:
    """Send a test message to every channel."""
    with command_context(home) as context:
        results = test_channels(context)
    if as_json:
        print_json(results)
    else:
        for result in results:
            state = Text("sent", style="green") if result["ok"] else Text(f"failed: {result['error']}", style="red")
            out.print(Text.assemble(f"{result['channel']}  ", state))
        if not results:
            out.print("No channel is set: give IVIGIL_NOTIFY.", style="yellow")
    if not all(result["ok"] for result in results):
        raise typer.Exit(EXIT_FAILED)


def deliver(as_of: AsOf = None, as_json: AsJson = False, home: Home = None) -> None:
    """Try every delivery that is due."""
    with command_context(home, as_of) as context:
        outcome = deliver_due(context)
    if as_json:
        print_json(outcome.as_json())
    else:
        out.print(f"{outcome.delivered} delivered, {outcome.failed} failed, {outcome.dead} given up", highlight=False)


def revive(as_of: AsOf = None, as_json: AsJson = False, home: Home = None) -> None:
    """Give every delivery that was given up a fresh start; the next pass tries it."""
    with command_context(home, as_of) as context:
        revived = revive_dead(context)
    if as_json:
        print_json({"revived": revived})
    else:
        out.print(f"{revived} deliveries will be tried again", highlight=False)
