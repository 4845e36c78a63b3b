"""Links new and changed records to what is held, and keeps reports and studies in step with the links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivigil.linking import Prepared, connected, decide, grouped, joined_but, prepare, prepared_keys
from ivigil.linking.best_values import best_values
from ivigil.records import Record
from ivigil.store import Session, reports
from ivigil.store import links as linked
from ivigil.store.links import NewLink
from ivigil.store.tables import LinkRow, RecordRow

BATCH = 2_000
"""Records linked at once: what bounds memory when a whole library comes in."""
REPORT, STUDY = "report", "study"


@dataclass(frozen=True)
class LinkingOutcome:
    """What linking did: records looked at, reports that are new, reports that were joined into others."""

    records: int = 0
    new_reports: int = 0
    joined_reports: int = 0

    def __add__(self, other: LinkingOutcome) -> LinkingOutcome:
        return LinkingOutcome(
            self.records + other.records,
            self.new_reports + other.new_reports,
            self.joined_reports + other.joined_reports,
        )


class _Desk:
    """The records of one batch and those they are compared with, each read and prepared once."""

    def __init__(self, session: Session, rows: Iterable[RecordRow] = ()) -> None:
        self._session = session
        self.rows = {row.id: row for row in rows}
        self._prepared: dict[int, Prepared] = {}

    def fetch(self, ids: Iterable[int]) -> None:
        """Have these records at hand."""
        self.rows.update(linked.records_by_id(self._session, set(ids) - set(self.rows)))

    def prepared(self, id_: int) -> Prepared:
        """One record in the form it is compared in."""
        if id_ not in self._prepared:
            self._prepared[id_] = prepare(self.rows[id_].data)
        return self._prepared[id_]


def link_records(session: Session, *, now: datetime) -> LinkingOutcome:
    """Link every record that is new or changed since it was last linked; nothing to do changes nothing."""
    linked.hold_links(session)
    outcome = LinkingOutcome()
    while rows := linked.unlinked(session, BATCH):
        outcome += _link_batch(session, rows, now=now)
    return outcome


def regroup(session: Session, record_ids: Iterable[int], *, now: datetime) -> LinkingOutcome:
    """Work out reports and studies anew over these records and all that report links reach from them."""
    return _regroup(session, record_ids, _Desk(session), now=now)


def text_hash(record: Record) -> str:
    """SHA-256 (hex) of what is ranked and read: a report is scored and assessed anew only when it changes."""
    read = record.model_dump_json(include=READ_FIELDS, exclude_defaults=True)
    return hashlib.sha256(read.encode()).hexdigest()


READ_FIELDS = {
    "kind",
    "title",
    "abstract",
    "publication_types",
    "languages",
    "mesh",
    "keywords",
    "published",
    "electronic",
}


def _link_batch(session: Session, rows: Sequence[RecordRow], *, now: datetime) -> LinkingOutcome:
    desk = _Desk(session, rows)
    record_keys = {row.id: prepared_keys(desk.prepared(row.id)) for row in rows}
    linked.set_keys(session, record_keys)
    linked.replace_links(session, record_keys, _compare_with_held(session, record_keys, desk), now=now)
    outcome = _regroup(session, record_keys, desk, now=now)
    for row in rows:
        row.linked_hash = row.content_hash
    session.flush()
    return replace(outcome, records=len(rows))


def _compare_with_held(session: Session, record_keys: Mapping[int, Iterable[str]], desk: _Desk) -> list[NewLink]:
    """Every pair of a changed record and another that shares a key, compared once.

    Of two that a person called two documents it is still asked whether they are of one study.
    """
    carriers = linked.sharing(session, {key for mine in record_keys.values() for key in mine})
    pairs = {
        (min(id_, other), max(id_, other))
        for id_, mine in record_keys.items()
        for key in mine
        for other in carriers.get(key, ())
        if other != id_
    }
    desk.fetch(id_ for pair in pairs for id_ in pair)
    two_documents = {
        (link.record_a, link.record_b)
        for link in linked.links_among(session, record_keys, whole=False)
        if link.kind == REPORT and link.state in linked.PARTING
    }
    return [
        NewLink(a, b, link.kind, link.strength, link.rule, link.why)
        for a, b in sorted(pairs)
        for link in decide(desk.prepared(a), desk.prepared(b), two_documents=(a, b) in two_documents)
    ]


def _regroup(session: Session, record_ids: Iterable[int], desk: _Desk, *, now: datetime) -> LinkingOutcome:
    """Reports over these records and all that report links reach from them, and then their studies.

    The reach is whole: a record that an exclusion kept apart is looked at again when a new one changes the balance.
    """
    reach = sorted(_reach(session, record_ids))
    desk.fetch(reach)
    rows = {id_: desk.rows[id_] for id_ in reach}
    among = [link for link in linked.links_among(session, reach) if link.kind == REPORT]
    prepared = {id_: desk.prepared(id_) for id_ in reach}
    groups = grouped(prepared, _ends(among, linked.JOINING), _ends(among, linked.PARTING))
    held = {id_: row.report_id for id_, row in rows.items()}
    drafts = [_draft(group, kept, rows) for group, kept in _returned(session, _claim(groups, held), rows)]
    written = reports.write_reports(session, drafts, now=now)
    place = {member.id: report for draft, report in zip(drafts, written, strict=True) for member in draft.members}
    standing = set(written)
    gone: dict[int, int] = {}
    for id_, was in held.items():
        if was is not None and was not in standing:
            gone.setdefault(was, place[id_])
    reports.merge_reports(session, gone)
    _regroup_studies(session, standing, now=now)
    return LinkingOutcome(len(rows), sum(draft.report_id is None for draft in drafts), len(gone))


def _reach(session: Session, record_ids: Iterable[int]) -> set[int]:
    found: set[int] = set()
    edge = linked.same_reports(session, record_ids)
    while edge:
        found |= edge
        edge = linked.same_reports(session, linked.joined_to(session, edge, REPORT) - found) - found
    return found


def _ends(links: Iterable[LinkRow], states: Sequence[str]) -> list[tuple[int, int]]:
    return [(link.record_a, link.record_b) for link in links if link.state in states]


def _draft(group: Sequence[int], report_id: int | None, rows: Mapping[int, RecordRow]) -> reports.ReportDraft:
    members = [rows[id_] for id_ in group]
    best = best_values([member.data for member in members])
    return reports.ReportDraft(report_id, members, best, text_hash(best))


def _claim(groups: Iterable[Sequence[int]], held: Mapping[int, int | None]) -> list[tuple[list[int], int | None]]:
    """Each group with the id it keeps: a held id stays with the group of its oldest member, lowest id first."""
    ordered = sorted(sorted(group) for group in groups)
    group_of = {member: number for number, group in enumerate(ordered) for member in group}
    kept: dict[int, int] = {}
    founded: set[int] = set()
    for member in sorted(held):
        owner = held[member]
        if owner is not None and owner not in founded:
            founded.add(owner)
            number = group_of[member]
            kept[number] = min(owner, kept.get(number, owner))
    return [(group, kept.get(number)) for number, group in enumerate(ordered)]


def _returned(
    session: Session, claimed: Sequence[tuple[list[int], int | None]], rows: Mapping[int, RecordRow]
) -> list[tuple[list[int], int | None]]:
    """Give a group that was parted from a report the number that its leading record's report had before."""
    parted_from = {
        report
        for group, kept in claimed
        if kept is None
        for id_ in group
        if (report := rows[id_].report_id) is not None
    }
    retired = reports.retired_reports(session, parted_from) if parted_from else {}
    found = []
    for group, kept in claimed:
        names = [(rows[id_].source, rows[id_].source_id) for id_ in group] if kept is None else []
        found.append((group, next((retired.pop(name) for name in names if name in retired), kept)))
    return found


