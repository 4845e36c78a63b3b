"""Links in the store: which records share a key, what was found of them, and what people said of it.

Everything here works on sets of records, so that a batch costs a few statements however large the store is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, Select, delete, insert, or_, select, text
from sqlalchemy.orm import Session

from ivigil.store.library import CHUNK
from ivigil.store.tables import LinkRow, RecordKeyRow, RecordRow, ReportRow

T = TypeVar("T", int, str)
ACTIVE, SUGGESTED = "active", "suggested"
ACCEPTED, REFUSED, CUT = "accepted", "refused", "cut"
SETTLED = (ACCEPTED, REFUSED, CUT)
"""States that a person gave; linking leaves them alone."""
JOINING = (ACTIVE, ACCEPTED)
PARTING = (REFUSED, CUT)
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


def hold_links(session: Session) -> None:
    """Let nobody else write links until this transaction ends: a night and a person must see each other's.

    SQLite's transactions hold the write lock from their start.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE links IN SHARE ROW EXCLUSIVE MODE"))


def unlinked(session: Session, limit: int) -> list[RecordRow]:
    """The oldest records, at most so many, that are new or changed since they were last linked."""
    return list(
        session.scalars(select(RecordRow).where(RecordRow.linked_hash.is_(None)).order_by(RecordRow.id).limit(limit))
    )


def set_keys(session: Session, keys: Mapping[int, Iterable[str]]) -> None:
    """Replace the blocking keys of these records."""
    for part in _chunks(keys):
        session.execute(delete(RecordKeyRow).where(RecordKeyRow.record_id.in_(part)))
    rows = [{"record_id": id_, "key": key} for id_, mine in keys.items() for key in sorted(mine)]
    if rows:
        session.execute(insert(RecordKeyRow), rows)


def sharing(session: Session, keys: Iterable[str]) -> dict[str, list[int]]:
    """Key -> ids of the records that carry it."""
    found: dict[str, list[int]] = {}
    for part in _chunks(keys):
        query = select(RecordKeyRow.key, RecordKeyRow.record_id).where(RecordKeyRow.key.in_(part))
        for key, record_id in session.execute(query):
            found.setdefault(key, []).append(record_id)
    return found


def records_by_id(session: Session, ids: Iterable[int]) -> dict[int, RecordRow]:
    """The records under these ids."""
    return {
        row.id: row for part in _chunks(ids) for row in session.scalars(select(RecordRow).where(RecordRow.id.in_(part)))
    }


def replace_links(session: Session, changed: Iterable[int], links: Sequence[NewLink], *, now: datetime) -> None:
    """Drop what linking said of the changed records before, and write what it says now.

    What it says again keeps its row. A person's word stands: such a pair is not linked again, whatever the rule.
    """
    held = links_among(session, changed, whole=False)
    settled = {(row.record_a, row.record_b, row.kind) for row in held if row.state in SETTLED}
    found = {_said(link): link for link in links if (link.record_a, link.record_b, link.kind) not in settled}
    again = {_said(row) for row in held if row.state not in SETTLED} & set(found)
    remove(session, [row for row in held if row.state not in SETTLED and _said(row) not in again])
    add(
        session,
        [link for said, link in found.items() if said not in again],
        state=lambda link: ACTIVE if link.strength == "certain" else SUGGESTED,
        now=now,
    )


def add(session: Session, links: Sequence[NewLink], *, state: Callable[[NewLink], str], now: datetime) -> None:
    """Write these links."""
    rows = [
        {
            "record_a": link.record_a,
            "record_b": link.record_b,
            "kind": link.kind,
            "strength": link.strength,
            "rule": link.rule,
            "why": link.why,
            "state": state(link),
            "created_at": now,
        }
        for link in links
    ]
    if rows:
        session.execute(insert(LinkRow), rows)


def remove(session: Session, rows: Iterable[LinkRow]) -> None:
    """Take these links out."""
    for part in _chunks(row.id for row in rows):
        session.execute(delete(LinkRow).where(LinkRow.id.in_(part)))


def links_among(session: Session, ids: Iterable[int], *, whole: bool = True) -> list[LinkRow]:
    """Links with both ends (`whole`), or at least one end, among these records, oldest first."""
    inside = set(ids)
    rows: dict[int, LinkRow] = {}
    for part in _chunks(inside):
        query = select(LinkRow).where(or_(LinkRow.record_a.in_(part), LinkRow.record_b.in_(part)))
        rows.update((row.id, row) for row in session.scalars(query))
    return [row for _, row in sorted(rows.items()) if not whole or {row.record_a, row.record_b} <= inside]


