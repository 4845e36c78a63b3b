"""Intervals for paired differences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ivigil.errors import ScreenerError
from ivigil.screening.card import Interval

DRAWS = 5_000


def bootstrap_mean(
    values: ArrayLike,
    rng: np.random.Generator,
    *,
    groups: Sequence[str] | None = None,
    confidence: float = 0.95,
    draws: int = DRAWS,
) -> Interval:
    """Mean with a percentile bootstrap interval (Efron 1979), resampling whole groups.

    For a paired comparison `values` are the differences, one a pair; the pairs are what is resampled.

    Raises:
        ScreenerError: no values.
    """
    given = np.asarray(values, dtype=np.float64)
    if given.size == 0:
        raise ScreenerError("nothing to take a mean of")
    names = np.arange(given.size) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    sums, counts = np.bincount(names, weights=given), np.bincount(names)
    drawn = rng.integers(len(sums), size=(draws, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(value=float(given.mean()), low=float(low), high=float(high))


def bootstrap_ratio(
    numerators: ArrayLike, denominators: ArrayLike, rng: np.random.Generator, *, draws: int = DRAWS
) -> Interval:
    """Ratio of two means over the same units, with a paired percentile bootstrap interval of 95 %.

    Raises:
        ScreenerError: no values, or the denominators sum to zero.
    """
    above, below = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    if above.size == 0 or below.sum() == 0:
        raise ScreenerError("no ratio of nothing, nor to nothing")
    drawn = rng.integers(above.size, size=(draws, above.size))
    ratios = above[drawn].sum(axis=1) / below[drawn].sum(axis=1)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Interval(value=float(above.sum() / below.sum()), low=float(low), high=float(high))
