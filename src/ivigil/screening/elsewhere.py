"""What marks the included in other reviews: words that most reviews share, with weights learned on public ones.

Whatever a review is about, "results" and "treated" speak for a report of a study, "review" and "case" against it.
Twelve labels cannot teach that, a thousand labels of other reviews can (benchmarks/screening/learn_words.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from ivigil.screening.base import Floats, State
from ivigil.screening.documents import Document, title_only
from ivigil.screening.linear import Matrix, row_products
from ivigil.screening.scaling import Scale
from ivigil.screening.tfidf import TfidfRecipe

SINGLE_WORDS = TfidfRecipe(largest=1)


@dataclass(frozen=True)
class SharedWords:
    """Words and what each says for inclusion, in any review."""

    words: tuple[str, ...]
    weights: Floats

    def scores(self, texts: Sequence[str]) -> Floats:
        """Sum of the weights of the words a text holds, over the root of their number."""
        return row_products(presence(texts, self.words), self.weights)

    @cached_property
    def sha256(self) -> str:
        """Of words and weights."""
        return hashlib.sha256("\n".join(self.words).encode() + self.weights.tobytes()).hexdigest()

    def state(self) -> State:
        """What scoring needs; the words as one text, for a model file keeps few long values better than many."""
        return {"words": "\n".join(self.words), "weights": self.weights}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The words whose `state` this is."""
        return cls(tuple(state["words"].split("\n")), np.asarray(state["weights"]))


def presence(texts: Sequence[str], words: Sequence[str]) -> Matrix:
    """Which of the words each text holds, rows of length 1 (0 where it holds none)."""
    held = SINGLE_WORDS.book().counts(texts, {word: at for at, word in enumerate(words)})
    found = np.diff(held.indptr)
    held.sort_indices()  # a sum in another order has other last bits
    held.data = np.repeat(1 / np.sqrt(np.maximum(found, 1)), found)
    return held


@dataclass(frozen=True)
class ElsewhereSignal:
    """The shared words' scores on the scale of the documents it was fitted on; no label is used."""

    shared: SharedWords
    scale: Scale

    @classmethod
    def fit(cls, shared: SharedWords, documents: Sequence[Document]) -> Self:
        """Pin the scale on these documents."""
        whole, titles = (shared.scores(texts) for texts in ([d.text for d in documents], [d.title for d in documents]))
        return cls(shared, Scale.of(whole, titles))

    def z(self, documents: Sequence[Document]) -> Floats:
        """Standardised scores, one a document."""
        return self.scale.z(self.shared.scores([d.text for d in documents]), title_only(documents))

    def state(self) -> State:
        """What scoring needs."""
        return {"shared": self.shared.state(), "scale": self.scale.state()}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The signal whose `state` this is."""
        return cls(SharedWords.from_state(state["shared"]), Scale(**state["scale"]))
