"""A library of any size without sources: records taken in, linked, read and scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select

from ivigil.protocol import Protocol
from ivigil.protocol_file import load_protocol
from ivigil.records import AbstractSection, Author, PartialDate, Record
from ivigil.settings import Settings
from ivigil.sources.session import PoliteSession
from ivigil.store import library, open_store, ranked
from ivigil.store.tables import AssessmentRow, ScreenerRow
from ivigil.surveillance.assessing import assess_reports
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context
from ivigil.surveillance.linking import link_records

NOW = datetime(2025, 3, 1, 7, 30, tzinfo=UTC)
THRESHOLD = 0.6


def paper(number: int, *, title: str | None = None, abstract: str | None = None, **values: object) -> Record:
    """A record of its own: nothing links it to another."""
    said = (
        abstract if abstract is not None else f"Report {number} tells of {number + 5} adults with systemic sclerosis."
    )
    return Record(
        source="pubmed",
        source_id=str(1000 + number),
        pmid=str(1000 + number),
        title=title if title is not None else f"Report {number} on intravenous immunoglobulin",
        abstract=(AbstractSection(text=said),) if said else (),
        authors=(Author(last_name=f"Writer{number}", initials="A"),),
        journal="Journal of Connective Matters",
        published=PartialDate(year=2020 + number % 5),
        languages=("eng",),
        **values,
    )


@contextmanager
def library_of(
    home: Path,
    records: Sequence[Record],
    *,
    url: str | None = None,
    reviewers: int = 1,
    clock: Clock | None = None,
) -> Iterator[Context]:
    """A review that holds these records, each scored by its place: the first is the likeliest."""
    protocol = load_protocol("ivig_ssc")
    protocol = Protocol.model_validate({**protocol.model_dump(), "screening": {"reviewers_per_report": reviewers}})
    settings = Settings(home=home, database_url=SecretStr(url) if url else None, contact_email="team@example.org")
    home.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.database)
    with PoliteSession(contact="team@example.org") as session:
        context = Context(settings, protocol, store, clock or Clock(fixed=NOW), session)
        if records:
            _fill(context, records)
        yield context
    store.close()


def _fill(context: Context, records: Sequence[Record]) -> None:
    with context.store.transaction() as session:
        library.take_in(session, records, run_id=None, way="search", now=NOW)
        link_records(session, now=NOW)
        assess_reports(context, session)
        screener = ScreenerRow(
            protocol=context.protocol.name,
            version="v1",
            sha256="0" * 64,
            card={
                "recipe": {"name": "by place"},
                "labels": {"included": 12, "excluded": 400},
                "guarantee": {
                    "sentence": "From 12 included studies, something can be promised.",
                    "threshold": THRESHOLD,
                },
            },
            trained_at=NOW,
        )
        ranked.promote(session, ranked.add_screener(session, screener), "the first", NOW)
        reports = library.standing_reports(session)
        scores = {row.id: (row.text_hash, 1 - place / max(len(reports), 1)) for place, row in enumerate(reports)}
        ranked.save_scores(session, screener.id, scores, NOW)


def keep_screener(context: Context, version: str, loss: float, *, trained_at: datetime = NOW, **more: object) -> int:
    """A trained screener's row with this held-out loss on its card; `more` goes onto the card."""
    sides = {"model": {"value": loss, "low": loss - 0.01, "high": loss + 0.01}, "baseline": {"value": 0.211}}
    card = {"labels": {"included": 9}, "metrics": [{"metric": "loss", **sides}], **more}
    row = ScreenerRow(
        protocol=context.protocol.name, version=version, sha256="0" * 64, card=card, trained_at=trained_at
    )
    with context.store.transaction() as session:
        return ranked.add_screener(session, row)


def keep_second_reading(context: Context, report_id: int) -> None:
    """Sets a second reader's reading beside the rules', which says otherwise."""
    with context.store.transaction() as session:
        row = session.scalars(select(AssessmentRow).where(AssessmentRow.report_id == report_id)).one()
        other = "ineligible" if row.verdict != "ineligible" else "eligible"
        status = "not_met" if row.reading["criteria"]["population"]["status"] == "met" else "met"
        second = {"criteria": {"population": {"status": status, "evidence": "a mixed group"}}, "verdict": other}
        beside = {"model": "reader-x", "agrees": False, **second}
        row.reading = {**row.reading, "rules_verdict": row.verdict, "second_reading": beside}
