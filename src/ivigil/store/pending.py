"""Reports that wait for the machine: for a score, a reading or a second one of their present text."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ivigil.records import Record
from ivigil.store.tables import ReportRow


@dataclass(frozen=True)
class Pending:
    """A report that waits for a score or an assessment of its present text."""

    report_id: int
    best: Record
    text_hash: str


def pending_reports(session: Session, condition: ColumnElement[bool]) -> list[Pending]:
    """Standing reports that meet a condition, oldest first."""
    query = select(ReportRow.id, ReportRow.best, ReportRow.text_hash).where(ReportRow.merged_into.is_(None), condition)
    return [Pending(id_, best, text_hash) for id_, best, text_hash in session.execute(query.order_by(ReportRow.id))]
