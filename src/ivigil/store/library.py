"""Records in the store: taken in page by page, superseded rather than edited, never lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ivigil.records import Record
from ivigil.store.ledger_tables import RunRow
from ivigil.store.tables import RecordRow, ReportRow, RevisionRow

CHUNK = 500  # keeps IN lists well under every database's limit


@dataclass(frozen=True)
class Intake:
    """What taking in a batch changed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Intake) -> Intake:
        return Intake(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


def take_in(session: Session, records: Sequence[Record], *, run_id: int | None, way: str, now: datetime) -> Intake:
    """Insert new records, supersede changed ones, leave equal ones alone.

    A record whose version is older than the held one changes nothing. `way` says how the record was found first:
    search, import, citation.
    """
    intake = Intake()
    for source in sorted({record.source for record in records}):
        mine = [record for record in records if record.source == source]
        held = _held(session, source, [record.source_id for record in mine])
        for record in mine:
            row = held.get(record.source_id)
            if row is None:
                held[record.source_id] = _insert(session, record, run_id=run_id, way=way, now=now)
                intake += Intake(new=1)
            elif row.content_hash == record.content_hash or _older(record.version, row.data.version):
                intake += Intake(unchanged=1)
            else:
                _supersede(session, row, record, run_id=run_id, now=now)
                intake += Intake(changed=1)
    session.flush()
    return intake


def withdraw(session: Session, source: str, source_ids: Iterable[str], now: datetime) -> int:
    """Mark records that their source has deleted; they stay in the store. Returns how many were newly marked."""
    rows = [row for row in _held(session, source, list(source_ids)).values() if row.withdrawn_at is None]
    for row in rows:
        row.withdrawn_at = now
    return len(rows)


def count_records(session: Session) -> int:
    """How many records are held."""
    return session.scalar(select(func.count()).select_from(RecordRow)) or 0


def count_reports(session: Session) -> int:
    """How many reports are held, those merged into others apart."""
    return session.scalar(select(func.count()).select_from(ReportRow).where(ReportRow.merged_into.is_(None))) or 0


def find_record(session: Session, *, pmid: str | None = None, doi: str | None = None) -> RecordRow | None:
    """The first held record with the PMID, else with the DOI."""
    for column, value in ((RecordRow.pmid, pmid), (RecordRow.doi, doi)):
        if value:
            row = session.scalars(select(RecordRow).where(column == value).order_by(RecordRow.id).limit(1)).first()
            if row is not None:
                return row
    return None


def found_by_search(
    session: Session, source: str, *, pmid: str | None = None, doi: str | None = None
) -> RecordRow | None:
    """The record with the PMID or the DOI that a search of this source has brought, and that was not withdrawn."""
    ids = [column == value for column, value in ((RecordRow.pmid, pmid), (RecordRow.doi, doi)) if value]
    query = select(RecordRow).where(
        or_(*ids), RecordRow.source == source, RecordRow.way == "search", RecordRow.withdrawn_at.is_(None)
    )
    return session.scalars(query.order_by(RecordRow.id).limit(1)).first() if ids else None


def find_by_key(session: Session, source: str, source_id: str) -> RecordRow | None:
    """The held record under (source, source id)."""
    return _held(session, source, [source_id]).get(source_id)


def source_ids(session: Session, source: str) -> list[str]:
    """Under which ids a source's records are held, those it withdrew apart."""
    query = select(RecordRow.source_id).where(RecordRow.source == source, RecordRow.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(RecordRow.id)))


def resolve_report(session: Session, report_id: int) -> ReportRow | None:
    """The report under an id, following it to where it was merged."""
    seen: set[int] = set()
    row = session.get(ReportRow, report_id)
    while row is not None and row.merged_into is not None and row.id not in seen:
        seen.add(row.id)
        row = session.get(ReportRow, row.merged_into)
    return row


def records_of(session: Session, report_ids: Sequence[int]) -> dict[int, list[RecordRow]]:
    """Report id -> its records, oldest first."""
    found: dict[int, list[RecordRow]] = {report_id: [] for report_id in report_ids}
    for start in range(0, len(report_ids), CHUNK):
        query = select(RecordRow).where(RecordRow.report_id.in_(report_ids[start : start + CHUNK]))
        for row in session.scalars(query.order_by(RecordRow.id)):
            if row.report_id is not None:
                found[row.report_id].append(row)
    return found


def reports_by_id(session: Session, ids: Sequence[int]) -> dict[int, ReportRow]:
    """The reports under these ids."""
    rows: dict[int, ReportRow] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(ReportRow).where(ReportRow.id.in_(ids[start : start + CHUNK]))
        rows.update((row.id, row) for row in session.scalars(query))
    return rows


