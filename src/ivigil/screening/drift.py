"""Does what comes in still look like what the screener learned from: its words, its scores, how much of it is relevant.

Each measure compares a stream with the reference it is held against and is said with a test, so that a small night is
not called a change. A changed stream is a reason to look, never a reason to move a score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import jensenshannon
from scipy.stats import fisher_exact, ks_2samp

from ivigil.errors import ScreenerError
from ivigil.screening.criteria_likeness import words
from ivigil.screening.documents import Document

SIGNIFICANT = 0.01
FEWEST = 20
"""Below so many documents nothing is said to have changed."""


@dataclass(frozen=True)
class Drift:
    """A stream beside its reference.

    `unknown_words` is the share of word occurrences that the reference never used, with the share expected of its own
    held-out half beside it; `vocabulary_distance` is the Jensen-Shannon distance (base 2, 0 to 1) of word frequencies;
    `score_shift` is the Kolmogorov-Smirnov statistic with its p value; the relevant shares are those at or above the
    threshold, with Fisher's exact p.
    """

    documents: int
    unknown_words: float
    unknown_words_expected: float
    vocabulary_distance: float
    score_shift: float
    score_p: float
    relevant_share: float
    relevant_share_before: float
    relevant_p: float

    @property
    def findings(self) -> tuple[str, ...]:
        """Sentences on what has changed; none when nothing has, or when there is too little to tell."""
        if self.documents < FEWEST:
            return ()
        found = []
        if self.unknown_words > 2 * self.unknown_words_expected + 0.02:
            found.append(
                f"{self.unknown_words:.0%} of the words are new to the screener, "
                f"where {self.unknown_words_expected:.0%} would be usual."
            )
        if self.score_p < SIGNIFICANT:
            found.append(f"Scores are distributed differently (KS {self.score_shift:.2f}, p = {self.score_p:.2g}).")
        if self.relevant_p < SIGNIFICANT:
            found.append(
                f"{self.relevant_share:.1%} stand above the threshold, before it was {self.relevant_share_before:.1%} "
                f"(p = {self.relevant_p:.2g})."
            )
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, with the findings."""
        return {**asdict(self), "findings": list(self.findings)}


def measure_drift(
    reference: Sequence[Document],
    reference_scores: ArrayLike,
    stream: Sequence[Document],
    stream_scores: ArrayLike,
    *,
    threshold: float,
    rng: np.random.Generator,
) -> Drift:
    """Compare a stream with its reference, both scored by the same screener.

    Args:
        reference: documents of the time the screener was trained in (two or more).
        reference_scores: their scores; not those of records it was trained on, which are flattered.
        stream: what came since.
        stream_scores: their scores.
        threshold: the alert threshold.
        rng: halves the reference, to see how many unknown words are usual.

    Raises:
        ScreenerError: too few documents, or not a score for each.
    """
    before, now = np.asarray(reference_scores, dtype=np.float64), np.asarray(stream_scores, dtype=np.float64)
    if len(reference) < 2 or not stream:
        raise ScreenerError("drift needs two documents before and one since")
    if len(before) != len(reference) or len(now) != len(stream):
        raise ScreenerError("drift needs one score for each document")
    halves = rng.permutation(len(reference))
    half = [reference[at] for at in halves[: len(reference) // 2]]
    other = [reference[at] for at in halves[len(reference) // 2 :]]
    shift = ks_2samp(before, now)
    table = np.array([[(scores >= threshold).sum(), (scores < threshold).sum()] for scores in (now, before)])
    return Drift(
        documents=len(stream),
        unknown_words=_unknown_share(_counts(reference), _counts(stream)),
        unknown_words_expected=_unknown_share(_counts(half), _counts(other)),
        vocabulary_distance=_distance(_counts(reference), _counts(stream)),
        score_shift=float(shift.statistic),
        score_p=float(shift.pvalue),
        relevant_share=float((now >= threshold).mean()),
        relevant_share_before=float((before >= threshold).mean()),
        relevant_p=float(fisher_exact(table).pvalue),
    )


def _counts(documents: Sequence[Document]) -> Counter[str]:
    return Counter(word for document in documents for word in words(document.text))


def _unknown_share(known: Counter[str], seen: Counter[str]) -> float:
    total = seen.total()
    return sum(count for word, count in seen.items() if word not in known) / total if total else 0.0


def _distance(first: Counter[str], second: Counter[str]) -> float:
    if not first or not second:
        return 0.0 if first == second else 1.0
    vocabulary = sorted(first | second)
    p, q = ([float(counts[word]) for word in vocabulary] for counts in (first, second))
    return float(jensenshannon(p, q, base=2))
