"""Links in the store: which records are one report, which reports one study, and why.

Reports and studies are what the links say. They are worked out anew only where something changed: over the records of
the reports that a new or changed record touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from ivigil.records import Record
from ivigil.store.library import CHUNK
from ivigil.store.tables import LinkRow, RecordKeyRow, RecordRow, ReportRow, StudyRow

ACTIVE, SUGGESTED = "active", "suggested"
ACCEPTED, REFUSED, CUT = "accepted", "refused", "cut"
SETTLED = (ACCEPTED, REFUSED, CUT)
"""States that a person gave; linking leaves them alone."""
JOINING = (ACTIVE, ACCEPTED)
BY_PERSON = "person"


@dataclass(frozen=True)
class NewLink:
    """A link between two held records, as linking found it."""

    record_a: int
    record_b: int
    kind: str
    strength: str
    rule: str
    why: str


def unlinked(session: Session) -> list[RecordRow]:
    """Records that are new or changed since they were last linked, oldest first."""
    changed = or_(RecordRow.linked_hash.is_(None), RecordRow.linked_hash != RecordRow.content_hash)
    return list(session.scalars(select(RecordRow).where(changed).order_by(RecordRow.id)))


def set_keys(session: Session, keys: Mapping[int, Iterable[str]]) -> None:
    """Replace the blocking keys of these records."""
    ids = list(keys)
    for start in range(0, len(ids), CHUNK):
        session.execute(delete(RecordKeyRow).where(RecordKeyRow.record_id.in_(ids[start : start + CHUNK])))
    session.add_all(RecordKeyRow(record_id=id_, key=key) for id_, mine in keys.items() for key in sorted(mine))
    session.flush()


def sharing(session: Session, keys: Iterable[str]) -> dict[str, list[int]]:
    """Key -> ids of the records that carry it."""
    wanted = sorted(set(keys))
    found: dict[str, list[int]] = {}
    for start in range(0, len(wanted), CHUNK):
        query = select(RecordKeyRow.key, RecordKeyRow.record_id).where(
            RecordKeyRow.key.in_(wanted[start : start + CHUNK])
        )
        for key, record_id in session.execute(query.order_by(RecordKeyRow.record_id)):
            found.setdefault(key, []).append(record_id)
    return found


def records_by_id(session: Session, ids: Iterable[int]) -> dict[int, RecordRow]:
    """The records under these ids."""
    wanted = sorted(set(ids))
    rows: dict[int, RecordRow] = {}
    for start in range(0, len(wanted), CHUNK):
        query = select(RecordRow).where(RecordRow.id.in_(wanted[start : start + CHUNK]))
        rows.update((row.id, row) for row in session.scalars(query))
    return rows


def replace_links(session: Session, changed: Sequence[int], links: Sequence[NewLink], *, now: datetime) -> None:
    """Drop what linking said of the changed records before, and write what it says now.

    A person's word stands: a cut or refused pair is not linked again, whatever the rule.
    """
    held = links_among(session, changed, whole=False)
    settled = {(row.record_a, row.record_b, row.kind) for row in held if row.state in SETTLED}
    for row in held:
        if row.state not in SETTLED:
            session.delete(row)
    session.flush()
    for link in links:
        a, b = sorted((link.record_a, link.record_b))
        if (a, b, link.kind) not in settled:
            state = ACTIVE if link.strength == "certain" else SUGGESTED
            session.add(
                LinkRow(
                    record_a=a,
                    record_b=b,
                    kind=link.kind,
                    strength=link.strength,
                    rule=link.rule,
                    why=link.why,
                    state=state,
                    created_at=now,
                )
            )
    session.flush()


def links_among(session: Session, ids: Sequence[int], *, whole: bool = True) -> list[LinkRow]:
    """Links with both ends (`whole`), or at least one end, among these records."""
    wanted = sorted(set(ids))
    inside = set(wanted)
    rows: dict[int, LinkRow] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        query = select(LinkRow).where(or_(LinkRow.record_a.in_(part), LinkRow.record_b.in_(part)))
        rows.update((row.id, row) for row in session.scalars(query))
    return [row for row in rows.values() if not whole or (row.record_a in inside and row.record_b in inside)]


def suggestions(session: Session) -> list[LinkRow]:
    """Links that wait for a person, oldest first."""
    return list(session.scalars(select(LinkRow).where(LinkRow.state == SUGGESTED).order_by(LinkRow.id)))


def settle_pair(session: Session, a: int, b: int, kind: str, *, state: str, why: str, now: datetime) -> None:
    """Write a person's word on two records over whatever rules said of them in this kind."""
    low, high = sorted((a, b))
    for row in links_among(session, [low, high]):
        if row.kind == kind:
            session.delete(row)
    session.flush()
    session.add(
        LinkRow(
            record_a=low,
            record_b=high,
            kind=kind,
            strength="certain",
            rule=BY_PERSON,
            why=why,
            state=state,
            created_at=now,
        )
    )
    session.flush()


