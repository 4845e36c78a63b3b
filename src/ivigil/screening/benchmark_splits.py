"""What is learned from and what is ranked: a small random seed, the past and the future, or active learning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ivigil.screening.base import Labels
from ivigil.screening.benchmark_reviews import NO_YEAR, Review
from ivigil.screening.folds import Indices

SEED_INCLUDED, SEED_EXCLUDED = 12, 406
"""The size of the review this was built for."""
FEWEST_INCLUDED = 4
"""Half of them, two, are the fewest that anything can be held out from."""
FEWEST_RANKED = 3
"""Included records a ranking is judged on, at least."""


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to rank."""

    seed: int
    train: Indices
    ranked: Indices


def small_seed(review: Review, seeds: int) -> Iterator[Split]:
    """12 included and 406 excluded at random (half of either where there are fewer); the rest is ranked.

    A review with too few included to hold one out and still learn from two yields nothing.
    """
    if review.included < FEWEST_INCLUDED:
        return
    everything = np.ones(len(review.labels), dtype=bool)
    for seed in range(seeds):
        train = _drawn(review.labels, everything, seed)
        yield Split(seed, train, np.setdiff1d(np.arange(len(review.labels)), train))


def time_forward(review: Review, seeds: int) -> Iterator[Split]:
    """12 included and 406 excluded from before a cut year; all of that year and later is ranked.

    The cut parts the included most evenly among those that leave a whole seed before and three included after.
    Records without a year are left out; a review without a usable cut yields nothing.
    """
    cut = cut_year(review)
    if cut is None:
        return
    before = (review.years < cut) & (review.years != NO_YEAR)
    for seed in range(seeds):
        yield Split(seed, _drawn(review.labels, before, seed), np.flatnonzero(review.years >= cut))


def active_learning_start(review: Review, seeds: int) -> Iterator[Split]:
    """Two included and two excluded at random to start from; everything else is read one after another."""
    if review.included < FEWEST_INCLUDED or len(review.labels) - review.included < FEWEST_INCLUDED:
        return
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        start = np.concatenate([rng.choice(np.flatnonzero(review.labels == label), 2, False) for label in (1, 0)])
        yield Split(seed, start.astype(np.int64), np.setdiff1d(np.arange(len(review.labels)), start))


def cut_year(review: Review) -> int | None:
    """The year that `time_forward` cuts at."""
    usable = []
    for year in np.unique(review.years[review.years != NO_YEAR]):
        before, after = (review.years < year) & (review.years != NO_YEAR), review.years >= year
        included, later = int(review.labels[before].sum()), int(review.labels[after].sum())
        if included >= SEED_INCLUDED and int(before.sum()) - included >= SEED_EXCLUDED and later >= FEWEST_RANKED:
            usable.append((abs(included - later), int(year)))
    return min(usable)[1] if usable else None


def _drawn(labels: Labels, eligible: np.ndarray[tuple[int], np.dtype[np.bool_]], seed: int) -> Indices:
    rng = np.random.default_rng(seed)
    parts = []
    for label, wanted in ((1, SEED_INCLUDED), (0, SEED_EXCLUDED)):
        rows = np.flatnonzero((labels == label) & eligible)
        parts.append(rng.permutation(rows)[: min(wanted, max(len(rows) // 2, 1))])
    return np.concatenate(parts).astype(np.int64)
