"""The `ivigil` command: its sub-commands, exit codes and error messages."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ivigil import __version__
from ivigil.cli import (
    alerts,
    benchmark,
    candidates,
    demo,
    files,
    links,
    protocol,
    report,
    review,
    reviewers,
    runs,
    screeners,
    servers,
    state,
)
from ivigil.cli.output import errors_to
from ivigil.errors import ConfigurationError, ImportError_, IvigilError, LeaseHeld

EXIT_FAILED, EXIT_BAD_INPUT, EXIT_PARTIAL, EXIT_BUSY = 1, 2, 3, 4

app = typer.Typer(
    name="ivigil",
    help="Keep a systematic review alive: search, link, rank, assess and alert every night.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
MODULES = (
    demo, runs, candidates, files, links, state, screeners, alerts, review, reviewers, servers, protocol, report,
    benchmark,
)  # fmt: skip
for module in MODULES:
    module.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ivigil {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep a systematic review alive: search, link, rank, assess and alert every night."""


def main() -> None:
    """Run the command line and leave with the documented exit code."""
    try:
        app()
    except LeaseHeld as error:
        _leave(error, EXIT_BUSY)
    except (ConfigurationError, ImportError_) as error:
        _leave(error, EXIT_BAD_INPUT)
    except IvigilError as error:
        _leave(error, EXIT_FAILED)


def _leave(error: IvigilError, code: int) -> None:
    errors_to(sys.stderr, error)
    raise SystemExit(code)
