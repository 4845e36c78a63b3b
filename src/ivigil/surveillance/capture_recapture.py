"""How many reports all sources missed together, judged by how far they overlap: pure.

Chao's lower bound over sources (A. Chao, Biometrics 1987;43:783-791), in the bias-corrected form and with the variance
of R. K. Colwell's EstimateS user's guide, appendix B. Of the reports found by t sources, f1 were found by one alone and
f2 by exactly two; with A = (t - 1) / t the number missed by all is at least A f1 (f1 - 1) / (2 (f2 + 1)). The interval
is log-normal about the missed, so that it never promises fewer reports than were seen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

ASSUMES = (
    "a lower bound that takes the sources as independent: where one feeds another (PubMed feeds Europe PMC) more was "
    "missed than it says"
)
Z_95 = 1.959964
"""Standard normal quantile of a two-sided interval of 95 %."""


@dataclass(frozen=True)
class Missed:
    """An estimate of the reports nobody found; `why_not` stands in its place where none can be made."""

    seen: int
    sources: int
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    why_not: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The estimate as `ivigil sources --json` prints it."""
        rounded = {
            name: None if value is None else round(value, 1)
            for name, value in (("estimate", self.estimate), ("low", self.low), ("high", self.high))
        }
        return {"seen": self.seen, "sources": self.sources, **rounded, "assumes": ASSUMES, "why_not": self.why_not}


def missed_by_all(found_by: Iterable[Collection[str]], sources: int) -> Missed:
    """The missed, from which sources found each report; `sources` were searched."""
    counts = Counter(len(set(finders)) for finders in found_by)
    seen = sum(counts.values())
    if not seen:
        return Missed(seen, sources, why_not="nothing has been found yet")
    if sources < 2:
        return Missed(seen, sources, why_not="it cannot be estimated from one source")
    once, twice = counts[1], counts[2]
    if seen == once:
        return Missed(seen, sources, why_not="the sources have no report in common yet")
    share = (sources - 1) / sources
    missed = share * once * (once - 1) / (2 * (twice + 1))
    variance = _variance(once, twice, share, seen + missed)
    if missed <= 0 or variance <= 0:
        return Missed(seen, sources, max(missed, 0.0), 0.0, max(missed, 0.0))
    spread = math.exp(Z_95 * math.sqrt(math.log1p(variance / missed**2)))
    return Missed(seen, sources, missed, missed / spread, missed * spread)


def _variance(once: int, twice: int, share: float, total: float) -> float:
    if twice:
        rest = twice + 1
        return (
            share * once * (once - 1) / (2 * rest)
            + share**2 * once * (2 * once - 1) ** 2 / (4 * rest**2)
            + share**2 * once**2 * twice * (once - 1) ** 2 / (4 * rest**4)
        )
    return share * once * (once - 1) / 2 + share**2 * once * (2 * once - 1) ** 2 / 4 - share**2 * once**4 / (4 * total)
