"""The screener that ships: late fusion of what a review's labels teach and of what it borrows.

Learned are words, first-stage decisions and meaning; borrowed are the likeness to the review's own criteria and the
words that marked the included of other reviews.

Everything that scoring uses (vocabularies, heads, scales) is fitted on the labelled records alone and pinned, so a
score never moves when other records arrive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ivigil.errors import ScreenerError
from ivigil.screening.base import Explanation, Floats, Labels, State, checked_labels, trained
from ivigil.screening.criteria_signal import CriteriaSignal
from ivigil.screening.documents import Document, title_only
from ivigil.screening.elsewhere import ElsewhereSignal
from ivigil.screening.encoders import Encoder, same_encoder
from ivigil.screening.folds import grouped_folds
from ivigil.screening.learned import shared_words
from ivigil.screening.linear import Matrix
from ivigil.screening.memory import Memory
from ivigil.screening.recipe import CRITERIA_BLOCK, ELSEWHERE_BLOCK, SHIPPED, FusionRecipe
from ivigil.screening.signals import Labelled, Signal, separation, trust
from ivigil.screening.spaces import Spaces
from ivigil.screening.terms import strongest_terms

WITHOUT_ENCODER = "No sentence encoder: ranked by words and the criteria's words alone."
WITHOUT_CRITERIA = "No criteria text: the likeness to the criteria takes no part."
WITHOUT_ABSTRACT = "No abstract: ranked on its title, beside what other titles alone would get."


@dataclass(frozen=True)
class _Borrowed:
    """The signals that no label of this review taught."""

    criteria: CriteriaSignal | None
    elsewhere: ElsewhereSignal | None

    def z(self, documents: Sequence[Document]) -> dict[str, Floats]:
        """Standardised, by block."""
        held = {CRITERIA_BLOCK: self.criteria, ELSEWHERE_BLOCK: self.elsewhere}
        return {name: signal.z(documents) for name, signal in held.items() if signal is not None}


@dataclass(frozen=True)
class _Trained:
    """`weights` are what the borrowed signals keep of their recipe's; `separation` is the first signal's d'."""

    spaces: Spaces
    signals: tuple[Signal, ...]
    borrowed: _Borrowed
    weights: Mapping[str, float]
    separation: float
    memory: Memory
    held_out_scores: Floats