def same_reports(session: Session, ids: Iterable[int]) -> set[int]:
    """These records and all others of their reports."""
    rows = records_by_id(session, ids)
    reports = sorted({row.report_id for row in rows.values() if row.report_id is not None})
    found = set(rows)
    for start in range(0, len(reports), CHUNK):
        found.update(
            session.scalars(select(RecordRow.id).where(RecordRow.report_id.in_(reports[start : start + CHUNK])))
        )
    return found


def same_studies(session: Session, report_ids: Iterable[int]) -> set[int]:
    """These reports and all others of their studies, merged ones apart."""
    wanted = sorted(set(report_ids))
    found = set(wanted)
    for start in range(0, len(wanted), CHUNK):
        studies = select(ReportRow.study_id).where(ReportRow.id.in_(wanted[start : start + CHUNK]))
        found.update(
            session.scalars(
                select(ReportRow.id).where(ReportRow.study_id.in_(studies), ReportRow.merged_into.is_(None))
            )
        )
    return found


def studies_of_records(session: Session, record_ids: Sequence[int]) -> dict[int, int]:
    """Record id -> the study its report belongs to."""
    found: dict[int, int] = {}
    for start in range(0, len(record_ids), CHUNK):
        query = (
            select(RecordRow.id, ReportRow.study_id)
            .join(ReportRow, ReportRow.id == RecordRow.report_id)
            .where(RecordRow.id.in_(record_ids[start : start + CHUNK]), ReportRow.study_id.is_not(None))
        )
        found.update((id_, study) for id_, study in session.execute(query) if study is not None)
    return found


def write_report(session: Session, members: Sequence[RecordRow], best: Record, text_hash: str, *, now: datetime) -> int:
    """Create a report for these records and return its id."""
    row = ReportRow(best=best, text_hash=text_hash, year=best.year, created_at=now)
    session.add(row)
    session.flush()
    for member in members:
        member.report_id = row.id
    return row.id


def update_report(session: Session, report_id: int, members: Sequence[RecordRow], best: Record, text_hash: str) -> None:
    """Give a held report these records and their best values."""
    row = session.get_one(ReportRow, report_id)
    row.merged_into = None
    if row.best.content_hash != best.content_hash:
        row.best = best
    row.text_hash, row.year = text_hash, best.year
    for member in members:
        if member.report_id != report_id:
            member.report_id = report_id


def merge_report(session: Session, report_id: int, into: int) -> None:
    """Retire a report whose records all went to another."""
    session.execute(
        update(ReportRow).where(ReportRow.id == report_id).values(merged_into=into, study_id=None),
        execution_options={"synchronize_session": "fetch"},
    )


def study_of_reports(session: Session, report_ids: Sequence[int]) -> dict[int, int | None]:
    """Report id -> study id."""
    found: dict[int, int | None] = {}
    for start in range(0, len(report_ids), CHUNK):
        query = select(ReportRow.id, ReportRow.study_id).where(ReportRow.id.in_(report_ids[start : start + CHUNK]))
        found.update((id_, study) for id_, study in session.execute(query))
    return found


def set_study(session: Session, report_ids: Sequence[int], study_id: int | None, *, now: datetime) -> int:
    """Put reports under a study, a new one where `study_id` is None; return its id."""
    if study_id is None:
        row = StudyRow(created_at=now)
        session.add(row)
        session.flush()
        study_id = row.id
    for report in session.scalars(select(ReportRow).where(ReportRow.id.in_(report_ids))):
        if report.study_id != study_id:
            report.study_id = study_id
    return study_id
