"""Screeners side by side on labelled reviews: same splits, ASReview's metrics, paired intervals over reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ivigil.errors import ScreenerError
from ivigil.screening import asreview_row
from ivigil.screening.active_learning import reading_order
from ivigil.screening.base import Floats, Screener
from ivigil.screening.benchmark_kept import KeptMeasures, Key, Measured, fingerprint
from ivigil.screening.benchmark_result import (
    BASELINE,
    RANDOM,
    TRAINED_ONCE,
    BenchmarkResult,
    Protocol,
    ReviewResult,
    RowResult,
    Weights,
    against_baseline,
    doubts,
)
from ivigil.screening.benchmark_reviews import Review
from ivigil.screening.benchmark_splits import Split, active_learning_start, small_seed, time_forward
from ivigil.screening.documents import Document
from ivigil.screening.elas import RECIPE, ElasU4, pool_features
from ivigil.screening.encoders import Encoder
from ivigil.screening.folds import Indices
from ivigil.screening.fusion import FusionScreener
from ivigil.screening.guarantee import Guarantee
from ivigil.screening.learned import shared_words
from ivigil.screening.metrics import METRICS
from ivigil.screening.recipe import recipe_for
from ivigil.screening.term_book import counted_once
from ivigil.screening.tfidf import PinnedTfidf

OURS, OURS_FINAL_ONLY = "fusion", "fusion, final labels only"
FIRST_STAGE = "passed"
"""The fusion's signal of who passed title and abstract."""
REMEMBERED = 2
_SPLITS: Mapping[Protocol, Callable[[Review, int], Iterator[Split]]] = {
    "small-seed": small_seed,
    "time-forward": time_forward,
    "active-learning": active_learning_start,
}


@dataclass(frozen=True)
class Row:
    """A table row: how its untrained screener is made, and its own way of active learning if it has one.

    `first_stage` says whether it is told who passed title and abstract; `description` (JSON-ready) is everything that
    could change what it does on a review's splits, `weights` what its parts weigh there, where that is worth telling.
    """

    screener: Callable[[Review, Split], Screener]
    reading_order: Callable[[Review, Split], Indices] | None = None
    first_stage: bool = True
    description: Callable[[Review], Mapping[str, Any]] = lambda _review: {}
    weights: Callable[[Review], Weights] | None = None


def default_rows(encoder: Callable[[str], Encoder | None]) -> dict[str, Row]:
    """The baseline with its vocabulary from the whole pool, ours with and without first-stage labels, and asreview.

    What ours has learned on public reviews it learned, for each of them, on the others; so does the encoder, which is
    asked for by the name of the review. asreview's own code is a row where it is installed. Random order is added by
    `run_benchmark`.
    """
    pools: dict[tuple[str, bytes], PinnedTfidf] = {}

    def features(review: Review, split: Split) -> PinnedTfidf:
        """Of the whole pool, whose vocabulary the baseline takes; the last few pools are remembered."""
        rows = np.sort(np.concatenate([split.train, split.ranked]))
        key = review.name, rows.tobytes()
        if key not in pools:
            if len(pools) >= REMEMBERED:
                pools.clear()
            pools[key] = pool_features([review.documents[at] for at in rows])
        return pools[key]

    def ours(review: Review, _split: Split) -> FusionScreener:
        return FusionScreener(encoder(review.name), recipe_for(review.name))

    def described(review: Review) -> dict[str, Any]:
        recipe = recipe_for(review.name)
        words = shared_words(recipe.without).sha256
        used = encoder(review.name)
        return {"recipe": recipe.describe(), "words": words, "encoder": used.identity if used else None}

    def weights(review: Review) -> Weights:
        recipe = recipe_for(review.name)
        return Weights(recipe.weights, left_out=bool(recipe.without))

    rows = {
        BASELINE: Row(lambda review, split: ElasU4(features(review, split)), description=lambda _: RECIPE.describe()),
        OURS: Row(ours, description=described, weights=weights),
        OURS_FINAL_ONLY: Row(ours, first_stage=False, description=described),
    }
    if asreview_row.installed():
        rows[asreview_row.AsreviewModel.name] = Row(
            lambda review, split: asreview_row.AsreviewModel(_pool(review, split)),
            lambda review, split: asreview_row.simulated_order(review.documents, review.labels, split.train),
            description=lambda _: {"model": asreview_row.MODEL},
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
    kept: KeptMeasures | None = None,
    progress: Callable[[str], None] = lambda _message: None,
) -> BenchmarkResult:
    """Train and rank every row on every split of every review.

    Args:
        reviews: labelled reviews.
        rows: table rows by name; a random row is always added. A row that differs from another only in first-stage
            labels is left out where no review has any.
        timer: seconds on any clock that runs, for documents a second.
        protocols: which ways of splitting.
        seeds: splits a review and protocol.
        kept: what earlier runs measured, and where this one keeps what it measures.
        progress: told one line a review and protocol.

    Raises:
        ScreenerError: no review can be split by a protocol.
    """
    kept = kept if kept is not None else KeptMeasures()
    if all(review.passed is None for review in reviews):
        rows = {name: row for name, row in rows.items() if row.first_stage}
    measured: dict[tuple[Protocol, str], list[tuple[Review, list[Measured]]]] = {}
    for number, review in enumerate(reviews, start=1):
        with counted_once():
            for protocol in protocols:
                splits = list(_SPLITS[protocol](review, seeds))
                if not splits:
                    continue
                progress(f"{review.name} ({number} of {len(reviews)}): {protocol}, {len(splits)} splits")
                bench = _Bench(review, protocol, kept)
                found: dict[str, list[Measured]] = {}
                for split in splits:
                    for name, row in {RANDOM: None, **rows}.items():
                        found.setdefault(name, []).append(bench.measured(name, row, split))
                for name, ones in found.items():
                    measured.setdefault((protocol, name), []).append((review, ones))
    for protocol in protocols:
        if (protocol, RANDOM) not in measured:
            raise ScreenerError(f"no review can be split {protocol}")
    speeds = {name: _Speed.of(reviews[0], row, timer) for name, row in rows.items()}
    results = [
        _summarise(name, rows.get(name), protocol, measured[protocol, name], speeds.get(name))
        for protocol in protocols
        for name in (RANDOM, *rows)
    ]
    return BenchmarkResult(tuple(results), tuple(against_baseline(results)), tuple(doubts(results)))


