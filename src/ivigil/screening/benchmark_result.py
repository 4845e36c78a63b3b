"""What a benchmark found: rows, each against the baseline, and what to question before quoting any of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from ivigil.screening.base import Floats
from ivigil.screening.card import Interval
from ivigil.screening.metrics import LOWER_IS_BETTER, METRICS
from ivigil.screening.paired import bootstrap_mean, bootstrap_ratio

BASELINE, RANDOM = "elas_u4", "random"
Protocol = Literal["small-seed", "time-forward", "active-learning"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
TRAINED_ONCE: tuple[Protocol, ...] = ("small-seed", "time-forward")
"""The protocols of our use; active learning retrains after every few records and takes much longer."""


@dataclass(frozen=True)
class Weights:
    """What a row's parts weigh on one review; `left_out` says that the review had no part in choosing them."""

    by_block: Mapping[str, float]
    left_out: bool


@dataclass(frozen=True)
class ReviewResult:
    """One row on one review: metrics and recall curve averaged over seeds; `included` is how many were to be found.

    `promised` is the guarantee's coverage, `coverage` what of the included it kept, `pool_share` what it left above.
    """

    review: str
    seeds: int
    included: int
    metrics: Mapping[str, float]
    recall: Floats
    promised: float | None = None
    coverage: float | None = None
    pool_share: float | None = None
    weights: Weights | None = None


@dataclass(frozen=True)
class RowResult:
    """One row under one protocol over all reviews, next to the baseline where it is not the baseline itself."""

    row: str
    protocol: Protocol
    reviews: tuple[ReviewResult, ...]
    documents_per_second: float
    seconds_to_train: float

    def mean(self, metric: str) -> float:
        """Mean over reviews."""
        return float(np.mean([review.metrics[metric] for review in self.reviews]))

    @property
    def promised(self) -> float | None:
        """Mean over reviews, None where the row promises nothing."""
        told = [review.promised for review in self.reviews if review.promised is not None]
        return float(np.mean(told)) if told else None

    @property
    def kept_less_promised(self) -> Interval | None:
        """Mean over reviews of the coverage that was kept less the one promised."""
        told = [one.coverage - one.promised for one in self.reviews if one.coverage is not None and one.promised]
        return bootstrap_mean(told, np.random.default_rng(0)) if told else None


@dataclass(frozen=True)
class Against:
    """A row against the baseline over the same reviews; `wins` by metric.

    `ratio` is of mean losses, None where the baseline lost nothing.
    """

    row: str
    protocol: Protocol
    reviews: int
    ratio: Interval | None
    differences: Mapping[str, Interval]
    wins: Mapping[str, int]


@dataclass(frozen=True)
class BenchmarkResult:
    """Every row under every protocol, each against the baseline, and what to question before quoting any of it."""

    rows: tuple[RowResult, ...]
    against: tuple[Against, ...] = ()
    doubts: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: rows, baseline rows, summary."""
        return {
            "rows": [_row_dict(row) for row in self.rows if row.row not in (BASELINE, RANDOM)],
            "baseline_rows": [_row_dict(row) for row in self.rows if row.row in (BASELINE, RANDOM)],
            "summary": [
                {
                    "row": one.row,
                    "protocol": one.protocol,
                    "reviews": one.reviews,
                    "loss_ratio": one.ratio.model_dump() if one.ratio else None,
                    "differences": {name: value.model_dump() for name, value in one.differences.items()},
                    "wins": dict(one.wins),
                }
                for one in self.against
            ],
            "doubts": list(self.doubts),
        }


def against_baseline(results: Sequence[RowResult]) -> Iterator[Against]:
    """Every row but the baseline and random order against the baseline."""
    baselines = {result.protocol: result for result in results if result.row == BASELINE}
    for result in results:
        base = baselines.get(result.protocol)
        if base is None or result.row in (BASELINE, RANDOM):
            continue
        ours = {metric: np.array([one.metrics[metric] for one in result.reviews]) for metric in METRICS}
        theirs = {metric: np.array([one.metrics[metric] for one in base.reviews]) for metric in METRICS}
        rng = np.random.default_rng(0)
        yield Against(
            result.row,
            result.protocol,
            len(result.reviews),
            bootstrap_ratio(ours["loss"], theirs["loss"], rng) if theirs["loss"].any() else None,
            {metric: bootstrap_mean(ours[metric] - theirs[metric], rng) for metric in METRICS},
            {metric: _wins(metric, ours[metric], theirs[metric]) for metric in METRICS},
        )


def _wins(metric: str, ours: Floats, theirs: Floats) -> int:
    return int((ours < theirs).sum() if metric in LOWER_IS_BETTER else (ours > theirs).sum())


def doubts(results: Sequence[RowResult]) -> Iterator[str]:
    """What in the results a reader should question before quoting them."""
    for result in results:
        losses = [review.metrics["loss"] for review in result.reviews]
        if result.row == RANDOM:
            # One random order's loss has a variance of about 1 / (12 × included).
            variances = [1 / (12 * review.seeds * review.included) for review in result.reviews]
            if abs(float(np.mean(losses)) - 0.5) > 4 * float(np.sqrt(sum(variances))) / len(losses):
                yield f"{result.protocol}: random order lost {np.mean(losses):.3f}, not about 0.5."
        elif max(losses) == 0:
            yield f"{result.protocol}: {result.row} is perfect on every review; do labels leak into the texts?"


def _row_dict(row: RowResult) -> dict[str, Any]:
    return {
        "row": row.row,
        "protocol": row.protocol,
        "documents_per_second": None if np.isinf(row.documents_per_second) else row.documents_per_second,
        "seconds_to_train": row.seconds_to_train,
        "promised_coverage": row.promised,
        "kept_less_promised": row.kept_less_promised.model_dump() if row.kept_less_promised else None,
        "mean": {metric: row.mean(metric) for metric in METRICS},
        "reviews": [
            {
                "review": one.review,
                "seeds": one.seeds,
                "included": one.included,
                **one.metrics,
                "promised_coverage": one.promised,
                "coverage": one.coverage,
                "pool_share": one.pool_share,
                **_weights_dict(one.weights),
            }
            for one in row.reviews
        ],
    }


def _weights_dict(weights: Weights | None) -> dict[str, Any]:
    if weights is None:
        return {}
    return {"weights": dict(weights.by_block), "weights_from": "other reviews" if weights.left_out else "shipped"}
