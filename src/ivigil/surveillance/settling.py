"""A person's word on links: accept or refuse a suggestion, part what was joined, join what was not; kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ivigil.errors import ConfigurationError, NotFound
from ivigil.store import Session, library
from ivigil.store import links as linked
from ivigil.store.tables import LinkRow, RecordRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.lease import leased
from ivigil.surveillance.linking import regroup

REPORT, STUDY = "report", "study"


def list_suggestions(context: Context) -> list[dict[str, Any]]:
    """Links that are not certain and wait for a person, oldest first, with what each side is."""
    with context.store.transaction() as session:
        waiting = linked.suggestions(session)
        rows = linked.records_by_id(session, [end for link in waiting for end in (link.record_a, link.record_b)])
        return [_suggestion(link, rows) for link in waiting]


def settle_suggestion(context: Context, link_id: int, *, accept: bool, reviewer: str) -> None:
    """Accept or refuse a suggested link.

    Raises:
        NotFound: no such suggestion waits.
        LeaseHeld: a run is at work.
    """
    _must_be_named(reviewer)
    with leased(context.store, context.clock), context.store.transaction() as session:
        link = next((row for row in linked.suggestions(session) if row.id == link_id), None)
        if link is None:
            raise NotFound(f"no suggestion {link_id} waits", hint="ivigil links lists them")
        ends, kind = (link.record_a, link.record_b), link.kind
        word = "accepted" if accept else "refused"
        state = linked.ACCEPTED if accept else linked.REFUSED
        why = f"{word} by {reviewer.strip()}; suggested because {link.why}"
        linked.settle_pair(session, *ends, kind, state=state, why=why, now=context.clock.now())
        _regroup(context, session, ends)


def split_report(context: Context, report_id: int, record_ids: Sequence[int], *, reviewer: str, why: str) -> list[int]:
    """Part these records from the others of their report, for ever; returns the reports they are in afterwards.

    Labels, decisions and alerts hang on records, so each goes with its own.

    Raises:
        ConfigurationError: the records are none of the report's, or all of them.
        NotFound: no such report.
        LeaseHeld: a run is at work.
    """
    _must_be_named(reviewer)
    with leased(context.store, context.clock), context.store.transaction() as session:
        members = _members(session, report_id)
        parted = set(record_ids)
        if not parted or not parted < set(members):
            raise ConfigurationError(
                f"a split needs some of the records of report {report_id}, not all or others",
                field="records",
                hint=f"its records: {', '.join(map(str, sorted(members)))}",
            )
        said = f"cut by {reviewer.strip()}: {why.strip() or 'no reason given'}"
        for record in parted:
            for other in set(members) - parted:
                linked.settle_pair(session, record, other, REPORT, state=linked.CUT, why=said, now=context.clock.now())
        _regroup(context, session, members)
        rows = linked.records_by_id(session, members)
        return sorted({row.report_id for row in rows.values() if row.report_id is not None})


def join_reports(context: Context, first: int, second: int, *, kind: str, reviewer: str, why: str) -> None:
    """Join two reports: as one report, or (`kind` study) as two reports of one study. Undoes a cut between them.

    Raises:
        ConfigurationError: unknown kind, or one and the same report.
        NotFound: no such report.
        LeaseHeld: a run is at work.
    """
    _must_be_named(reviewer)
    if kind not in (REPORT, STUDY):
        raise ConfigurationError(f"{kind!r} is not {REPORT} or {STUDY}", field="--as")
    with leased(context.store, context.clock), context.store.transaction() as session:
        mine, others = _members(session, first), _members(session, second)
        if set(mine) == set(others):
            raise ConfigurationError(f"{first} and {second} are one report already", field="report")
        said = f"joined by {reviewer.strip()}: {why.strip() or 'no reason given'}"
        pairs = [(a, b) for a in mine for b in others] if kind == REPORT else [(mine[0], others[0])]
        for a, b in pairs:
            linked.settle_pair(session, a, b, kind, state=linked.ACCEPTED, why=said, now=context.clock.now())
        _regroup(context, session, [*mine, *others])


def _members(session: Session, report_id: int) -> list[int]:
    report = library.resolve_report(session, report_id)
    if report is None:
        raise NotFound(f"no report {report_id}", hint="ivigil candidates lists them")
    return [row.id for row in library.records_of(session, [report.id])[report.id]]


def _regroup(context: Context, session: Session, record_ids: Sequence[int]) -> None:
    regroup(session, linked.same_reports(session, record_ids), now=context.clock.now())


def _must_be_named(reviewer: str) -> None:
    if not reviewer.strip():
        raise ConfigurationError("a word on links needs the name of who gave it", field="--reviewer")


def _suggestion(link: LinkRow, rows: dict[int, RecordRow]) -> dict[str, Any]:
    return {
        "link_id": link.id,
        "kind": link.kind,
        "rule": link.rule,
        "why": link.why,
        "sides": [
            {
                "record_id": end,
                "report_id": rows[end].report_id,
                "record": f"{rows[end].source}:{rows[end].source_id}",
                "title": rows[end].data.title,
                "year": rows[end].data.year,
            }
            for end in (link.record_a, link.record_b)
        ],
    }
