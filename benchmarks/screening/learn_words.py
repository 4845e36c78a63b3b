"""The words that most reviews share, and what each says for a report that passes title and abstract, in any review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from ivigil.screening.base import Labels
from ivigil.screening.benchmark_reviews import Review
from ivigil.screening.elsewhere import SINGLE_WORDS, SharedWords, presence

SHARE_OF_REVIEWS, SHARE_OF_RECORDS = 2 / 3, 0.03
"""A word is shared where it stands in more than this share of the records of this share of the reviews."""
STRENGTH, DECIMALS = 100.0, 4
"""Inverse of the penalty on squared weights, where every review weighs 1; weights are kept to so many decimals."""


def learn(reviews: Sequence[Review], common: Mapping[str, frozenset[str]]) -> SharedWords:
    """Logistic regression over all records of these reviews, each review weighing the same, half for those that passed.

    `common` holds each review's common words.
    """
    counted = Counter(word for review in reviews for word in common[review.name])
    words = tuple(sorted(word for word, count in counted.items() if count >= SHARE_OF_REVIEWS * len(reviews)))
    rows = sparse.vstack([presence([one.text for one in review.documents], words) for review in reviews])
    weights = [np.where(passed(one) == 1, 0.5 / passed(one).sum(), 0.5 / (1 - passed(one)).sum()) for one in reviews]
    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0, max_iter=1000)
    model.fit(rows, np.concatenate([passed(one) for one in reviews]), sample_weight=np.concatenate(weights))
    return SharedWords(words, model.coef_[0].round(DECIMALS))


def passed(review: Review) -> Labels:
    """Who passed title and abstract, or was included where only that is known."""
    return review.labels if review.passed is None else review.passed


def common_words(review: Review) -> frozenset[str]:
    """Those in more than `SHARE_OF_RECORDS` of its records."""
    book, texts = SINGLE_WORDS.book(), [one.text for one in review.documents]
    terms = book.terms(texts)
    held = book.counts(texts, {term: at for at, term in enumerate(terms)}).getnnz(axis=0)
    return frozenset(terms[at] for at in np.flatnonzero(held > SHARE_OF_RECORDS * len(texts)))
