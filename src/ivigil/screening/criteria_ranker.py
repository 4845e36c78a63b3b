"""The ranking before any label exists: likeness to the review's criteria, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ivigil.errors import ScreenerError
from ivigil.screening.base import Explanation, Floats, State, trained
from ivigil.screening.criteria_likeness import CriteriaLikeness
from ivigil.screening.documents import Document, title_only
from ivigil.screening.encoders import Encoder, same_encoder
from ivigil.screening.scaling import Scale

STATEMENT = "Ranked by likeness to the protocol's criteria alone: no labels have been learned from."


class CriteriaRanker:
    """Sum of standardised likenesses to the criteria; `fit` reads word frequencies, never labels."""

    name = "criteria"

    def __init__(self, encoder: Encoder | None = None) -> None:
        self._encoder = encoder
        self._likeness: CriteriaLikeness | None = None
        self._scales: tuple[Scale, ...] = ()

    def fit(
        self,
        documents: Sequence[Document],
        labels: ArrayLike | None = None,  # noqa: ARG002 - the point of this ranker is to do without
        *,
        criteria_text: str = "",
        groups: Sequence[str] | None = None,  # noqa: ARG002 - nothing is held out
        seed: int = 0,  # noqa: ARG002 - nothing is random
    ) -> Self:
        """Pin word frequencies and scales on these documents.

        Raises:
            ScreenerError: no criteria text, or no documents.
        """
        if not criteria_text.strip():
            raise ScreenerError("no criteria text to rank by", hint="write the review's criteria in a few sentences")
        if not documents:
            raise ScreenerError("no documents to take word frequencies from")
        likeness = CriteriaLikeness(criteria_text, self._encoder).fit([document.text for document in documents])
        self._likeness = likeness
        titles = [document.title for document in documents]
        whole = likeness.likenesses([document.text for document in documents], titles)
        alone = likeness.likenesses(titles, titles)
        self._scales = tuple(Scale.of(whole[:, at], alone[:, at]) for at in range(whole.shape[1]))
        return self

    def score(self, documents: Sequence[Document]) -> Floats:
        """Mean of the standardised likenesses."""
        return np.asarray(self._standardised(documents).mean(axis=1), dtype=np.float64)

    def describe(self) -> dict[str, Any]:
        """Recipe as JSON-ready values, with the statement a list must print."""
        likeness = trained(self._likeness)
        return {
            "name": self.name,
            "statement": STATEMENT,
            "encoder": self._encoder.identity if self._encoder else None,
            **likeness.describe(),
        }

    def explain(self, document: Document) -> Explanation:
        """The criteria's words it holds, and each likeness."""
        likeness = trained(self._likeness)
        parts = self._standardised([document])[0] / len(self._scales)
        score = float(self.score([document])[0])
        return Explanation(
            score,
            blocks={name: float(part) for name, part in zip(likeness.names, parts, strict=True)},
            criteria_likeness=score,
            criteria_terms=likeness.shared_words(document.text),
            notes=(STATEMENT,),
        )

    def state(self) -> State:
        """Likeness, scales and the encoder's identity."""
        return {
            "likeness": trained(self._likeness).state(),
            "scales": [scale.state() for scale in self._scales],
            "encoder": self._encoder.identity if self._encoder else None,
        }

    @classmethod
    def from_state(cls, state: State, encoder: Encoder | None = None) -> Self:
        """The ranker whose `state` this is.

        Raises:
            ModelMismatch: it was fitted with another encoder.
        """
        restored = cls(same_encoder(state["encoder"], encoder))
        restored._likeness = CriteriaLikeness.from_state(state["likeness"], restored._encoder)
        restored._scales = tuple(Scale(**scale) for scale in state["scales"])
        return restored

    def _standardised(self, documents: Sequence[Document]) -> Floats:
        likeness = trained(self._likeness)
        if not documents:
            return np.zeros((0, len(self._scales)))
        values = likeness.likenesses([d.text for d in documents], [d.title for d in documents])
        missing = title_only(documents)
        return np.column_stack([scale.z(values[:, at], missing) for at, scale in enumerate(self._scales)])
