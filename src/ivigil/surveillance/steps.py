"""What one of a night's steps beside the searches came to, as plain counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """New and changed records, what went wrong, and the step's own counts.

    An error here does not make the night partial: no window was left open, and what was not answered is asked again.
    """

    new: int = 0
    changed: int = 0
    errors: tuple[str, ...] = ()
    counts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The step as the run's summary has it."""
        return {**self.counts, "new": self.new, "changed": self.changed, "errors": list(self.errors)}
