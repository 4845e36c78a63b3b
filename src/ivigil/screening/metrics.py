"""How good a ranking is, by ASReview's published definitions.

Every function takes `ranked`: the true labels (1 included, 0 not) in ranked order, best first. Definitions: loss and
NDCG as in asreview 3 (metrics.py), recall, WSS and ATD as in asreview-insights 1.6 (algorithms.py, metrics.py); WSS is
Cohen et al. 2006 (doi:10.1197/jamia.M1929), ATD is Ferdinands et al. 2023 (doi:10.1186/s13643-023-02257-7), average
precision as in information retrieval (no interpolation).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from ivigil.errors import ScreenerError
from ivigil.screening.base import Floats, Labels


def ranked_labels(labels: ArrayLike, scores: ArrayLike) -> Labels:
    """Labels in the order of falling score; ties keep the order given, as in asreview."""
    order = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    return np.asarray(labels, dtype=np.int64)[order]


def loss(ranked: ArrayLike) -> float:
    """Share of the area between the best and the worst recall curve that was lost: 0 perfect, 0.5 random, 1 worst."""
    found_at = _positions(ranked)
    negatives = len(np.asarray(ranked)) - len(found_at)
    excess = found_at - np.arange(1, len(found_at) + 1)  # negatives read before each positive
    return float(excess.sum() / (len(found_at) * negatives))


def recall_at(ranked: ArrayLike, share: float) -> float:
    """Share of the included found in the first `share` (0 to 1) of the list."""
    found_at = _positions(ranked)
    read = int(np.searchsorted(np.arange(1, len(np.asarray(ranked)) + 1) / len(np.asarray(ranked)), share, "right"))
    return float((found_at <= read).sum() / len(found_at))


def recall_at_count(ranked: ArrayLike, count: int) -> float:
    """Share of the included found in the first `count` documents."""
    found_at = _positions(ranked)
    return float((found_at <= count).sum() / len(found_at))


def work_saved(ranked: ArrayLike, recall: float = 0.95) -> float:
    """WSS: share of the list left unread at this recall, less what random order would leave unread.

    Taken, as asreview-insights does, at the last positive that does not pass `recall`, against a random order whose
    finds are spread evenly and rounded.
    """
    found_at = _positions(ranked)
    documents, positives = len(np.asarray(ranked)), len(found_at)
    nth = np.arange(1, positives + 1)
    evenly = np.round(np.linspace(0, positives, documents))
    random_at = np.searchsorted(evenly, nth) + 1
    at = int(np.searchsorted(nth / positives, recall, side="right")) - 1
    return float((random_at[at] - found_at[at]) / documents)


def average_time_to_discovery(ranked: ArrayLike) -> float:
    """ATD: mean number of documents read when an included one is found."""
    return float(_positions(ranked).mean())


def ndcg(ranked: ArrayLike) -> float:
    """Normalised discounted cumulative gain with binary gains (Wang et al. 2013, arXiv:1304.6480)."""
    found_at = _positions(ranked)
    ideal = np.arange(1, len(found_at) + 1)
    return float((1 / np.log2(found_at + 1)).sum() / (1 / np.log2(ideal + 1)).sum())


def average_precision(ranked: ArrayLike) -> float:
    """Mean, over the included, of the precision at the rank of each."""
    found_at = _positions(ranked)
    return float((np.arange(1, len(found_at) + 1) / found_at).mean())


def last_positive(ranked: ArrayLike) -> float:
    """Share of the list read when the last included document is found."""
    return float(_positions(ranked)[-1] / len(np.asarray(ranked)))


METRICS: Mapping[str, Callable[[ArrayLike], float]] = {
    "loss": loss,
    "wss95": work_saved,
    "recall@10%": lambda ranked: recall_at(ranked, 0.10),
    "recall@20%": lambda ranked: recall_at(ranked, 0.20),
    "atd": average_time_to_discovery,
    "ndcg": ndcg,
    "average_precision": average_precision,
    "last_positive": last_positive,
}
"""Every metric of a benchmark row by name; of these loss, atd and last_positive are better when lower."""

LOWER_IS_BETTER = frozenset({"loss", "atd", "last_positive"})


def measure(labels: ArrayLike, scores: ArrayLike) -> dict[str, float]:
    """All of `METRICS` for one ranking."""
    ranked = ranked_labels(labels, scores)
    return {name: metric(ranked) for name, metric in METRICS.items()}


def _positions(ranked: ArrayLike) -> Floats:
    """Ranks (from 1) of the included documents.

    Raises:
        ScreenerError: only one kind of label, so no ranking can be judged.
    """
    labels = np.asarray(ranked)
    found = np.flatnonzero(labels == 1) + 1
    if len(found) == 0 or len(found) == len(labels):
        raise ScreenerError("a ranking is judged on included and excluded documents; only one kind is there")
    return found.astype(np.float64)
