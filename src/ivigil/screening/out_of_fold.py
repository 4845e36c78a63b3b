"""Scores of labelled records by screeners that have not seen them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ivigil.screening.base import Floats, Screener, checked_labels
from ivigil.screening.documents import Document
from ivigil.screening.folds import FOLDS, grouped_folds


def out_of_fold_scores(  # noqa: PLR0913 - a screener's training, and how it is held out
    make: Callable[[], Screener],
    documents: Sequence[Document],
    labels: ArrayLike,
    *,
    criteria_text: str = "",
    passed: ArrayLike | None = None,
    groups: Sequence[str] | None = None,
    folds: int = FOLDS,
    seed: int = 0,
) -> Floats:
    """One score a document, from a screener trained on the other folds only.

    Args:
        make: gives a new, untrained screener.
        documents: labelled records.
        labels: 1 included, 0 not.
        criteria_text: the review's criteria in words.
        passed: who passed title and abstract, where that is known.
        groups: one study's reports share a name and a fold.
        folds: at most so many.
        seed: of the folds and of the training.

    Raises:
        TooFewPositives: too few included studies to hold any out.
    """
    values = checked_labels(documents, labels)
    first_stage = None if passed is None else np.asarray(passed)
    scores = np.empty(len(documents))
    for train, held_out in grouped_folds(values, groups, folds=folds, seed=seed):
        screener = make().fit(
            [documents[at] for at in train],
            values[train],
            criteria_text=criteria_text,
            passed=None if first_stage is None else first_stage[train],
            groups=None if groups is None else [groups[at] for at in train],
            seed=seed,
        )
        scores[held_out] = screener.score([documents[at] for at in held_out])
    return scores
