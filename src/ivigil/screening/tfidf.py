"""TF-IDF whose vocabulary and document frequencies are pinned, and which a model file can keep as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from ivigil.errors import ScreenerError
from ivigil.screening.base import State

_PART = "\n"
"""Between the terms of a kept vocabulary; the analysers cut at white space or squeeze it, so no term holds one."""


@dataclass(frozen=True)
class TfidfRecipe:
    """How texts become terms: scikit-learn's words, fields and meaning; counts are always logarithmic."""

    analyzer: Literal["word", "char_wb"] = "word"
    smallest: int = 1
    largest: int = 2
    min_df: int = 1
    max_df: float = 1.0

    def vectorizer(self, vocabulary: dict[str, int] | None = None) -> Any:
        """An unfitted scikit-learn vectoriser."""
        return TfidfVectorizer(
            analyzer=self.analyzer,
            ngram_range=(self.smallest, self.largest),
            min_df=self.min_df,
            max_df=self.max_df,
            sublinear_tf=True,
            vocabulary=vocabulary,
        )


class PinnedTfidf:
    """A fitted TF-IDF; rows have length 1, a text without known terms is a row of zeros."""

    def __init__(self, recipe: TfidfRecipe, vectorizer: Any) -> None:
        self.recipe = recipe
        self._vectorizer = vectorizer
        self.terms: list[str] = vectorizer.get_feature_names_out().tolist()

    @classmethod
    def fit(cls, recipe: TfidfRecipe, texts: Sequence[str]) -> Self:
        """Take the vocabulary and the document frequencies of these texts.

        Raises:
            ScreenerError: the texts hold no words that could tell them apart.
        """
        try:
            return cls(recipe, recipe.vectorizer().fit(texts))
        except ValueError as error:  # scikit-learn's word for an empty vocabulary
            raise ScreenerError(f"{len(texts)} texts hold no words to learn from: {error}") from error

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Shape (texts, terms)."""
        return sparse.csr_matrix(self._vectorizer.transform(texts))

    def state(self) -> State:
        """Recipe, terms in column order, inverse document frequencies."""
        return {"recipe": asdict(self.recipe), "terms": _PART.join(self.terms), "idf": self._vectorizer.idf_}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The TF-IDF whose `state` this is."""
        recipe = TfidfRecipe(**state["recipe"])
        vectorizer = recipe.vectorizer({term: at for at, term in enumerate(state["terms"].split(_PART))})
        vectorizer.idf_ = np.asarray(state["idf"])
        return cls(recipe, vectorizer)
