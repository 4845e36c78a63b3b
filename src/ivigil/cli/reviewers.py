"""`ivigil reviewers add`, `list`, `link`, `role`, `revoke`: who may look and who may decide."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from ivigil.cli.output import AsJson, Home, command_context, out, print_json
from ivigil.settings import Settings
from ivigil.surveillance import reviewers
from ivigil.surveillance.reviewers import LINK_LASTS, Role

Name = Annotated[str, typer.Argument(help="The name their decisions are kept under.")]
RoleName = Annotated[str, typer.Option("--role", help="reader (looks), reviewer (decides) or admin (lets others in).")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Who may look, who may decide, and their sign-in links.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_)
    group.command("link")(link)
    group.command("role")(role_command)
    group.command("revoke")(revoke)
    app.add_typer(group, name="reviewers")


def add(name: Name, role: RoleName = "reviewer", as_json: AsJson = False, home: Home = None) -> None:
    """Set a reviewer up and print the link that signs them in once."""
    with command_context(home) as context:
        token = reviewers.add_reviewer(context, name, Role.named(role))
        _print_link(context.settings, name, token, as_json=as_json)


def list_(as_json: AsJson = False, home: Home = None) -> None:
    """Everybody who is or was a reviewer."""
    with command_context(home) as context:
        found = reviewers.list_reviewers(context)
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("No reviewers are set up: ivigil reviewers add NAME --role admin", style="dim")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("name", "role", "signed in", "since"):
        table.add_column(column)
    for row in found:
        state = "revoked" if row["revoked"] else f"{row['sessions']} browsers"
        table.add_row(row["name"], row["role"], state, row["since"][:10])
    out.print(table)


def link(name: Name, as_json: AsJson = False, home: Home = None) -> None:
    """A fresh link that signs a reviewer in once."""
    with command_context(home) as context:
        _print_link(context.settings, name, reviewers.new_link(context, name), as_json=as_json)


def role_command(name: Name, role: RoleName, home: Home = None) -> None:
    """Give a reviewer another role."""
    with command_context(home) as context:
        reviewers.set_role(context, name, Role.named(role))
    out.print(f"{name} is {role} now.", markup=False, highlight=False)


def revoke(name: Name, home: Home = None) -> None:
    """Let a reviewer in no more; what they decided stays."""
    with command_context(home) as context:
        ended = reviewers.revoke(context, name)
    out.print(f"{name} is let in no more; {ended} links and sessions ended.", markup=False, highlight=False)


def _print_link(settings: Settings, name: str, token: str, *, as_json: bool) -> None:
    address = f"{settings.public_url or 'http://127.0.0.1:8417'}/sign-in/{token}"
    if as_json:
        print_json({"name": name, "link": address, "days": LINK_LASTS.days})
        return
    out.print(f"{name} signs in once within {LINK_LASTS.days} days by", markup=False, highlight=False)
    out.print(address, markup=False, highlight=False, soft_wrap=True)
