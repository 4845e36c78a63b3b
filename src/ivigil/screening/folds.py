"""Folds that keep both labels in every part and never part a group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from ivigil.errors import TooFewPositives
from ivigil.screening.base import Labels

FOLDS = 5
Indices = NDArray[np.int64]


def grouped_folds(
    labels: Labels, groups: Sequence[str] | None = None, *, folds: int = FOLDS, seed: int = 0
) -> Iterator[tuple[Indices, Indices]]:
    """(rows to train on, rows held out), each row held out once; fewer folds where there are fewer included groups.

    Args:
        labels: 1 included, 0 not.
        groups: one name a row; reports of one study share theirs. None: every row by itself.
        folds: at most so many.
        seed: of the shuffle.

    Raises:
        TooFewPositives: all included rows are of one group, so holding it out leaves none to learn from.
    """
    names = np.arange(len(labels)) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    included, excluded = (len(np.unique(names[labels == label])) for label in (1, 0))
    parts = min(folds, included, excluded)
    if parts < 2:
        raise TooFewPositives(f"{included} included and {excluded} excluded studies cannot be split into folds")
    splitter = StratifiedGroupKFold(parts, shuffle=True, random_state=seed)
    for train, held_out in splitter.split(np.zeros((len(labels), 1)), labels, names):
        if labels[train].sum() == 0 or labels[train].min() == 1:
            raise TooFewPositives("a fold leaves one label only: too few included studies, or one study has them all")
        yield np.asarray(train, dtype=np.int64), np.asarray(held_out, dtype=np.int64)
