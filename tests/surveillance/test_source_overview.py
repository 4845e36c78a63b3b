"""What `sources`, `status` and `doctor` say of every source, and the estimate of what all of them missed."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from pydantic import SecretStr
from rich.console import Console

from ivigil.alerts import AlertKind
from ivigil.cli.source_tables import missed_in_words, print_overview
from ivigil.records import PartialDate
from ivigil.settings import SourceSettings
from ivigil.sources.registry import SOURCES, SourceKind
from ivigil.surveillance.capture_recapture import missed_by_all
from ivigil.surveillance.context import Context
from ivigil.surveillance.delivering import list_alerts
from ivigil.surveillance.night import run_night
from ivigil.surveillance.source_overview import overview
from ivigil.surveillance.status import review_status
from review_at_work import at, settings_for
from surveillance_fakes import Memory, fake_protocol, on, record, serve


def test_the_missed_are_estimated_from_the_overlap() -> None:
    """Worked by hand: 30 reports by two sources, 10 by one alone, 20 by both: 0.5 * 10 * 9 / (2 * 21)."""
    found = missed_by_all([{"a"}] * 6 + [{"b"}] * 4 + [{"a", "b"}] * 20, 2)
    assert found.seen == 30
    assert found.estimate == pytest.approx(0.5 * 10 * 9 / (2 * 21))
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low < found.estimate < found.high


def test_the_interval_covers_the_truth_where_its_assumptions_hold() -> None:
    """Of 200 draws with independent sources, the interval holds the number missed in at least nine of ten."""
    rng = random.Random(20240415)
    covered, shares = 0, {"a": 0.6, "b": 0.5, "c": 0.4}
    for _ in range(200):
        drawn = [{name for name, share in shares.items() if rng.random() < share} for _ in range(300)]
        found = [finders for finders in drawn if finders]
        estimate = missed_by_all(found, 3)
        assert estimate.low is not None
        assert estimate.high is not None
        covered += estimate.low <= len(drawn) - len(found) <= estimate.high
    assert covered >= 180


@pytest.mark.parametrize(
    ("found_by", "sources", "word"),
    [([{"a"}] * 9, 1, "one source"), ([], 3, "nothing"), ([{"a"}, {"b"}, {"a"}], 2, "in common")],
)
def test_what_cannot_be_estimated_is_said_so(found_by, sources: int, word: str) -> None:
    """One source, nothing found or no overlap: no number is given, and why."""
    missed = missed_by_all(found_by, sources)
    assert missed.estimate is None
    assert word in (missed.why_not or "")
    assert word in missed_in_words(missed)


def test_nothing_is_missed_where_every_report_is_found_by_all() -> None:
    """Full overlap gives zero, with a closed interval."""
    missed = missed_by_all([{"a", "b"}] * 5, 2)
    assert (missed.estimate, missed.low, missed.high) == (0, 0, 0)


@pytest.fixture
def two(monkeypatch) -> tuple[Memory, Memory]:
    first = Memory(name="first", holdings=[record(n, source="first", entered=date(2024, 1, n)) for n in (2, 3)])
    second = Memory(name="second", holdings=[record(n, source="second", entered=date(2024, 1, n)) for n in (3, 4)])
    serve(monkeypatch, first, second)
    monkeypatch.setitem(
        SOURCES, "locked", SourceKind("The Locked Database", "http://x.invalid", True, lambda *_: first)
    )
    return first, second


def test_a_source_s_worth_is_read_from_what_it_brought(tmp_path, two) -> None:
    """Records, reports of nobody else, and the lag of what was found after the first search."""
    protocol = fake_protocol("first", "second")
    with on(tmp_path, protocol, date(2024, 1, 10)) as context:
        run_night(context)
    day = PartialDate(year=2024, month=1, day=11)
    two[0].holdings += [
        record(9, source="first", entered=date(2024, 1, 18), published=day),
        record(10, source="first", entered=date(2024, 1, 18), published=PartialDate(year=2023)),
    ]
    with on(tmp_path, protocol, date(2024, 1, 21)) as context:
        run_night(context)
        found = {one.source: one for one in overview(context).sources}
        assert (found["first"].records, found["first"].reports, found["first"].unique_reports) == (4, 4, 3)
        assert (found["second"].records, found["second"].unique_reports) == (2, 1)
        assert (found["first"].lag_days, found["first"].lag_records) == (10.0, 1)
        assert found["second"].lag_days is None
        data = overview(context).as_json()
        assert data["missed"]["sources"] == 2
        assert "independent" in data["missed"]["assumes"]


def test_a_source_without_its_key_is_never_silent(tmp_path, two) -> None:
    """Enabled or not, it is 'not configured', with the setting's name; the night runs on the others and says so."""
    protocol = fake_protocol("first", "locked")
    with on(tmp_path, protocol, date(2024, 1, 10), sources=("first", "locked")) as context:
        summary = run_night(context)
        assert summary.status == "complete"
        told = "not configured: set IVIGIL_LOCKED_API_KEY"
        assert f"locked: {told}" in summary.notes
        status = review_status(context)
        assert f"locked: {told}" in status.problems
        assert {one["source"]: one["why_not"] for one in status.sources}["locked"] == told
        key = {"locked": SourceSettings(api_key=SecretStr("secret"))}
        opened = context.settings.model_copy(update={"source": key})
        with_key = Context(opened, context.protocol, context.store, context.clock, context.session)
        assert {one["source"]: one["why_not"] for one in review_status(with_key).sources}["locked"] is None
        assert with_key.searched_sources() == ["first", "locked"]


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_a_terminal(tmp_path, two, width: int) -> None:
    """No line is cut or longer than the terminal, and a key that is missing stands in plain words."""
    with on(tmp_path, fake_protocol("first", "second"), date(2024, 1, 10)) as context:
        run_night(context)
        console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
        print_overview(console, overview(context))
        console.file.close()
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    assert "not configured: set IVIGIL_LOCKED_API_KEY" in " ".join(text.split())
    assert "Missed by all 2 sources together" in text


