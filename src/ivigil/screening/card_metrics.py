"""A screener's held-out scores beside the baseline's, as the rows of its card."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ivigil.screening.base import Floats, Labels
from ivigil.screening.card import Interval, MetricRow
from ivigil.screening.comparison import shares_above
from ivigil.screening.metrics import last_positive, ranked_labels
from ivigil.screening.paired import bootstrap_mean

FIRST = 0.10
NAMES = ("loss", "list read until the last included", f"recall in the first {FIRST:.0%}")


def metric_rows(labels: ArrayLike, groups: Sequence[str], model: Floats, baseline: Floats) -> tuple[MetricRow, ...]:
    """Loss, share of the list read until the last included record, and recall in the first tenth, of both scorings.

    Loss and recall are means over included records, with an interval from resampling studies (Efron 1979).

    Args:
        labels: 1 included, 0 not.
        groups: the study of each record.
        model: the screener's scores by what had not seen the records.
        baseline: the baseline's, likewise.
    """
    values = np.asarray(labels, dtype=np.int64)
    who = [group for group, label in zip(groups, values, strict=True) if label]
    return tuple(
        MetricRow(metric=name, model=ours, baseline=theirs)
        for name, ours, theirs in zip(
            NAMES, _measured(values, who, model), _measured(values, who, baseline), strict=True
        )
    )


def recall_curve(labels: ArrayLike, scores: Floats) -> list[tuple[float, float]]:
    """(share of the list read, share of the included found) at the start, at each included record, and at the end."""
    ranked = ranked_labels(labels, scores)
    places = np.flatnonzero(ranked) + 1
    found = [(int(place) / len(ranked), (at + 1) / len(places)) for at, place in enumerate(places)]
    return [(0.0, 0.0), *found, (1.0, 1.0)]


def _measured(labels: Labels, who: Sequence[str], scores: Floats) -> tuple[Interval, Interval, Interval]:
    ranks = np.array([1 + int((scores > score).sum()) for score in scores[labels == 1]])
    early = (ranks <= FIRST * len(labels)).astype(np.float64)
    return (
        bootstrap_mean(shares_above(labels, scores), np.random.default_rng(0), groups=who),
        Interval(value=last_positive(ranked_labels(labels, scores))),
        bootstrap_mean(early, np.random.default_rng(0), groups=who),
    )
