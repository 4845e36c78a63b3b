"""Shared pieces of the command line: options, consoles, JSON, progress, logs."""

from __future__ import annotations

import json
import logging
import logging.handlers
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console

from ivigil.errors import ConfigurationError, IvigilError
from ivigil.settings import load_settings
from ivigil.surveillance.context import Context, open_context

Home = Annotated[
    Path | None,
    typer.Option(
        "--home", envvar="IVIGIL_HOME", help="Folder of settings, database, models and logs.", show_default="./.ivigil"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Replay as if it were this day (YYYY-MM-DD), at its end.")
]

out = Console()
err = Console(stderr=True)


class JsonLines(logging.Formatter):
    """One JSON object a line, with whatever extra fields the call gave."""

    _STANDARD = frozenset(vars(logging.makeLogRecord({})))

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message and the extra fields."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{key: value for key, value in vars(record).items() if key not in self._STANDARD and key != "message"},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def parse_day(text: str | None) -> date | None:
    """A day given on the command line."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{text!r} is not a date", field="--as-of", hint="write it as 2024-06-30") from None


@contextmanager
def command_context(home: Path | None, as_of: str | None = None) -> Iterator[Context]:
    """The context of a command, with its log file open."""
    start_logging(load_settings(home).home)
    with open_context(home, as_of=parse_day(as_of)) as context:
        yield context


def start_logging(home: Path) -> None:
    """Log ivigil's own lines to `logs/ivigil.log` in the home folder, rotated at 5 MB."""
    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "ivigil.log", maxBytes=5_000_000, backupCount=5, encoding="utf-8", delay=True
    )
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("ivigil")
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n")


def errors_to(stream: TextIO, error: IvigilError) -> None:
    """An error in words, and what to do next."""
    console = Console(file=stream, stderr=stream is sys.stderr, highlight=False, soft_wrap=True)
    console.print("[bold red]Error[/bold red] ", end="")
    console.print(str(error), markup=False)
    if error.hint:
        console.print(f"  → {error.hint}", markup=False, style="dim")


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A spinner naming the step on a terminal; elsewhere one line a step, or nothing where it would be `quiet`."""
    if err.is_terminal:
        with err.status(title) as status:
            yield lambda step: status.update(f"{title}: {step}")
    elif quiet:
        yield lambda _step: None
    else:
        yield lambda step: err.print(f"{title}: {step}", markup=False, highlight=False, soft_wrap=True)