def test_a_source_that_fails_for_nights_is_told_of_once(tmp_path, two) -> None:
    """Three runs without a whole answer raise one alert and make the review unhealthy, until it answers again."""
    protocol = fake_protocol("first", "second")
    alerts = []
    two[1].fails = {"harvest"}
    for day in range(10, 16):
        if day == 15:
            two[1].fails = set()
        with on(tmp_path, protocol, date(2024, 1, day)) as context:
            alerts.append(run_night(context).alerts)
            status = review_status(context)
            assert any("second for" in problem for problem in status.problems) == (day in {12, 13, 14})
    assert alerts == [0, 0, 1, 0, 0, 0]
    assert status.healthy


def test_an_unreadable_answer_is_told_of_at_once(tmp_path, simulator, protocol) -> None:
    """A source that answers with web pages is told of the first night, once; a whole answer ends it, and the next
    time is told of again.
    """
    asked = protocol.model_copy(update={"strategies": {"europepmc": 'TITLE_ABS:"systemic sclerosis"'}})
    settings = settings_for(tmp_path, simulator, sources=("europepmc",))
    told = []
    for day, fault in enumerate(("", "html*", "html*", "", "html*"), start=10):
        simulator.set_faults(f"europepmc:{fault}" if fault else "")
        with at(settings, asked, simulator, date(2024, 5, day)) as context:
            summary = run_night(context)
            assert summary.status == ("partial" if fault else "complete")
            failing = [alert for alert in list_alerts(context) if alert["kind"] == AlertKind.SOURCE_FAILING]
            told.append(len(failing))
            assert any("MalformedResponse" in problem for problem in review_status(context).problems) == bool(fault)
    simulator.set_faults("")
    assert told == [0, 1, 1, 1, 2]
    assert all("europepmc" in alert["content"]["summary"] for alert in failing)
    assert any("MalformedResponse" in line for line in failing[0]["content"]["details"])


def test_an_implausible_zero_keeps_the_window_open(tmp_path, two) -> None:
    """A source that had a record a day and has none for weeks is not believed: one alert, and the window stays."""
    start = date(2024, 1, 1)
    everything = [record(n, source="first", entered=start + timedelta(days=n)) for n in range(60)]
    two[0].holdings = everything
    protocol = fake_protocol("first", "second")
    with on(tmp_path, protocol, start + timedelta(days=59)) as context:
        run_night(context)
    two[0].holdings = []
    for wait in (79, 80):
        with on(tmp_path, protocol, start + timedelta(days=wait)) as context:
            summary = run_night(context)
            assert summary.status == "partial"
            assert "ImplausibleZero" in (summary.why or "")
            assert summary.alerts == (1 if wait == 79 else 0)
            status = review_status(context)
            assert not status.healthy
            through = {one["source"]: one["complete_through"] for one in status.sources}
            assert through["first"] == (start + timedelta(days=59)).isoformat()
    two[0].holdings = [*everything, record(70, source="first", entered=start + timedelta(days=70))]
    with on(tmp_path, protocol, start + timedelta(days=81)) as context:
        summary = run_night(context)
        assert (summary.status, summary.new_records) == ("complete", 1)


def test_a_zero_of_usual_size_is_believed(tmp_path, two) -> None:
    """A strategy that finds little may find nothing in a week without anybody being woken."""
    protocol = fake_protocol("first", "second")
    for day in (10, 17, 24):
        with on(tmp_path, protocol, date(2024, 2, day)) as context:
            assert run_night(context).status == "complete"


def test_an_answer_that_changes_its_shape_is_told_of(tmp_path, two) -> None:
    """Records that suddenly lack their titles come in all the same, and the team hears of it once."""
    start = date(2024, 1, 1)
    two[0].holdings = [record(n, source="first", entered=start + timedelta(days=n)) for n in range(40)]
    protocol = fake_protocol("first", "second")
    with on(tmp_path, protocol, start + timedelta(days=39)) as context:
        run_night(context)
    two[0].holdings += [
        record(100 + n, source="first", entered=start + timedelta(days=45), title="") for n in range(12)
    ]
    alerts = []
    for wait in (46, 47):
        with on(tmp_path, protocol, start + timedelta(days=wait)) as context:
            summary = run_night(context)
            alerts.append(summary.alerts)
            assert summary.status == "complete"
    assert alerts == [1, 0]
    assert any("lack a title" in problem for problem in _problems(tmp_path, protocol, start + timedelta(days=47)))


def _problems(home, protocol, day: date) -> tuple[str, ...]:
    with on(home, protocol, day) as context:
        return review_status(context).problems
