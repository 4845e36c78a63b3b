"""A signal: one linear head on one feature space, on a scale pinned by what it says of records it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ivigil.screening.base import Floats, Labels, State
from ivigil.screening.folds import Indices
from ivigil.screening.linear import HeadRecipe, LinearHead, Matrix
from ivigil.screening.scaling import Scale


@dataclass(frozen=True)
class SignalRecipe:
    """Which head on which space."""

    name: str
    space: str
    head: HeadRecipe

    def describe(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"name": self.name, "space": self.space, **self.head.describe()}


@dataclass(frozen=True)
class Labelled:
    """The labelled records in every space, whole and by their titles alone, with labels and folds."""

    whole: Mapping[str, Matrix]
    titles: Mapping[str, Matrix]
    labels: Labels
    folds: Sequence[tuple[Indices, Indices]]
    seed: int


@dataclass(frozen=True)
class Signal:
    """A fitted signal."""

    recipe: SignalRecipe
    head: LinearHead
    scale: Scale

    @classmethod
    def fit(cls, recipe: SignalRecipe, labelled: Labelled) -> tuple[Self, Floats, Floats]:
        """The signal, and its out-of-fold z-scores of the labelled records, whole and by title.

        In training a margin is near ±1 whatever the record; out of fold it is what new records will get, so that is
        what the scale is taken from.
        """
        rows, titles = labelled.whole[recipe.space], labelled.titles[recipe.space]
        margins, title_margins = np.empty(len(labelled.labels)), np.empty(len(labelled.labels))
        for train, held_out in labelled.folds:
            head = recipe.head.fit(rows[train], labelled.labels[train], labelled.seed)
            margins[held_out] = head.margins(rows[held_out])
            title_margins[held_out] = head.margins(titles[held_out])
        scale = Scale.of(margins, title_margins)
        signal = cls(recipe, recipe.head.fit(rows, labelled.labels, labelled.seed), scale)
        nowhere, everywhere = np.zeros(len(margins), bool), np.ones(len(margins), bool)
        return signal, scale.z(margins, nowhere), scale.z(title_margins, everywhere)

    def z(self, spaces: Mapping[str, Matrix], title_only: NDArray[np.bool_]) -> Floats:
        """Standardised margins."""
        return self.scale.z(self.head.margins(spaces[self.recipe.space]), title_only)

    def state(self) -> State:
        """What scoring needs."""
        return {"weights": self.head.weights, "intercept": self.head.intercept, "scale": self.scale.state()}

    @classmethod
    def from_state(cls, recipe: SignalRecipe, state: State) -> Self:
        """The signal whose `state` this is."""
        return cls(recipe, LinearHead(state["weights"], state["intercept"]), Scale(**state["scale"]))
