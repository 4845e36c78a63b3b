"""ASReview's default model, elas_u4: the baseline row of every table.

TF-IDF of words and word pairs with logarithmic counts, and a linear support vector machine with squared hinge loss
(asreview 3, models/models.py: max_df 0.95, C 0.11, balanced with ratio 9.8). The one difference is what our use
needs: vocabulary and document frequencies come from the documents it is fitted on, not from the pool. Benchmarks
pass `pool_features` of the whole pool, as ASReview does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from ivigil.screening.base import Explanation, Floats, State, checked_labels, trained
from ivigil.screening.documents import Document
from ivigil.screening.linear import HeadRecipe, LinearHead
from ivigil.screening.terms import strongest_terms
from ivigil.screening.tfidf import PinnedTfidf, TfidfRecipe

FEATURES = TfidfRecipe(max_df=0.95)
RECIPE = HeadRecipe("svm", c=0.11, ratio=9.8)


class ElasU4:
    """ASReview's elas_u4 as a screener; see the module for what is the same and what is not."""

    name = "elas_u4"

    def __init__(self, features: PinnedTfidf | None = None) -> None:
        self._of_pool = features
        self._features: PinnedTfidf | None = None
        self._head: LinearHead | None = None

    def fit(
        self,
        documents: Sequence[Document],
        labels: ArrayLike,
        *,
        criteria_text: str = "",  # noqa: ARG002 - the baseline does not read the criteria
        passed: ArrayLike | None = None,  # noqa: ARG002 - nor the first stage
        groups: Sequence[str] | None = None,  # noqa: ARG002 - nothing is held out
        seed: int = 0,
    ) -> Self:
        """Fit vocabulary and machine.

        Raises:
            ScreenerError: labels do not fit the documents.
            TooFewPositives: nothing is included.
        """
        values = checked_labels(documents, labels, minimum=1)
        self._features = self._of_pool or pool_features(documents)
        self._head = RECIPE.fit(self._rows(documents), values, seed)
        return self

    def score(self, documents: Sequence[Document]) -> Floats:
        """Signed distance to the machine's plane."""
        head = trained(self._head)
        return head.margins(self._rows(documents)) if documents else np.zeros(0)

    def describe(self) -> dict[str, Any]:
        """Recipe as JSON-ready values."""
        return {
            "name": self.name,
            "features": "TF-IDF of 1-2 grams, sublinear, max_df 0.95",
            "head": RECIPE.describe(),
            "encoder": None,
            "vocabulary_from": "labelled" if self._of_pool is None else "pool",
        }

    def explain(self, document: Document) -> Explanation:
        """Terms for and against."""
        score = float(self.score([document])[0])
        terms = trained(self._features).terms
        terms_for, terms_against = strongest_terms(self._rows([document]), terms, trained(self._head).weights)
        return Explanation(score, terms_for, terms_against, blocks={"words": score})

    def state(self) -> State:
        """Vocabulary, weights and intercept."""
        head = trained(self._head)
        return {"features": trained(self._features).state(), "weights": head.weights, "intercept": head.intercept}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The screener whose `state` this is."""
        restored = cls()
        restored._features = PinnedTfidf.from_state(state["features"])
        restored._head = LinearHead(state["weights"], state["intercept"])
        return restored

    def _rows(self, documents: Sequence[Document]) -> sparse.csr_matrix:
        return trained(self._features).transform([joined(document) for document in documents])


def pool_features(documents: Sequence[Document]) -> PinnedTfidf:
    """Vocabulary and document frequencies of these documents.

    Raises:
        ScreenerError: they hold no words.
    """
    return PinnedTfidf.fit(FEATURES, [joined(document) for document in documents])


def joined(document: Document) -> str:
    """Title, a space, abstract: what ASReview reads."""
    return f"{document.title} {document.abstract}"
