"""The living report as one value: what every page, table and picture of it is made from."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from ivigil.records import Value
from ivigil.reports.evidence import EvidenceTable, Standing
from ivigil.reports.flow import PrismaFlow
from ivigil.reports.search_log import SearchLog
from ivigil.reports.signal import UpdateSignal


class ScreenerPoint(Value):
    """One trained screener: what it had learned from, and how well it ranked held-out records."""

    version: str
    recipe: str
    trained_at: datetime
    included: int
    excluded: int
    promoted: bool
    measures: dict[str, float] = Field(default_factory=dict)


class Growth(Value):
    """Studies and patients of the review on a day."""

    day: date
    studies: int
    patients: int


class Edition(Value):
    """Which state of which review, by which program: enough to cite it."""

    title: str
    name: str
    version: str
    as_of: date
    last_night: datetime | None
    program: str
    protocol_hash: str
    original_doi: str | None = None
    original_pmid: str | None = None

    @property
    def cite_as(self) -> str:
        """One line to cite this edition by."""
        original = f" Original review: https://doi.org/{self.original_doi}." if self.original_doi else ""
        return (
            f"{self.title}: living update, version {self.version}, as of {self.as_of} "
            f"(protocol {self.name} {self.protocol_hash[:8]}, {self.program}).{original}"
        )


class LivingReport(Value):
    """Everything, as of one moment."""

    edition: Edition
    question: str
    flow: PrismaFlow
    evidence: EvidenceTable
    signal: UpdateSignal
    log: SearchLog
    screeners: tuple[ScreenerPoint, ...]
    guarantee: str
    recall: tuple[tuple[float, float], ...] = ()
    problems: tuple[str, ...] = ()

    def growth(self) -> tuple[Growth, ...]:
        """Studies and patients from the previous version's cutoff on; starts at nothing where it published none."""
        studies, patients = self.flow.previous.studies or 0, self.flow.previous.patients or 0
        points = [Growth(day=self.flow.cutoff, studies=studies, patients=patients)]
        new = sorted(self.evidence.of(Standing.NEW), key=lambda study: study.since or self.edition.as_of)
        for study in new:
            studies, patients = studies + 1, patients + (study.n_treated or 0)
            points.append(Growth(day=study.since or self.edition.as_of, studies=studies, patients=patients))
        points.append(Growth(day=max(self.edition.as_of, points[-1].day), studies=studies, patients=patients))
        return tuple(points)
