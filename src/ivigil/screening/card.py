"""A model's card: what it learned from, how it was made, how good it is, and what it can promise."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from numpy.typing import ArrayLike
from pydantic import Field

from ivigil.records import Value
from ivigil.screening.base import checked_labels
from ivigil.screening.documents import Document


class Interval(Value):
    """A measured number and its 95 % interval."""

    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


class MetricRow(Value):
    """One metric of the model beside the same folds' elas_u4."""

    metric: str
    model: Interval
    baseline: Interval


class Card(Value):
    """Everything to know of one trained screener; `sha256` and `recipe` are filled in when it is saved."""

    protocol: str
    version: str
    trained_at: datetime
    data_sha256: str = Field(description="of the labelled records, see data_hash")
    labels: dict[str, int] = Field(description="counts by level: included, excluded, passed_title_abstract, ...")
    labels_by_source: dict[str, dict[str, int]] = Field(default_factory=dict)
    label_basis: str = Field(default="", description="screening export, reconstruction, decisions")
    seeds: tuple[int, ...] = (0,)
    libraries: dict[str, str] = Field(default_factory=dict)
    metrics: tuple[MetricRow, ...] = ()
    guarantee: str = ""
    notes: tuple[str, ...] = ()
    recipe: dict[str, Any] = Field(default_factory=dict)
    sha256: str = ""

    def sealed(self, sha256: str, recipe: Mapping[str, Any]) -> Self:
        """The same card with the model file's hash and the screener's own description."""
        return self.model_copy(update={"sha256": sha256, "recipe": dict(recipe)})

    def to_json(self) -> str:
        """One JSON document, two-space indent, newline at the end."""
        return self.model_dump_json(indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The card written by `to_json`; ValueError when it is not one."""
        return cls.model_validate_json(text)

    def to_markdown(self) -> str:
        """The card as a page."""
        counts = ", ".join(f"{count} {level}" for level, count in self.labels.items())
        basis = f" ({self.label_basis})" if self.label_basis else ""
        lines = [
            f"# Screener {self.protocol} {self.version}",
            "",
            f"Trained {self.trained_at:%Y-%m-%d %H:%M} UTC on {counts}{basis}.",
            "",
        ]
        if self.guarantee:
            lines += [f"> {self.guarantee}", ""]
        if self.labels_by_source:
            lines += ["| labels from | counts |", "|---|---|"]
            lines += [
                f"| {source} | {', '.join(f'{count} {level}' for level, count in levels.items())} |"
                for source, levels in self.labels_by_source.items()
            ]
            lines += [""]
        if self.metrics:
            lines += ["| metric (out of fold) | this screener | elas_u4 |", "|---|---|---|"]
            lines += [f"| {row.metric} | {row.model} | {row.baseline} |" for row in self.metrics]
            lines += [""]
        lines += [f"- {note}" for note in self.notes]
        lines += [
            f"- recipe: {self.recipe.get('name', '')}; encoder: {self.recipe.get('encoder') or 'none, by words alone'}",
            f"- seeds: {', '.join(map(str, self.seeds))}",
            f"- libraries: {', '.join(f'{name} {version}' for name, version in self.libraries.items())}",
            f"- data SHA-256: {self.data_sha256}",
            f"- file SHA-256: {self.sha256}",
        ]
        return "\n".join(lines) + "\n"


def data_hash(documents: Sequence[Document], labels: ArrayLike) -> str:
    """SHA-256 (hex) of the labelled records; the same whatever their order."""
    values = checked_labels(documents, labels)
    rows = sorted(
        "\x1f".join((document.id, document.title, document.abstract, str(label)))
        for document, label in zip(documents, values, strict=True)
    )
    return hashlib.sha256("\x1e".join(rows).encode()).hexdigest()
