"""The shipped recipe: which signals, on which spaces, in which groups, at which weights.

Late fusion: every signal is put on its own scale, summed within its group, and the groups' standardised sums are
weighted. One machine on all features at once was measured worse (benchmarks/screening/README.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ivigil.screening.linear import HeadRecipe
from ivigil.screening.signals import SignalRecipe

CRITERIA_GROUP = "criteria"


@dataclass(frozen=True)
class GroupRecipe:
    """Signals that are summed before they are weighted."""

    name: str
    weight: float
    signals: tuple[SignalRecipe, ...]


@dataclass(frozen=True)
class FusionRecipe:
    """Groups of learned signals, and the weight of the criteria likenesses."""

    groups: tuple[GroupRecipe, ...]
    criteria_weight: float

    def without(self, space: str) -> FusionRecipe:
        """The same recipe where a space cannot be had; groups left empty go."""
        kept = tuple(
            GroupRecipe(group.name, group.weight, signals)
            for group in self.groups
            if (signals := tuple(signal for signal in group.signals if signal.space != space))
        )
        return FusionRecipe(kept, self.criteria_weight)

    def describe(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "groups": [
                {"name": g.name, "weight": g.weight, "signals": [signal.describe() for signal in g.signals]}
                for g in self.groups
            ],
            "criteria_weight": self.criteria_weight,
        }

    @classmethod
    def from_description(cls, held: dict[str, Any]) -> FusionRecipe:
        """The recipe that `describe` gave."""
        groups = tuple(
            GroupRecipe(
                group["name"],
                group["weight"],
                tuple(
                    SignalRecipe(one["name"], one["space"], HeadRecipe(one["kind"], one["C"], one["ratio"]))
                    for one in group["signals"]
                ),
            )
            for group in held["groups"]
        )
        return cls(groups, held["criteria_weight"])


SHIPPED = FusionRecipe(
    groups=(
        GroupRecipe(
            "words",
            1.0,
            (
                SignalRecipe("svm", "words", HeadRecipe("svm", c=0.11, ratio=9.8)),
                SignalRecipe("logistic", "words", HeadRecipe("logistic", c=1.0)),
            ),
        ),
        GroupRecipe(
            "meaning",
            0.3,
            (
                SignalRecipe("svm_embedding", "embedding", HeadRecipe("svm", c=0.11, ratio=9.8)),
                SignalRecipe("svm_topics", "topics", HeadRecipe("svm", c=0.11, ratio=9.8)),
            ),
        ),
    ),
    criteria_weight=0.5,
)