class FusionScreener:
    """Fusion of feature spaces; what it has to do without (encoder, criteria) `describe` says."""

    name = "fusion"

    def __init__(self, encoder: Encoder | None = None, recipe: FusionRecipe = SHIPPED) -> None:
        self._encoder = encoder
        self.recipe = recipe
        self._trained: _Trained | None = None

    def untrained(self) -> Self:
        """One of the same recipe and encoder that has learned nothing."""
        return type(self)(self._encoder, self.recipe)

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
        """Fit every part on these documents.

        Raises:
            ScreenerError: labels do not fit the documents, or an included one is said not to have passed.
            TooFewPositives: fewer than two included, or all of one group.
        """
        levels = _levels(documents, labels, passed)
        included = levels["included"]
        spaces = Spaces.fit([document.text for document in documents], self._encoder)
        whole = spaces.transform([document.text for document in documents])
        titles = spaces.transform([document.title for document in documents])
        folds = tuple(grouped_folds(included, groups, seed=seed))
        labelled = Labelled(whole, titles, title_only(documents), levels, folds, seed)
        recipe = self.recipe.only(spaces=set(whole), levels=set(levels))
        signals = tuple(Signal.fit(signal, labelled) for signal in recipe.signals)
        blocks = {signal.recipe.name: signal.recipe.weight * signal.held_out for signal in signals}
        apart = separation(signals[0].held_out, included)
        borrowed = _Borrowed(
            CriteriaSignal.fit(criteria_text, documents, self._encoder) if criteria_text.strip() else None,
            ElsewhereSignal.fit(shared_words(recipe.without), documents) if recipe.elsewhere_weight else None,
        )
        weights = {}
        for name, values in borrowed.z(documents).items():
            weights[name] = recipe.weights[name] * trust(separation(values, included), apart, recipe.trust)
            blocks[name] = weights[name] * values
        memory = Memory.of(documents, included, whole)
        self._trained = _Trained(spaces, signals, borrowed, weights, apart, memory, _total(blocks))
        return self

    def score(self, documents: Sequence[Document]) -> Floats:
        """Weighted sum of the standardised signals; bit for bit the same in any company."""
        return _total(self.blocks(documents)) if documents else np.zeros(0)

    def blocks(self, documents: Sequence[Document]) -> dict[str, Floats]:
        """What each signal adds to the scores, by the signal's name."""
        return self._blocks(documents, trained(self._trained).spaces.transform([d.text for d in documents]))

    @property
    def held_out_scores(self) -> Floats:
        """Scores of the records it was trained on, in their order, each by heads that had not seen its label.

        Vocabulary and scales are those of all labelled records, as when a new record is scored. Give those of the
        included to `Guarantee.of`.
        """
        return trained(self._trained).held_out_scores

    def describe(self) -> dict[str, Any]:
        """Recipe as JSON-ready values."""
        held = trained(self._trained)
        criteria, elsewhere = held.borrowed.criteria, held.borrowed.elsewhere
        notes = ([] if self._encoder else [WITHOUT_ENCODER]) + ([] if criteria else [WITHOUT_CRITERIA])
        return {
            "name": self.name,
            "signals": [signal.recipe.describe() for signal in held.signals],
            "spaces": held.spaces.describe(),
            "encoder": self._encoder.identity if self._encoder else None,
            "separation": held.separation,
            "criteria": {"weight": held.weights[CRITERIA_BLOCK], **criteria.likeness.describe()} if criteria else None,
            "elsewhere": {"weight": held.weights[ELSEWHERE_BLOCK], "words_sha256": elsewhere.shared.sha256}
            if elsewhere
            else None,
            "notes": notes,
        }

    def explain(self, document: Document) -> Explanation:
        """Terms, neighbours, blocks and criteria of one document."""
        held = trained(self._trained)
        rows = held.spaces.transform([document.text])
        blocks = self._blocks([document], rows)
        terms = held.spaces.words.terms
        weights = np.zeros(len(terms))
        for signal in held.signals:
            if signal.recipe.space == "words":
                weights += signal.recipe.weight * signal.head.weights[: len(terms)] / signal.scale.spread
        for_it, against = strongest_terms(rows["words"][:, : len(terms)], terms, weights)
        included, excluded = held.memory.nearest(rows)
        criteria = held.borrowed.criteria
        return Explanation(
            score=float(_total(blocks)[0]),
            terms_for=for_it,
            terms_against=against,
            nearest_included=included,
            nearest_excluded=excluded,
            blocks={name: float(values[0]) for name, values in blocks.items()},
            criteria_likeness=float(criteria.z([document])[0]) if criteria else None,
            criteria_terms=criteria.likeness.shared_words(document.text) if criteria else (),
            notes=(WITHOUT_ABSTRACT,) if document.abstract_missing else (),
        )

    def _blocks(self, documents: Sequence[Document], rows: dict[str, Matrix]) -> dict[str, Floats]:
        held = trained(self._trained)
        bare = title_only(documents)
        blocks = {signal.recipe.name: signal.recipe.weight * signal.z(rows, bare) for signal in held.signals}
        return blocks | {name: held.weights[name] * values for name, values in held.borrowed.z(documents).items()}

    def state(self) -> State:
        """Everything scoring and explaining need, as plain values and arrays."""
        held = trained(self._trained)
        recipe = replace(self.recipe, signals=tuple(signal.recipe for signal in held.signals))
        return {
            "encoder": self._encoder.identity if self._encoder else None,
            "recipe": recipe.describe(),
            "spaces": held.spaces.state(),
            "signals": [signal.state() for signal in held.signals],
            "criteria": held.borrowed.criteria.state() if held.borrowed.criteria else None,
            "elsewhere": held.borrowed.elsewhere.state() if held.borrowed.elsewhere else None,
            "weights": dict(held.weights),
            "separation": held.separation,
            "memory": held.memory.state(),
            "held_out_scores": held.held_out_scores,
        }

    @classmethod
    def from_state(cls, state: State, encoder: Encoder | None = None) -> Self:
        """The screener whose `state` this is.

        Raises:
            ModelMismatch: it was trained with another encoder.
        """
        used = same_encoder(state["encoder"], encoder)
        restored = cls(used, FusionRecipe.from_description(state["recipe"]))
        pairs = zip(restored.recipe.signals, state["signals"], strict=True)
        restored._trained = _Trained(
            Spaces.from_state(state["spaces"], used),
            tuple(Signal.from_state(recipe, kept) for recipe, kept in pairs),
            _Borrowed(
                CriteriaSignal.from_state(state["criteria"], used) if state["criteria"] else None,
                ElsewhereSignal.from_state(state["elsewhere"]) if state["elsewhere"] else None,
            ),
            state["weights"],
            state["separation"],
            Memory.from_state(state["memory"]),
            np.asarray(state["held_out_scores"]),
        )
        return restored


def _levels(documents: Sequence[Document], labels: ArrayLike, passed: ArrayLike | None) -> dict[str, Labels]:
    """Labels by level; the first stage takes part only where it says more than the last."""
    levels = {"included": checked_labels(documents, labels)}
    if passed is not None:
        first_stage = np.asarray(passed)
        if first_stage.shape != (len(documents),) or not np.isin(first_stage, (0, 1)).all():
            raise ScreenerError("passed must be 0 or 1, one a document")
        if (first_stage < levels["included"]).any():
            raise ScreenerError("an included record cannot have failed the first stage")
        if not first_stage.all() and not np.array_equal(first_stage, levels["included"]):
            levels["passed"] = first_stage.astype(np.int64)
    return levels


def _total(blocks: dict[str, Floats]) -> Floats:
    return np.asarray(sum(blocks.values()), dtype=np.float64)
