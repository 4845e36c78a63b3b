"""`ivigil review`: the workspace in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from ivigil.cli.output import Home, command_context, out
from ivigil.review import serve


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("review")(review)


def review(
    port: Annotated[int, typer.Option("--port", help="Port to listen on; 0 finds a free one.")] = 8417,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; beyond this machine only once reviewers are set up.")
    ] = "127.0.0.1",
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
    home: Home = None,
) -> None:
    """Read and decide in the browser, until stopped."""
    with command_context(home) as context:
        serve(context, host=host, port=port, open_browser=open_browser, say=_say)


def _say(sentence: str, address: str) -> None:
    out.print(sentence, markup=False, highlight=False, soft_wrap=True)
    out.print(f"  {address}", markup=False, highlight=False, soft_wrap=True)
