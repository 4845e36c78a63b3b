"""The labelled records a screener remembers, to show which of them a document resembles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import sparse

from ivigil.screening.base import Floats, Labels, Neighbour, State
from ivigil.screening.documents import Document
from ivigil.screening.linear import Matrix

SHOWN = 3


@dataclass(frozen=True)
class Memory:
    """Labelled records by id, with their vectors in the space neighbours are looked for in."""

    ids: tuple[str, ...]
    labels: Labels
    space: str
    vectors: Floats

    @classmethod
    def of(cls, documents: Sequence[Document], labels: Labels, spaces: Mapping[str, Matrix]) -> Self:
        """Remember these; by embedding where there is one, else by topics."""
        space = "embedding" if "embedding" in spaces else "topics"
        vectors = np.asarray(spaces[space], dtype=np.float64)
        return cls(tuple(document.id for document in documents), labels, space, vectors)

    def nearest(
        self, rows: Mapping[str, Matrix], shown: int = SHOWN
    ) -> tuple[tuple[Neighbour, ...], tuple[Neighbour, ...]]:
        """The included and the excluded records most like the one document in `rows`, nearest first."""
        row = rows[self.space]
        vector = np.asarray(row.toarray() if sparse.issparse(row) else row, dtype=np.float64)[0]
        likeness = np.clip(self.vectors @ vector, 0.0, 1.0)
        order = np.argsort(-likeness, kind="stable")
        return self._first(order, likeness, 1, shown), self._first(order, likeness, 0, shown)

    def _first(self, order: Any, likeness: Floats, label: int, shown: int) -> tuple[Neighbour, ...]:
        chosen = [at for at in order if self.labels[at] == label][:shown]
        return tuple(Neighbour(self.ids[at], float(likeness[at])) for at in chosen)

    def state(self) -> State:
        """Ids, labels, vectors."""
        return {"ids": list(self.ids), "labels": self.labels, "space": self.space, "vectors": self.vectors}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The memory whose `state` this is."""
        return cls(tuple(state["ids"]), np.asarray(state["labels"]), state["space"], np.asarray(state["vectors"]))
