"""What windows ask for, what they can lose, and how it is found again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ivigil.records import PartialDate
from ivigil.store import ledger
from ivigil.surveillance.bootstrap import bootstrap
from ivigil.surveillance.night import run_night
from ivigil.surveillance.reconciling import RECORDS_A_NIGHT, reconcile_sources
from ivigil.surveillance.windows import HABITS, night_window, sweep_window
from surveillance_fakes import Memory, fake_protocol, on, record, serve

CUTOFF, DAY = date(2024, 1, 1), timedelta(days=1)


@pytest.mark.parametrize("source", [*HABITS, "another"])
def test_a_window_reaches_back_over_any_gap(source: str) -> None:
    """A night asks from the last whole day less the source's overlap, however long ago that was."""
    through = date(2024, 3, 1)
    for gap in (0, 1, 30, 400):
        window = night_window(source, CUTOFF, through, through + gap * DAY)
        assert window.end == through + gap * DAY
        assert window.start <= through - 7 * DAY
    assert night_window(source, CUTOFF, None, date(2024, 6, 1)).start <= CUTOFF - 31 * DAY


def test_changes_are_asked_for_once_a_week() -> None:
    """A sweep is due after a week, and then reaches back to the last one and a little further."""
    current = date(2024, 3, 1)
    assert sweep_window("pubmed", current, current + 6 * DAY) is None
    window = sweep_window("pubmed", current, current + 20 * DAY)
    assert window is not None
    assert window.start < current
    assert window.end == current + 20 * DAY
    assert sweep_window("wos", current, current + 20 * DAY) is None


def test_a_changed_record_is_taken_in_by_the_sweep(tmp_path, monkeypatch) -> None:
    """A record whose entry day lies far back is taken in anew when its source changes it, though no window has it."""
    memory = Memory(name="pubmed", holdings=[record(1, source="pubmed", entered=date(2024, 1, 5))])
    serve(monkeypatch, memory)
    protocol = fake_protocol("pubmed")
    for day in (date(2024, 1, 10), date(2024, 3, 1)):
        with on(tmp_path, protocol, day) as context:
            run_night(context)
    revised = record(1, source="pubmed", entered=date(2024, 1, 5), revised=date(2024, 3, 3), volume="9")
    memory.holdings = [revised]
    with on(tmp_path, protocol, date(2024, 3, 20)) as context:
        summary = run_night(context)
        assert summary.changed_records == 1
        with context.store.transaction() as session:
            kinds = [row.kind for row in ledger.searches_of(session, summary.run_id)]
        assert kinds == ["search", "sweep"]
        assert run_night(context).changed_records == 0


def test_what_windows_lost_is_found_by_the_monthly_reconciliation(tmp_path, monkeypatch) -> None:
    """Records that no window by entry ever has are fetched within a month, once, and the ledger says what was asked."""
    memory = Memory(holdings=[record(n, entered=date(2024, 1, n)) for n in range(2, 9)], hidden={"3", "7"})
    serve(monkeypatch, memory)
    protocol = fake_protocol("memory")
    with on(tmp_path, protocol, date(2024, 1, 20)) as context:
        assert run_night(context).new_records == 5
    with on(tmp_path, protocol, date(2024, 2, 10)) as context:
        assert run_night(context).new_records == 0
    with on(tmp_path, protocol, date(2024, 2, 20)) as context:
        summary = run_night(context)
        assert summary.status == "complete"
        (part,) = summary.as_json()["searches"]
        assert part["reconciled"] == {
            "source": "memory",
            "matched": 7,
            "held": 5,
            "found": 2,
            "outside": 0,
            "complete": True,
            "error": None,
        }
        assert summary.new_records == 2
        with context.store.transaction() as session:
            rows = ledger.searches_of(session, summary.run_id)
        assert [row.kind for row in rows] == ["search", "reconciliation", "slice", "slice"]
        (round_,) = [row for row in rows if row.kind == "reconciliation"]
        assert (round_.reported, round_.fetched, round_.new_records, round_.complete) == (7, 5, 2, True)
    with on(tmp_path, protocol, date(2024, 2, 25)) as context:
        assert run_night(context).sources[0].reconciled is None


def test_a_reconciliation_asks_no_more_than_it_needs(tmp_path, monkeypatch) -> None:
    """Where as many are held as match, no year is searched; what lies outside the period is expected the next time."""
    old = record(99, entered=date(2024, 1, 5), published=PartialDate(year=1999))
    memory = Memory(holdings=[record(1), old], hidden={"99"})
    serve(monkeypatch, memory)
    protocol = fake_protocol("memory")
    with on(tmp_path, protocol, date(2024, 1, 20)) as context:
        run_night(context)
        (first,) = reconcile_sources(context)
        assert (first.matched, first.held, first.found, first.outside) == (2, 1, 0, 1)
        searched = memory.times("harvest")
        (second,) = reconcile_sources(context)
        assert (second.found, second.outside) == (0, 1)
        assert memory.times("harvest") == searched


def test_a_reconciliation_goes_on_where_it_stopped(tmp_path, monkeypatch) -> None:
    """A round that spent a night's budget, or met a failure, goes on the next night with the years that are left."""
    holdings = [
        record(year - 2000, entered=date(2024, 1, 5), published=PartialDate(year=year)) for year in range(2020, 2025)
    ]
    memory = Memory(hidden={one.source_id for one in holdings})
    serve(monkeypatch, memory)
    monkeypatch.setattr("ivigil.surveillance.reconciling.RECORDS_A_NIGHT", 2)
    assert RECORDS_A_NIGHT > 2
    protocol = fake_protocol("memory")
    with on(tmp_path, protocol, date(2024, 1, 20)) as context:
        bootstrap(context)
        run_night(context)
    memory.holdings = holdings
    memory.asked.clear()
    found = []
    for day in (20, 21, 22, 23):
        with on(tmp_path, protocol, date(2024, 2, day)) as context:
            if day == 21:
                memory.fails = {"count"}
            part = run_night(context).sources[0].reconciled
            memory.fails = set()
            found.append((part.found, part.complete, part.error is None) if part else None)
    assert found == [(2, False, True), (0, False, False), (2, False, True), (1, True, True)]
    years = [about for what, about in memory.asked if what == "harvest" and about.startswith("published")]
    assert len(years) == len(set(years))


def test_a_reconciliation_is_made_on_demand(tmp_path, monkeypatch) -> None:
    """A person may ask for it at any time; what it finds is linked at once."""
    memory = Memory(holdings=[record(1), record(2)], hidden={"2"})
    serve(monkeypatch, memory)
    with on(tmp_path, fake_protocol("memory"), date(2024, 1, 20)) as context:
        run_night(context)
        (found,) = reconcile_sources(context, ["memory"])
        assert found.found == 1
        with context.store.transaction() as session:
            row = ledger.runs(session)[0]
        assert (row.kind, row.status, row.summary["new_reports"]) == ("reconciliation", "complete", 1)
