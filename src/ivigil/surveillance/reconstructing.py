"""Which reports a review included, where its team's export is not at hand: its reference list, its known studies.

A published article lists what it included among much else. What of its list the searches hold, and the criteria do not
rule out on explicit words, is proposed with the studies that the protocol knows; a person confirms it. Where no source
gives the list, what reads as eligible is proposed in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from ivigil.linking.references import HeldDocuments
from ivigil.records import Record
from ivigil.sources.base import DocumentIds, Reference
from ivigil.store import Session, assessed, ledger, library
from ivigil.store.tables import AssessmentRow, RecordRow, ReportRow
from ivigil.surveillance.assessing import ELIGIBLE, INELIGIBLE
from ivigil.surveillance.chasing import ask_references
from ivigil.surveillance.context import Context

BOOTSTRAP, RECONSTRUCTION_BASIS = "bootstrap", "reconstruction"
PREFERRED = "crossref"
"""Where publishers deposit their lists themselves; others draw on it."""
KNOWN, CITED, READ = "known study of the protocol", "cited by the review", "reads as eligible"


@dataclass(frozen=True)
class ProposedStudy:
    """A report proposed as one of the review's included set, and on what ground."""

    report_id: int
    record_id: int
    title: str
    year: int | None
    n_treated: int | None
    ground: str
    n_treated_chance: float | None = None


@dataclass(frozen=True)
class Agreement:
    """By which way an included set was reconstructed, and its counts beside the published ones.

    `patients` are the treated ones as far as the reports say; `without_number` studies do not.
    """

    how: str
    studies: int
    patients: int
    without_number: int = 0
    published_studies: int | None = None
    published_patients: int | None = None

    @property
    def sentence(self) -> str:
        """'known studies + reads as eligible: 14 studies (12 published), 260 patients (266 published)'."""
        unsaid = f", {self.without_number} without a number" if self.without_number else ""
        return (
            f"{self.how}: {self.studies} studies ({_or_unknown(self.published_studies)} published), "
            f"{self.patients} patients ({_or_unknown(self.published_patients)} published{unsaid})"
        )

    def as_json(self) -> dict[str, Any]:
        """Its fields."""
        return asdict(self)


def _or_unknown(count: int | None) -> str:
    return "number not" if count is None else str(count)


@dataclass(frozen=True)
class ReadList:
    """The review's own reference list and who gave it; without one, why."""

    source: str | None = None
    references: tuple[Reference, ...] = ()
    why_not: str | None = None


@dataclass(frozen=True)
class Proposal:
    """A reconstructed included set, set against what the review published.

    `not_included` are the reports that the review's search saw and that it did not include. `later` counts those it
    cannot have seen: they are candidates. `why_not` says why the reference list had no part in it; `listed` is how many
    references it has, `held` how many of them the searches hold.
    """

    included: tuple[ProposedStudy, ...]
    not_included: tuple[int, ...]
    agreement: Agreement
    later: int = 0
    listed: int = 0
    held: int = 0
    why_not: str | None = None

    @property
    def excluded(self) -> int:
        """How many reports would be labelled not included."""
        return len(self.not_included)

    @property
    def patients(self) -> int:
        """Treated patients over the proposed reports, as far as their number is known."""
        return self.agreement.patients


def read_list(context: Context, run_id: int) -> ReadList:
    """The published article's references, from the first enabled source that gives them. The ledger has each asking."""
    review = context.protocol.review
    if not (review.doi or review.pmid):
        return ReadList(why_not="the protocol gives neither a DOI nor a PMID of the review")
    document = DocumentIds(doi=review.doi, pmid=review.pmid)
    asked = sorted(context.reference_lists(), key=lambda lists: lists.name != PREFERRED)
    if not asked:
        return ReadList(why_not="no enabled source knows reference lists (crossref does, and needs no key)")
    reasons = []
    for lists in asked:
        references, error = ask_references(context, run_id, lists, document)
        if references:
            return ReadList(lists.name, references)
        reasons.append(f"{lists.name}: {error or 'no list of the review is deposited'}")
    return ReadList(why_not="; ".join(reasons))


