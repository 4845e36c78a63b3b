"""The ranking before any label exists: likeness to the review's criteria, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ivigil.errors import ScreenerError
from ivigil.screening.base import Explanation, Floats, State, trained
from ivigil.screening.criteria_signal import CriteriaSignal
from ivigil.screening.documents import Document
from ivigil.screening.encoders import Encoder, same_encoder

STATEMENT = "Ranked by likeness to the protocol's criteria alone: no labels have been learned from."


class CriteriaRanker:
    """Ranks by standardised likeness to the criteria; `fit` reads word frequencies, never labels."""

    name = "criteria"

    def __init__(self, encoder: Encoder | None = None) -> None:
        self._encoder = encoder
        self._signal: CriteriaSignal | None = None

    def fit(
        self,
        documents: Sequence[Document],
        labels: ArrayLike | None = None,  # noqa: ARG002 - the point of this ranker is to do without
        *,
        criteria_text: str = "",
        passed: ArrayLike | None = None,  # noqa: ARG002 - as labels
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
        self._signal = CriteriaSignal.fit(criteria_text, documents, self._encoder)
        return self

    def score(self, documents: Sequence[Document]) -> Floats:
        """Standardised likeness; bit for bit the same in any company."""
        signal = trained(self._signal)
        return signal.z(documents) if documents else np.zeros(0)

    def describe(self) -> dict[str, Any]:
        """Recipe as JSON-ready values, with the statement a list must print."""
        return {
            "name": self.name,
            "statement": STATEMENT,
            "encoder": self._encoder.identity if self._encoder else None,
            **trained(self._signal).likeness.describe(),
        }

    def explain(self, document: Document) -> Explanation:
        """The criteria's words it holds, and each likeness."""
        signal = trained(self._signal)
        score = float(self.score([document])[0])
        return Explanation(
            score,
            blocks={name: float(part[0]) for name, part in signal.parts([document]).items()},
            criteria_likeness=score,
            criteria_terms=signal.likeness.shared_words(document.text),
            notes=(STATEMENT,),
        )

    def state(self) -> State:
        """The signal and the encoder's identity."""
        return {
            "signal": trained(self._signal).state(),
            "encoder": self._encoder.identity if self._encoder else None,
        }

    @classmethod
    def from_state(cls, state: State, encoder: Encoder | None = None) -> Self:
        """The ranker whose `state` this is.

        Raises:
            ModelMismatch: it was fitted with another encoder.
        """
        restored = cls(same_encoder(state["encoder"], encoder))
        restored._signal = CriteriaSignal.from_state(state["signal"], restored._encoder)
        return restored
