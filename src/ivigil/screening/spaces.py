"""Feature spaces: the same texts as words and pieces of words, as topics, and as sentence embeddings.

Each is fitted on the labelled texts only and pinned. `Spaces` turns texts into all of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from ivigil.screening.base import Floats, State
from ivigil.screening.encoders import Encoder
from ivigil.screening.linear import Matrix
from ivigil.screening.tfidf import PinnedTfidf, TfidfRecipe

WORDS = TfidfRecipe(max_df=0.95)
PIECES = TfidfRecipe("char_wb", 3, 5, min_df=2)
TOPICS = 100
"""Dimensions of the latent semantic space, fewer when there are fewer labelled records."""


@dataclass(frozen=True)
class Topics:
    """Latent semantic space of the labelled records, kept as those records and their coordinates.

    The axes themselves are the records' rows times these coordinates; the product is never stored, since it would
    hold a number for every term and dimension.
    """

    rows: sparse.csr_matrix
    coordinates: Floats

    @classmethod
    def fit(cls, rows: sparse.csr_matrix, seed: int) -> Self:
        """Truncated singular value decomposition of TF-IDF rows."""
        dimensions = min(TOPICS, min(rows.shape) - 1)
        decomposition = TruncatedSVD(dimensions, random_state=seed)
        projected = decomposition.fit_transform(rows)
        return cls(rows, np.ascontiguousarray(projected / decomposition.singular_values_**2))

    @property
    def dimensions(self) -> int:
        """Number of topics."""
        return int(self.coordinates.shape[1])

    def transform(self, rows: sparse.csr_matrix) -> Floats:
        """Unit rows in the topic space."""
        return np.asarray(normalize((rows @ self.rows.T) @ self.coordinates), dtype=np.float64)

    def state(self) -> State:
        """The rows' three arrays and the coordinates."""
        return {
            "data": self.rows.data,
            "indices": self.rows.indices,
            "indptr": self.rows.indptr,
            "terms": int(self.rows.shape[1]),
            "coordinates": self.coordinates,
        }

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The space whose `state` this is."""
        parts = tuple(np.asarray(state[name]) for name in ("data", "indices", "indptr"))
        shape = (len(parts[2]) - 1, state["terms"])
        return cls(sparse.csr_matrix(parts, shape=shape), np.ascontiguousarray(state["coordinates"]))


class Spaces:
    """The fitted spaces of one screener; `names` lists those that are there."""

    def __init__(self, words: PinnedTfidf, pieces: PinnedTfidf, topics: Topics, encoder: Encoder | None) -> None:
        self.words, self.pieces, self._topics, self._encoder = words, pieces, topics, encoder

    @classmethod
    def fit(cls, texts: Sequence[str], encoder: Encoder | None, seed: int) -> Self:
        """Pin vocabularies and topics on these texts."""
        words = PinnedTfidf.fit(WORDS, texts)
        pieces = PinnedTfidf.fit(PIECES, texts)
        return cls(words, pieces, Topics.fit(words.transform(texts), seed), encoder)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the spaces that can be used here."""
        return ("words", "topics", "embedding") if self._encoder is not None else ("words", "topics")

    def transform(self, texts: Sequence[str]) -> dict[str, Matrix]:
        """Rows of every space; each row depends on its own text only."""
        rows = self.words.transform(texts)
        spaces: dict[str, Matrix] = {
            "words": sparse.hstack([rows, self.pieces.transform(texts)], format="csr"),
            "topics": self._topics.transform(rows),
        }
        if self._encoder is not None:
            spaces["embedding"] = self._encoder.encode(texts)
        return spaces

    def describe(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "words": "TF-IDF of words (1-2) and pieces of words (3-5 letters), labelled records' vocabulary",
            "topics": f"truncated SVD of the words, {self._topics.dimensions} dimensions",
            **({"embedding": self._encoder.identity} if self._encoder is not None else {}),
        }

    def state(self) -> State:
        """Vocabularies and axes."""
        return {"words": self.words.state(), "pieces": self.pieces.state(), "topics": self._topics.state()}

    @classmethod
    def from_state(cls, state: State, encoder: Encoder | None) -> Self:
        """The spaces whose `state` this is."""
        words, pieces = (PinnedTfidf.from_state(state[name]) for name in ("words", "pieces"))
        return cls(words, pieces, Topics.from_state(state["topics"]), encoder)
