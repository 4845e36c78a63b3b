"""Reports and studies in the store: written as linking works them out, many at a time.

A report that was merged into another stays as a row that names it, so that its number still leads somewhere; when its
records are parted again it comes back under that number, with the scores and readings it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, load_only

from ivigil.records import Record
from ivigil.store.library import CHUNK
from ivigil.store.tables import RecordRow, ReportRow, StudyRow


@dataclass(frozen=True)
class ReportDraft:
    """A report as it is to stand: its records, their best values, and its number where it has one already."""

    report_id: int | None
    members: Sequence[RecordRow]
    best: Record
    text_hash: str


def write_reports(session: Session, drafts: Sequence[ReportDraft], *, now: datetime) -> list[int]:
    """Create or change these reports and put their records in them; returns their ids, draft by draft."""
    held = _reports(session, [draft.report_id for draft in drafts if draft.report_id is not None])
    rows = []
    for draft in drafts:
        row = held.get(draft.report_id or 0)
        if row is None:
            row = ReportRow(best=draft.best, text_hash=draft.text_hash, year=draft.best.year, created_at=now)
            session.add(row)
        else:
            row.merged_into = None
            row.text_hash, row.year = draft.text_hash, draft.best.year
            if row.best.content_hash != draft.best.content_hash:
                row.best = draft.best
        rows.append(row)
    session.flush()
    for draft, row in zip(drafts, rows, strict=True):
        for member in draft.members:
            if member.report_id != row.id:
                member.report_id = row.id
    session.flush()
    return [row.id for row in rows]


def merge_reports(session: Session, into: Mapping[int, int]) -> None:
    """Retire reports whose records all went elsewhere: each points to the report under its id in `into`."""
    for report_id, other in sorted(into.items()):
        session.execute(
            update(ReportRow).where(ReportRow.id == report_id).values(merged_into=other, study_id=None),
            execution_options={"synchronize_session": "fetch"},
        )


def retired_reports(session: Session, report_ids: Iterable[int]) -> dict[tuple[str, str], int]:
    """(source, source id) of the leading record -> id, of every report that was merged into one of these."""
    found: dict[tuple[str, str], int] = {}
    seen, wanted = set(report_ids), sorted(set(report_ids))
    while wanted:
        part, wanted = wanted[:CHUNK], wanted[CHUNK:]
        for row in session.scalars(select(ReportRow).where(ReportRow.merged_into.in_(part)).order_by(ReportRow.id)):
            if row.id not in seen:
                seen.add(row.id)
                wanted.append(row.id)
                found.setdefault((row.best.source, row.best.source_id), row.id)
    return found


def study_of_reports(session: Session, report_ids: Iterable[int]) -> dict[int, int | None]:
    """Report id -> study id."""
    wanted = sorted(set(report_ids))
    found: dict[int, int | None] = {}
    for start in range(0, len(wanted), CHUNK):
        query = select(ReportRow.id, ReportRow.study_id).where(ReportRow.id.in_(wanted[start : start + CHUNK]))
        found.update((id_, study) for id_, study in session.execute(query))
    return found


def write_studies(session: Session, groups: Sequence[tuple[Sequence[int], int | None]], *, now: datetime) -> None:
    """Put each group of reports under its study, a new one where none is given."""
    new = {number: StudyRow(created_at=now) for number, (_, study_id) in enumerate(groups) if study_id is None}
    session.add_all(new.values())
    session.flush()
    study_of = {
        report: new[number].id if study_id is None else study_id
        for number, (reports, study_id) in enumerate(groups)
        for report in reports
    }
    wanted = sorted(study_of)
    for start in range(0, len(wanted), CHUNK):
        query = select(ReportRow).where(ReportRow.id.in_(wanted[start : start + CHUNK]))
        for row in session.scalars(query.options(load_only(ReportRow.study_id))):
            if row.study_id != study_of[row.id]:
                row.study_id = study_of[row.id]
    session.flush()


def _reports(session: Session, ids: Sequence[int]) -> dict[int, ReportRow]:
    wanted = sorted(set(ids))
    return {
        row.id: row
        for start in range(0, len(wanted), CHUNK)
        for row in session.scalars(select(ReportRow).where(ReportRow.id.in_(wanted[start : start + CHUNK])))
    }