def sources_of(session: Session, report_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Report id -> the sources of its records, the first to bring it first."""
    found: dict[int, tuple[str, ...]] = {}
    for start in range(0, len(report_ids), CHUNK):
        query = select(RecordRow.report_id, RecordRow.source).where(
            RecordRow.report_id.in_(report_ids[start : start + CHUNK])
        )
        for report_id, source in session.execute(query.order_by(RecordRow.id)):
            if report_id is not None and source not in found.get(report_id, ()):
                found[report_id] = (*found.get(report_id, ()), source)
    return found


def standing_reports(session: Session) -> list[ReportRow]:
    """Every report, those merged into others apart, oldest first."""
    return list(session.scalars(select(ReportRow).where(ReportRow.merged_into.is_(None)).order_by(ReportRow.id)))


def best_of(session: Session, report_ids: Sequence[int]) -> list[Record]:
    """The best values of these reports, oldest first."""
    found: list[Record] = []
    for start in range(0, len(report_ids), CHUNK):
        query = select(ReportRow.best).where(ReportRow.id.in_(report_ids[start : start + CHUNK]))
        found += session.scalars(query.order_by(ReportRow.id))
    return found


def report_years(session: Session) -> list[tuple[int, int | None]]:
    """(id, year) of every report that stands, oldest first; lighter than the reports themselves."""
    query = select(ReportRow.id, ReportRow.year).where(ReportRow.merged_into.is_(None)).order_by(ReportRow.id)
    return [(id_, year) for id_, year in session.execute(query)]


def reports_created(session: Session, start: datetime, end: datetime) -> list[int]:
    """Reports that stand and were first held in a stretch of time, its end not included, oldest first."""
    query = select(ReportRow.id).where(
        ReportRow.created_at >= start, ReportRow.created_at < end, ReportRow.merged_into.is_(None)
    )
    return list(session.scalars(query.order_by(ReportRow.id)))


def brought_by(session: Session, way: str, start: datetime, end: datetime) -> list[int]:
    """Reports that stand, were first held in a stretch of time (its end not included) and have a record of this way."""
    found = select(RecordRow.report_id).where(RecordRow.way == way, RecordRow.created_at >= start)
    query = select(ReportRow.id).where(
        ReportRow.created_at >= start,
        ReportRow.created_at < end,
        ReportRow.merged_into.is_(None),
        ReportRow.id.in_(found),
    )
    return list(session.scalars(query.order_by(ReportRow.id)))


def superseded_at(session: Session, record_id: int) -> list[datetime]:
    """When a record's earlier states were superseded, oldest first."""
    query = select(RevisionRow.superseded_at).where(RevisionRow.record_id == record_id).order_by(RevisionRow.id)
    return list(session.scalars(query))


def report_ids(session: Session) -> list[int]:
    """Every report that stands, oldest first."""
    return list(session.scalars(select(ReportRow.id).where(ReportRow.merged_into.is_(None)).order_by(ReportRow.id)))


def found_since(session: Session, moment: datetime, run_kinds: Collection[str]) -> list[RecordRow]:
    """Records that runs of these kinds have first brought since then, oldest first."""
    query = (
        select(RecordRow)
        .join(RunRow, RunRow.id == RecordRow.first_run_id)
        .where(RecordRow.created_at >= moment, RunRow.kind.in_(sorted(run_kinds)))
    )
    return list(session.scalars(query.order_by(RecordRow.id)))


def earlier_states(session: Session, record_id: int) -> list[Record]:
    """What a record said before, oldest first."""
    query = select(RevisionRow.data).where(RevisionRow.record_id == record_id).order_by(RevisionRow.id)
    return list(session.scalars(query))


def _held(session: Session, source: str, source_ids: Sequence[str]) -> dict[str, RecordRow]:
    rows: dict[str, RecordRow] = {}
    for start in range(0, len(source_ids), CHUNK):
        query = select(RecordRow).where(
            RecordRow.source == source, RecordRow.source_id.in_(source_ids[start : start + CHUNK])
        )
        rows.update((row.source_id, row) for row in session.scalars(query))
    return rows


def _insert(session: Session, record: Record, *, run_id: int | None, way: str, now: datetime) -> RecordRow:
    row = RecordRow(
        source=record.source,
        source_id=record.source_id,
        pmid=record.pmid,
        doi=record.doi,
        content_hash=record.content_hash,
        data=record,
        way=way,
        first_run_id=run_id,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    return row


def _supersede(session: Session, row: RecordRow, record: Record, *, run_id: int | None, now: datetime) -> None:
    session.add(
        RevisionRow(
            record_id=row.id,
            content_hash=row.content_hash,
            data=row.data,
            superseded_at=now,
            superseded_by_run_id=run_id,
        )
    )
    row.data, row.content_hash, row.changed_at = record, record.content_hash, now
    row.pmid, row.doi = record.pmid, record.doi
    row.linked_hash = None  # it is to be linked anew


def _older(version: str, than: str) -> bool:
    return version.isdigit() and than.isdigit() and int(version) < int(than)
