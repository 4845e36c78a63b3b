"""What the flows add to the functions they call: which failure is tried again, which state a night ends in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from prefect.states import Completed, Failed

import digest
import nightly
from ivigil.errors import LeaseHeld
from ivigil.store import ledger
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.night import NIGHT, Tally, open_night, run_night
from review_at_work import at, settings_for

DAY = date(2024, 7, 1)


def of(failure: BaseException):
    return Failed(data=failure)


@pytest.mark.parametrize("error", ["TransportError", "RateLimited", "MalformedResponse", "IncompleteSearch"])
def test_a_failure_that_may_pass_is_tried_again(error: str) -> None:
    """A source that was away, busy or garbled is asked again within the night."""
    assert nightly.is_passing(None, None, of(nightly.Unfinished(None, f"{error}: pubmed: away")))


@pytest.mark.parametrize("error", ["QueryRejected", "NotEntitled"])
def test_a_refusal_is_not_tried_again(error: str) -> None:
    """A refused query or key is refused again in a minute; so is a defect of ours."""
    assert not nightly.is_passing(None, None, of(nightly.Unfinished(None, f"{error}: pubmed: no")))
    assert not nightly.is_passing(None, None, of(KeyError("TransportError: ")))


def test_only_a_busy_store_delays_the_opening() -> None:
    """The night waits for a run that is at work, and for nothing else."""
    assert nightly.is_busy(None, None, of(LeaseHeld("busy")))
    assert not nightly.is_busy(None, None, of(ValueError("broken")))


def test_a_run_started_by_hand_has_no_slot() -> None:
    """Outside a scheduled flow run there is no slot to record."""
    assert nightly.scheduled_slot() is None


@pytest.mark.parametrize("scheduled", [True, False])
def test_a_slot_is_the_scheduled_time(monkeypatch, scheduled) -> None:
    """A run that the schedule made has its planned time as slot, in UTC; one with a given start time has none."""
    planned = datetime(2024, 7, 1, 2, 30, tzinfo=UTC)
    run = SimpleNamespace(flow_run=SimpleNamespace(auto_scheduled=scheduled, expected_start_time=planned))
    monkeypatch.setattr(nightly.FlowRunContext, "get", lambda: run)
    monkeypatch.setattr(nightly, "runtime", SimpleNamespace(flow_run=SimpleNamespace(scheduled_start_time=planned)))
    assert nightly.scheduled_slot() == (planned if scheduled else None)


def test_an_unfinished_source_keeps_its_outcome(tmp_path, simulator, protocol) -> None:
    """A search that stays incomplete fails its task; what came of it still makes the night partial."""
    with at(settings_for(tmp_path, simulator), protocol, simulator, DAY) as context:
        night = open_night(context)
        simulator.set_faults("pubmed:error200*")
        try:
            with pytest.raises(nightly.Unfinished) as caught:
                nightly.search.fn(context, night, "pubmed")
        finally:
            simulator.set_faults("")
        assert "pubmed" in caught.value.why
        pubmed = nightly.settled(of(caught.value))
        other = nightly.settled(Completed(data=nightly.search.fn(context, night, "europepmc")))
        summary = nightly.close.fn(context, night, [pubmed, other], Tally())
        assert summary.status == "partial"
        page = nightly.ledger_markdown(summary)
        assert f"# Run {summary.run_id}: partial" in page
        assert "| pubmed |" in page
        assert "**no**" in page


def test_a_defect_is_raised_not_settled() -> None:
    """A task that failed for any other reason fails the night."""
    with pytest.raises(KeyError):
        nightly.settled(of(KeyError("defect")))


def test_the_steps_of_the_flow_leave_what_a_night_by_hand_leaves(tmp_path, simulator, protocol) -> None:
    """The flow's tasks in their order and `run_night` give the same summary."""
    with at(settings_for(tmp_path / "hand", simulator), protocol, simulator, DAY) as context:
        by_hand = run_night(context).as_json()
    with at(settings_for(tmp_path / "flow", simulator), protocol, simulator, DAY) as context:
        night = nightly.open_.fn(context, None)
        outcomes = [nightly.search.fn(context, night, source) for source in night.sources]
        steps = {"imported": nightly.import_.fn(context, night), "chased": nightly.chase.fn(context, night)}
        watched = nightly.watch.fn(context, night)
        new_reports = nightly.link.fn(context, night)
        filled_in, more_reports = nightly.enrich.fn(context, night)
        steps |= filled_in
        new_reports += more_reports
        nightly.score.fn(context, night)
        eligible, alerts = nightly.assess.fn(context, night)
        summary = nightly.close.fn(context, night, outcomes, Tally(new_reports, eligible, alerts, watched, steps))
        assert summary.as_json() == by_hand
        rows = nightly.ranked_rows(context)
        assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
        assert len(rows) == min(nightly.SHOWN, len(list_candidates(context)))
        week = digest.last_week.fn(replace(context, clock=Clock.at(DAY + timedelta(days=1))))
        assert (week.runs, week.complete, week.new_reports) == (1, summary.status == "complete", summary.new_reports)


def test_a_burst_of_missed_slots_searches_once(tmp_path, simulator, protocol) -> None:
    """Five slots fired out of order after downtime: the first covers the others, each under its own time."""
    slots = [datetime(2024, 6, day, 2, 30, tzinfo=UTC) for day in (28, 26, 30, 27, 29)]
    with at(settings_for(tmp_path, simulator), protocol, simulator, DAY) as context:
        first = run_night(context, slot=slots[0])
        asked = simulator.count("pubmed")
        covered = [open_night(context, slot=slot) for slot in slots[1:]]
        assert simulator.count("pubmed") == asked
        assert {night.covered_by for night in covered} == {first.run_id}
        assert all(night.lease is None for night in covered)
        with context.store.transaction() as session:
            rows = [row for row in ledger.runs(session, kind=NIGHT) if row.status == ledger.COVERED]
        assert sorted(row.as_of for row in rows) == sorted(slots[1:])
        open_night(context, slot=datetime(2024, 7, 2, 2, 30, tzinfo=UTC)).lease.release()


def test_a_burst_after_a_partial_night_is_not_covered(tmp_path, simulator, protocol) -> None:
    """A partial run covers no slot: the next one searches again."""
    slots = [datetime(2024, 6, day, 2, 30, tzinfo=UTC) for day in (29, 28)]
    with at(settings_for(tmp_path, simulator), protocol, simulator, DAY) as context:
        simulator.set_faults("europepmc:error200*")
        try:
            assert run_night(context, slot=slots[0]).status == "partial"
        finally:
            simulator.set_faults("")
        assert run_night(context, slot=slots[1]).status == "complete"
