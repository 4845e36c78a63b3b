"""The screener that ships: late fusion of words, meaning and the review's own criteria.

Everything that scoring uses (vocabularies, heads, scales) is fitted on the labelled records alone and pinned, so a
score never moves when other records arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ivigil.screening.base import Explanation, Floats, State, checked_labels, trained
from ivigil.screening.criteria_likeness import CriteriaLikeness
from ivigil.screening.documents import Document, title_only
from ivigil.screening.encoders import Encoder, same_encoder
from ivigil.screening.explaining import Memory
from ivigil.screening.folds import grouped_folds
from ivigil.screening.linear import Matrix
from ivigil.screening.recipe import CRITERIA_GROUP, SHIPPED, FusionRecipe, GroupRecipe
from ivigil.screening.scaling import Scale
from ivigil.screening.signals import Labelled, Signal
from ivigil.screening.spaces import Spaces
from ivigil.screening.terms import strongest_terms

WITHOUT_ENCODER = "No sentence encoder: ranked by words, topics and the criteria's words alone."
WITHOUT_CRITERIA = "No criteria text: the likeness to the criteria takes no part."


@dataclass(frozen=True)
class _Group:
    name: str
    weight: float
    signals: tuple[Signal, ...]
    scale: Scale
    held_out: Floats  # the labelled records' standardised sums, by heads that had not seen them


@dataclass(frozen=True)
class _Criteria:
    likeness: CriteriaLikeness
    scales: tuple[Scale, ...]
    scale: Scale

    def z(self, documents: Sequence[Document]) -> Floats:
        titles, missing = [d.title for d in documents], title_only(documents)
        values = self.likeness.likenesses([d.text for d in documents], titles)
        return self.scale.z(_summed(values, self.scales, missing), missing)


@dataclass(frozen=True)
class _Trained:
    spaces: Spaces
    groups: tuple[_Group, ...]
    criteria: _Criteria | None
    memory: Memory
    held_out_scores: Floats


class FusionScreener:
    """Fusion of feature spaces; without an encoder the lexical parts rank alone, and `describe` says so."""

    name = "fusion"

    def __init__(self, encoder: Encoder | None = None, recipe: FusionRecipe = SHIPPED) -> None:
        self._encoder = encoder
        self.recipe = recipe if encoder is not None else recipe.without("embedding")
        self._trained: _Trained | None = None

    def fit(
        self,
        documents: Sequence[Document],
        labels: ArrayLike,
        *,
        criteria_text: str = "",
        groups: Sequence[str] | None = None,
        seed: int = 0,
    ) -> Self:
        """Fit every part on these documents.

        Raises:
            ScreenerError: labels do not fit the documents.
            TooFewPositives: fewer than two included, or all of one group.
        """
        values = checked_labels(documents, labels)
        texts, titles = [document.text for document in documents], [document.title for document in documents]
        spaces = Spaces.fit(texts, self._encoder, seed)
        whole = spaces.transform(texts)
        folds = tuple(grouped_folds(values, groups, seed=seed))
        labelled = Labelled(whole, spaces.transform(titles), values, folds, seed)
        missing = title_only(documents)
        fitted = tuple(_fit_group(group, labelled, missing) for group in self.recipe.groups)
        criteria = _fit_criteria(criteria_text, self._encoder, texts, titles) if criteria_text.strip() else None
        held_out = {group.name: group.weight * group.held_out for group in fitted}
        if criteria is not None:
            held_out[CRITERIA_GROUP] = self.recipe.criteria_weight * criteria.z(documents)
        memory = Memory.of(documents, values, whole)
        self._trained = _Trained(spaces, fitted, criteria, memory, _total(held_out))
        return self

    def score(self, documents: Sequence[Document]) -> Floats:
        """Weighted sum of the groups' standardised signals; bit for bit the same in any company."""
        if not documents:
            return np.zeros(0)
        blocks = self._blocks(documents, trained(self._trained).spaces.transform([d.text for d in documents]))
        return _total(blocks)

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
        notes = ([] if self._encoder else [WITHOUT_ENCODER]) + ([] if held.criteria else [WITHOUT_CRITERIA])
        return {
            "name": self.name,
            **self.recipe.describe(),
            "spaces": held.spaces.describe(),
            "encoder": self._encoder.identity if self._encoder else None,
            "criteria": held.criteria.likeness.describe() if held.criteria else None,
            "notes": notes,
        }

    def explain(self, document: Document) -> Explanation:
        """Terms, neighbours, blocks and criteria of one document."""
        held = trained(self._trained)
        rows = held.spaces.transform([document.text])
        blocks = {name: values[0] for name, values in self._blocks([document], rows).items()}
        words = next(group for group in held.groups if group.name == "words")
        width = len(held.spaces.words.terms)
        weights = sum((signal.head.weights[:width] / signal.scale.spread for signal in words.signals), np.zeros(width))
        for_it, against = strongest_terms(
            rows["words"][:, :width], held.spaces.words.terms, weights * words.weight / words.scale.spread
        )
        included, excluded = held.memory.nearest(rows)
        return Explanation(
            score=float(_total({name: np.array([value]) for name, value in blocks.items()})[0]),
            terms_for=for_it,
            terms_against=against,
            nearest_included=included,
            nearest_excluded=excluded,
            blocks={name: float(value) for name, value in blocks.items()},
            criteria_likeness=float(held.criteria.z([document])[0]) if held.criteria else None,
            criteria_terms=held.criteria.likeness.shared_words(document.text) if held.criteria else (),
            notes=("No abstract: ranked on its title.",) if document.abstract_missing else (),
        )

    def _blocks(self, documents: Sequence[Document], spaces: dict[str, Matrix]) -> dict[str, Floats]:
        held = trained(self._trained)
        missing = title_only(documents)
        blocks = {group.name: group.weight * _group_z(group, spaces, missing) for group in held.groups}
        if held.criteria is not None:
            blocks[CRITERIA_GROUP] = self.recipe.criteria_weight * held.criteria.z(documents)
        return blocks

    def state(self) -> State:
        """Everything scoring and explaining need, as plain values and arrays."""
        held = trained(self._trained)
        return {
            "encoder": self._encoder.identity if self._encoder else None,
            "recipe": self.recipe.describe(),
            "spaces": held.spaces.state(),
            "groups": [
                {
                    "signals": [signal.state() for signal in group.signals],
                    "scale": group.scale.state(),
                    "held_out": group.held_out,
                }
                for group in held.groups
            ],
            "criteria": {
                "likeness": held.criteria.likeness.state(),
                "scales": [scale.state() for scale in held.criteria.scales],
                "scale": held.criteria.scale.state(),
            }
            if held.criteria
            else None,
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
        groups = tuple(
            _Group(
                recipe.name,
                recipe.weight,
                tuple(Signal.from_state(r, s) for r, s in zip(recipe.signals, kept["signals"], strict=True)),
                Scale(**kept["scale"]),
                np.asarray(kept["held_out"]),
            )
            for recipe, kept in zip(restored.recipe.groups, state["groups"], strict=True)
        )
        kept = state["criteria"]
        criteria = kept and _Criteria(
            CriteriaLikeness.from_state(kept["likeness"], used),
            tuple(Scale(**scale) for scale in kept["scales"]),
            Scale(**kept["scale"]),
        )
        spaces = Spaces.from_state(state["spaces"], used)
        memory = Memory.from_state(state["memory"])
        restored._trained = _Trained(spaces, groups, criteria, memory, np.asarray(state["held_out_scores"]))
        return restored


def _fit_group(recipe: GroupRecipe, labelled: Labelled, missing: NDArray[np.bool_]) -> _Group:
    fitted = [Signal.fit(signal, labelled) for signal in recipe.signals]
    whole = np.sum([z for _, z, _ in fitted], axis=0)
    titles = np.sum([z for _, _, z in fitted], axis=0)
    scale = Scale.of(whole, titles)
    held_out = scale.z(np.where(missing, titles, whole), missing)
    return _Group(recipe.name, recipe.weight, tuple(signal for signal, _, _ in fitted), scale, held_out)


def _group_z(group: _Group, spaces: dict[str, Matrix], missing: NDArray[np.bool_]) -> Floats:
    total = np.zeros(len(missing))
    for signal in group.signals:
        total += signal.z(spaces, missing)
    return group.scale.z(total, missing)


def _fit_criteria(text: str, encoder: Encoder | None, texts: Sequence[str], titles: Sequence[str]) -> _Criteria:
    likeness = CriteriaLikeness(text, encoder).fit(texts)
    whole, alone = likeness.likenesses(texts, titles), likeness.likenesses(titles, titles)
    scales = tuple(Scale.of(whole[:, at], alone[:, at]) for at in range(whole.shape[1]))
    everywhere = np.ones(len(texts), bool)
    scale = Scale.of(_summed(whole, scales, ~everywhere), _summed(alone, scales, everywhere))
    return _Criteria(likeness, scales, scale)


def _summed(values: Floats, scales: Sequence[Scale], missing: NDArray[np.bool_]) -> Floats:
    total = np.zeros(len(values))
    for at, scale in enumerate(scales):
        total += scale.z(values[:, at], missing)
    return total


def _total(blocks: dict[str, Floats]) -> Floats:
    return np.asarray(sum(blocks.values()), dtype=np.float64)
