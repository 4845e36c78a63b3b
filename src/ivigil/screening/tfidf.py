"""TF-IDF whose vocabulary and document frequencies are pinned, and which a model file can keep as plain arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, Self

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from ivigil.errors import ScreenerError
from ivigil.screening.base import Floats, State

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

    def counts(self, texts: Sequence[str], vocabulary: Mapping[str, int]) -> sparse.csr_matrix:
        """How often each text holds each term of the vocabulary."""
        if self.analyzer == "char_wb":
            return _piece_counts(texts, vocabulary, self.smallest, self.largest)
        vectorizer = CountVectorizer(ngram_range=(self.smallest, self.largest), vocabulary=vocabulary)
        return sparse.csr_matrix(vectorizer.transform(texts), dtype=np.float64)

    def terms(self, texts: Sequence[str]) -> list[str]:
        """Every term of the texts, in order of the alphabet."""
        if self.analyzer == "char_wb":
            spoken = {word for text in texts for word in text.lower().split()}
            return sorted({piece for word in spoken for piece in pieces_of(word, self.smallest, self.largest)})
        analyse = CountVectorizer(ngram_range=(self.smallest, self.largest)).build_analyzer()
        return sorted({term for text in texts for term in analyse(text)})


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
        terms = recipe.terms(texts)
        counts = recipe.counts(texts, {term: at for at, term in enumerate(terms)}) if terms else None
        held_by = np.zeros(0) if counts is None else np.bincount(counts.indices, minlength=len(terms))
        kept = np.flatnonzero((held_by >= recipe.min_df) & (held_by <= recipe.max_df * len(texts)))
        if len(kept) == 0:
            raise ScreenerError(f"{len(texts)} texts hold no words to learn from")
        idf = np.log((1 + len(texts)) / (1 + held_by[kept])) + 1
        return cls(recipe, [terms[at] for at in kept], idf)

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Shape (texts, terms); the entries of a row stand in column order, so that sums over them are pinned too."""
        rows = self.recipe.counts(texts, self._vocabulary)
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


def _piece_counts(
    texts: Sequence[str], vocabulary: Mapping[str, int], smallest: int, largest: int
) -> sparse.csr_matrix:
    """Texts by words, times words by pieces: each word is cut once however often it is used (six times as fast)."""
    spoken = [Counter(text.lower().split()) for text in texts]
    word_at = {word: at for at, word in enumerate(dict.fromkeys(word for words in spoken for word in words))}
    pieces = (
        Counter(vocabulary[piece] for piece in pieces_of(word, smallest, largest) if piece in vocabulary)
        for word in word_at
    )
    by_word = _matrix(({word_at[word]: count for word, count in words.items()} for words in spoken), len(word_at))
    return sparse.csr_matrix(by_word @ _matrix(pieces, len(vocabulary)))


def _matrix(rows: Iterator[Mapping[int, int]], columns: int) -> sparse.csr_matrix:
    indices: list[int] = []
    values: list[int] = []
    ends = [0]
    for row in rows:
        indices += row.keys()
        values += row.values()
        ends.append(len(indices))
    parts = (np.array(values, dtype=np.float64), np.array(indices, dtype=np.int32), np.array(ends, dtype=np.int32))
    return sparse.csr_matrix(parts, shape=(len(ends) - 1, columns))
