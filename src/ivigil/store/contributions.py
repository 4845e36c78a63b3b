"""What each source brought: records, the reports they are of, and when they were first seen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivigil.records import Record
from ivigil.store.ledger_tables import SearchRow
from ivigil.store.tables import RecordRow


def records_by_source(session: Session) -> dict[str, int]:
    """Source -> how many records are held of it."""
    query = select(RecordRow.source, func.count()).group_by(RecordRow.source)
    return dict(session.execute(query).tuples().all())


def reports_by_source(session: Session, *, ways: Collection[str] = ()) -> dict[int, set[str]]:
    """Report -> the sources that have a record of it, found in one of these ways or in any."""
    query = select(RecordRow.report_id, RecordRow.source).where(RecordRow.report_id.is_not(None)).distinct()
    found: dict[int, set[str]] = {}
    for report_id, source in session.execute(query.where(RecordRow.way.in_(ways)) if ways else query):
        found.setdefault(report_id, set()).add(source)
    return found


def seen_later(session: Session, source: str, way: str) -> list[tuple[Record, datetime]]:
    """A source's records that came in this way after the first run that brought any, and when each was first seen."""
    mine = (RecordRow.source == source, RecordRow.way == way)
    first = select(func.min(RecordRow.first_run_id)).where(*mine).scalar_subquery()
    query = select(RecordRow.data, RecordRow.created_at).where(*mine, RecordRow.first_run_id > first)
    return [(record, when) for record, when in session.execute(query).tuples()]


def last_complete_search(session: Session, source: str, query_hash: str) -> datetime | None:
    """When a strategy was last searched whole on a source, over whichever window of entry."""
    query = select(func.max(SearchRow.finished_at)).where(
        SearchRow.source == source,
        SearchRow.query_hash == query_hash,
        SearchRow.kind == "search",
        SearchRow.complete.is_(True),
    )
    return session.scalar(query)
