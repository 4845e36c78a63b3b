"""A signal: one linear head on one feature space, on a scale pinned by what it says of records it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ivigil.screening.base import Floats, Labels, State
from ivigil.screening.folds import Indices
from ivigil.screening.linear import LinearHead, Matrix
from ivigil.screening.recipe import SignalRecipe
from ivigil.screening.scaling import Scale

CLEAR = 1.0
"""A d' at which a borrowed signal is trusted wholly, however well the learned one does."""


@dataclass(frozen=True)
class Labelled:
    """The labelled records in every space, whole and by their titles alone, with the labels of each level and folds."""

    whole: Mapping[str, Matrix]
    titles: Mapping[str, Matrix]
    title_only: NDArray[np.bool_]
    levels: Mapping[str, Labels]
    folds: Sequence[tuple[Indices, Indices]]
    seed: int


@dataclass(frozen=True)
class Signal:
    """A fitted signal; `held_out` is the labelled records' z by heads that had not seen them."""

    recipe: SignalRecipe
    head: LinearHead
    scale: Scale
    held_out: Floats

    @classmethod
    def fit(cls, recipe: SignalRecipe, labelled: Labelled) -> Self:
        """Fit the head on all records, its scale out of fold.

        In training a margin is near ±1 whatever the record; out of fold it is what new records will get, so that is
        what the scale is taken from.
        """
        rows, titles = labelled.whole[recipe.space], labelled.titles[recipe.space]
        labels = labelled.levels[recipe.level]
        margins, title_margins = np.empty(len(labels)), np.empty(len(labels))
        for train, held_out in labelled.folds:
            head = recipe.head.fit(rows[train], labels[train], labelled.seed)
            margins[held_out] = head.margins(rows[held_out])
            title_margins[held_out] = head.margins(titles[held_out])
        scale = Scale.of(margins, title_margins)
        as_held = scale.z(np.where(labelled.title_only, title_margins, margins), labelled.title_only)
        return cls(recipe, recipe.head.fit(rows, labels, labelled.seed), scale, as_held)

    def z(self, spaces: Mapping[str, Matrix], title_only: NDArray[np.bool_]) -> Floats:
        """Standardised margins."""
        return self.scale.z(self.head.margins(spaces[self.recipe.space]), title_only)

    def state(self) -> State:
        """What scoring needs."""
        return {
            "weights": self.head.weights,
            "intercept": self.head.intercept,
            "scale": self.scale.state(),
            "held_out": self.held_out,
        }

    @classmethod
    def from_state(cls, recipe: SignalRecipe, state: State) -> Self:
        """The signal whose `state` this is."""
        head = LinearHead(np.asarray(state["weights"]), state["intercept"])
        return cls(recipe, head, Scale(**state["scale"]), np.asarray(state["held_out"]))


def separation(values: Floats, labels: Labels) -> float:
    """d': distance of the two labels' means in pooled spreads, 0 where the included are not above the others."""
    included, others = values[labels == 1], values[labels == 0]
    spread = float(np.sqrt((included.var() + others.var()) / 2))
    distance = float(included.mean() - others.mean())
    return max(distance / spread, 0.0) if spread > 0 else 0.0


def trust(borrowed: float, learned: float, wanted: float) -> float:
    """1 where a borrowed signal parts the labels `wanted` times as well as the learned one, less in proportion.

    A separation of `CLEAR` is always enough.
    """
    needed = min(wanted * learned, CLEAR)
    return min(1.0, borrowed / needed) if needed > 0 else 1.0
