"""What each split of a benchmark measured, kept as it comes, so that a run that was cut off goes on from there.

One JSON line a row, review, protocol and seed. A line counts only for the same recipe, encoder and texts: its key holds
a fingerprint of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from ivigil.errors import ConfigurationError
from ivigil.screening.base import Floats, Labels
from ivigil.screening.benchmark_reviews import Review
from ivigil.screening.guarantee import Guarantee
from ivigil.screening.metrics import measure, ranked_labels

CURVE_POINTS = 201


@dataclass(frozen=True)
class Measured:
    """One row on one split.

    `recall` is the share found at `CURVE_POINTS` evenly spaced shares of the list; `kept` the share of the included at
    or above the guarantee's threshold, `pool_share` of all; `seconds` are of training and of scoring.
    """

    metrics: Mapping[str, float]
    recall: tuple[float, ...]
    included: int
    promised: float | None = None
    kept: float | None = None
    pool_share: float | None = None

    @classmethod
    def of(cls, truth: Labels, scores: Floats, guarantee: Guarantee | None = None) -> Self:
        """Measure a ranking against its true labels."""
        return cls(
            measure(truth, scores),
            tuple(_recall_curve(truth, scores).round(4).tolist()),
            int(truth.sum()),
            promised=guarantee.coverage if guarantee else None,
            kept=float((scores[truth == 1] >= guarantee.threshold).mean()) if guarantee else None,
            pool_share=guarantee.pool_share if guarantee else None,
        )


@dataclass(frozen=True)
class Key:
    """Which split of which row; `fingerprint` is of what could change its outcome."""

    fingerprint: str
    row: str
    review: str
    protocol: str
    seed: int


class KeptMeasures:
    """Measures by key, in a file where one is given."""

    def __init__(self, file: Path | None = None) -> None:
        """Read what an earlier run left; a last line that was cut off is dropped, and measured again.

        Raises:
            ConfigurationError: the file holds something else.
        """
        self._file = file
        self._held: dict[Key, Measured] = {}
        if file is None or not file.exists():
            return
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        if lines and not lines[-1].endswith("\n"):
            file.write_text("".join(lines[:-1]), encoding="utf-8")
            del lines[-1]
        for number, line in enumerate(lines, start=1):
            try:
                held = json.loads(line)
                self._held[Key(**held["key"])] = _restored(held["measured"])
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigurationError(f"not a measured split: {error!r}", file=file, line=number) from error

    def get(self, key: Key) -> Measured | None:
        """What was measured, if it was."""
        return self._held.get(key)

    def add(self, key: Key, measured: Measured) -> Measured:
        """Keep it, at once."""
        self._held[key] = measured
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": asdict(key), "measured": asdict(measured)}) + "\n")
        return measured


def fingerprint(review: Review, description: Mapping[str, Any]) -> str:
    """Of a review's texts, labels and criteria and of how a row is made (JSON-ready)."""
    digest = hashlib.sha256(json.dumps(description, sort_keys=True).encode())
    for document in review.documents:
        digest.update(f"\x1e{document.id}\x1f{document.title}\x1f{document.abstract}".encode())
    for values in (review.labels, review.years, *(() if review.passed is None else (review.passed,))):
        digest.update(np.asarray(values, dtype=np.int64).tobytes())
    digest.update(review.criteria_text.encode())
    return digest.hexdigest()[:16]


def _restored(held: dict[str, Any]) -> Measured:
    return Measured(**{**held, "recall": tuple(held["recall"])})


def _recall_curve(truth: Labels, scores: Floats) -> Floats:
    found = np.cumsum(ranked_labels(truth, scores))
    read = np.linspace(0, 1, CURVE_POINTS)
    return np.asarray(np.interp(read, np.arange(len(found) + 1) / len(found), np.r_[0, found] / found[-1]))
