"""Recorded answers as test cases, and the table of what became of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ivigil.errors import SourceError

PROPERTY = "recorded answer"
JSON, XML, HTML, TEXT, CSV = "application/json", "text/xml", "text/html", "text/plain", "text/csv"


@dataclass(frozen=True)
class Case:
    """A file as one call's answer: `gives` is what the call must return, or the error it must raise."""

    file: str
    call: str
    gives: Any
    status: int = 200
    media_type: str = JSON

    @property
    def outcome(self) -> str:
        """What must become of it, in words."""
        if isinstance(self.gives, type):
            return f"refused: {self.gives.__name__}"
        said = str(self.gives)
        return f"read: {said if len(said) <= 60 else f'{said[:57]}...'}"

    def __str__(self) -> str:
        return f"{self.file} as {self.call} ({self.status}) -> {self.outcome}"


class Judge:
    """Makes the call of a case, holds the outcome against what it must be, and notes it for the table."""

    def __init__(self, record_property: Callable[[str, object], None]) -> None:
        self._note = record_property

    def __call__(self, source: str, case: Case, ask: Callable[[], object]) -> None:
        self._note(PROPERTY, (source, case.file, f"{case.call}, {case.status}", case.outcome))
        if isinstance(case.gives, type) and issubclass(case.gives, SourceError):
            with pytest.raises(SourceError) as caught:
                ask()
            assert type(caught.value) is case.gives, caught.value
        else:
            assert ask() == case.gives


def table(reports: list[Any]) -> list[str]:
    """Lines of the table: source, file, the call it answered, outcome; a failed one is marked."""
    rows = [
        (*value, "" if report.passed else "  <- FAILED")
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY and report.when == "call"
    ]
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join((*map(str.ljust, row[:3], widths), row[3])) + row[4] for row in sorted(rows)]
