"""What screeners say of reports: which were trained, which is champion, and the scores each gave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivigil.store.pending import Pending, pending_reports
from ivigil.store.tables import AuditRow, PromotionRow, ReportRow, ScoreRow, ScreenerRow


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


def screener(session: Session, protocol: str, version: str) -> ScreenerRow | None:
    """The screener of this version."""
    query = select(ScreenerRow).where(ScreenerRow.protocol == protocol, ScreenerRow.version == version)
    return session.scalars(query).first()


def screeners(session: Session, protocol: str) -> list[ScreenerRow]:
    """Every screener of the protocol, oldest first."""
    return list(session.scalars(select(ScreenerRow).where(ScreenerRow.protocol == protocol).order_by(ScreenerRow.id)))


def add_screener(session: Session, row: ScreenerRow) -> int:
    """Write a trained screener's row and return its id."""
    session.add(row)
    session.flush()
    return row.id


def promote(session: Session, screener_id: int, why: str, now: datetime) -> None:
    """Make a screener champion."""
    session.add(PromotionRow(screener_id=screener_id, why=why, promoted_at=now))


def promotions(session: Session, protocol: str) -> list[tuple[str, PromotionRow]]:
    """(version, promotion) of every screener that became champion, oldest first."""
    query = (
        select(ScreenerRow.version, PromotionRow)
        .join(ScreenerRow, ScreenerRow.id == PromotionRow.screener_id)
        .where(ScreenerRow.protocol == protocol)
        .order_by(PromotionRow.id)
    )
    return [(version, row) for version, row in session.execute(query)]


def without_score(session: Session, screener_id: int) -> list[Pending]:
    """Reports whose present text has no score under this screener, oldest first."""
    scored = select(ScoreRow.report_id).where(
        ScoreRow.report_id == ReportRow.id,
        ScoreRow.screener_id == screener_id,
        ScoreRow.text_hash == ReportRow.text_hash,
    )
    return pending_reports(session, ~scored.exists())


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


def audit_of(session: Session, protocol: str, month: str) -> AuditRow | None:
    """The audit sample drawn for a month (YYYY-MM)."""
    return session.scalars(select(AuditRow).where(AuditRow.protocol == protocol, AuditRow.month == month)).first()


def keep_audit(session: Session, row: AuditRow) -> None:
    """Keep a drawn audit sample."""
    session.add(row)
    session.flush()
