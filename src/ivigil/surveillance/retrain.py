"""Trains a challenger and lets it take the champion's place only when it wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ivigil.surveillance.context import Context


@dataclass(frozen=True)
class RetrainOutcome:
    """Champion, challenger, what was measured, and which it is now."""

    champion: str | None
    challenger: str | None
    metrics: dict[str, Any]
    promoted: bool
    why: str

    def as_json(self) -> dict[str, Any]:
        """The outcome as `ivigil retrain --json` prints it."""
        return {
            "champion": self.champion,
            "challenger": self.challenger,
            "metrics": self.metrics,
            "promoted": self.promoted,
            "why": self.why,
        }


def retrain(context: Context, *, progress: Callable[[str], None] = lambda _step: None) -> RetrainOutcome:
    raise RuntimeError("not yet")
