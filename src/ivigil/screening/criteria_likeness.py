"""How like a document is to the review's own criteria, said in words.

Four likenesses: BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75) and TF-IDF cosine by words, and the cosine of
sentence embeddings to the whole text and to the title. Document frequencies and lengths come from the documents it is
fitted on and stay. A long criteria text is its few sentences; the embedding of the whole is used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from ivigil.screening.base import Floats, State, trained
from ivigil.screening.encoders import Encoder
from ivigil.screening.linear import row_products
from ivigil.screening.tfidf import PinnedTfidf, TfidfRecipe

K1, B = 1.2, 0.75
LEXICAL = ("bm25", "tfidf")
SEMANTIC = ("embedding", "title_embedding")


class CriteriaLikeness:
    """Likenesses of texts to one criteria text."""

    def __init__(self, criteria_text: str, encoder: Encoder | None) -> None:
        self.criteria_text = " ".join(criteria_text.split())
        self._encoder = encoder
        self._tfidf: PinnedTfidf | None = None
        self._query_weights: Floats = np.zeros(0)
        self._idf: Floats = np.zeros(0)
        self._mean_length = 0.0
        self._query_vector: Floats = np.zeros(0)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the likenesses, in column order."""
        return LEXICAL + SEMANTIC if self._encoder is not None else LEXICAL

    def fit(self, texts: Sequence[str]) -> Self:
        """Take document frequencies and the mean length from these texts."""
        counts = CountVectorizer(vocabulary=self._query_words())
        present = np.asarray((counts.transform(texts) > 0).sum(axis=0), dtype=np.float64).ravel()
        self._idf = np.log1p((len(texts) - present + 0.5) / (present + 0.5))
        self._mean_length = max(float(np.mean([len(words(text)) for text in texts])), 1.0)
        self._tfidf = PinnedTfidf.fit(TfidfRecipe(largest=1), [*texts, self.criteria_text])
        self._query_weights = self._tfidf.transform([self.criteria_text]).toarray()[0]
        if self._encoder is not None:
            self._query_vector = self._encoder.encode([self.criteria_text])[0].astype(np.float64)
        return self

    def likenesses(self, texts: Sequence[str], titles: Sequence[str]) -> Floats:
        """Shape (texts, likenesses), columns as `names`."""
        columns = [self._bm25(texts), row_products(trained(self._tfidf).transform(texts), self._query_weights)]
        if self._encoder is not None:
            columns += [row_products(self._encoder.encode(part), self._query_vector) for part in (texts, titles)]
        return np.column_stack(columns)

    def shared_words(self, text: str) -> tuple[str, ...]:
        """Words of the criteria that the text holds, rarest first."""
        vocabulary = self._query_words()
        held = set(words(text))
        return tuple(sorted((word for word in vocabulary if word in held), key=lambda w: -self._idf[vocabulary[w]]))

    def describe(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "likenesses": list(self.names),
            "criteria_sha256": hashlib.sha256(self.criteria_text.encode()).hexdigest(),
        }

    def state(self) -> State:
        """What scoring needs."""
        return {
            "criteria_text": self.criteria_text,
            "tfidf": trained(self._tfidf).state(),
            "query_weights": self._query_weights,
            "idf": self._idf,
            "mean_length": self._mean_length,
            "query_vector": self._query_vector,
        }

    @classmethod
    def from_state(cls, state: State, encoder: Encoder | None) -> Self:
        """The likeness whose `state` this is."""
        restored = cls(state["criteria_text"], encoder)
        restored._tfidf = PinnedTfidf.from_state(state["tfidf"])
        restored._query_weights, restored._idf = state["query_weights"], state["idf"]
        restored._mean_length, restored._query_vector = state["mean_length"], state["query_vector"]
        return restored

    def _bm25(self, texts: Sequence[str]) -> Floats:
        counts = CountVectorizer(vocabulary=self._query_words()).transform(texts).toarray().astype(np.float64)
        lengths = np.array([len(words(text)) for text in texts], dtype=np.float64)[:, None]
        damped = counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths / self._mean_length))
        return np.asarray((damped * self._idf).sum(axis=1), dtype=np.float64)

    def _query_words(self) -> dict[str, int]:
        return {word: at for at, word in enumerate(sorted(set(words(self.criteria_text)) - ENGLISH_STOP_WORDS))}


def words(text: str) -> list[str]:
    """Words as the vectorisers cut them: two or more letters or digits, lower case."""
    return list(_ANALYSE(text))


_ANALYSE = CountVectorizer().build_analyzer()
