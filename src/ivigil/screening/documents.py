"""The text a screener reads: a title and, where there is one, an abstract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Document:
    """One report as the screener sees it; `id` is the caller's own and is never read as a signal."""

    id: str
    title: str
    abstract: str = ""

    @cached_property
    def text(self) -> str:
        """Title and abstract with one space between; the title alone where no abstract is held."""
        return " ".join(part for part in (self.title.strip(), self.abstract.strip()) if part)

    @property
    def abstract_missing(self) -> bool:
        """True when there is no abstract; such a document is ranked on its title, never dropped."""
        return not self.abstract.strip()


def title_only(documents: Sequence[Document]) -> NDArray[np.bool_]:
    """Which documents have no abstract."""
    return np.array([document.abstract_missing for document in documents], dtype=np.bool_)
