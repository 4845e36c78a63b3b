"""ASReview's own code as a table row, where the `asreview` package is installed (it is no dependency of ours).

What runs is asreview's feature extractor, balancer, classifier and simulation, configured by its own `elas_u4`; nothing
of it is re-made here.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ivigil.screening.base import Explanation, Floats, Labels, State, checked_labels, trained
from ivigil.screening.documents import Document
from ivigil.screening.folds import Indices

PACKAGE, MODEL = "asreview", "elas_u4"


def installed() -> bool:
    """True where asreview can be imported."""
    return importlib.util.find_spec(PACKAGE) is not None


class AsreviewModel:
    """asreview's elas_u4, fitted once on the labelled documents; its features come from the whole pool, as it does."""

    name = "asreview"

    def __init__(self, pool: Sequence[Document]) -> None:
        self._row_of = {document.id: at for at, document in enumerate(pool)}
        self._cycle = _cycle()
        self._features: Any = self._cycle.transform(_frame(pool))
        self._fitted: Any = None

    def fit(
        self,
        documents: Sequence[Document],
        labels: ArrayLike,
        *,
        criteria_text: str = "",  # noqa: ARG002 - it does not read criteria
        passed: ArrayLike | None = None,  # noqa: ARG002 - nor the first stage
        groups: Sequence[str] | None = None,  # noqa: ARG002 - nothing is held out
        seed: int = 0,
    ) -> Self:
        """Fit asreview's balancer and classifier."""
        values = checked_labels(documents, labels, minimum=1)
        self._cycle.classifier.set_params(random_state=seed)
        self._fitted = self._cycle.fit(self._rows(documents), values)
        return self

    def score(self, documents: Sequence[Document]) -> Floats:
        """Decision function of asreview's classifier, for documents of the pool."""
        fitted = trained(self._fitted)
        return np.asarray(fitted.classifier.decision_function(self._rows(documents)), dtype=np.float64)

    def describe(self) -> dict[str, Any]:
        """Name and version."""
        return {"name": self.name, "model": MODEL, "version": importlib.import_module(PACKAGE).__version__}

    def explain(self, document: Document) -> Explanation:
        """The score alone: asreview gives no reasons."""
        return Explanation(float(self.score([document])[0]))

    def state(self) -> State:
        """Nothing is kept of a table row."""
        return {}

    def _rows(self, documents: Sequence[Document]) -> Any:
        return self._features[[self._row_of[document.id] for document in documents]]


def simulated_order(documents: Sequence[Document], labels: Labels, start: Indices) -> Indices:
    """The order in which asreview's own simulation reads after `start`, until everything is read."""
    simulation = importlib.import_module(f"{PACKAGE}.simulation.simulate").Simulate(
        _frame(documents), labels, [_cycle()], stopper=-1, print_progress=False
    )
    simulation.label(start.tolist())
    simulation.review()
    return np.asarray(simulation._results["record_id"].to_numpy()[len(start) :], dtype=np.int64)  # noqa: SLF001


def _cycle() -> Any:
    configuration = importlib.import_module(f"{PACKAGE}.models.models").get_ai_config(MODEL)
    return importlib.import_module(f"{PACKAGE}.learner").ActiveLearningCycle.from_meta(configuration["value"])


def _frame(documents: Sequence[Document]) -> Any:
    pandas = importlib.import_module("pandas")
    return pandas.DataFrame(
        {"title": [document.title for document in documents], "abstract": [document.abstract for document in documents]}
    )
