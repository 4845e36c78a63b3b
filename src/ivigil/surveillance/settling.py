"""A person's word on links: accept or refuse a suggestion, part what was joined, join what was not; kept for ever.

Nobody waits for the nightly run to end: links are written by one transaction at a time, whoever's it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product

from ivigil.errors import ConfigurationError, NotFound
from ivigil.store import Session, library
from ivigil.store import links as linked
from ivigil.surveillance.context import Context
from ivigil.surveillance.linking import REPORT, STUDY, link_records, regroup
from ivigil.surveillance.suggestions import open_questions


def settle_suggestion(context: Context, link_id: int, *, accept: bool, reviewer: str) -> int:
    """Accept or refuse a suggested link; returns the id of the person's word, by which it can be taken back.

    Raises:
        NotFound: no such suggestion waits.
    """
    with _speaking(context, reviewer) as session:
        link = next((row for row in open_questions(session) if row.id == link_id), None)
        if link is None:
            raise NotFound(f"no suggestion {link_id} waits", hint="ivigil links list shows them")
        word = "accepted" if accept else "refused"
        why = f"{word} by {reviewer.strip()}; suggested because {link.why}"
        ends = link.record_a, link.record_b
        mine, others = ([end, *_others(session, end)] for end in ends)
        state = linked.ACCEPTED if accept else linked.REFUSED
        return _settle(context, session, mine, others, link.kind, state=state, why=why)


def split_report(context: Context, report_id: int, record_ids: Sequence[int], *, reviewer: str, why: str) -> list[int]:
    """Part these records from the others of their report, for ever; returns the reports they are in afterwards.

    Labels, decisions and alerts hang on records, so each goes with its own; a report that had been merged comes back
    under its number, with the scores and readings it had.

    Raises:
        ConfigurationError: the records are none of the report's, or all of them.
        NotFound: no such report.
    """
    with _speaking(context, reviewer) as session:
        members = _members(session, report_id)
        parted = set(record_ids)
        if not parted or not parted < set(members):
            raise ConfigurationError(
                f"a split needs some of the records of report {report_id}, not all or others",
                field="records",
                hint=f"its records: {', '.join(map(str, sorted(members)))}",
            )
        said = f"cut by {reviewer.strip()}: {why.strip() or 'no reason given'}"
        rest = [member for member in members if member not in parted]
        _settle(context, session, sorted(parted), rest, REPORT, state=linked.CUT, why=said)
        return sorted(set(linked.reports_of_records(session, record_ids=members).values()))


def join_reports(context: Context, first: int, second: int, *, kind: str, reviewer: str, why: str) -> int:
    """Join two reports: as one report, or (`kind` study) as two reports of one study. Overrides a cut between them.

    Returns the id of the person's word.

    Raises:
        ConfigurationError: unknown kind, or one and the same report.
        NotFound: no such report.
    """
    if kind not in (REPORT, STUDY):
        raise ConfigurationError(f"{kind!r} is not {REPORT} or {STUDY}", field="--as")
    with _speaking(context, reviewer) as session:
        mine, others = _two_reports(session, first, second)
        said = f"joined by {reviewer.strip()}: {why.strip() or 'no reason given'}"
        return _settle(context, session, mine, others, kind, state=linked.ACCEPTED, why=said)


def part_studies(context: Context, first: int, second: int, *, reviewer: str, why: str) -> int:
    """Say that two reports are of different studies, for ever, whatever links them; returns the id of the word.

    Raises:
        ConfigurationError: one and the same report.
        NotFound: no such report.
    """
    with _speaking(context, reviewer) as session:
        mine, others = _two_reports(session, first, second)
        said = f"cut by {reviewer.strip()}: {why.strip() or 'no reason given'}"
        return _settle(context, session, mine, others, STUDY, state=linked.CUT, why=said)


def take_back(context: Context, link_id: int, *, reviewer: str) -> None:
    """Take a person's word on links back, as if it had not been given: the rules decide or ask again.

    Raises:
        NotFound: no such word was given.
    """
    with _speaking(context, reviewer) as session:
        link = linked.find_link(session, link_id)
        if link is None or link.rule != linked.BY_PERSON:
            raise NotFound(f"link {link_id} is no person's word", hint="ivigil show REPORT lists a report's links")
        said = [
            row
            for row in linked.links_among(session, _family(session, [link.record_a, link.record_b]))
            if (row.rule, row.kind, row.why, row.created_at) == (link.rule, link.kind, link.why, link.created_at)
        ]
        ends = {end for row in said for end in (row.record_a, row.record_b)}
        linked.remove(session, said)
        linked.link_anew(session, ends)
        link_records(session, now=context.clock.now())


@contextmanager
def _speaking(context: Context, reviewer: str) -> Iterator[Session]:
    if not reviewer.strip():
        raise ConfigurationError("a word on links needs the name of who gave it", field="--reviewer")
    with context.store.transaction() as session:
        linked.hold_links(session)
        yield session


def _settle(
    context: Context,
    session: Session,
    mine: Sequence[int],
    others: Sequence[int],
    kind: str,
    *,
    state: str,
    why: str,
) -> int:
    """Write the word and let reports and studies follow.

    That two reports are one or not is said of all their records, so that no chain leads around it; that they are of
    one study or not, of the first of each. What people said before of the same two gives way.
    """
    everyone = {*mine, *others}
    between = {frozenset(pair) for pair in product(mine, others)}
    earlier = [
        row
        for row in linked.links_among(session, everyone)
        if row.rule == linked.BY_PERSON and row.kind == kind and {row.record_a, row.record_b} in between
    ]
    linked.remove(session, earlier)
    pairs = list(product(mine, others)) if kind == REPORT else [(mine[0], others[0])]
    now = context.clock.now()
    said = linked.settle(session, pairs, kind, state=state, why=why, now=now)
    if kind == REPORT and state in linked.PARTING:
        # Two documents may still be of one study, which was not asked while they counted as one.
        linked.link_anew(session, everyone)
        link_records(session, now=now)
    else:
        regroup(session, everyone, now=now)
    return said


def _two_reports(session: Session, first: int, second: int) -> tuple[list[int], list[int]]:
    mine, others = _members(session, first), _members(session, second)
    if set(mine) == set(others):
        raise ConfigurationError(f"{first} and {second} are one report already", field="report")
    return mine, others


def _members(session: Session, report_id: int) -> list[int]:
    """The report's records, the leading one first."""
    report = library.resolve_report(session, report_id)
    if report is None:
        raise NotFound(f"no report {report_id}", hint="ivigil candidates lists them")
    rows = library.records_of(session, [report.id])[report.id]
    return [row.id for row in sorted(rows, key=lambda row: (row.data.key != report.best.key, row.id))]


def _others(session: Session, record_id: int) -> list[int]:
    return sorted(linked.same_reports(session, [record_id]) - {record_id})


def _family(session: Session, record_ids: Sequence[int]) -> set[int]:
    """These records and all that a report link in force, or a person's word, ties to them."""
    reach = linked.same_reports(session, record_ids)
    words = linked.links_among(session, reach, whole=False)
    return reach | {end for row in words for end in (row.record_a, row.record_b)}
