"""Links new and changed records to what is held, and keeps reports and studies in step with the links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivigil.linking import Link, compare, components, keys
from ivigil.linking.best_values import best_values
from ivigil.records import Record
from ivigil.store import Session
from ivigil.store import links as linked
from ivigil.store.library import records_of


@dataclass(frozen=True)
class LinkingOutcome:
    """What linking did: records looked at, reports that are new, reports that were joined into others."""

    records: int = 0
    new_reports: int = 0
    joined_reports: int = 0


def link_records(session: Session, *, now: datetime) -> LinkingOutcome:
    """Link every record that is new or changed since it was last linked; nothing to do changes nothing."""
    rows = linked.unlinked(session)
    if not rows:
        return LinkingOutcome()
    changed = {row.id: row for row in rows}
    record_keys = {row.id: keys(row.data) for row in rows}
    linked.set_keys(session, record_keys)
    formerly_with = linked.same_reports(session, changed)
    found = _compare_with_held(session, record_keys)
    linked.replace_links(session, list(changed), found, now=now)

    outcome = regroup(session, formerly_with, now=now)
    for row in rows:
        row.linked_hash = row.content_hash
    session.flush()
    return LinkingOutcome(len(rows), outcome.new_reports, outcome.joined_reports)


def regroup(session: Session, record_ids: Iterable[int], *, now: datetime) -> LinkingOutcome:
    """Work out reports and studies anew over these records and all that report links reach from them.

    The reach is whole: a record that an exclusion kept apart is looked at again when a new one changes the balance.
    """
    rows = linked.records_by_id(session, _reach(session, record_ids))
    among = linked.links_among(session, list(rows))
    certain = [
        (link.record_a, link.record_b) for link in among if link.kind == "report" and link.state in linked.JOINING
    ]
    apart = [(link.record_a, link.record_b) for link in among if link.kind == "report" and link.state == linked.CUT]
    groups = components({id_: row.data for id_, row in rows.items()}, certain, apart)
    held = {id_: row.report_id for id_, row in rows.items()}
    new_reports, surviving = 0, {}
    for group, kept_id in _claim(groups, held):
        members = [rows[id_] for id_ in group]
        best = best_values([member.data for member in members])
        if kept_id is None:
            report_id = linked.write_report(session, members, best, text_hash(best), now=now)
            new_reports += 1
        else:
            report_id = kept_id
            linked.update_report(session, report_id, members, best, text_hash(best))
        surviving.update(dict.fromkeys(group, report_id))
    gone = {report for report in held.values() if report is not None} - set(surviving.values())
    for report in sorted(gone):
        into = surviving[min(id_ for id_, was in held.items() if was == report)]
        linked.merge_report(session, report, into)
    session.flush()
    _regroup_studies(session, sorted(set(surviving.values())), now=now)
    return LinkingOutcome(len(rows), new_reports, len(gone))


def _reach(session: Session, record_ids: Iterable[int]) -> set[int]:
    nodes = linked.same_reports(session, record_ids)
    while True:
        touched = linked.links_among(session, sorted(nodes), whole=False)
        ends = {end for link in touched if link.kind == "report" for end in (link.record_a, link.record_b)}
        grown = linked.same_reports(session, nodes | ends)
        if grown == nodes:
            return nodes
        nodes = grown


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


def _compare_with_held(session: Session, record_keys: Mapping[int, Iterable[str]]) -> list[linked.NewLink]:
    """Every pair of a changed record and another that shares a key, compared once."""
    carriers = linked.sharing(session, {key for mine in record_keys.values() for key in mine})
    pairs = {
        (min(id_, other), max(id_, other))
        for id_, mine in record_keys.items()
        for key in mine
        for other in carriers.get(key, ())
        if other != id_
    }
    rows = linked.records_by_id(session, {id_ for pair in pairs for id_ in pair})
    found = []
    for a, b in sorted(pairs):
        link = compare(rows[a].data, rows[b].data)
        if link is not None:
            found.append(_stored(a, b, link))
    return found


def _stored(a: int, b: int, link: Link) -> linked.NewLink:
    return linked.NewLink(a, b, link.kind, link.strength, link.rule, link.why)


def _claim(groups: Sequence[Sequence[int]], held: Mapping[int, int | None]) -> list[tuple[list[int], int | None]]:
    """Each group with the id it keeps: a held id stays with the group of its oldest member, lowest id first."""
    founder: dict[int, int] = {}
    for member in sorted(held):
        owner = held[member]
        if owner is not None:
            founder.setdefault(owner, member)
    claimed: list[tuple[list[int], int | None]] = []
    for group in sorted((sorted(group) for group in groups), key=lambda members: members[0]):
        mine = [owner for owner, first in founder.items() if first in group]
        claimed.append((group, min(mine, default=None)))
    return claimed


def _regroup_studies(session: Session, report_ids: Sequence[int], *, now: datetime) -> None:
    """Studies over these reports: those joined by a study link, directly or through one another."""
    everyone = linked.same_studies(session, report_ids)
    records = {row.id: row for row in linked.records_by_id(session, _records_of(session, everyone)).values()}
    reach = linked.links_among(session, list(records), whole=False)
    ends = {end for link in reach for end in (link.record_a, link.record_b) if link.kind == "study"} - set(records)
    if ends:
        more = {row.report_id for row in linked.records_by_id(session, ends).values() if row.report_id is not None}
        everyone |= linked.same_studies(session, more)
        records = {row.id: row for row in linked.records_by_id(session, _records_of(session, everyone)).values()}
    of_record = {id_: row.report_id for id_, row in records.items()}
    among = [link for link in linked.links_among(session, list(records)) if link.kind == "study"]
    joined = [
        (a, b)
        for link in among
        if link.state in linked.JOINING
        and (a := of_record[link.record_a]) is not None
        and (b := of_record[link.record_b]) is not None
        and a != b
    ]
    groups = _connected(sorted(everyone), joined)
    held = linked.study_of_reports(session, sorted(everyone))
    for group, study_id in _claim(groups, held):
        linked.set_study(session, group, study_id, now=now)
    session.flush()


def _records_of(session: Session, report_ids: Iterable[int]) -> list[int]:
    return [row.id for rows in records_of(session, sorted(report_ids)).values() for row in rows]


def _connected(nodes: Sequence[int], edges: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Connected components, each sorted."""
    parent = {node: node for node in nodes}

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in edges:
        if a in parent and b in parent:
            low, high = sorted((root(a), root(b)))
            parent[high] = low
    groups: dict[int, list[int]] = {}
    for node in nodes:
        groups.setdefault(root(node), []).append(node)
    return list(groups.values())
