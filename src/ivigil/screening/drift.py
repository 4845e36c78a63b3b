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
import numpy.typing as npt
from scipy.spatial.distance import jensenshannon
from scipy.stats import fisher_exact, ks_2samp

from ivigil.errors import ScreenerError
from ivigil.screening.base import Floats
from ivigil.screening.criteria_likeness import words
from ivigil.screening.documents import Document

SIGNIFICANT = 0.01
FEWEST = 20
"""Below so many documents nothing is said to have changed."""


@dataclass(frozen=True)
class Stream:
    """Documents, what was scored and what was read of them; the three are compared apart, so they need no common order.

    `scores` are by the one screener, those of what it was trained on held out: others are flattered. `eligible` says of
    documents whether their criteria read as met.
    """

    documents: Sequence[Document]
    scores: Sequence[float] | Floats
    eligible: Sequence[bool]


@dataclass(frozen=True)
class Drift:
    """A stream beside its reference.

    `unknown_words` is the share of word occurrences that the reference never used, with the share expected of its own
    held-out half beside it; `vocabulary_distance` is the Jensen-Shannon distance (base 2, 0 to 1) of word frequencies;
    `score_shift` is the Kolmogorov-Smirnov statistic with its p value; the relevant shares are those at or above the
    threshold and the eligible ones those read so, each with Fisher's exact p.
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
    eligible_share: float
    eligible_share_before: float
    eligible_p: float

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
        if self.eligible_p < SIGNIFICANT:
            found.append(
                f"{self.eligible_share:.1%} read as eligible, before it was {self.eligible_share_before:.1%} "
                f"(p = {self.eligible_p:.2g})."
            )
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, with the findings."""
        return {**asdict(self), "findings": list(self.findings)}


def measure_drift(reference: Stream, stream: Stream, *, threshold: float, rng: np.random.Generator) -> Drift:
    """Compare a stream with its reference.

    Args:
        reference: what the screener was trained on (two documents or more).
        stream: what came since.
        threshold: the alert threshold.
        rng: halves the reference, to see how many unknown words are usual.

    Raises:
        ScreenerError: too few documents, or none scored or read.
    """
    if len(reference.documents) < 2 or not stream.documents:
        raise ScreenerError("drift needs two documents before and one since")
    if not all(len(part) for one in (reference, stream) for part in (one.scores, one.eligible)):
        raise ScreenerError("drift needs scores and readings on both sides")
    halves = rng.permutation(len(reference.documents))
    middle = len(halves) // 2
    half, other = ([reference.documents[at] for at in part] for part in (halves[:middle], halves[middle:]))
    known, seen = _counts(reference.documents), _counts(stream.documents)
    shift = ks_2samp(reference.scores, stream.scores)
    relevant, relevant_before = (np.asarray(one.scores) >= threshold for one in (stream, reference))
    eligible, eligible_before = (np.asarray(one.eligible, dtype=bool) for one in (stream, reference))
    return Drift(
        documents=len(stream.documents),
        unknown_words=_unknown_share(known, seen),
        unknown_words_expected=_unknown_share(_counts(half), _counts(other)),
        vocabulary_distance=_distance(known, seen),
        score_shift=float(shift.statistic),
        score_p=float(shift.pvalue),
        relevant_share=float(relevant.mean()),
        relevant_share_before=float(relevant_before.mean()),
        relevant_p=_fisher(relevant, relevant_before),
        eligible_share=float(eligible.mean()),
        eligible_share_before=float(eligible_before.mean()),
        eligible_p=_fisher(eligible, eligible_before),
    )


def _fisher(now: npt.NDArray[np.bool_], before: npt.NDArray[np.bool_]) -> float:
    return float(fisher_exact(np.array([[part.sum(), (~part).sum()] for part in (now, before)])).pvalue)


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