def propose(context: Context, session: Session, read: ReadList) -> Proposal:
    """The included set: the known verified studies, and what the list names or, without it, what reads as eligible."""
    held = _Held.of(context, session)
    proposed: dict[int, ProposedStudy] = {}
    for study in context.protocol.verified_studies:
        row = library.find_record(session, pmid=study.pmid, doi=study.doi)
        report = library.resolve_report(session, row.report_id) if row is not None and row.report_id else None
        if row is not None and report is not None:
            proposed[report.id] = held.proposed(report, KNOWN, record=row, n_treated=study.n_treated)
    cited = held.cited(read.references)
    seen = [report for report in held.reports if not held.came_later(report, context.protocol.review.cutoff)]
    if read.source is None:
        more, ground = [report for report in seen if held.verdict(report) == ELIGIBLE], READ
    else:
        more = [report for report in held.reports if report.id in cited and held.verdict(report) != INELIGIBLE]
        ground = CITED
    for report in more:
        if report.id not in proposed:
            proposed[report.id] = held.proposed(report, ground)
    not_included = tuple(report.id for report in seen if report.id not in proposed)
    return Proposal(
        tuple(proposed.values()),
        not_included,
        _agreement(context, read.source, tuple(proposed.values())),
        later=len(held.reports) - len(proposed) - len(not_included),
        listed=len(read.references),
        held=len(cited),
        why_not=read.why_not,
    )


def came_later(records: Sequence[Record], cutoff: date) -> bool:
    """Whether a search that ended on `cutoff` cannot have seen a report with these records.

    A source that knows only the year of publication returns the whole year, so a search made today for the review's
    window brings what came after it. The day a source took the record in decides; where none says, the date of
    publication; and a date that may lie on either side is taken for later, because a candidate too many costs a look
    and a study labelled unread is lost.
    """
    entered = [record.entered for record in records if record.entered is not None]
    if entered:
        return min(entered) > cutoff
    published = [
        when.latest for record in records for when in (record.published, record.electronic) if when is not None
    ]
    return bool(published) and min(published) > cutoff


def reconstruction_of(session: Session) -> Agreement | None:
    """By which way the labelled set was reconstructed and how far its counts agree; None where it was not."""
    for run in ledger.runs(session, kind=BOOTSTRAP):
        if said := run.summary.get("reconstruction"):
            return Agreement(**said)
    return None


@dataclass(frozen=True)
class _Held:
    """The reports that stand, with what was read of them."""

    reports: Sequence[ReportRow]
    records: Mapping[int, Sequence[RecordRow]]
    readings: Mapping[int, AssessmentRow] = field(default_factory=dict)

    @classmethod
    def of(cls, context: Context, session: Session) -> _Held:
        reports = library.standing_reports(session)
        records = library.records_of(session, [report.id for report in reports])
        return cls(reports, records, assessed.assessments_under(session, context.criteria_hash))

    def cited(self, references: Sequence[Reference]) -> set[int]:
        """The reports that a search has brought and that an entry of the list means."""
        searched = {
            report_id: [row.data for row in rows]
            for report_id, rows in self.records.items()
            if any(row.way == ledger.SEARCH for row in rows)
        }
        documents = HeldDocuments(searched)
        return {number for entry in references if (number := documents.find(entry)) is not None}

    def came_later(self, report: ReportRow, cutoff: date) -> bool:
        return came_later([row.data for row in self.records[report.id]], cutoff)

    def verdict(self, report: ReportRow) -> str | None:
        reading = self.readings.get(report.id)
        return reading.verdict if reading is not None else None

    def proposed(
        self, report: ReportRow, ground: str, *, record: RecordRow | None = None, n_treated: int | None = None
    ) -> ProposedStudy:
        reading, lead = self.readings.get(report.id), record or self.records[report.id][0]
        read = reading.reading if reading is not None and n_treated is None else {"n_treated": n_treated}
        number, chance = read.get("n_treated"), read.get("n_treated_chance")
        return ProposedStudy(report.id, lead.id, report.best.title, report.year, number, ground, chance)


def _agreement(context: Context, source: str | None, included: Sequence[ProposedStudy]) -> Agreement:
    published = context.protocol.review.published
    name = {"crossref": "Crossref", "semanticscholar": "Semantic Scholar"}.get(source or "", source)
    return Agreement(
        how=f"reference list ({name}) ∩ searches ∩ criteria" if source else "known studies + reads as eligible",
        studies=len(included),
        patients=sum(study.n_treated or 0 for study in included),
        without_number=sum(study.n_treated is None for study in included),
        published_studies=published.included_studies,
        published_patients=published.patients,
    )
