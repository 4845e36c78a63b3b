"""The shipped recipe: which signals, on which spaces, at which level, in which groups, at which weights.

Late fusion: every signal is put on its own scale, and standardised signals are weighted and summed. The weights were
learned on public reviews (learned.py); benchmarks/screening tells what they give for reviews that had no part in them,
and what was left out because it did not help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from ivigil.screening.learned import fusion_weights, left_out
from ivigil.screening.linear import HeadRecipe

CRITERIA_BLOCK, ELSEWHERE_BLOCK = "criteria", "elsewhere"
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
    """Signals learned from a review's labels, and the weights of what is borrowed.

    Borrowed are the likeness to the criteria and the words that marked the included of other reviews (of all public
    ones, or of all but the one named `without`). What is borrowed keeps its whole weight only if it parts the labelled
    records at least `trust` times as well as the first signal does out of fold (or by d' = 1 where that is less); a
    text that does not describe this review, or words that do not mark its included, are weighed down in proportion.
    """

    signals: tuple[SignalRecipe, ...]
    criteria_weight: float
    elsewhere_weight: float
    trust: float
    without: str = ""

    def only(self, *, spaces: set[str], levels: set[str]) -> Self:
        """The same recipe where only these spaces and levels can be had; what weighs nothing is not trained."""
        kept = tuple(one for one in self.signals if one.weight and one.space in spaces and one.level in levels)
        return replace(self, signals=kept)

    @property
    def weights(self) -> dict[str, float]:
        """By block."""
        own = {signal.name: signal.weight for signal in self.signals}
        return own | {CRITERIA_BLOCK: self.criteria_weight, ELSEWHERE_BLOCK: self.elsewhere_weight}

    def weighted(self, weights: Mapping[str, float]) -> Self:
        """The same signals at other weights; a block that is not named keeps its own."""
        every = self.weights | dict(weights)
        return replace(
            self,
            signals=tuple(replace(signal, weight=every[signal.name]) for signal in self.signals),
            criteria_weight=every[CRITERIA_BLOCK],
            elsewhere_weight=every[ELSEWHERE_BLOCK],
        )

    def describe(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "signals": [signal.describe() for signal in self.signals],
            "criteria_weight": self.criteria_weight,
            "elsewhere_weight": self.elsewhere_weight,
            "trust": self.trust,
            "without": self.without,
        }

    @classmethod
    def from_description(cls, held: dict[str, Any]) -> Self:
        """The recipe that `describe` gave."""
        signals = tuple(
            SignalRecipe(one["name"], one["weight"], one["space"], HeadRecipe(**one["head"]), one["level"])
            for one in held["signals"]
        )
        return cls(signals, held["criteria_weight"], held["elsewhere_weight"], held["trust"], held["without"])


UNWEIGHTED = FusionRecipe(
    signals=(
        SignalRecipe("words", 1.0, "words", HeadRecipe("svm", c=0.11, ratio=9.8)),
        SignalRecipe("passed", 1.0, "words", HeadRecipe("svm", c=0.11, ratio=1.0), level="passed"),
        SignalRecipe("meaning", 1.0, "embedding", HeadRecipe("svm", c=0.03, ratio=9.8)),
    ),
    criteria_weight=1.0,
    elsewhere_weight=1.0,
    trust=0.5,
)


def recipe_for(review: str) -> FusionRecipe:
    """The recipe for measuring on this review: what it had a part in, if it is a public one, is learned without it."""
    without = review if review in left_out() else ""
    return replace(UNWEIGHTED.weighted(fusion_weights(without)), without=without)


SHIPPED = recipe_for("")
