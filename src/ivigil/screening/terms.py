"""Which words of a document moved a linear score."""

from __future__ import annotations

from typing import Any

import numpy as np

from ivigil.screening.base import Floats, TermWeight

SHOWN = 8


def strongest_terms(
    row: Any, names: Any, weights: Floats, shown: int = SHOWN
) -> tuple[tuple[TermWeight, ...], tuple[TermWeight, ...]]:
    """Terms for and terms against, strongest first.

    Args:
        row: one document's features, CSR, shape (1, features).
        names: feature names, in column order.
        weights: the linear weight of each feature.
        shown: at most so many a side.
    """
    moved = row.data * weights[row.indices]
    order = np.argsort(moved, kind="stable")
    terms = [TermWeight(str(names[row.indices[at]]), float(moved[at])) for at in order]
    for_it = tuple(term for term in terms[::-1] if term.weight > 0)[:shown]
    against = tuple(term for term in terms if term.weight < 0)[:shown]
    return for_it, against
