"""What people say of reports: the review's own labels, and decisions that stand until they are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivigil.errors import ConfigurationError
from ivigil.store.tables import DecisionRow, LabelRow, RecordRow

INCLUDE, EXCLUDE, MAYBE, UNDO = "include", "exclude", "maybe", "undo"
TITLE_ABSTRACT, FULL_TEXT = "title-abstract", "full-text"


@dataclass(frozen=True)
class Lead:
    """The record of a report that judgements are hung on."""

    record_id: int
    report_id: int


def set_label(  # noqa: PLR0913 - one value for each thing a label says
    session: Session,
    record_id: int,
    *,
    included: bool,
    basis: str,
    reason: str | None,
    stage: str | None,
    now: datetime,
    passed: bool | None = None,
) -> bool:
    """Write a review label once per record and basis; a second one changes nothing. Returns whether it was new.

    `passed` says whether the record passed title and abstract, None where nobody noted it.
    """
    held = session.scalars(select(LabelRow).where(LabelRow.record_id == record_id, LabelRow.basis == basis)).first()
    if held is not None:
        return False
    session.add(
        LabelRow(
            record_id=record_id,
            included=included,
            basis=basis,
            reason=reason,
            stage=stage,
            passed=passed,
            created_at=now,
        )
    )
    return True


def labels_by_report(session: Session, *, until: datetime | None = None) -> dict[int, bool]:
    """Report id -> included, by the review's own labels (of `until` or before); one included record is enough."""
    query = (
        select(RecordRow.report_id, func.max(cast(LabelRow.included, Integer)))
        .join(LabelRow, LabelRow.record_id == RecordRow.id)
        .where(RecordRow.report_id.is_not(None))
        .group_by(RecordRow.report_id)
    )
    if until is not None:
        query = query.where(LabelRow.created_at <= until)
    return {report_id: bool(value) for report_id, value in session.execute(query) if report_id is not None}


def label_of(session: Session, report_id: int) -> bool | None:
    """Whether the review's own labels include a report; None where they do not speak of it."""
    query = select(LabelRow.included).join(RecordRow, LabelRow.record_id == RecordRow.id)
    found = session.scalars(query.where(RecordRow.report_id == report_id)).all()
    return any(found) if found else None


def passed_by_report(session: Session, *, until: datetime | None = None) -> dict[int, bool]:
    """Report id -> passed title and abstract, where a label (of `until` or before) says; one record is enough."""
    query = (
        select(RecordRow.report_id, func.max(cast(LabelRow.passed, Integer)))
        .join(LabelRow, LabelRow.record_id == RecordRow.id)
        .where(RecordRow.report_id.is_not(None), LabelRow.passed.is_not(None))
        .group_by(RecordRow.report_id)
    )
    if until is not None:
        query = query.where(LabelRow.created_at <= until)
    return {report_id: bool(value) for report_id, value in session.execute(query) if report_id is not None}


def label_bases(session: Session) -> dict[str, tuple[int, int]]:
    """Basis -> (included, not included) counts of labelled records."""
    query = select(LabelRow.basis, LabelRow.included, func.count()).group_by(LabelRow.basis, LabelRow.included)
    found: dict[str, tuple[int, int]] = {}
    for basis, included, count in session.execute(query):
        yes, no = found.get(basis, (0, 0))
        found[basis] = (yes + count, no) if included else (yes, no + count)
    return found


def has_labels(session: Session, basis: str) -> bool:
    """Whether any record was labelled on this basis."""
    return session.scalars(select(LabelRow.id).where(LabelRow.basis == basis).limit(1)).first() is not None


def standing_decisions(
    session: Session,
    report_ids: Sequence[int] | None = None,
    *,
    until: datetime | None = None,
    resolutions: bool = True,
) -> dict[int, list[DecisionRow]]:
    """Report id -> decisions that stand (not undone, and the reviewer's newest at that stage), oldest first.

    Without `resolutions` each reviewer's own vote stands as it was before they settled a conflict.
    """
    undone = select(DecisionRow.undoes).where(DecisionRow.undoes.is_not(None))
    query = (
        select(RecordRow.report_id, DecisionRow)
        .join(RecordRow, DecisionRow.record_id == RecordRow.id)
        .where(DecisionRow.id.not_in(undone), DecisionRow.value != UNDO)
        .order_by(DecisionRow.id)
    )
    if report_ids is not None:
        query = query.where(RecordRow.report_id.in_(list(report_ids)))
    if until is not None:
        query = query.where(DecisionRow.made_at <= until)
    if not resolutions:
        query = query.where(~DecisionRow.resolves)
    newest: dict[tuple[int, str, str], DecisionRow] = {}
    for report_id, row in session.execute(query):
        newest.pop((report_id, row.reviewer, row.stage), None)
        newest[report_id, row.reviewer, row.stage] = row
    found: dict[int, list[DecisionRow]] = {}
    for (report_id, _reviewer, _stage), row in newest.items():
        found.setdefault(report_id, []).append(row)
    return found


def judged_since(session: Session, moment: datetime) -> tuple[int, int]:
    """How many decisions that stand, and how many labels, were made after a moment."""
    decisions = sum(row.made_at > moment for rows in standing_decisions(session).values() for row in rows)
    labels = session.scalar(select(func.count()).select_from(LabelRow).where(LabelRow.created_at > moment)) or 0
    return decisions, labels


def append_decision(session: Session, row: DecisionRow) -> int:
    """Append a decision and return its id."""
    session.add(row)
    session.flush()
    return row.id


def append_undo(session: Session, undone: DecisionRow, now: datetime) -> int:
    """Append the row that takes a decision back, and return its id.

    Raises:
        ConfigurationError: it was taken back already.
    """
    number = undone.id
    row = DecisionRow(
        record_id=undone.record_id,
        reviewer=undone.reviewer,
        value=UNDO,
        stage=undone.stage,
        undoes=number,
        made_at=now,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError:  # `undoes` is unique
        raise ConfigurationError(f"decision {number} is undone already", field="decision") from None
    return row.id


def decision(session: Session, decision_id: int) -> DecisionRow | None:
    """One decision, or one undo."""
    return session.get(DecisionRow, decision_id)


def report_of_record(session: Session, record_id: int) -> int | None:
    """The report that a record belongs to today."""
    return session.scalar(select(RecordRow.report_id).where(RecordRow.id == record_id))


def decision_history(session: Session, report_id: int) -> list[DecisionRow]:
    """Every decision and undo on a report's records, oldest first."""
    query = (
        select(DecisionRow)
        .join(RecordRow, DecisionRow.record_id == RecordRow.id)
        .where(RecordRow.report_id == report_id)
        .order_by(DecisionRow.id)
    )
    return list(session.scalars(query))
