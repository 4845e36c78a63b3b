"""What the machine read in reports: one assessment for each text and set of criteria, as the reader of today reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivigil.store.library import CHUNK
from ivigil.store.pending import Pending, pending_reports
from ivigil.store.tables import AssessmentRow, EarlierReadingRow, ReportRow


def without_assessment(session: Session, criteria_hash: str, reader: str) -> list[Pending]:
    """Reports whose present text this reader has not read against these criteria, oldest first."""
    read = select(AssessmentRow.id).where(
        AssessmentRow.report_id == ReportRow.id,
        AssessmentRow.criteria_hash == criteria_hash,
        AssessmentRow.text_hash == ReportRow.text_hash,
        AssessmentRow.reader == reader,
    )
    return pending_reports(session, ~read.exists())


def save_assessment(
    session: Session, pending: Pending, criteria_hash: str, reader: str, *, reading: dict[str, Any], now: datetime
) -> None:
    """Write the first reading of one report's text."""
    first = pending.best.first_published
    session.add(
        AssessmentRow(
            report_id=pending.report_id,
            criteria_hash=criteria_hash,
            text_hash=pending.text_hash,
            reader=reader,
            verdict=reading["verdict"],
            reading=reading,
            published_on=first.earliest if first else None,
            assessed_at=now,
        )
    )


def supersede(session: Session, row: AssessmentRow, reader: str, *, reading: dict[str, Any], now: datetime) -> bool:
    """Note that another reader has read the text: what it reads otherwise stands, with the earlier reading kept.

    Returns whether anything is read otherwise.
    """
    differs = row.reading != reading
    if differs:
        earlier = EarlierReadingRow(
            assessment_id=row.id, reader=row.reader, reading=row.reading, assessed_at=row.assessed_at
        )
        session.add(earlier)
        row.verdict, row.reading, row.assessed_at = reading["verdict"], reading, now
    row.reader = reader
    return differs


def assessments_under(
    session: Session, criteria_hash: str, report_ids: Sequence[int] | None = None
) -> dict[int, AssessmentRow]:
    """Report id -> assessment of its present text."""
    query = (
        select(AssessmentRow)
        .join(ReportRow, (ReportRow.id == AssessmentRow.report_id) & (ReportRow.text_hash == AssessmentRow.text_hash))
        .where(AssessmentRow.criteria_hash == criteria_hash)
    )
    if report_ids is None:
        return {row.report_id: row for row in session.scalars(query)}
    found: dict[int, AssessmentRow] = {}
    for start in range(0, len(report_ids), CHUNK):
        part = query.where(AssessmentRow.report_id.in_(report_ids[start : start + CHUNK]))
        found.update((row.report_id, row) for row in session.scalars(part))
    return found


def assessments_of(session: Session, report_id: int) -> list[AssessmentRow]:
    """Every reading of one report, oldest first."""
    query = select(AssessmentRow).where(AssessmentRow.report_id == report_id).order_by(AssessmentRow.id)
    return list(session.scalars(query))


def earlier_readings_of(session: Session, report_id: int) -> list[EarlierReadingRow]:
    """What earlier readers read in one report's texts otherwise, oldest first."""
    query = (
        select(EarlierReadingRow)
        .join(AssessmentRow, AssessmentRow.id == EarlierReadingRow.assessment_id)
        .where(AssessmentRow.report_id == report_id)
    )
    return list(session.scalars(query.order_by(EarlierReadingRow.id)))
