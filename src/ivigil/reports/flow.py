"""The PRISMA 2020 flow of an updated review as numbers that must add up.

Box names follow Page et al., BMJ 2021;372:n71, the diagram for updated reviews that searched databases, registers and
other sources. Records are what sources said; a report is screened once, however many records speak of it. Nothing is
excluded by automation here: the screener orders the list and the reader proposes, a person decides. Both are shown
apart, so that the diagram says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from ivigil.records import Value


class Route(StrEnum):
    """By which of PRISMA's two columns, and within the first by which list, a record was identified."""

    DATABASE = "database"
    REGISTER = "register"
    CITATION = "citation"


class Fate(StrEnum):
    """Where a report of the update stands."""

    AWAITING_SCREENING = "awaiting_screening"
    EXCLUDED = "excluded"
    AWAITING_FULL_TEXT = "awaiting_full_text"
    NOT_RETRIEVED = "not_retrieved"
    EXCLUDED_FULL_TEXT = "excluded_full_text"
    INCLUDED = "included"


@dataclass(frozen=True)
class Identified:
    """One record of the update: who said it, by which route it came, and the report it belongs to."""

    source: str
    route: Route
    report_id: int
    withdrawn: bool = False


class Count(Value):
    """A named number."""

    name: str
    count: int


class Previous(Value):
    """The version of the review that is kept alive; `None` where its publication does not say."""

    studies: int | None = None
    reports: int = 0
    patients: int | None = None
    records: int | None = None


class PrismaFlow(Value):
    """Every number of the diagram. Construction fails where boxes do not add up."""

    title: str
    as_of: date
    cutoff: date
    previous: Previous
    databases: tuple[Count, ...] = ()
    registers: tuple[Count, ...] = ()
    citations: tuple[Count, ...] = ()
    duplicates: int = 0
    held_before: int = 0
    withdrawn: int = 0
    automation_excluded: int = 0
    screened: int = 0
    awaiting_screening: int = 0
    awaiting_by_verdict: tuple[Count, ...] = ()
    excluded: int = 0
    sought: int = 0
    not_retrieved: int = 0
    awaiting_full_text: int = 0
    assessed: int = 0
    excluded_full_text: tuple[Count, ...] = ()
    new_studies: int = 0
    new_reports: int = 0
    new_patients: int = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        removed = self.duplicates + self.held_before + self.withdrawn + self.automation_excluded
        sums = {
            "records identified": (self.identified, removed + self.screened + self.awaiting_screening),
            "reports screened": (self.screened, self.excluded + self.sought),
            "reports sought": (self.sought, self.not_retrieved + self.awaiting_full_text + self.assessed),
            "reports assessed": (self.assessed, self.full_text_excluded + self.new_reports),
        }
        for what, (whole, parts) in sums.items():
            if whole != parts:
                raise ValueError(f"{what}: {whole}, but what became of them adds up to {parts}")
        return self

    @property
    def identified(self) -> int:
        """Records identified since the previous version, by every route."""
        return sum(count.count for count in (*self.databases, *self.registers, *self.citations))

    @property
    def full_text_excluded(self) -> int:
        """Reports excluded on their full text, over all reasons."""
        return sum(count.count for count in self.excluded_full_text)

    @property
    def total_studies(self) -> int | None:
        """Studies in the review as it stands."""
        return None if self.previous.studies is None else self.previous.studies + self.new_studies

    @property
    def total_reports(self) -> int:
        """Reports of the included studies as held here."""
        return self.previous.reports + self.new_reports

    @property
    def total_patients(self) -> int | None:
        """Patients in the review as it stands."""
        return None if self.previous.patients is None else self.previous.patients + self.new_patients


@dataclass(frozen=True)
class Update:
    """What the store holds since the previous version.

    `records` is every record identified since. `held_before` are reports that the previous version screened: a record
    of one brings nothing new; a new report of a study in `included_before` is no new study. `fates` says what became of
    a report (one that is missing awaits screening), `verdicts` what the machine read of it, `reasons` why it was
    excluded on its full text. `studies` maps report to study, `patients` study to patients treated, where known.
    """

    records: Sequence[Identified]
    held_before: frozenset[int]
    included_before: frozenset[int]
    fates: Mapping[int, Fate]
    verdicts: Mapping[int, str]
    reasons: Mapping[int, str]
    studies: Mapping[int, int]
    patients: Mapping[int, int]


def count_flow(title: str, as_of: date, cutoff: date, previous: Previous, update: Update) -> PrismaFlow:
    """Count the boxes for a review's title, on a day, since the last day of the previous version's search."""
    by_route: dict[Route, Counter[str]] = {route: Counter() for route in Route}
    for record in update.records:
        by_route[record.route][record.source] += 1
    fresh = [record for record in update.records if record.report_id not in update.held_before]
    gone = {record.report_id for record in fresh} - {record.report_id for record in fresh if not record.withdrawn}
    seen = {record.report_id for record in fresh}
    reports = seen - gone
    ends = {report: update.fates.get(report, Fate.AWAITING_SCREENING) for report in reports}
    tally = Counter(ends.values())
    awaiting = [report for report, fate in ends.items() if fate is Fate.AWAITING_SCREENING]
    included = [report for report, fate in ends.items() if fate is Fate.INCLUDED]
    assessed = tally[Fate.EXCLUDED_FULL_TEXT] + tally[Fate.INCLUDED]
    sought = tally[Fate.NOT_RETRIEVED] + tally[Fate.AWAITING_FULL_TEXT] + assessed
    earlier = {update.studies[report] for report in update.included_before}
    new_studies = {update.studies[report] for report in included} - earlier
    return PrismaFlow(
        title=title,
        as_of=as_of,
        cutoff=cutoff,
        previous=previous,
        databases=_counts(by_route[Route.DATABASE]),
        registers=_counts(by_route[Route.REGISTER]),
        citations=_counts(by_route[Route.CITATION]),
        duplicates=len(fresh) - len(seen),
        held_before=len(update.records) - len(fresh),
        withdrawn=len(gone),
        screened=tally[Fate.EXCLUDED] + sought,
        awaiting_screening=len(awaiting),
        awaiting_by_verdict=_counts(Counter(update.verdicts.get(report, "unread") for report in awaiting)),
        excluded=tally[Fate.EXCLUDED],
        sought=sought,
        not_retrieved=tally[Fate.NOT_RETRIEVED],
        awaiting_full_text=tally[Fate.AWAITING_FULL_TEXT],
        assessed=assessed,
        excluded_full_text=_counts(
            Counter(
                update.reasons.get(report, "No reason given")
                for report, fate in ends.items()
                if fate is Fate.EXCLUDED_FULL_TEXT
            )
        ),
        new_studies=len(new_studies),
        new_reports=len(included),
        new_patients=sum(update.patients.get(study, 0) for study in new_studies),
    )


def _counts(counter: Counter[str]) -> tuple[Count, ...]:
    """Largest first, equal ones by name."""
    return tuple(Count(name=name, count=count) for name, count in sorted(counter.items(), key=lambda i: (-i[1], i[0])))
