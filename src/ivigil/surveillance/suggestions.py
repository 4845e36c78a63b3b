"""Links that are not certain, as questions to a person: each pair of reports once, with what is known of both."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ivigil.records import Record
from ivigil.store import Session
from ivigil.store import links as linked
from ivigil.store.tables import LinkRow, RecordRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.linking import REPORT, STUDY


@dataclass(frozen=True)
class Side:
    """One of the two records that a suggestion is about, as much of it as tells a person what it is."""

    record_id: int
    report_id: int
    record: str
    kind: str
    title: str
    authors: tuple[str, ...]
    journal: str | None
    year: int | None
    volume: str | None
    pages: str | None
    ids: dict[str, str]
    abstract: str
    url: str | None


@dataclass(frozen=True)
class Suggestion:
    """Are these one report (`kind` report), or two reports of one study (`kind` study)?"""

    link_id: int
    kind: str
    rule: str
    why: str
    suggested_at: datetime
    sides: tuple[Side, Side]

    def as_json(self) -> dict[str, Any]:
        """Plain values for one JSON document."""
        return {**asdict(self), "suggested_at": self.suggested_at.isoformat()}


def list_suggestions(context: Context, *, limit: int | None = None) -> list[Suggestion]:
    """The questions that wait for a person, oldest first, at most so many."""
    with context.store.reading() as session:
        waiting = open_questions(session)[:limit]
        rows = linked.records_by_id(session, [end for link in waiting for end in (link.record_a, link.record_b)])
        return [_suggestion(link, rows) for link in waiting]


def count_suggestions(context: Context) -> int:
    """How many questions wait for a person."""
    with context.store.reading() as session:
        return len(open_questions(session))


def open_questions(session: Session) -> list[LinkRow]:
    """Suggested links, one for each two reports, that neither a person nor a certain link has settled meanwhile.

    A suggestion lies between two records; what a person is asked, and has answered, is about their reports. Whether two
    are one report comes first: whether they are of one study follows from it.
    """
    links = [*linked.suggestions(session), *linked.parted(session)]
    ends = {end for link in links for end in (link.record_a, link.record_b)}
    report_of = linked.reports_of_records(session, record_ids=ends)
    study_of = linked.studies_of_records(session, ends)
    answered: set[tuple[str, frozenset[int]]] = set()
    asked: dict[tuple[str, frozenset[int]], LinkRow] = {}
    for link in links:
        pair = frozenset((report_of[link.record_a], report_of[link.record_b]))
        if link.state in linked.PARTING:
            answered.add((link.kind, pair))
        elif len(pair) == 2 and not (link.kind == STUDY and study_of[link.record_a] == study_of[link.record_b]):
            asked.setdefault((link.kind, pair), link)
    open_ = {question: link for question, link in asked.items() if question not in answered}
    return [link for (kind, pair), link in open_.items() if kind == REPORT or (REPORT, pair) not in open_]


def _suggestion(link: LinkRow, rows: dict[int, RecordRow]) -> Suggestion:
    return Suggestion(
        link_id=link.id,
        kind=link.kind,
        rule=link.rule,
        why=link.why,
        suggested_at=link.created_at,
        sides=(_side(rows[link.record_a]), _side(rows[link.record_b])),
    )


def _side(row: RecordRow) -> Side:
    record: Record = row.data
    named = {"pmid": record.pmid, "doi": record.doi, "pmcid": record.pmcid}
    named["registration"] = ", ".join(record.registry_ids)
    return Side(
        record_id=row.id,
        report_id=row.report_id or 0,
        record=f"{row.source}:{row.source_id}",
        kind=record.kind.value,
        title=record.title,
        authors=tuple(author.name for author in record.authors),
        journal=record.journal or record.journal_abbreviation,
        year=record.year,
        volume=record.volume,
        pages=record.pages,
        ids={name: value for name, value in named.items() if value},
        abstract=record.abstract_text,
        url=record.url,
    )
