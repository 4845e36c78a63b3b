"""The labelled records a screener remembers, to show which of them a document resembles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from ivigil.screening.base import Floats, Labels, Neighbour, State
from ivigil.screening.documents import Document
from ivigil.screening.linear import Matrix, row_products

SHOWN = 3
_ARRAYS = ("data", "indices", "indptr")
"""Of a compressed sparse row matrix."""


@dataclass(frozen=True)
class Memory:
    """Labelled records by id, with unit vectors in the space neighbours are looked for in."""

    ids: tuple[str, ...]
    labels: Labels
    space: str
    vectors: Matrix

    @classmethod
    def of(cls, documents: Sequence[Document], labels: Labels, spaces: Mapping[str, Matrix]) -> Self:
        """Remember these; by embedding where there is one, else by words."""
        space = "embedding" if "embedding" in spaces else "words"
        return cls(tuple(document.id for document in documents), labels, space, normalize(spaces[space]))

    def nearest(
        self, rows: Mapping[str, Matrix], shown: int = SHOWN
    ) -> tuple[tuple[Neighbour, ...], tuple[Neighbour, ...]]:
        """The included and the excluded records most like the one document in `rows`, nearest first."""
        row: Any = normalize(rows[self.space])
        vector = np.asarray(row if isinstance(row, np.ndarray) else row.toarray(), dtype=np.float64)[0]
        likeness = np.clip(row_products(self.vectors, vector), 0.0, 1.0)
        order = np.argsort(-likeness, kind="stable")
        return self._first(order, likeness, 1, shown), self._first(order, likeness, 0, shown)

    def _first(self, order: Any, likeness: Floats, label: int, shown: int) -> tuple[Neighbour, ...]:
        chosen = [at for at in order if self.labels[at] == label][:shown]
        return tuple(Neighbour(self.ids[at], float(likeness[at])) for at in chosen)

    def state(self) -> State:
        """Ids, labels, vectors (sparse ones by their three arrays)."""
        if isinstance(self.vectors, np.ndarray):
            kept: State = {"rows": self.vectors}
        else:
            kept = {name: getattr(self.vectors, name) for name in _ARRAYS} | {"terms": int(self.vectors.shape[1])}
        return {"ids": list(self.ids), "labels": self.labels, "space": self.space, "vectors": kept}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The memory whose `state` this is."""
        ids, kept = tuple(state["ids"]), state["vectors"]
        if "rows" in kept:
            vectors: Matrix = np.asarray(kept["rows"])
        else:
            parts = tuple(np.asarray(kept[name]) for name in _ARRAYS)
            vectors = sparse.csr_matrix(parts, shape=(len(ids), kept["terms"]))
        return cls(ids, np.asarray(state["labels"]), state["space"], vectors)
