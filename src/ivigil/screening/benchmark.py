"""Screeners side by side on labelled reviews: same splits, ASReview's metrics, paired intervals over reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from ivigil.errors import ScreenerError
from ivigil.screening.base import Floats, Screener
from ivigil.screening.benchmark_reviews import Review
from ivigil.screening.benchmark_splits import Split, small_seed, time_forward
from ivigil.screening.card import Interval
from ivigil.screening.elas import ElasU4
from ivigil.screening.fusion import FusionScreener
from ivigil.screening.guarantee import Guarantee
from ivigil.screening.metrics import LOWER_IS_BETTER, METRICS, measure, ranked_labels
from ivigil.screening.paired import bootstrap_mean, bootstrap_ratio

BASELINE, RANDOM = "elas_u4", "random"
Protocol = Literal["small-seed", "time-forward"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
_SPLITS: Mapping[Protocol, Callable[[Review, int], Iterator[Split]]] = {
    "small-seed": small_seed,
    "time-forward": time_forward,
}
CURVE_POINTS = 201


@dataclass(frozen=True)
class Outcome:
    """What one row did on one split; `seconds` are of training and of scoring."""

    scores: Floats
    seconds: tuple[float, float]
    guarantee: Guarantee | None = None


Row = Callable[[Review, Split], Screener]
"""Makes the untrained screener of a table row for a review and a split."""


@dataclass(frozen=True)
class ReviewResult:
    """One row on one review: metrics and recall curve averaged over seeds; `included` is how many were to be found."""

    review: str
    seeds: int
    included: int
    metrics: Mapping[str, float]
    recall: Floats
    coverage: float | None = None
    pool_share: float | None = None


@dataclass(frozen=True)
class RowResult:
    """One row under one protocol over all reviews, next to the baseline where it is not the baseline itself."""

    row: str
    protocol: Protocol
    reviews: tuple[ReviewResult, ...]
    documents_per_second: float
    seconds_to_train: float
    promised: float | None = None

    def mean(self, metric: str) -> float:
        """Mean over reviews."""
        return float(np.mean([review.metrics[metric] for review in self.reviews]))


@dataclass(frozen=True)
class Against:
    """A row against the baseline over the same reviews; `ratio` of mean losses, `wins` by metric."""

    row: str
    protocol: Protocol
    reviews: int
    ratio: Interval
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
                    "loss_ratio": one.ratio.model_dump(),
                    "differences": {name: value.model_dump() for name, value in one.differences.items()},
                    "wins": dict(one.wins),
                }
                for one in self.against
            ],
            "doubts": list(self.doubts),
        }


def default_rows(fusion: Callable[[], FusionScreener]) -> dict[str, Row]:
    """The baseline as ASReview runs it (its vocabulary from the whole pool), random order, and ours."""

    def elas(review: Review, split: Split) -> Screener:
        rows = np.concatenate([split.train, split.ranked])
        return ElasU4([review.documents[at] for at in rows])

    return {BASELINE: elas, "fusion": lambda _review, _split: fusion()}


def run_benchmark(
    reviews: Sequence[Review],
    rows: Mapping[str, Row],
    *,
    timer: Callable[[], float],
    protocols: Sequence[Protocol] = PROTOCOLS,
    seeds: int = 10,
    progress: Callable[[str], None] = lambda _message: None,
) -> BenchmarkResult:
    """Train and rank every row on every split of every review.

    Args:
        reviews: labelled reviews.
        rows: table rows by name; a random row is always added.
        timer: seconds on any clock that runs, for documents a second.
        protocols: which ways of splitting.
        seeds: splits a review and protocol.
        progress: told one line a review, protocol and row.

    Raises:
        ScreenerError: no review can be split by a protocol.
    """
    results = []
    for protocol in protocols:
        splits = {review.name: list(_SPLITS[protocol](review, seeds)) for review in reviews}
        usable = [review for review in reviews if splits[review.name]]
        if not usable:
            raise ScreenerError(f"no review can be split {protocol}")
        for name in (RANDOM, *rows):
            collected = []
            for review in usable:
                progress(f"{protocol}: {name} on {review.name}")
                outcomes = [_outcome(name, rows, review, split, timer) for split in splits[review.name]]
                collected.append((review, splits[review.name], outcomes))
            results.append(_summarise(name, protocol, collected))
    return BenchmarkResult(tuple(results), tuple(_against_baseline(results)), tuple(_doubts(results)))


def _outcome(name: str, rows: Mapping[str, Row], review: Review, split: Split, timer: Callable[[], float]) -> Outcome:
    if name == RANDOM:
        return Outcome(np.random.default_rng(split.seed).random(len(split.ranked)), (0.0, 0.0))
    train, ranked = ([review.documents[at] for at in part] for part in (split.train, split.ranked))
    labels = review.labels[split.train]
    screener = rows[name](review, split)
    started = timer()
    passed = None if review.passed is None else review.passed[split.train]
    screener.fit(train, labels, criteria_text=review.criteria_text, passed=passed, seed=split.seed)
    trained_at = timer()
    scores = screener.score(ranked)
    seconds = (trained_at - started, timer() - trained_at)
    if not isinstance(screener, FusionScreener):
        return Outcome(scores, seconds)
    return Outcome(scores, seconds, Guarantee.of(screener.held_out_scores[labels == 1], scores))


def _summarise(
    name: str, protocol: Protocol, collected: Sequence[tuple[Review, Sequence[Split], Sequence[Outcome]]]
) -> RowResult:
    measured = []
    for review, splits, outcomes in collected:
        truths = [review.labels[split.ranked] for split in splits]
        found = [measure(truth, one.scores) for truth, one in zip(truths, outcomes, strict=True)]
        curves = [_recall_curve(truth, one.scores) for truth, one in zip(truths, outcomes, strict=True)]
        coverage, pool_share = _coverage(truths, outcomes)
        means = {metric: float(np.mean([one[metric] for one in found])) for metric in METRICS}
        found_in = round(float(np.mean([truth.sum() for truth in truths])))
        mean_curve = np.mean(curves, axis=0)
        measured.append(ReviewResult(review.name, len(splits), found_in, means, mean_curve, coverage, pool_share))
    every = [outcome for _, _, outcomes in collected for outcome in outcomes]
    scoring = sum(one.seconds[1] for one in every)
    promises = [one.guarantee.coverage for one in every if one.guarantee]
    return RowResult(
        name,
        protocol,
        tuple(measured),
        documents_per_second=sum(len(one.scores) for one in every) / scoring if scoring else float("inf"),
        seconds_to_train=float(np.mean([one.seconds[0] for one in every])),
        promised=float(np.mean(promises)) if promises else None,
    )


def _coverage(truths: Sequence[Any], outcomes: Sequence[Outcome]) -> tuple[float | None, float | None]:
    """Mean over seeds of the share of included records at or above the threshold, and of all records."""
    told = [(truth, one) for truth, one in zip(truths, outcomes, strict=True) if one.guarantee]
    if not told:
        return None, None
    kept = [float((one.scores[truth == 1] >= one.guarantee.threshold).mean()) for truth, one in told if one.guarantee]
    shares = [one.guarantee.pool_share or 0.0 for _, one in told if one.guarantee]
    return float(np.mean(kept)), float(np.mean(shares))


def _recall_curve(truth: Any, scores: Floats) -> Floats:
    found = np.cumsum(ranked_labels(truth, scores))
    read = np.linspace(0, 1, CURVE_POINTS)
    return np.asarray(np.interp(read, np.arange(len(found) + 1) / len(found), np.r_[0, found] / found[-1]))


def _against_baseline(results: Sequence[RowResult]) -> Iterator[Against]:
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
            bootstrap_ratio(ours["loss"], theirs["loss"], rng),
            {metric: bootstrap_mean(ours[metric] - theirs[metric], rng) for metric in METRICS},
            {metric: _wins(metric, ours[metric], theirs[metric]) for metric in METRICS},
        )


def _wins(metric: str, ours: Floats, theirs: Floats) -> int:
    return int((ours < theirs).sum() if metric in LOWER_IS_BETTER else (ours > theirs).sum())


def _doubts(results: Sequence[RowResult]) -> Iterator[str]:
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
        "mean": {metric: row.mean(metric) for metric in METRICS},
        "reviews": [
            {
                "review": one.review,
                "seeds": one.seeds,
                "included": one.included,
                **one.metrics,
                "coverage": one.coverage,
                "pool_share": one.pool_share,
            }
            for one in row.reviews
        ],
    }
