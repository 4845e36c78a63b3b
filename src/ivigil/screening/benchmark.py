"""Screeners side by side on labelled reviews: same splits, ASReview's metrics, paired intervals over reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ivigil.errors import ScreenerError
from ivigil.screening import asreview_row
from ivigil.screening.active_learning import reading_order
from ivigil.screening.base import Floats, Screener
from ivigil.screening.benchmark_result import (
    BASELINE,
    RANDOM,
    TRAINED_ONCE,
    BenchmarkResult,
    Protocol,
    ReviewResult,
    RowResult,
    against_baseline,
    doubts,
)
from ivigil.screening.benchmark_reviews import Review
from ivigil.screening.benchmark_splits import Split, active_learning_start, small_seed, time_forward
from ivigil.screening.documents import Document
from ivigil.screening.elas import ElasU4
from ivigil.screening.folds import Indices
from ivigil.screening.fusion import FusionScreener
from ivigil.screening.guarantee import Guarantee
from ivigil.screening.metrics import METRICS, measure, ranked_labels

_SPLITS: Mapping[Protocol, Callable[[Review, int], Iterator[Split]]] = {
    "small-seed": small_seed,
    "time-forward": time_forward,
    "active-learning": active_learning_start,
}
CURVE_POINTS = 201


@dataclass(frozen=True)
class Outcome:
    """What one row did on one split; `seconds` are of training and of scoring."""

    scores: Floats
    seconds: tuple[float, float]
    guarantee: Guarantee | None = None


@dataclass(frozen=True)
class Row:
    """A table row: how its untrained screener is made, and its own way of active learning if it has one."""

    screener: Callable[[Review, Split], Screener]
    reading_order: Callable[[Review, Split], Indices] | None = None


def default_rows(fusion: Callable[[], FusionScreener]) -> dict[str, Row]:
    """The baseline with its vocabulary from the whole pool, ours, and asreview's own code if it is here.

    Random order is added by `run_benchmark`.
    """
    rows = {
        BASELINE: Row(lambda review, split: ElasU4(_pool(review, split))),
        "fusion": Row(lambda _review, _split: fusion()),
    }
    if asreview_row.installed():
        rows[asreview_row.AsreviewModel.name] = Row(
            lambda review, split: asreview_row.AsreviewModel(_pool(review, split)),
            lambda review, split: asreview_row.simulated_order(review.documents, review.labels, split.train),
        )
    return rows


def _pool(review: Review, split: Split) -> list[Document]:
    return [review.documents[at] for at in np.concatenate([split.train, split.ranked])]


def run_benchmark(
    reviews: Sequence[Review],
    rows: Mapping[str, Row],
    *,
    timer: Callable[[], float],
    protocols: Sequence[Protocol] = TRAINED_ONCE,
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
                run = _read if protocol == "active-learning" else _ranked
                outcomes = [
                    _random(split) if name == RANDOM else run(rows[name], review, split, timer)
                    for split in splits[review.name]
                ]
                collected.append((review, splits[review.name], outcomes))
            results.append(_summarise(name, protocol, collected))
    return BenchmarkResult(tuple(results), tuple(against_baseline(results)), tuple(doubts(results)))


def _random(split: Split) -> Outcome:
    return Outcome(np.random.default_rng(split.seed).random(len(split.ranked)), (0.0, 0.0))


def _read(row: Row, review: Review, split: Split, timer: Callable[[], float]) -> Outcome:
    """Active learning: a record's score is the higher the earlier it was read."""
    started = timer()
    if row.reading_order is not None:
        order = row.reading_order(review, split)
    else:
        order = reading_order(
            lambda: row.screener(review, split),
            review.documents,
            review.labels,
            split.train,
            criteria_text=review.criteria_text,
            seed=split.seed,
        )
    scores = np.zeros(len(review.labels))
    scores[order] = -np.arange(len(order), dtype=np.float64)
    return Outcome(scores[split.ranked], (timer() - started, 0.0))


def _ranked(row: Row, review: Review, split: Split, timer: Callable[[], float]) -> Outcome:
    train, ranked = ([review.documents[at] for at in part] for part in (split.train, split.ranked))
    labels = review.labels[split.train]
    screener = row.screener(review, split)
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
