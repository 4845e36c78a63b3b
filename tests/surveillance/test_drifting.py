"""Drift: what nights find of it, and what the status says."""

from __future__ import annotations

import json
from datetime import date

from rich.console import Console
from sqlalchemy import select

from ivigil.cli.tables import print_status
from ivigil.records import AbstractSection
from ivigil.screening.drift import FEWEST
from ivigil.store import library
from ivigil.store.ledger_tables import RunRow
from ivigil.surveillance.assessing import assess_reports
from ivigil.surveillance.context import Context
from ivigil.surveillance.drifting import latest_drift, note_drift
from ivigil.surveillance.linking import link_records
from ivigil.surveillance.night import run_night
from ivigil.surveillance.ranking import score_reports
from ivigil.surveillance.status import review_status
from library_at_hand import paper
from review_at_work import later


def test_nothing_is_said_of_a_stream_that_is_too_short(begun: Context, simulator) -> None:
    """A night that brings a few reports says how many came, and not that anything changed."""
    simulator.today = date(2024, 8, 1)
    night = later(begun, date(2024, 8, 1))
    summary = run_night(night)
    status = review_status(night)
    assert status.drift is not None
    assert 0 < status.drift.documents < FEWEST
    assert "too few" in status.drift.sentence
    assert summary.as_json()["drift"] == json.loads(json.dumps(status.drift.as_json()))


def test_the_years_after_are_measured_and_kept_with_the_night(begun: Context, simulator) -> None:
    """A long stretch is measured against the training set, the status shows it from the store, and stays as healthy."""
    simulator.today = date(2026, 6, 1)
    night = later(begun, date(2026, 6, 1))
    run_night(night)
    status = review_status(night)
    assert status.drift is not None
    measures = status.drift.measures
    assert measures is not None
    assert measures["documents"] == status.drift.documents >= FEWEST
    assert measures["relevant_share_before"] < 0.2
    assert 0.02 < measures["eligible_share_before"] < 0.05
    assert status.healthy
    assert status.as_json()["drift"]["findings"] == measures["findings"]


def test_another_matter_is_said_and_makes_nothing_unhealthy(begun: Context, simulator) -> None:
    """Reports in words that the screener never met are a finding of the status, in yellow and in JSON."""
    simulator.today = date(2024, 8, 1)
    night = later(begun, date(2024, 8, 1))
    summary = run_night(night)
    odd = [paper(number, abstract=" ".join(f"qux{number}w{at}" for at in range(60))) for number in range(1, 31)]
    assert all(isinstance(one.abstract[0], AbstractSection) for one in odd)
    with night.store.transaction() as session:
        library.take_in(session, odd, run_id=None, way="search", now=night.clock.now())
        link_records(session, now=night.clock.now())
    score_reports(night)
    with night.store.transaction() as session:
        assess_reports(night, session)
    note = note_drift(night, summary.run_id)
    assert note is not None
    assert any("words are new to the screener" in finding for finding in note.findings)
    status = review_status(night)
    assert (status.drift, status.healthy) == (note, True)
    console = Console(width=200, record=True, quiet=False)
    with console.capture() as shown:
        print_status(console, status)
    assert "words are new to the screener" in shown.get()


def test_drift_from_another_champion_is_not_shown(begun: Context, simulator) -> None:
    """After a new champion is named, what was found of the old one is no longer said."""
    simulator.today = date(2024, 8, 1)
    night = later(begun, date(2024, 8, 1))
    run_night(night)
    with night.store.transaction() as session:
        assert latest_drift(session, "v1") is not None
        assert latest_drift(session, "v2") is None
        assert session.scalars(select(RunRow).order_by(RunRow.id.desc())).first().summary["drift"]["screener"] == "v1"
