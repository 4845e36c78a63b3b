"""Second readings in the store: each answer with the prompt, the model and the cost it came by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ivigil.store.library import CHUNK
from ivigil.store.pending import Pending
from ivigil.store.tables import AssessmentRow, Base, ReportRow


class SecondReadingRow(Base):
    """What a model read in one report's text, once; `error` says why an answer could not be believed."""

    __tablename__ = "second_readings"
    __table_args__ = (
        UniqueConstraint("report_id", "criteria_hash", "text_hash", "model", name="uq_second_readings_reading"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    criteria_hash: Mapped[str] = mapped_column(String(64))
    text_hash: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(200))
    verdict: Mapped[str | None] = mapped_column(String(20))
    reading: Mapped[dict[str, Any]]
    prompt: Mapped[list[Any]]
    answer: Mapped[str]
    error: Mapped[str | None]
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    cost: Mapped[float | None]
    read_at: Mapped[datetime]


def without_second_reading(
    session: Session, criteria_hash: str, model: str, report_ids: Sequence[int]
) -> dict[int, tuple[Pending, AssessmentRow]]:
    """Report id -> the report and its reading by the rules, of those whose present text this model has not read."""
    read = select(SecondReadingRow.id).where(
        SecondReadingRow.report_id == AssessmentRow.report_id,
        SecondReadingRow.criteria_hash == criteria_hash,
        SecondReadingRow.text_hash == AssessmentRow.text_hash,
        SecondReadingRow.model == model,
    )
    query = (
        select(ReportRow, AssessmentRow)
        .join(AssessmentRow, AssessmentRow.report_id == ReportRow.id)
        .where(AssessmentRow.criteria_hash == criteria_hash, AssessmentRow.text_hash == ReportRow.text_hash)
        .where(ReportRow.merged_into.is_(None), ~read.exists())
    )
    found = {}
    for start in range(0, len(report_ids), CHUNK):
        part = query.where(ReportRow.id.in_(report_ids[start : start + CHUNK]))
        for report, assessment in session.execute(part):
            found[report.id] = (Pending(report.id, report.best, report.text_hash), assessment)
    return found


def readings_of(session: Session, report_id: int) -> list[SecondReadingRow]:
    """Every second reading of one report, oldest first."""
    query = select(SecondReadingRow).where(SecondReadingRow.report_id == report_id)
    return list(session.scalars(query.order_by(SecondReadingRow.id)))
