"""Feature spaces: the same texts as words and pieces of words, and as sentence embeddings.

Vocabularies are those of the labelled texts only, and pinned. `Spaces` turns texts into all of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from scipy import sparse

from ivigil.screening.base import State
from ivigil.screening.encoders import Encoder
from ivigil.screening.linear import Matrix
from ivigil.screening.tfidf import PinnedTfidf, TfidfRecipe

WORDS = TfidfRecipe(max_df=0.95)
PIECES = TfidfRecipe("char_wb", 3, 5, min_df=2)


@dataclass(frozen=True)
class Spaces:
    """The fitted spaces of one screener."""

    words: PinnedTfidf
    pieces: PinnedTfidf
    encoder: Encoder | None

    @classmethod
    def fit(cls, texts: Sequence[str], encoder: Encoder | None) -> Self:
        """Pin vocabularies on these texts."""
        return cls(PinnedTfidf.fit(WORDS, texts), PinnedTfidf.fit(PIECES, texts), encoder)

    def transform(self, texts: Sequence[str]) -> dict[str, Matrix]:
        """Rows of every space; each row depends on its own text only."""
        words, pieces = self.words.transform(texts), self.pieces.transform(texts)
        spaces: dict[str, Matrix] = {"words": sparse.csr_matrix(sparse.hstack([words, pieces], format="csr"))}
        if self.encoder is not None:
            spaces["embedding"] = self.encoder.encode(texts)
        return spaces

    def describe(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "words": "TF-IDF of words (1-2) and pieces of words (3-5 letters), labelled records' vocabulary",
            **({"embedding": self.encoder.identity} if self.encoder is not None else {}),
        }

    def state(self) -> State:
        """Vocabularies."""
        return {"words": self.words.state(), "pieces": self.pieces.state()}

    @classmethod
    def from_state(cls, state: State, encoder: Encoder | None) -> Self:
        """The spaces whose `state` this is."""
        return cls(PinnedTfidf.from_state(state["words"]), PinnedTfidf.from_state(state["pieces"]), encoder)
