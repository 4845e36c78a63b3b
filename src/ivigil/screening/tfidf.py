"""TF-IDF whose vocabulary and document frequencies are pinned, and which a model file can keep as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, Self

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from ivigil.errors import ScreenerError
from ivigil.screening.base import Floats, State
from ivigil.screening.term_book import TermBook, open_book

_PART = "\n"
"""Between the terms of a kept vocabulary; both analysers cut at white space, so no term holds one."""


@dataclass(frozen=True)
class TfidfRecipe:
    """How texts become terms: runs of whole words, or pieces of single words, as scikit-learn cuts them.

    Terms in fewer than `min_df` texts (a count) or more than `max_df` of them (a share) are left out.
    """

    analyzer: Literal["word", "char_wb"] = "word"
    smallest: int = 1
    largest: int = 2
    min_df: int = 1
    max_df: float = 1.0

    def book(self) -> TermBook:
        """The book of these terms: the open one within `counted_once`, else a new one."""
        return open_book((self.analyzer, self.smallest, self.largest), self._new_book)

    def _new_book(self) -> TermBook:
        if self.analyzer == "char_wb":
            return TermBook(lambda word: pieces_of(word, self.smallest, self.largest), word_by_word=True)
        analyse = CountVectorizer(ngram_range=(self.smallest, self.largest)).build_analyzer()
        return TermBook(analyse, word_by_word=False)


class PinnedTfidf:
    """Logarithmic counts times inverse document frequency; rows have length 1, or 0 where no term is known.

    The formula is scikit-learn's (`TfidfVectorizer(sublinear_tf=True)`), and so ASReview's.
    """

    def __init__(self, recipe: TfidfRecipe, terms: list[str], idf: Floats) -> None:
        self.recipe, self.terms, self._idf = recipe, terms, idf
        self._vocabulary = {term: at for at, term in enumerate(terms)}

    @classmethod
    def fit(cls, recipe: TfidfRecipe, texts: Sequence[str]) -> Self:
        """Take the vocabulary and the document frequencies of these texts.

        Raises:
            ScreenerError: the texts hold no words that could tell them apart.
        """
        book = recipe.book()
        terms = book.terms(texts)
        counts = book.counts(texts, {term: at for at, term in enumerate(terms)}) if terms else None
        held_by = np.zeros(0) if counts is None else np.bincount(counts.indices, minlength=len(terms))
        kept = np.flatnonzero((held_by >= recipe.min_df) & (held_by <= recipe.max_df * len(texts)))
        if len(kept) == 0:
            raise ScreenerError(f"{len(texts)} texts hold no words to learn from")
        idf = np.log((1 + len(texts)) / (1 + held_by[kept])) + 1
        return cls(recipe, [terms[at] for at in kept], idf)

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Shape (texts, terms); the entries of a row stand in column order, so that sums over them are pinned too."""
        rows = self.recipe.book().counts(texts, self._vocabulary)
        rows.sort_indices()
        rows.data = (np.log(rows.data) + 1) * self._idf[rows.indices]
        return sparse.csr_matrix(normalize(rows))

    def state(self) -> State:
        """Recipe, terms in column order, inverse document frequencies."""
        return {"recipe": asdict(self.recipe), "terms": _PART.join(self.terms), "idf": self._idf}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The TF-IDF whose `state` this is."""
        return cls(TfidfRecipe(**state["recipe"]), state["terms"].split(_PART), np.asarray(state["idf"]))


def pieces_of(word: str, smallest: int, largest: int) -> Iterator[str]:
    """Runs of letters of a word with a space at both ends; a word shorter than a run is its own piece, once."""
    padded = f" {word} "
    for size in range(smallest, largest + 1):
        if len(padded) <= size:
            yield padded
            return
        yield from (padded[at : at + size] for at in range(len(padded) - size + 1))
