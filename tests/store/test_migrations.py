"""A store of an earlier ivigil is brought up to date with everything that it holds."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from ivigil.records import AbstractSection, Record
from ivigil.store import library, open_store
from ivigil.store.engine import MIGRATIONS, _migrating
from ivigil.store.ledger_tables import AlertRow, DeliveryRow
from ivigil.store.reports import ReportDraft, write_reports
from ivigil.store.tables import AssessmentRow, DecisionRow, LabelRow, ReportRow

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def test_migrations_are_one_chain() -> None:
    """Each file carries its own number and follows the one before it, so that no two claim the same place."""
    files = sorted((MIGRATIONS / "versions").glob("0*.py"))
    numbers = [file.name[:4] for file in files]
    assert numbers == [f"{place:04}" for place in range(1, len(files) + 1)]
    for file, number, before in zip(files, numbers, [None, *numbers], strict=False):
        text = file.read_text(encoding="utf-8")
        assert f'revision = "{number}"' in text
        assert f"down_revision = {before and chr(34) + before + chr(34)}" in text


def test_an_earlier_store_keeps_all_it_holds(store_url: str) -> None:
    """Taken down to the first schema and opened again, records, decisions, labels, alerts and deliveries are there."""
    store = open_store(store_url)
    with store.transaction() as session:
        record = Record(source="pubmed", source_id="1", title="Ä title", abstract=(AbstractSection(text="In words."),))
        library.take_in(session, [record], run_id=None, way="search", now=NOW)
        row = library.find_by_key(session, "pubmed", "1")
        [report_id] = write_reports(session, [ReportDraft(None, [row], record, "h" * 64)], now=NOW)
        read = {"report_id": report_id, "criteria_hash": "c" * 64, "text_hash": "h" * 64, "reader": "r" * 64}
        session.add(AssessmentRow(**read, verdict="eligible", reading={"verdict": "eligible"}, assessed_at=NOW))
        session.add(LabelRow(record_id=row.id, included=True, basis="b", created_at=NOW))
        for reviewer in ("ada", "ben"):
            session.add(
                DecisionRow(record_id=row.id, reviewer=reviewer, value="include", stage="title-abstract", made_at=NOW)
            )
        alert = AlertRow(key="k", kind="new", urgency="high", record_id=row.id, content={}, raised_at=NOW)
        alert.deliveries = [DeliveryRow(channel="c", channel_hash="h", next_try_at=NOW)]
        session.add(alert)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with _migrating(store.engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    store.close()

    store = open_store(store_url)
    with store.transaction() as session:
        report = session.get_one(ReportRow, report_id)
        assert (report.title, report.has_abstract) == ("Ä title", True)
        assert report.words == "a title in words"
        assert [row.reviewer for row in session.scalars(select(DecisionRow))] == ["ada", "ben"]
        assert not any(row.resolves for row in session.scalars(select(DecisionRow)))
        assert len(session.scalars(select(LabelRow)).all()) == 1
        reading = session.scalars(select(AssessmentRow)).one()
        assert (reading.verdict, reading.reader) == ("eligible", ""), "held, and read anew the next night"
        assert len(session.scalars(select(AlertRow)).one().deliveries) == 1
        if store.engine.dialect.name == "sqlite":
            assert session.scalar(text("PRAGMA foreign_keys")) == 1
    store.close()
