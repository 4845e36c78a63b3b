"""Linear heads: a weight a feature and an intercept, fitted by a support vector machine or logistic regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from ivigil.screening.base import Floats, Labels

Matrix = sparse.csr_matrix | NDArray[np.floating[Any]]


@dataclass(frozen=True)
class LinearHead:
    """A fitted linear function of features."""

    weights: Floats
    intercept: float

    def margins(self, features: Matrix) -> Floats:
        """Signed distances, shape (documents,). Rows are summed one by one, so company never moves a bit."""
        return row_products(features, self.weights) + self.intercept


@dataclass(frozen=True)
class HeadRecipe:
    """How a head is fitted.

    `ratio` is how many times more the included records weigh, all together, than the others together: 1.0 is
    balanced, 9.8 is ASReview's elas_u4.
    """

    kind: Literal["svm", "logistic"]
    c: float
    ratio: float = 1.0

    def fit(self, features: Matrix, labels: Labels, seed: int) -> LinearHead:
        """Fit on labelled rows; `seed` orders the coordinate descent."""
        weights = balanced_weights(labels, self.ratio)
        if self.kind == "svm":
            model: Any = LinearSVC(loss="squared_hinge", C=self.c, max_iter=10_000, random_state=seed)
        else:
            model = LogisticRegression(C=self.c, max_iter=2_000, solver="liblinear", random_state=seed)
        model.fit(features, labels, sample_weight=weights)
        return LinearHead(model.coef_[0].astype(np.float64), float(model.intercept_[0]))

    def describe(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"kind": self.kind, "c": self.c, "ratio": self.ratio}


def balanced_weights(labels: Labels, ratio: float) -> Floats:
    """Sample weights of mean 1 that give included records together `ratio` times the others' total.

    This is what ASReview's `Balanced` balancer gives (asreview 3, models/balancers.py).
    """
    positives = int(labels.sum())
    negatives = len(labels) - positives
    weights = np.where(labels == 1, 1.0, positives / (ratio * negatives))
    return np.asarray(weights * (len(labels) / weights.sum()), dtype=np.float64)


def row_products(features: Matrix, weights: Floats) -> Floats:
    """Each row's product with the weights; a row's result is the same whatever rows stand beside it.

    BLAS picks its kernel by the matrix's shape, which moves the last bits, so dense rows are multiplied and summed
    by NumPy's own row-wise reduction, and sparse ones by SciPy's loop over rows.
    """
    if sparse.issparse(features):
        return np.asarray(features @ weights, dtype=np.float64)
    dense = np.ascontiguousarray(features, dtype=np.float64)
    return np.asarray((dense * weights).sum(axis=1), dtype=np.float64)
