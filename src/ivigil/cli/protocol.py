"""`ivigil protocol check`, `new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivigil.cli.output import AsJson, out, print_json
from ivigil.errors import ProtocolError
from ivigil.protocol_file import TEMPLATE, find_protocol, load_protocol


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Check a review's protocol file, or begin a new one.", no_args_is_help=True)
    group.command("check")(check)
    group.command("new")(new)
    app.add_typer(group, name="protocol")


def check(
    file: Annotated[str, typer.Argument(help="Path of a protocol, or the name of one that ships with ivigil.")],
    as_json: AsJson = False,
) -> None:
    """Read a protocol and say what it holds; a broken one is named by file, line and field."""
    protocol = load_protocol(file)
    facts = {
        "file": str(find_protocol(file)),
        "name": protocol.name,
        "title": protocol.review.title,
        "window": f"{protocol.review.start}..{protocol.review.cutoff}",
        "strategies": sorted(protocol.strategies),
        "strategy_basis": protocol.review.strategy_basis.value,
        "known_studies": len(protocol.verified_studies),
        "leads": len(protocol.leads),
        "exclusion_reasons": len(protocol.exclusion_reasons),
    }
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        out.print(f"{name.replace('_', ' '):<18} {shown}", markup=False, highlight=False, soft_wrap=True)


def new(file: Annotated[Path, typer.Argument(help="Where to write it; must not exist yet.")]) -> None:
    """Write a commented template to fill in."""
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError:
        raise ProtocolError("exists already; nothing was written", file=file) from None
    except OSError as error:
        raise ProtocolError(f"cannot be written: {error.strerror}", file=file) from None
    out.print(f"{file} written. Fill it in, then: ivigil protocol check {file}", markup=False, highlight=False)
