"""Gathers the evidence table from the store: the studies of the review, and those that read as eligible."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ivigil.eligibility.certainty import treated_words
from ivigil.protocol import KnownStudy
from ivigil.records import Record
from ivigil.reports.evidence import EvidenceReport, EvidenceStudy, EvidenceTable, Standing
from ivigil.reports.flow import Fate
from ivigil.store import Session, assessed, library
from ivigil.store.tables import ReportRow
from ivigil.surveillance.assessing import ELIGIBLE
from ivigil.surveillance.context import Context
from ivigil.surveillance.standing import ReviewState, review_state


@dataclass
class _Study:
    standing: Standing
    reports: list[int] = field(default_factory=list)
    since: date | None = None


def evidence_table(context: Context, session: Session, state: ReviewState) -> EvidenceTable:
    """Studies of the previous version, studies included since, and undecided ones that read as eligible."""
    readings = assessed.assessments_under(session, context.criteria_hash)
    found: dict[int, _Study] = {}
    for report_id in sorted(state.included_before):
        found.setdefault(state.studies[report_id], _Study(Standing.PREVIOUS)).reports.append(report_id)
    for report_id, fate in sorted(state.fates.items()):
        if fate is Fate.INCLUDED and report_id not in state.included_before:
            study = found.setdefault(state.studies[report_id], _Study(Standing.NEW))
            study.reports.append(report_id)
            day = state.decided_on.get(report_id)
            study.since = min(filter(None, (study.since, day)), default=None)
    for report_id, row in sorted(readings.items()):
        waiting = state.fates.get(report_id, Fate.AWAITING_SCREENING) is Fate.AWAITING_SCREENING
        if row.verdict == ELIGIBLE and waiting and report_id in state.fresh:
            study = found.setdefault(state.studies[report_id], _Study(Standing.POSSIBLE))
            if study.standing is Standing.POSSIBLE:
                study.reports.append(report_id)
    known = _known_by_report(context, session)
    studies = [_row(session, study_id, study, readings, known) for study_id, study in found.items()]
    order = list(Standing)
    studies.sort(key=lambda row: (order.index(row.standing), min((r.year or 9999) for r in row.reports), row.study_id))
    return EvidenceTable(title=context.protocol.review.title, as_of=context.clock.today(), studies=tuple(studies))


def current_evidence(context: Context) -> EvidenceTable:
    """The evidence table as of now."""
    with context.store.reading() as session:
        return evidence_table(context, session, review_state(context, session))


def patients_by_study(table: EvidenceTable) -> dict[int, int]:
    """Study -> patients treated, where a number is known."""
    return {study.study_id: study.n_treated for study in table.studies if study.n_treated is not None}


def citation(record: Record) -> str:
    """'Surname AB, et al. Journal. 2024;12(3):4-9.' as far as its parts are known."""
    names = [author.name for author in record.authors]
    who = names[0] + (", et al" if len(names) > 1 else "") if names else ""
    place = record.journal_abbreviation or record.journal or ""
    issue = f"({record.issue})" if record.issue else ""
    volume = f";{record.volume}{issue}" if record.volume else ""
    pages = f":{record.pages}" if record.pages else ""
    year = str(record.year) if record.year else ""
    parts = [part for part in (who, place, f"{year}{volume}{pages}") if part]
    return ". ".join(parts) + ("." if parts else "")


def _row(
    session: Session, study_id: int, study: _Study, readings: dict[int, Any], known: dict[int, KnownStudy]
) -> EvidenceStudy:
    reports = [session.get_one(ReportRow, report_id) for report_id in study.reports]
    reports.sort(key=lambda report: (report.year or 9999, report.id))
    read = [readings[report.id].reading for report in reports if report.id in readings]
    settled = next((known[report.id] for report in reports if report.id in known), None)
    number, n_from, said = _treated(settled, read)
    designs = [reading["design"] for reading in read if reading.get("design")]
    systems = dict.fromkeys(system for reading in read for system in reading.get("organ_systems", ()))
    outcomes = [(reading.get("criteria", {}).get("outcome") or {}).get("evidence") for reading in read]
    return EvidenceStudy(
        study_id=study_id,
        standing=study.standing,
        name=_name(reports[0].best),
        design=(settled.design if settled else None) or next(iter(designs), None),
        n_treated=number,
        n_from=n_from,
        n_treated_chance=said.get("n_treated_chance"),
        treated=treated_words(number, said.get("treated")),
        organ_systems=tuple(systems),
        outcome=next((outcome for outcome in outcomes if outcome), None),
        since=study.since,
        reports=tuple(
            EvidenceReport(
                report_id=report.id,
                title=report.best.title,
                citation=citation(report.best),
                year=report.year,
                pmid=report.best.pmid,
                doi=report.best.doi,
                registry_ids=report.best.registry_ids,
            )
            for report in reports
        ),
    )


def _treated(settled: KnownStudy | None, read: list[dict[str, Any]]) -> tuple[int | None, str | None, dict[str, Any]]:
    """How many were treated and who says so: the protocol, else the reading with the largest number, which is given."""
    if settled is not None and settled.n_treated is not None:
        return settled.n_treated, "protocol", {}
    counted = [reading for reading in read if reading.get("n_treated") is not None]
    if not counted:
        return None, None, {}
    largest = max(counted, key=lambda reading: int(reading["n_treated"]))
    return largest["n_treated"], "read", largest


def _known_by_report(context: Context, session: Session) -> dict[int, KnownStudy]:
    found = {}
    for study in context.protocol.verified_studies:
        row = library.find_record(session, pmid=study.pmid, doi=study.doi)
        if row is not None and row.report_id is not None:
            found[row.report_id] = study
    return found


def _name(record: Record) -> str:
    first = record.authors[0] if record.authors else None
    who = (first.last_name or first.collective) if first else None
    return " ".join(str(part) for part in (who or "No author", record.year) if part)
