"""A review at work against the simulator."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivigil.protocol import Protocol
from ivigil.protocol_file import load_protocol
from ivigil.settings import Settings, SourceSettings
from ivigil.simulator import Simulator
from ivigil.sources.clock import VirtualClock
from ivigil.sources.session import PoliteSession
from ivigil.store import Store, open_store
from ivigil.store.ledger_tables import AlertRow
from ivigil.store.tables import AssessmentRow, LabelRow, LinkRow, RecordRow, ReportRow, RevisionRow, ScoreRow
from ivigil.surveillance.bootstrap import bootstrap
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context

SOURCES = ("pubmed", "europepmc")
CUTOFF = date(2024, 4, 15)


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """One simulator for all tests; each test sets its day, and its faults where it wants some."""
    with Simulator(today=date(2024, 4, 15), rate_limit=False) as running:
        yield running


@pytest.fixture(scope="session")
def protocol() -> Protocol:
    return load_protocol("ivig_ssc")


def settings_for(
    home: Path,
    simulator: Simulator,
    *,
    sources: tuple[str, ...] = SOURCES,
    url: str | None = None,
    notify: tuple[str, ...] = (),
) -> Settings:
    return Settings(
        home=home,
        sources=sources,
        database_url=SecretStr(url) if url else None,
        contact_email="team@example.org",
        embedding_model="none",
        notify=tuple(SecretStr(address) for address in notify),
        source={name: SourceSettings(base_url=simulator.base_url(name)) for name in SOURCES},
    )


@contextmanager
def at(settings: Settings, protocol: Protocol, simulator: Simulator, day: date) -> Iterator[Context]:
    """The review on a day, with the simulator showing what that day could see."""
    simulator.today = day
    store = open_store(settings.database)
    with PoliteSession(contact=settings.contact_email, clock=VirtualClock()) as session:
        yield Context(settings, protocol, store, Clock.at(day), session)
    store.close()


@pytest.fixture(scope="session")
def bootstrapped(tmp_path_factory, simulator: Simulator, protocol) -> Path:
    """The home folder of a review bootstrapped from its screening export."""
    home = tmp_path_factory.mktemp("bootstrapped")
    export = home / "screening.csv"
    export.write_text(simulator.labels().to_csv(), encoding="utf-8")
    with at(settings_for(home, simulator), protocol, simulator, CUTOFF) as context:
        outcome = bootstrap(context, labels=export)
        assert (outcome.complete, outcome.included, outcome.excluded) == (True, 12, 406)
    return home


@pytest.fixture
def begun(tmp_path: Path, bootstrapped: Path, simulator: Simulator, protocol) -> Iterator[Context]:
    """A copy of the bootstrapped review, on its last day."""
    shutil.copytree(bootstrapped, tmp_path, dirs_exist_ok=True)
    with at(settings_for(tmp_path, simulator), protocol, simulator, CUTOFF) as context:
        yield context


def later(context: Context, day: date) -> Context:
    """The same review, on a later day."""
    return Context(context.settings, context.protocol, context.store, Clock.at(day), context.session)


class Killed(BaseException):
    """Stands for kill -9: nothing may catch it."""


def kill_at_commit(context: Context, number: int) -> Context:
    """The same context, dying instead of committing its n-th transaction."""
    left = [number]

    class Dying(Store):
        @contextmanager
        def transaction(self) -> Iterator[Session]:
            with super().transaction() as session:
                yield session
                left[0] -= 1
                if left[0] == 0:
                    raise Killed

    return Context(context.settings, context.protocol, Dying(context.store.engine), context.clock, context.session)


def held(store: Store) -> dict[str, Any]:
    """Everything but the ledger, named by what it is about rather than by row number; judgements of present texts."""
    with store.transaction() as session:
        records = {row.id: row for row in session.scalars(select(RecordRow))}
        name = {id_: f"{row.source}:{row.source_id}" for id_, row in records.items()}
        reports: dict[int, list[str]] = {}
        for id_, row in sorted(records.items()):
            if row.report_id is not None:
                reports.setdefault(row.report_id, []).append(name[id_])
        report = {id_: "+".join(sorted(members)) for id_, members in reports.items()}
        studies: dict[int, list[str]] = {}
        present: set[tuple[int, str]] = set()
        for row in session.scalars(select(ReportRow).where(ReportRow.merged_into.is_(None))):
            present.add((row.id, row.text_hash))
            if row.study_id is not None:
                studies.setdefault(row.study_id, []).append(report[row.id])
        pick: Callable[[Any], list[Any]] = lambda model: list(session.scalars(select(model)))  # noqa: E731
        return {
            "records": {name[id_]: row.content_hash for id_, row in records.items()},
            "revisions": sorted((name[row.record_id], row.content_hash) for row in pick(RevisionRow)),
            "reports": sorted(report.values()),
            "studies": sorted(sorted(members) for members in studies.values()),
            "links": sorted(
                (*sorted((name[r.record_a], name[r.record_b])), r.kind, r.rule, r.state) for r in pick(LinkRow)
            ),
            "labels": sorted((name[row.record_id], row.included, row.basis) for row in pick(LabelRow)),
            "scores": sorted(
                (report[r.report_id], r.text_hash, r.score)
                for r in pick(ScoreRow)
                if (r.report_id, r.text_hash) in present
            ),
            "assessments": sorted(
                (report[r.report_id], r.text_hash, r.verdict)
                for r in pick(AssessmentRow)
                if (r.report_id, r.text_hash) in present
            ),
            "alerts": sorted(
                (row.kind, report[records[row.record_id].report_id or 0] if row.record_id else row.key)
                for row in pick(AlertRow)
            ),
        }