@dataclass
class _Bench:
    review: Review
    protocol: Protocol
    kept: KeptMeasures
    blocks: tuple[Mapping[str, Any], int, Mapping[str, Floats]] | None = None
    """(row's description, seed, what each signal gave) of the fusion that was trained last."""

    def measured(self, name: str, row: Row | None, split: Split) -> Measured:
        """What the row does on the split; random order has no row and is never worth keeping."""
        truth = self.review.labels[split.ranked]
        if row is None:
            return Measured.of(truth, np.random.default_rng(split.seed).random(len(truth)))
        description = {"row": name, "first_stage": row.first_stage, **row.description(self.review)}
        key = Key(fingerprint(self.review, description), name, self.review.name, self.protocol, split.seed)
        run = self._read if self.protocol == "active-learning" else self._ranked
        return self.kept.get(key) or self.kept.add(key, run(row, split))

    def _read(self, row: Row, split: Split) -> Measured:
        """Active learning: a record's score is the higher the earlier it was read."""
        review = self.review
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
        return Measured.of(review.labels[split.ranked], scores[split.ranked])

    def _ranked(self, row: Row, split: Split) -> Measured:
        truth, ranked = self.review.labels[split.ranked], [self.review.documents[at] for at in split.ranked]
        described = row.description(self.review)
        if not row.first_stage and self.blocks is not None and self.blocks[:2] == (described, split.seed):
            # A fusion's signals do not know of each other: without one of them the others are as they were.
            rest = [block for name, block in self.blocks[2].items() if name != FIRST_STAGE]
            return Measured.of(truth, np.asarray(sum(rest), dtype=np.float64))
        screener = _trained_on(self.review, row, split)
        if not isinstance(screener, FusionScreener) or not row.first_stage:
            return Measured.of(truth, screener.score(ranked))
        self.blocks = described, split.seed, screener.blocks(ranked)
        scores = np.asarray(sum(self.blocks[2].values()), dtype=np.float64)
        known = screener.held_out_scores[self.review.labels[split.train] == 1]
        return Measured.of(truth, scores, Guarantee.of(known, scores))


def _trained_on(review: Review, row: Row, split: Split) -> Screener:
    passed = review.passed[split.train] if row.first_stage and review.passed is not None else None
    return row.screener(review, split).fit(
        [review.documents[at] for at in split.train],
        review.labels[split.train],
        criteria_text=review.criteria_text,
        passed=passed,
        seed=split.seed,
    )


@dataclass(frozen=True)
class _Speed:
    """Of one row, texts cut anew and embeddings taken from the cache, as on a night."""

    seconds_to_train: float
    documents_per_second: float

    @classmethod
    def of(cls, review: Review, row: Row, timer: Callable[[], float]) -> Self:
        """Measure on one split of a review."""
        split = next(small_seed(review, 1))
        started = timer()
        screener = _trained_on(review, row, split)
        trained_at = timer()
        screener.score([review.documents[at] for at in split.ranked])
        seconds = timer() - trained_at
        return cls(trained_at - started, len(split.ranked) / seconds if seconds else float("inf"))


def _summarise(
    name: str,
    row: Row | None,
    protocol: Protocol,
    measured: Sequence[tuple[Review, Sequence[Measured]]],
    speed: _Speed | None,
) -> RowResult:
    weights = row.weights if row is not None else None
    return RowResult(
        name,
        protocol,
        tuple(_of_review(review, found, weights(review) if weights else None) for review, found in measured),
        documents_per_second=speed.documents_per_second if speed else float("inf"),
        seconds_to_train=speed.seconds_to_train if speed else 0.0,
    )


def _of_review(review: Review, found: Sequence[Measured], weights: Weights | None) -> ReviewResult:
    return ReviewResult(
        review.name,
        len(found),
        round(float(np.mean([one.included for one in found]))),
        {metric: float(np.mean([one.metrics[metric] for one in found])) for metric in METRICS},
        np.mean([one.recall for one in found], axis=0),
        _mean([one.promised for one in found]),
        _mean([one.kept for one in found]),
        _mean([one.pool_share for one in found]),
        weights,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return float(np.mean(told)) if told else None
