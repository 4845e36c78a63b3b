"""The evidence table: every study of the review, the earlier ones and the new, with what was read of each."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from ivigil.records import Value


class Standing(StrEnum):
    """Since when, or how surely, a study belongs to the review."""

    PREVIOUS = "previous version"
    NEW = "new"
    POSSIBLE = "reads as eligible"


class EvidenceReport(Value):
    """One report of a study."""

    report_id: int
    title: str
    citation: str
    year: int | None = None
    pmid: str | None = None
    doi: str | None = None
    registry_ids: tuple[str, ...] = ()


class EvidenceStudy(Value):
    """One study: what is known from the protocol goes before what the machine read."""

    study_id: int
    standing: Standing
    name: str = Field(description="first author and year")
    design: str | None = None
    n_treated: int | None = None
    n_from: str | None = Field(default=None, description="'protocol' or 'read'")
    n_treated_chance: float | None = Field(default=None, description="how likely a number that was read is right")
    treated: str = Field(default="", description="the number as people are told it: '18', 'perhaps 18, or 41'")
    organ_systems: tuple[str, ...] = ()
    outcome: str | None = Field(default=None, description="the sentence that the outcome was read from")
    since: date | None = Field(default=None, description="day of the decision that included it")
    reports: tuple[EvidenceReport, ...] = ()


class EvidenceTable(Value):
    """Studies in the order: previous, new, possible; the oldest first in each."""

    title: str
    as_of: date
    studies: tuple[EvidenceStudy, ...]

    def of(self, standing: Standing) -> tuple[EvidenceStudy, ...]:
        """The studies of one standing."""
        return tuple(study for study in self.studies if study.standing is standing)
