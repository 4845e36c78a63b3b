"""Weighs what is said of each candidate into the chance that it is the number treated.

A log-linear model: each feature has a weight, and the chances are the softmax over a record's candidates. The weights
lie in `number_weights.json`, in thousandths, so that their sum is the same in whatever order a set gives its members;
`benchmarks/eligibility/learn_number.py` learns them from the written records.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import repeat

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.weights import NUMBER as WEIGHTS
from ivigil.eligibility.weights import load_weights

_NOTHING = repeat(0)
UNIT = 1000  # weights that make one


def chances(
    candidates: list[Candidate], weights: Mapping[str, float] | None = None, close: Sequence[float] | None = None
) -> list[float]:
    """Each candidate's chance to be the one; they sum to 1.

    `close` are the logarithms of the chances that a closer look gives them; they count as much as the weights' own.
    """
    get = (load_weights(WEIGHTS) if weights is None else weights).get
    scores = [sum(map(get, candidate.features, _NOTHING)) / UNIT for candidate in candidates]
    return softmax(scores if close is None else [(mine + other) / 2 for mine, other in zip(scores, close, strict=True)])


def softmax(scores: Sequence[float]) -> list[float]:
    """The chances that are proportional to the exponentials of scores."""
    highest = max(scores)
    odds = [math.exp(score - highest) for score in scores]
    total = sum(odds)
    return [each / total for each in odds]
