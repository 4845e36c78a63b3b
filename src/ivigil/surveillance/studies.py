"""The living evidence table: every included study, the review's own and the new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ivigil.protocol import KnownStudy
from ivigil.records import Record
from ivigil.store import judgements, library
from ivigil.surveillance.context import Context
from ivigil.surveillance.training import labels_of

DESIGN_ORDER = ("rct", "prospective", "open_label", "pilot", "case_control", "retrospective")


@dataclass(frozen=True)
class StudyReport:
    """One report of a study."""

    report_id: int
    title: str
    year: int | None
    journal: str | None


@dataclass(frozen=True)
class Study:
    """One included study; `known` when the review had it, and `read` when its figures are the machine's reading."""

    study_id: int | None
    name: str
    year: int | None
    design: str | None
    n_treated: int | None
    organ_systems: tuple[str, ...]
    outcomes: tuple[str, ...]
    reports: tuple[StudyReport, ...]
    known: bool
    read: bool


def list_studies(context: Context) -> list[Study]:
    """Included studies: the review's own first, each by year and name."""
    with context.store.reading() as session:
        included = sorted(report_id for report_id, yes in labels_of(context, session).items() if yes)
        own = judgements.labels_by_report(session)
        rows = library.reports_by_id(session, included)
        readings = judgements.assessments_under(session, context.criteria_hash, included)
        groups: dict[tuple[str, int], list[int]] = {}
        for report_id in included:
            row = rows.get(report_id)
            if row is not None and row.merged_into is None:
                key = ("study", row.study_id) if row.study_id is not None else ("report", report_id)
                groups.setdefault(key, []).append(report_id)
        studies = [
            _study(
                context,
                rows[members[0]].study_id,
                [(rows[id_].id, rows[id_].best) for id_ in members],
                [readings[id_].reading for id_ in members if id_ in readings],
                known=any(own.get(id_) for id_ in members),
            )
            for members in groups.values()
        ]
    return sorted(studies, key=lambda study: (not study.known, study.year or 0, study.name.lower()))


def _study(
    context: Context,
    study_id: int | None,
    reports: list[tuple[int, Record]],
    readings: list[dict[str, Any]],
    *,
    known: bool,
) -> Study:
    listed = _listed(context, [record for _id, record in reports])
    record = min((record for _id, record in reports), key=lambda record: record.year or 9999)
    author = next((a.last_name or a.collective for a in record.authors if a.last_name or a.collective), None)
    designs = [str(reading["design"]) for reading in readings if reading.get("design")]
    counts = [reading["n_treated"] for reading in readings if reading.get("n_treated") is not None]
    outcomes = [(reading.get("criteria") or {}).get("outcome") or {} for reading in readings]
    checked = listed is not None and listed.n_treated is not None
    return Study(
        study_id=study_id,
        name=" ".join(str(part) for part in (author, record.year) if part) or record.title,
        year=record.year,
        design=(listed.design if listed else None) or min(designs, key=_design_place, default=None),
        n_treated=listed.n_treated if listed is not None and checked else max(counts, default=None),
        organ_systems=tuple(dict.fromkeys(s for reading in readings for s in reading.get("organ_systems") or ())),
        outcomes=tuple(dict.fromkeys(str(said.get("phrase")) for said in outcomes if said.get("phrase"))),
        reports=tuple(
            StudyReport(id_, held.title, held.year, held.journal_abbreviation or held.journal) for id_, held in reports
        ),
        known=known,
        read=not checked,
    )


def _listed(context: Context, records: list[Record]) -> KnownStudy | None:
    """The protocol's own entry for the study, where it has one."""
    pmids, dois = {record.pmid for record in records}, {record.doi for record in records}
    return next(
        (
            study
            for study in context.protocol.verified_studies
            if (study.pmid and study.pmid in pmids) or (study.doi and study.doi in dois)
        ),
        None,
    )


def _design_place(design: str) -> int:
    return DESIGN_ORDER.index(design) if design in DESIGN_ORDER else len(DESIGN_ORDER)
