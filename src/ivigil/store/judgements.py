"""What is said of reports: labels and decisions of people, scores and assessments of the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivigil.errors import ConfigurationError
from ivigil.records import Record
from ivigil.store.library import CHUNK
from ivigil.store.tables import (
    AssessmentRow,
    AuditRow,
    DecisionRow,
    LabelRow,
    PromotionRow,
    RecordRow,
    ReportRow,
    ScoreRow,
    ScreenerRow,
)

INCLUDE, EXCLUDE, MAYBE, UNDO = "include", "exclude", "maybe", "undo"
TITLE_ABSTRACT, FULL_TEXT = "title-abstract", "full-text"


@dataclass(frozen=True)
class Lead:
    """The record of a report that judgements are hung on."""

    record_id: int
    report_id: int


@dataclass(frozen=True)
class Pending:
    """A report that waits for a score or an assessment of its present text."""

    report_id: int
    best: Record
    text_hash: str


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


def champion(session: Session, protocol: str) -> ScreenerRow | None:
    """The screener promoted last for this protocol."""
    query = (
        select(ScreenerRow)
        .join(PromotionRow, PromotionRow.screener_id == ScreenerRow.id)
        .where(ScreenerRow.protocol == protocol)
        .order_by(PromotionRow.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def screeners(session: Session, protocol: str) -> list[ScreenerRow]:
    """Every screener of the protocol, oldest first."""
    return list(session.scalars(select(ScreenerRow).where(ScreenerRow.protocol == protocol).order_by(ScreenerRow.id)))


def promotions(session: Session, protocol: str) -> list[tuple[str, PromotionRow]]:
    """(version, promotion) of every screener that became champion, oldest first."""
    query = (
        select(ScreenerRow.version, PromotionRow)
        .join(ScreenerRow, ScreenerRow.id == PromotionRow.screener_id)
        .where(ScreenerRow.protocol == protocol)
        .order_by(PromotionRow.id)
    )
    return [(version, row) for version, row in session.execute(query)]


def add_screener(session: Session, row: ScreenerRow) -> int:
    """Write a trained screener's row and return its id."""
    session.add(row)
    session.flush()
    return row.id


def promote(session: Session, screener_id: int, why: str, now: datetime) -> None:
    """Make a screener champion."""
    session.add(PromotionRow(screener_id=screener_id, why=why, promoted_at=now))


def screener(session: Session, protocol: str, version: str) -> ScreenerRow | None:
    """The screener of this version."""
    query = select(ScreenerRow).where(ScreenerRow.protocol == protocol, ScreenerRow.version == version)
    return session.scalars(query).first()


def audit_of(session: Session, protocol: str, month: str) -> AuditRow | None:
    """The audit sample drawn for a month (YYYY-MM)."""
    return session.scalars(select(AuditRow).where(AuditRow.protocol == protocol, AuditRow.month == month)).first()


def keep_audit(session: Session, row: AuditRow) -> None:
    """Keep a drawn audit sample."""
    session.add(row)
    session.flush()


def without_score(session: Session, screener_id: int) -> list[Pending]:
    """Reports whose present text has no score under this screener, oldest first."""
    scored = select(ScoreRow.report_id).where(
        ScoreRow.report_id == ReportRow.id,
        ScoreRow.screener_id == screener_id,
        ScoreRow.text_hash == ReportRow.text_hash,
    )
    return _pending(session, ~scored.exists())


def without_assessment(session: Session, criteria_hash: str) -> list[Pending]:
    """Reports whose present text has not been read against these criteria, oldest first."""
    read = select(AssessmentRow.id).where(
        AssessmentRow.report_id == ReportRow.id,
        AssessmentRow.criteria_hash == criteria_hash,
        AssessmentRow.text_hash == ReportRow.text_hash,
    )
    return _pending(session, ~read.exists())


def save_scores(session: Session, screener_id: int, scores: Mapping[int, tuple[str, float]], now: datetime) -> None:
    """Write scores: report id -> (text hash, score)."""
    session.add_all(
        ScoreRow(report_id=report_id, screener_id=screener_id, text_hash=text_hash, score=score, scored_at=now)
        for report_id, (text_hash, score) in scores.items()
    )
    session.flush()


def scores_under(session: Session, screener_id: int) -> dict[int, float]:
    """Report id -> score of its present text."""
    query = (
        select(ScoreRow.report_id, ScoreRow.score)
        .join(ReportRow, (ReportRow.id == ScoreRow.report_id) & (ReportRow.text_hash == ScoreRow.text_hash))
        .where(ScoreRow.screener_id == screener_id)
    )
    return dict(session.execute(query).tuples().all())


def score_of(session: Session, screener_id: int, report_id: int) -> float | None:
    """The score of a report's present text under a screener."""
    query = (
        select(ScoreRow.score)
        .join(ReportRow, (ReportRow.id == ScoreRow.report_id) & (ReportRow.text_hash == ScoreRow.text_hash))
        .where(ScoreRow.screener_id == screener_id, ScoreRow.report_id == report_id)
    )
    return session.scalars(query).first()


def scores_of(session: Session, report_id: int) -> list[tuple[str, ScoreRow]]:
    """(screener version, score) of one report, oldest first."""
    query = (
        select(ScreenerRow.version, ScoreRow)
        .join(ScreenerRow, ScreenerRow.id == ScoreRow.screener_id)
        .where(ScoreRow.report_id == report_id)
        .order_by(ScoreRow.scored_at, ScreenerRow.id)
    )
    return [(version, row) for version, row in session.execute(query)]


def assessments_of(session: Session, report_id: int) -> list[AssessmentRow]:
    """Every reading of one report, oldest first."""
    query = select(AssessmentRow).where(AssessmentRow.report_id == report_id).order_by(AssessmentRow.id)
    return list(session.scalars(query))


def save_assessment(
    session: Session, pending: Pending, criteria_hash: str, *, verdict: str, reading: dict[str, Any], now: datetime
) -> None:
    """Write one report's reading."""
    first = pending.best.first_published
    session.add(
        AssessmentRow(
            report_id=pending.report_id,
            criteria_hash=criteria_hash,
            text_hash=pending.text_hash,
            verdict=verdict,
            reading=reading,
            published_on=first.earliest if first else None,
            assessed_at=now,
        )
    )


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


def _pending(session: Session, condition: Any) -> list[Pending]:
    query = select(ReportRow.id, ReportRow.best, ReportRow.text_hash).where(ReportRow.merged_into.is_(None), condition)
    return [Pending(id_, best, text_hash) for id_, best, text_hash in session.execute(query.order_by(ReportRow.id))]
