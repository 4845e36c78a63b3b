"""By which run and in which way each record was identified first: what a flow diagram counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivigil.store.ledger_tables import RunRow, SearchRow
from ivigil.store.tables import LabelRow, RecordRow, ReportRow


@dataclass(frozen=True)
class FirstSeen:
    """One record of a report that stands."""

    record_id: int
    report_id: int
    source: str
    way: str
    run_kind: str | None
    withdrawn: bool


@dataclass(frozen=True)
class ReviewLabel:
    """One label: what a screening said of a report, and where."""

    report_id: int
    included: bool
    stage: str | None
    reason: str | None


def first_seen(session: Session) -> list[FirstSeen]:
    """Every linked record, oldest first."""
    query = (
        select(RecordRow.id, RecordRow.report_id, RecordRow.source, RecordRow.way, RunRow.kind, RecordRow.withdrawn_at)
        .join(RunRow, RunRow.id == RecordRow.first_run_id, isouter=True)
        .where(RecordRow.report_id.is_not(None))
        .order_by(RecordRow.id)
    )
    return [
        FirstSeen(id_, report_id, source, way, kind, withdrawn is not None)
        for id_, report_id, source, way, kind, withdrawn in session.execute(query)
    ]


def review_labels(session: Session) -> list[ReviewLabel]:
    """Every label with the report it is on now, oldest first."""
    query = (
        select(RecordRow.report_id, LabelRow.included, LabelRow.stage, LabelRow.reason)
        .join(RecordRow, RecordRow.id == LabelRow.record_id)
        .where(RecordRow.report_id.is_not(None))
        .order_by(LabelRow.id)
    )
    return [ReviewLabel(*row) for row in session.execute(query)]


def studies_of_reports(session: Session) -> dict[int, int]:
    """Report id -> study id, for every report that stands; a report without a study is one of its own (negative id)."""
    query = select(ReportRow.id, ReportRow.study_id).where(ReportRow.merged_into.is_(None))
    return {id_: study if study is not None else -id_ for id_, study in session.execute(query)}


def all_searches(session: Session) -> list[tuple[RunRow, SearchRow]]:
    """Every search with its run, oldest first."""
    query = select(RunRow, SearchRow).join(SearchRow, SearchRow.run_id == RunRow.id).order_by(SearchRow.id)
    return [(run, search) for run, search in session.execute(query)]


def imports(session: Session) -> list[tuple[int, datetime, dict[str, object]]]:
    """(run id, when, summary) of every completed import of a file, oldest first."""
    query = select(RunRow).where(RunRow.kind == "import", RunRow.finished_at.is_not(None)).order_by(RunRow.id)
    return [(row.id, row.started_at, row.summary) for row in session.scalars(query)]
