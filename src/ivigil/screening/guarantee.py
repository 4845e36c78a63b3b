"""What a threshold can promise, from how many included studies are known.

Split-conformal prediction (Vovk, Gammerman and Shafer 2005; Angelopoulos and Bates 2021, arXiv:2107.07511): if a new
included study is exchangeable with the n known ones, its score falls below the lowest of theirs with probability at
most 1/(n+1). The known ones' scores must come from screeners that did not see them (`out_of_fold_scores`). Coverage
given these very n varies as a Beta distribution; its 5 % quantile, which for the lowest score is the Clopper-Pearson
bound of n found among n, is the companion number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil, floor
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta

from ivigil.errors import ScreenerError, TooFewPositives
from ivigil.screening.base import T

TARGET = 0.95
CONFIDENCE = 0.95
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Guarantee:
    """A score threshold and the share of included studies it can be expected to keep.

    `coverage` is the marginal promise, `at_least` holds with 95 % confidence, `pool_share` is the share of the ranked
    pool at or above the threshold (None when no pool was given), `more_needed` is how many more included studies it
    takes until `TARGET` can be promised at all.
    """

    threshold: float
    positives: int
    coverage: float
    at_least: float
    pool_share: float | None
    more_needed: int

    @classmethod
    def of(cls, positive_scores: ArrayLike, pool_scores: ArrayLike | None = None, *, target: float = TARGET) -> Self:
        """From the out-of-fold scores of the known included studies.

        The threshold is the lowest of them, or, once there are enough to promise `target`, the highest that still
        does.

        Raises:
            ScreenerError: a score is not a finite number.
            TooFewPositives: no scores.
        """
        known = np.sort(np.asarray(positive_scores, dtype=np.float64))
        if len(known) == 0:
            raise TooFewPositives("no included study is known, so nothing can be promised")
        if not np.isfinite(known).all():
            raise ScreenerError("a score is not a finite number")
        count = len(known)
        below = max(floor((count + 1) * (1 - target) + _ROUNDING), 1)
        pool = None if pool_scores is None else np.asarray(pool_scores, dtype=np.float64)
        threshold = float(known[below - 1])
        return cls(
            threshold=threshold,
            positives=count,
            coverage=(count + 1 - below) / (count + 1),
            at_least=float(beta.ppf(1 - CONFIDENCE, count + 1 - below, below)),
            pool_share=None if pool is None or len(pool) == 0 else float((pool >= threshold).mean()),
            more_needed=max(ceil(target / (1 - target) - _ROUNDING) - count, 0),
        )

    def sentence(self) -> str:
        """The promise in words, with what it assumes."""
        share = (
            f", which leaves {self.pool_share:.0%} of the candidates above it" if self.pool_share is not None else ""
        )
        more = (
            f" {self.more_needed} more included studies are needed before {TARGET:.0%} can be promised."
            if self.more_needed
            else ""
        )
        return (
            f"From {self.positives} included studies, an alert threshold can be expected to keep {self.coverage:.1%} "
            f"of further included studies (with 95 % confidence at least {self.at_least:.1%}){share}. This assumes "
            f"that further included studies resemble the known ones (exchangeability).{more}"
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, with the sentence."""
        return {**asdict(self), "sentence": self.sentence()}


def missed_at_most(sampled: int, included: int, below: int, *, confidence: float = CONFIDENCE) -> int:
    """Upper bound on the included reports among those below the threshold, from a random sample of them.

    Args:
        sampled: reports drawn at random from below the threshold and read.
        included: how many of them were included.
        below: all reports below the threshold.
        confidence: of the one-sided Clopper-Pearson bound.

    Raises:
        ScreenerError: the counts contradict each other.
    """
    if not 0 <= included <= sampled <= below:
        raise ScreenerError(f"{included} included of {sampled} sampled of {below} cannot be")
    if sampled in (below, 0):  # all were read, or none
        return included if sampled else below
    share = 1.0 if included == sampled else float(beta.ppf(confidence, included + 1, sampled - included))
    return max(floor(share * below), included)


def audit_sample(ids: Sequence[T], count: int, rng: np.random.Generator) -> list[T]:
    """`count` of the ids at random without replacement (all when there are fewer), in the order given."""
    chosen = rng.choice(len(ids), size=min(count, len(ids)), replace=False)
    return [ids[at] for at in sorted(chosen.tolist())]
