"""The ledger: runs, searches, watermarks and the lease that keeps two runs apart."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivigil import __version__
from ivigil.errors import LeaseHeld
from ivigil.sources.base import Payload, SearchRequest, Window
from ivigil.store.ledger_tables import (
    CanaryRow,
    LeaseRow,
    PayloadRow,
    RunRow,
    SearchPayloadRow,
    SearchRow,
    WatermarkRow,
)

SEARCH, SWEEP, RECONCILIATION, SLICE = "search", "sweep", "reconciliation", "slice"
CITATIONS, REFERENCES, ENRICHMENT, WATCH, IMPORT = "citations", "references", "enrichment", "watch", "import"
FULL_TEXTS = "full_texts"
"""Kinds of questions to a source."""
NO_DATE = "none"
RUNNING, COMPLETE, PARTIAL, FAILED, COVERED = "running", "complete", "partial", "failed", "covered"


def take_lease(session: Session, name: str, holder: str, *, now: datetime, lasts: timedelta) -> None:
    """Take or renew the lease `name`.

    Raises:
        LeaseHeld: another holder has it and it has not run out.
    """
    row = session.get(LeaseRow, name, with_for_update=True)
    if row is None:
        session.add(LeaseRow(name=name, holder=holder, expires_at=now + lasts))
        try:
            session.flush()
        except IntegrityError:  # another run inserted it between our look and our insert
            raise LeaseHeld("another run is at work") from None
        return
    if row.holder != holder and row.expires_at > now:
        raise LeaseHeld(
            f"another run ({row.holder}) is at work", hint=f"its lease runs out at {row.expires_at:%Y-%m-%d %H:%M} UTC"
        )
    row.holder, row.expires_at = holder, now + lasts


def release_lease(session: Session, name: str, holder: str) -> None:
    """Give the lease back if it is still ours."""
    row = session.get(LeaseRow, name, with_for_update=True)
    if row is not None and row.holder == holder:
        session.delete(row)


def open_run(session: Session, kind: str, *, as_of: datetime, now: datetime) -> int:
    """Open a run's ledger row and return its id."""
    row = RunRow(kind=kind, as_of=as_of, status=RUNNING, started_at=now, summary={})
    session.add(row)
    session.flush()
    return row.id


def close_interrupted(session: Session, *, now: datetime) -> list[int]:
    """Mark runs that were left open (killed, or the machine went down) as failed. Call only while holding the lease."""
    rows = list(session.scalars(select(RunRow).where(RunRow.status == RUNNING)))
    for row in rows:
        row.status, row.finished_at, row.why = FAILED, now, "interrupted: it did not reach its end; later runs cover it"
    return [row.id for row in rows]


def close_run(
    session: Session, run_id: int, *, status: str, summary: dict[str, Any], now: datetime, why: str | None
) -> None:
    """Close a run with its outcome, and the version of ivigil that ran it."""
    row = session.get_one(RunRow, run_id)
    row.status, row.finished_at, row.why = status, now, why
    row.summary = {**summary, "version": __version__}


def cover_run(session: Session, kind: str, *, as_of: datetime, covered_by: int, now: datetime) -> int:
    """Record a scheduled slot that another run's window already covers."""
    row = RunRow(
        kind=kind, as_of=as_of, status=COVERED, started_at=now, finished_at=now, covered_by=covered_by, summary={}
    )
    row.why = f"run {covered_by} already searched through this slot"
    session.add(row)
    session.flush()
    return row.id


def open_search(
    session: Session, run_id: int, source: str, request: SearchRequest, *, now: datetime, kind: str = SEARCH
) -> int:
    """Open a search's ledger row before its first request goes out."""
    return _open_question(session, run_id, source, request, now=now, kind=kind, date_field=request.date_field.value)


def open_lookup(session: Session, run_id: int, source: str, asked: str, *, kind: str, now: datetime) -> int:
    """Open the row of a question that has no window of its own, such as 'cites pmid:23910617'."""
    request = SearchRequest(asked, Window(now.date(), now.date()))
    return _open_question(session, run_id, source, request, now=now, kind=kind, date_field=NO_DATE)


