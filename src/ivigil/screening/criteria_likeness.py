"""How like a document is to the review's own criteria, said in words.

Five likenesses: BM25 of the text (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75), the share of the criteria's words
that the title holds (weighted by rarity), and three cosines of sentence embeddings: of the text to the whole criteria,
and to the two halves of the criteria, their mean and the lower. Criteria are met together, so a text that is like one
half and unlike the other should not pass for like both.

Document frequencies and lengths come from the documents it is fitted on and stay.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from ivigil.screening.base import Floats, State
from ivigil.screening.encoders import Encoder
from ivigil.screening.linear import row_products
from ivigil.screening.tfidf import TfidfRecipe

K1, B = 1.2, 0.75
SINGLE_WORDS = TfidfRecipe(largest=1)
LEXICAL = ("bm25", "title_coverage")
SEMANTIC = ("embedding", "halves_mean", "halves_least")


class CriteriaLikeness:
    """Likenesses of texts to one criteria text."""

    def __init__(self, criteria_text: str, encoder: Encoder | None) -> None:
        self.criteria_text = " ".join(criteria_text.split())
        self._encoder = encoder
        self._vocabulary = {
            word: at for at, word in enumerate(sorted(set(words(self.criteria_text)) - ENGLISH_STOP_WORDS))
        }
        self._idf: Floats = np.zeros(len(self._vocabulary))
        self._mean_length = 1.0
        self._queries: Floats = np.zeros((0, 0))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the likenesses, in column order."""
        return LEXICAL + SEMANTIC if self._encoder is not None else LEXICAL

    def fit(self, texts: Sequence[str]) -> Self:
        """Take document frequencies and the mean length from these texts."""
        present = (self._counts(texts) > 0).sum(axis=0)
        self._idf = np.log1p((len(texts) - present + 0.5) / (present + 0.5))
        self._mean_length = max(float(SINGLE_WORDS.book().lengths(texts).mean()), 1.0)
        if self._encoder is not None:
            queries = (self.criteria_text, *halves(self.criteria_text))
            self._queries = self._encoder.encode(queries).astype(np.float64)
        return self

    def likenesses(self, texts: Sequence[str], titles: Sequence[str]) -> Floats:
        """Shape (texts, likenesses), columns as `names`."""
        columns = [self._bm25(texts), self._coverage(titles)]
        if self._encoder is not None:
            rows = self._encoder.encode(texts)
            whole, first, second = (row_products(rows, query) for query in self._queries)
            columns += [whole, (first + second) / 2, np.minimum(first, second)]
        return np.column_stack(columns)

    def shared_words(self, text: str) -> tuple[str, ...]:
        """Words of the criteria that the text holds, rarest first."""
        held = set(words(text)) & set(self._vocabulary)
        return tuple(sorted(held, key=lambda word: (-self._idf[self._vocabulary[word]], word)))

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
            "idf": self._idf,
            "mean_length": self._mean_length,
            "queries": self._queries,
        }

    @classmethod
    def from_state(cls, state: State, encoder: Encoder | None) -> Self:
        """The likeness whose `state` this is."""
        restored = cls(state["criteria_text"], encoder)
        restored._idf, restored._mean_length = np.asarray(state["idf"]), state["mean_length"]
        restored._queries = np.asarray(state["queries"])
        return restored

    def _bm25(self, texts: Sequence[str]) -> Floats:
        counts = self._counts(texts)
        lengths = SINGLE_WORDS.book().lengths(texts)[:, None]
        damped = counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths / self._mean_length))
        return row_products(damped, self._idf)

    def _coverage(self, titles: Sequence[str]) -> Floats:
        whole = float(self._idf.sum()) or 1.0
        return row_products((self._counts(titles) > 0).astype(np.float64), self._idf) / whole

    def _counts(self, texts: Sequence[str]) -> Floats:
        if not self._vocabulary:
            return np.zeros((len(texts), 0))
        return np.asarray(SINGLE_WORDS.book().counts(texts, self._vocabulary).toarray(), dtype=np.float64)


def halves(text: str) -> tuple[str, str]:
    """A text parted where a sentence ends, as near its middle as can be; one sentence is both halves."""
    ends = [match.end() for match in re.finditer(r"[.;?!](?=\s)", text)]
    if not ends:
        return text, text
    middle = min(ends, key=lambda end: abs(end - len(text) / 2))
    return text[:middle].strip(), text[middle:].strip()


def words(text: str) -> list[str]:
    """Words as the vectorisers cut them: two or more letters or digits, lower case."""
    return list(_ANALYSE(text))


_ANALYSE = CountVectorizer().build_analyzer()
