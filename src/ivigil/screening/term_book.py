"""Texts as the terms they hold: every text is cut once, however often it is fitted on or scored.

A benchmark splits the same texts dozens of times and several screeners read them alike, and cutting is most of what
they do: within `counted_once` they share their books. Counts are the same integers either way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ivigil.screening.base import Floats

Cut = Callable[[str], Iterable[str]]
"""Gives the terms of a text, or of a word, one by one."""


class TermBook:
    """Every term has a number here, and every text met is kept as numbers and counts."""

    def __init__(self, cut: Cut, *, word_by_word: bool) -> None:
        self._cut, self._word_by_word = cut, word_by_word
        self._numbers: dict[str, int] = {}
        self._words: dict[str, NDArray[np.int32]] = {}
        self._rows: dict[str, tuple[NDArray[np.int32], Floats]] = {}

    def terms(self, texts: Sequence[str]) -> list[str]:
        """Every term of the texts, in order of the alphabet."""
        held = {int(number) for text in texts for number in self._row(text)[0]}
        return sorted(term for term, number in self._numbers.items() if number in held)

    def counts(self, texts: Sequence[str], vocabulary: Mapping[str, int]) -> sparse.csr_matrix:
        """How often each text holds each term of the vocabulary."""
        rows = [self._row(text) for text in texts]
        column = self._columns(vocabulary)
        columns = column[np.concatenate([numbers for numbers, _ in rows])] if rows else np.zeros(0, dtype=np.int32)
        values = np.concatenate([counts for _, counts in rows]) if rows else np.zeros(0)
        known = columns >= 0
        ends = np.r_[0, np.cumsum(known)][np.r_[0, np.cumsum([len(numbers) for numbers, _ in rows])].astype(int)]
        return sparse.csr_matrix((values[known], columns[known], ends), shape=(len(texts), len(vocabulary)))

    def _columns(self, vocabulary: Mapping[str, int]) -> NDArray[np.int32]:
        """Column of each numbered term, -1 where it has none; whichever of the two is smaller is walked through."""
        if len(self._numbers) <= len(vocabulary):
            return np.array([vocabulary.get(term, -1) for term in self._numbers], dtype=np.int32)
        column = np.full(len(self._numbers) + 1, -1, dtype=np.int32)
        column[[self._numbers.get(term, -1) for term in vocabulary]] = list(vocabulary.values())
        column[-1] = -1  # where terms that no text holds were written
        return column

    def lengths(self, texts: Sequence[str]) -> Floats:
        """Number of terms in each text, repeated ones counted each time."""
        return np.array([self._row(text)[1].sum() for text in texts], dtype=np.float64)

    def _row(self, text: str) -> tuple[NDArray[np.int32], Floats]:
        row = self._rows.get(text)
        if row is None:
            if self._word_by_word:
                parts = [self._of_word(word) for word in text.lower().split()]
                numbers = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
            else:
                numbers = self._numbered(self._cut(text))
            distinct, counts = np.unique(numbers, return_counts=True)
            row = self._rows[text] = (distinct, counts.astype(np.float64))
        return row

    def _of_word(self, word: str) -> NDArray[np.int32]:
        held = self._words.get(word)
        if held is None:
            held = self._words[word] = self._numbered(self._cut(word))
        return held

    def _numbered(self, terms: Iterable[str]) -> NDArray[np.int32]:
        numbers = self._numbers
        return np.array([numbers.setdefault(term, len(numbers)) for term in terms], dtype=np.int32)


_books: ContextVar[dict[object, TermBook] | None] = ContextVar("books", default=None)


@contextmanager
def counted_once() -> Iterator[None]:
    """Keep what texts are cut into until the end of the block."""
    token = _books.set({})
    try:
        yield
    finally:
        _books.reset(token)


def open_book(key: object, make: Callable[[], TermBook]) -> TermBook:
    """The book kept under this key; a new one that nobody keeps outside `counted_once`."""
    books = _books.get()
    if books is None:
        return make()
    if key not in books:
        books[key] = make()
    return books[key]
