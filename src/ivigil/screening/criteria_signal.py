"""The likenesses to the criteria as one standardised signal, and a ranking by it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ivigil.screening.base import Floats, State
from ivigil.screening.criteria_likeness import CriteriaLikeness
from ivigil.screening.documents import Document, title_only
from ivigil.screening.encoders import Encoder
from ivigil.screening.scaling import Scale


@dataclass(frozen=True)
class CriteriaSignal:
    """Sum of the standardised likenesses, itself standardised, all on the scale of the documents it was fitted on."""

    likeness: CriteriaLikeness
    scales: tuple[Scale, ...]
    scale: Scale

    @classmethod
    def fit(cls, criteria_text: str, documents: Sequence[Document], encoder: Encoder | None) -> Self:
        """Pin word frequencies and scales on these documents."""
        texts, titles = [d.text for d in documents], [d.title for d in documents]
        likeness = CriteriaLikeness(criteria_text, encoder).fit(texts)
        whole, alone = likeness.likenesses(texts, titles), likeness.likenesses(titles, titles)
        scales = tuple(Scale.of(whole[:, at], alone[:, at]) for at in range(whole.shape[1]))
        everywhere = np.ones(len(texts), dtype=np.bool_)
        sums = [
            _summed(scale.z(values[:, at], bare) for at, scale in enumerate(scales))
            for values, bare in ((whole, ~everywhere), (alone, everywhere))
        ]
        return cls(likeness, scales, Scale.of(sums[0], sums[1]))

    def parts(self, documents: Sequence[Document]) -> dict[str, Floats]:
        """What each likeness adds to the signal; together with nothing else they are the signal."""
        bare = title_only(documents)
        values = self.likeness.likenesses([d.text for d in documents], [d.title for d in documents])
        count = len(self.scales)
        return {
            name: self.scale.share_of_z(scale.z(values[:, at], bare), bare, count)
            for at, (name, scale) in enumerate(zip(self.likeness.names, self.scales, strict=True))
        }

    def z(self, documents: Sequence[Document]) -> Floats:
        """The signal, one number a document."""
        return _summed(iter(self.parts(documents).values()))

    def state(self) -> State:
        """What scoring needs."""
        return {
            "likeness": self.likeness.state(),
            "scales": [scale.state() for scale in self.scales],
            "scale": self.scale.state(),
        }

    @classmethod
    def from_state(cls, state: State, encoder: Encoder | None) -> Self:
        """The signal whose `state` this is."""
        return cls(
            CriteriaLikeness.from_state(state["likeness"], encoder),
            tuple(Scale(**scale) for scale in state["scales"]),
            Scale(**state["scale"]),
        )


def _summed(parts: Any) -> Floats:
    return np.asarray(sum(parts), dtype=np.float64)