def _regroup_studies(session: Session, report_ids: Iterable[int], *, now: datetime) -> None:
    """Studies over these reports: those joined by a study link, directly or through one another.

    Two that somebody called different studies stay apart; where a chain would join them, its later link gives way.
    """
    everyone = linked.same_studies(session, report_ids)
    report_of = linked.reports_of_records(session, report_ids=everyone)
    ends = linked.joined_to(session, report_of, STUDY) - set(report_of)
    if ends:
        everyone |= linked.same_studies(session, linked.reports_of_records(session, record_ids=ends).values())
        report_of = linked.reports_of_records(session, report_ids=everyone)
    among = [link for link in linked.links_among(session, report_of) if link.kind == STUDY]
    joining = [link for link in among if link.state in linked.JOINING]
    # People's words first, the newest foremost; then what was found first.
    joining.sort(key=lambda link: (0, -link.id) if link.state == linked.ACCEPTED else (1, link.id))
    edges = [(report_of[a], report_of[b]) for a, b in _ends(joining, linked.JOINING)]
    barred = {frozenset((report_of[a], report_of[b])) for a, b in _ends(among, linked.PARTING)}
    nodes = sorted(everyone)
    groups = joined_but(nodes, edges, barred) if barred else connected(nodes, edges)
    reports.write_studies(session, _claim(groups, reports.study_of_reports(session, nodes)), now=now)