def joined_to(session: Session, ids: Iterable[int], kind: str) -> set[int]:
    """Records that a link of this kind joins to one of these."""
    return {
        end
        for part in _chunks(ids)
        for ends in session.execute(
            select(LinkRow.record_a, LinkRow.record_b).where(
                or_(LinkRow.record_a.in_(part), LinkRow.record_b.in_(part)),
                LinkRow.kind == kind,
                LinkRow.state.in_(JOINING),
            )
        )
        for end in ends
    }


def suggestions(session: Session) -> list[LinkRow]:
    """Links that are only suggested, oldest first, whether or not a person has spoken of their reports."""
    return list(session.scalars(select(LinkRow).where(LinkRow.state == SUGGESTED).order_by(LinkRow.id)))


def parted(session: Session) -> list[LinkRow]:
    """Everything that people said does not belong together, oldest first."""
    return list(session.scalars(select(LinkRow).where(LinkRow.state.in_(PARTING)).order_by(LinkRow.id)))


def find_link(session: Session, link_id: int) -> LinkRow | None:
    """The link under an id."""
    return session.get(LinkRow, link_id)


def settle(
    session: Session, pairs: Collection[tuple[int, int]], kind: str, *, state: str, why: str, now: datetime
) -> int:
    """Write a person's word on pairs of records over whatever was said of them in this kind; returns a link's id."""
    ends = {(min(pair), max(pair)) for pair in pairs}
    among = links_among(session, {end for pair in ends for end in pair})
    remove(session, [row for row in among if row.kind == kind and (row.record_a, row.record_b) in ends])
    links = [NewLink(a, b, kind, "certain", BY_PERSON, why) for a, b in sorted(ends)]
    add(session, links, state=lambda _: state, now=now)
    first = select(LinkRow.id).where(
        LinkRow.record_a == links[0].record_a,
        LinkRow.record_b == links[0].record_b,
        LinkRow.kind == kind,
        LinkRow.rule == BY_PERSON,
    )
    return session.scalars(first).one()


def link_anew(session: Session, ids: Iterable[int]) -> None:
    """Let linking look at these records again."""
    for row in records_by_id(session, ids).values():
        row.linked_hash = None
    session.flush()


def same_reports(session: Session, ids: Iterable[int]) -> set[int]:
    """These records and all others of their reports."""
    found = set(ids)
    reports = {
        report
        for part in _chunks(found)
        for report in session.scalars(select(RecordRow.report_id).where(RecordRow.id.in_(part)).distinct())
        if report is not None
    }
    return found | set(reports_of_records(session, report_ids=reports))


def reports_of_records(
    session: Session, *, record_ids: Iterable[int] = (), report_ids: Iterable[int] = ()
) -> dict[int, int]:
    """Record id -> report id, of these records and of all records of these reports."""
    query = select(RecordRow.id, RecordRow.report_id).where(RecordRow.report_id.is_not(None))
    rows = [
        *_rows(session, query, RecordRow.id, record_ids),
        *_rows(session, query, RecordRow.report_id, report_ids),
    ]
    return {row[0]: row[1] for row in rows}


def same_studies(session: Session, report_ids: Iterable[int]) -> set[int]:
    """These reports and all others of their studies, merged ones apart."""
    found = set(report_ids)
    for part in _chunks(found.copy()):
        studies = select(ReportRow.study_id).where(ReportRow.id.in_(part))
        found.update(
            session.scalars(
                select(ReportRow.id).where(ReportRow.study_id.in_(studies), ReportRow.merged_into.is_(None))
            )
        )
    return found


def studies_of_records(session: Session, record_ids: Iterable[int]) -> dict[int, int]:
    """Record id -> the study its report belongs to."""
    query = (
        select(RecordRow.id, ReportRow.study_id)
        .join(ReportRow, ReportRow.id == RecordRow.report_id)
        .where(ReportRow.study_id.is_not(None))
    )
    return {row[0]: row[1] for row in _rows(session, query, RecordRow.id, record_ids)}


def _said(link: LinkRow | NewLink) -> tuple[int, int, str, str, str, str]:
    return (link.record_a, link.record_b, link.kind, link.strength, link.rule, link.why)


def _rows(session: Session, query: Select[Any], column: Any, values: Iterable[int]) -> Iterator[Row[Any]]:
    for part in _chunks(values):
        yield from session.execute(query.where(column.in_(part)))


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values without doubles, sorted, in lists short enough for one statement."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), CHUNK):
        yield wanted[start : start + CHUNK]
