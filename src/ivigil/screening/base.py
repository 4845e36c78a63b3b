"""What every screener is: fitted once on labels, frozen afterwards, able to say what it is and why it ranks so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ivigil.errors import ScreenerError, TooFewPositives
from ivigil.screening.documents import Document

T = TypeVar("T")
Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
State = dict[str, Any]
"""What a model file keeps of a screener: plain values, arrays and scikit-learn vectorisers, no code of ours."""

MINIMUM_POSITIVES = 2
"""Below two included records nothing can be held out, so no margin can be put on a scale."""


@dataclass(frozen=True)
class TermWeight:
    """A word or phrase of the document and how far it moved the score."""

    term: str
    weight: float


@dataclass(frozen=True)
class Neighbour:
    """A labelled record and its likeness (cosine, 0 to 1) to the document."""

    id: str
    likeness: float


@dataclass(frozen=True)
class Explanation:
    """Why a document has its score; `blocks` add up to it, `notes` say what the reader should know of the rest."""

    score: float
    terms_for: tuple[TermWeight, ...] = ()
    terms_against: tuple[TermWeight, ...] = ()
    nearest_included: tuple[Neighbour, ...] = ()
    nearest_excluded: tuple[Neighbour, ...] = ()
    blocks: Mapping[str, float] = field(default_factory=dict)
    criteria_likeness: float | None = None
    criteria_terms: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Screener(Protocol):
    """A ranking model. After `fit` nothing changes it: a score depends on the document alone, bit for bit."""

    @property
    def name(self) -> str:
        """Short name, as in tables."""
        ...

    def fit(
        self,
        documents: Sequence[Document],
        labels: ArrayLike,
        *,
        criteria_text: str = "",
        passed: ArrayLike | None = None,
        groups: Sequence[str] | None = None,
        seed: int = 0,
    ) -> Self:
        """Learn from documents and labels (1 included, 0 not).

        `passed` says who passed title and abstract (1, 0), where that is known; documents of one group never straddle
        a fold.
        """
        ...

    def score(self, documents: Sequence[Document]) -> Floats:
        """One number a document, higher is likelier to be included."""
        ...

    def describe(self) -> dict[str, Any]:
        """The recipe as JSON-ready values."""
        ...

    def explain(self, document: Document) -> Explanation:
        """What moved the document's score."""
        ...

    def state(self) -> State:
        """What a model file must keep to score again."""
        ...


def checked_labels(documents: Sequence[Document], labels: ArrayLike, minimum: int = MINIMUM_POSITIVES) -> Labels:
    """Labels as an array of 0 and 1, one a document, both kinds present.

    Raises:
        ScreenerError: lengths differ, a label is neither 0 nor 1, or nothing is excluded.
        TooFewPositives: fewer than `minimum` documents are included.
    """
    given = np.asarray(labels)
    if given.shape != (len(documents),):
        raise ScreenerError(f"{len(documents)} documents but labels of shape {given.shape}")
    if not np.isin(given, (0, 1)).all():
        raise ScreenerError("labels must be 0 (not included) or 1 (included)")
    values: Labels = given.astype(np.int64)
    positives = int(values.sum())
    if positives < minimum:
        raise TooFewPositives(
            f"{positives} included records are too few to train on (at least {minimum})",
            hint="rank by likeness to the criteria (CriteriaRanker) until more are included",
        )
    if positives == len(values):
        raise ScreenerError("every record is included: without excluded ones there is nothing to tell apart")
    return values


def trained(held: T | None) -> T:
    """What training left behind.

    Raises:
        ScreenerError: there was no training yet.
    """
    if held is None:
        raise ScreenerError("the screener is not trained yet", hint="call fit, or load a trained one")
    return held
