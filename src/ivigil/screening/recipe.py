"""The shipped recipe: which signals, on which spaces, at which level, in which groups, at which weights.

Late fusion: every signal is put on its own scale, and standardised signals are weighted and summed. The few numbers
here were chosen on public reviews; benchmarks/screening tells what they give, what leaving each review out of the
choice gives (learn_weights.py), and what was left out because it did not help.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

from ivigil.screening.linear import HeadRecipe

CRITERIA_BLOCK = "criteria"
Level = Literal["included", "passed"]


@dataclass(frozen=True)
class SignalRecipe:
    """One linear head on one feature space.

    `level` is what it learns: final inclusion, or having passed title and abstract, which more records did and which
    is all that a title and an abstract can tell.
    """

    name: str
    weight: float
    space: str
    head: HeadRecipe
    level: Level = "included"

    def describe(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "name": self.name,
            "weight": self.weight,
            "space": self.space,
            "level": self.level,
            "head": self.head.describe(),
        }


@dataclass(frozen=True)
class FusionRecipe:
    """Learned signals, and the weight of the likeness to the criteria.

    The criteria keep their whole weight only if they part the labelled records at least `criteria_trust` times as well
    as the first signal does out of fold (or by d' = 1 where that is less); a text that does not describe this review
    is weighed down in proportion.
    """

    signals: tuple[SignalRecipe, ...]
    criteria_weight: float
    criteria_trust: float

    def only(self, *, spaces: set[str], levels: set[str]) -> Self:
        """The same recipe where only these spaces and levels can be had."""
        kept = tuple(signal for signal in self.signals if signal.space in spaces and signal.level in levels)
        return type(self)(kept, self.criteria_weight, self.criteria_trust)

    def describe(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "signals": [signal.describe() for signal in self.signals],
            "criteria_weight": self.criteria_weight,
            "criteria_trust": self.criteria_trust,
        }

    @classmethod
    def from_description(cls, held: dict[str, Any]) -> Self:
        """The recipe that `describe` gave."""
        signals = tuple(
            SignalRecipe(one["name"], one["weight"], one["space"], HeadRecipe(**one["head"]), one["level"])
            for one in held["signals"]
        )
        return cls(signals, held["criteria_weight"], held["criteria_trust"])


SHIPPED = FusionRecipe(
    signals=(
        SignalRecipe("words", 1.0, "words", HeadRecipe("svm", c=0.11, ratio=9.8)),
        SignalRecipe("passed", 0.5, "words", HeadRecipe("svm", c=0.11, ratio=1.0), level="passed"),
        SignalRecipe("meaning", 0.3, "embedding", HeadRecipe("svm", c=0.03, ratio=9.8)),
    ),
    criteria_weight=0.75,
    criteria_trust=0.5,
)