def _open_question(
    session: Session, run_id: int, source: str, request: SearchRequest, *, now: datetime, kind: str, date_field: str
) -> int:
    row = SearchRow(
        run_id=run_id,
        kind=kind,
        source=source,
        query_hash=request.query_hash,
        strategy=request.strategy,
        date_field=date_field,
        window_start=request.window.start,
        window_end=request.window.end,
        shortfall={},
        warnings=[],
        started_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def searches_of_strategy(
    session: Session, source: str, query_hash: str, *, kind: str = SEARCH, limit: int = 60
) -> list[SearchRow]:
    """A strategy's questions of one kind to one source, newest first."""
    query = select(SearchRow).where(
        SearchRow.source == source, SearchRow.query_hash == query_hash, SearchRow.kind == kind
    )
    return list(session.scalars(query.order_by(SearchRow.id.desc()).limit(limit)))


def unanswered_searches(session: Session, source: str, query_hash: str) -> list[SearchRow]:
    """A strategy's searches of a source since its last whole answer, newest first; empty when the newest was whole."""
    mine = (SearchRow.source == source, SearchRow.query_hash == query_hash, SearchRow.kind == SEARCH)
    last_whole = select(func.coalesce(func.max(SearchRow.id), 0)).where(*mine, SearchRow.complete.is_(True))
    query = select(SearchRow).where(*mine, SearchRow.id > last_whole.scalar_subquery())
    return list(session.scalars(query.order_by(SearchRow.id.desc())))


def first_complete_search(session: Session, source: str, query_hash: str) -> SearchRow | None:
    """The first whole answer a strategy ever had from a source, over whichever window."""
    query = select(SearchRow).where(
        SearchRow.source == source, SearchRow.query_hash == query_hash, SearchRow.complete.is_(True)
    )
    return session.scalars(query.order_by(SearchRow.id).limit(1)).first()


def first_day_asked(session: Session, source: str, query_hash: str) -> date | None:
    """The earliest day that a whole search of a strategy asked a source for; None where there was none."""
    query = select(func.min(SearchRow.window_start)).where(
        SearchRow.source == source,
        SearchRow.query_hash == query_hash,
        SearchRow.kind == SEARCH,
        SearchRow.complete.is_(True),
    )
    return session.scalar(query)


def close_import(session: Session, search_id: int, digest: str, counts: dict[str, Any], *, now: datetime) -> None:
    """Close the row of an imported file; it is known again by the digest (16 hex digits) of its content."""
    row = session.get_one(SearchRow, search_id)
    row.query_hash, row.reported, row.fetched = digest, counts["seen"], counts["records"]
    row.new_records, row.changed_records = counts["new_records"], counts["changed_records"]
    row.shortfall = {"rejected": [[str(entry["line"]), entry["why"]] for entry in counts["rejected"]]}
    row.complete, row.finished_at = True, now


def close_list(session: Session, search_id: int, *, listed: int, error: str | None, now: datetime) -> None:
    """Close the row of a question that is answered by a list of names, not by records."""
    row = session.get_one(SearchRow, search_id)
    row.reported, row.complete, row.error, row.finished_at = listed, error is None, error, now


def import_of(session: Session, digest: str) -> SearchRow | None:
    """The row by which content of this digest was imported first."""
    query = select(SearchRow).where(
        SearchRow.kind == IMPORT, SearchRow.query_hash == digest, SearchRow.complete.is_(True)
    )
    return session.scalars(query.order_by(SearchRow.id).limit(1)).first()


def keep_payload(session: Session, search_id: int, position: int, payload: Payload) -> None:
    """Keep an answer's bytes once, and note that this search received them."""
    digest = hashlib.sha256(payload.body).hexdigest()
    if session.get(PayloadRow, digest) is None:
        session.add(PayloadRow(sha256=digest, media_type=payload.media_type, body=payload.body, size=len(payload.body)))
        session.flush()
    session.add(
        SearchPayloadRow(search_id=search_id, position=position, payload_sha256=digest, address=payload.address)
    )


def watermark(session: Session, source: str, query_hash: str) -> date | None:
    """The last day through which the strategy has been searched completely; None if never."""
    row = session.get(WatermarkRow, (source, query_hash))
    return row.complete_through if row else None


def advance_watermark(session: Session, source: str, query_hash: str, through: date, search_id: int) -> None:
    """Move the watermark forward; it never moves back."""
    row = session.get(WatermarkRow, (source, query_hash))
    if row is None:
        session.add(WatermarkRow(source=source, query_hash=query_hash, complete_through=through, search_id=search_id))
    elif through > row.complete_through:
        row.complete_through, row.search_id = through, search_id


def note_canaries(
    session: Session, run_id: int, source: str, *, expected: Sequence[str], lost: Sequence[str], error: str | None
) -> None:
    """Write which known studies a source's strategy still returned."""
    row = session.scalars(select(CanaryRow).where(CanaryRow.run_id == run_id, CanaryRow.source == source)).first()
    if row is None:
        row = CanaryRow(run_id=run_id, source=source)
        session.add(row)
    row.expected, row.lost, row.error = list(expected), list(lost), error


def was_asked_for_canaries(session: Session, source: str) -> bool:
    """Whether a source has ever answered which known studies its strategy returns."""
    answered = select(CanaryRow.id).where(CanaryRow.source == source, CanaryRow.error.is_(None))
    return session.scalars(answered.limit(1)).first() is not None


def canaries_returned(session: Session, source: str) -> set[str]:
    """The known studies that a source has returned at least once, by its own identifiers."""
    rows = session.scalars(select(CanaryRow).where(CanaryRow.source == source, CanaryRow.error.is_(None)))
    return {identifier for row in rows for identifier in row.expected if identifier not in row.lost}


def latest_canaries(session: Session) -> list[CanaryRow]:
    """Each source's newest canary row that could be read, by source."""
    newest = (
        select(func.max(CanaryRow.id)).where(CanaryRow.error.is_(None)).group_by(CanaryRow.source).scalar_subquery()
    )
    return list(session.scalars(select(CanaryRow).where(CanaryRow.id.in_(newest)).order_by(CanaryRow.source)))


def runs(session: Session, *, kind: str | None = None, limit: int = 30) -> list[RunRow]:
    """Newest runs first."""
    query = select(RunRow).order_by(RunRow.id.desc()).limit(limit)
    return list(session.scalars(query.where(RunRow.kind == kind) if kind else query))


def first_run(session: Session) -> RunRow | None:
    """The oldest run of any kind."""
    return session.scalars(select(RunRow).order_by(RunRow.as_of, RunRow.id).limit(1)).first()


def runs_between(session: Session, start: datetime, end: datetime) -> list[RunRow]:
    """Runs as of a stretch of time, its end not included, oldest first."""
    query = select(RunRow).where(RunRow.as_of >= start, RunRow.as_of < end)
    return list(session.scalars(query.order_by(RunRow.as_of, RunRow.id)))


def kind_of(session: Session, run_id: int | None) -> str | None:
    """What kind of run this is."""
    run = session.get(RunRow, run_id) if run_id is not None else None
    return run.kind if run else None


def last_complete_run(session: Session, kind: str = "night") -> RunRow | None:
    """The newest complete run of a kind."""
    query = select(RunRow).where(RunRow.kind == kind, RunRow.status == COMPLETE)
    return session.scalars(query.order_by(RunRow.as_of.desc(), RunRow.id.desc()).limit(1)).first()


def searches_of(session: Session, run_id: int) -> list[SearchRow]:
    """A run's searches in the order they were made."""
    return list(session.scalars(select(SearchRow).where(SearchRow.run_id == run_id).order_by(SearchRow.id)))


def watermarks(session: Session) -> list[WatermarkRow]:
    """Every watermark, by source."""
    return list(session.scalars(select(WatermarkRow).order_by(WatermarkRow.source, WatermarkRow.complete_through)))
