"""Scales pinned on the labelled records, one for whole texts and one for titles alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ivigil.screening.base import Floats, State


@dataclass(frozen=True)
class Scale:
    """Mean and spread of a signal over the labelled records.

    A document without an abstract is measured against what the labelled records' titles alone give, so that missing
    words are not read as missing relevance (nor the other way round).
    """

    mean: float
    spread: float
    title_mean: float
    title_spread: float

    @classmethod
    def of(cls, whole: Floats, titles: Floats) -> Self:
        """The scale of a signal measured on the labelled records' texts and on their titles alone."""
        return cls(*_mean_and_spread(whole), *_mean_and_spread(titles))

    def z(self, values: Floats, title_only: NDArray[np.bool_]) -> Floats:
        """Values in spreads above the mean."""
        mean = np.where(title_only, self.title_mean, self.mean)
        spread = np.where(title_only, self.title_spread, self.spread)
        return np.asarray((values - mean) / spread, dtype=np.float64)

    def share_of_z(self, part: Floats, title_only: NDArray[np.bool_], parts: int) -> Floats:
        """What one of `parts` summands adds to the z of their sum; the mean is borne by all alike."""
        mean = np.where(title_only, self.title_mean, self.mean)
        spread = np.where(title_only, self.title_spread, self.spread)
        return np.asarray((part - mean / parts) / spread, dtype=np.float64)

    def state(self) -> State:
        """Four numbers."""
        return {
            "mean": self.mean,
            "spread": self.spread,
            "title_mean": self.title_mean,
            "title_spread": self.title_spread,
        }


def _mean_and_spread(values: Floats) -> tuple[float, float]:
    spread = float(np.std(values))
    return float(np.mean(values)), spread if spread > 0 else 1.0
