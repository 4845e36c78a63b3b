"""Signs of life: a heartbeat after each night, an alarm when none is complete, a digest when its day is over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from lxml import etree
from pydantic import SecretStr

from ivigil.alerts import read_content
from ivigil.store import ledger, outbox
from ivigil.surveillance.absence import watch_absence
from ivigil.surveillance.after_night import send_heartbeat
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context
from ivigil.surveillance.digesting import digest_of, raise_digests
from ivigil.surveillance.feeding import FEED_NAME, write_feed
from library_at_hand import NOW, library_of, paper
from study_texts import ELIGIBLE

MONDAY = datetime(2025, 3, 3, 6, 0, tzinfo=UTC)
SECRET = "hb-91c2d7aa"


@dataclass
class Monitor:
    port: int = 0
    answer: int = 200
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> SecretStr:
        return SecretStr(f"http://127.0.0.1:{self.port}/ping/{SECRET}")


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    made = Monitor()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            self.send_response(made.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Context]:
    """A review of two reports, one eligible, both held since 1 March 2025, told of at one channel."""
    records = [paper(1, title="IVIG in SSc: an open-label study", abstract=ELIGIBLE), paper(2)]
    with library_of(tmp_path, records) as context:
        yield with_settings(context, notify=(SecretStr("json://hook.example.org"),))


def with_settings(context: Context, **values: object) -> Context:
    return replace(context, settings=context.settings.model_copy(update=values))


def at(context: Context, moment: datetime) -> Context:
    return replace(context, clock=Clock(fixed=moment))


def night(context: Context, moment: datetime, status: str = ledger.COMPLETE, why: str | None = None) -> None:
    with context.store.transaction() as session:
        run = ledger.open_run(session, "night", as_of=moment, now=moment)
        summary = {"new_records": 2, "new_reports": 2}
        ledger.close_run(session, run, status=status, summary=summary, now=moment, why=why)


def raised(context: Context, kind: str) -> list[outbox.Alert]:
    with context.store.transaction() as session:
        return outbox.list_alerts(session, kind=kind)


def test_a_complete_night_beats(review: Context, monitor: Monitor) -> None:
    """The monitor is asked for once after a complete night, and after another only where that is wanted."""
    set_ = with_settings(review, heartbeat_url=monitor.url)
    assert send_heartbeat(set_, ledger.COMPLETE) is True
    assert send_heartbeat(set_, ledger.PARTIAL) is None
    told = with_settings(set_, heartbeat_failures=True)
    assert send_heartbeat(told, ledger.FAILED) is True
    assert monitor.asked == [f"/ping/{SECRET}", f"/ping/{SECRET}/fail"]
    assert send_heartbeat(review, ledger.COMPLETE) is None, "off by default"


def test_a_monitor_that_fails_fails_nothing(review: Context, monitor: Monitor, caplog) -> None:
    """A monitor that refuses or is gone is written into the log without its address, and nothing is raised."""
    monitor.answer = 503
    with caplog.at_level("INFO"):
        assert send_heartbeat(with_settings(review, heartbeat_url=monitor.url), ledger.COMPLETE) is False
        gone = SecretStr(f"http://127.0.0.1:1/ping/{SECRET}")
        assert send_heartbeat(with_settings(review, heartbeat_url=gone), ledger.COMPLETE) is False
    assert "503" in caplog.text
    assert SECRET not in caplog.text


def test_absence_is_told_once_an_episode(review: Context) -> None:
    """No complete night for 36 hours raises one alert; the next complete night ends it, and a new gap is a new one."""
    night(review, MONDAY)
    assert not watch_absence(at(review, MONDAY + timedelta(hours=36)))
    night(review, MONDAY + timedelta(hours=24), ledger.PARTIAL, "pubmed: 503")
    assert watch_absence(at(review, MONDAY + timedelta(hours=37)))
    assert not watch_absence(at(review, MONDAY + timedelta(hours=60)))
    (alert,) = raised(review, "run_absent")
    content = read_content(alert.content)
    assert "over 36 hours" in content.summary
    assert "pubmed: 503" in content.details[0]
    night(review, MONDAY + timedelta(hours=61))
    assert not watch_absence(at(review, MONDAY + timedelta(hours=62)))
    assert [delivery.state for delivery in raised(review, "run_absent")[0].deliveries] == [outbox.WITHDRAWN]
    assert watch_absence(at(review, MONDAY + timedelta(hours=100)))
    assert len(raised(review, "run_absent")) == 2


def test_a_review_that_has_not_begun_is_not_overdue(review: Context) -> None:
    """Without any run there is no alarm; with a beginning and no complete night there is."""
    assert not watch_absence(at(review, MONDAY))
    night(review, MONDAY, ledger.FAILED, "KeyError: x")
    assert watch_absence(at(review, MONDAY + timedelta(hours=40)))


def test_a_digest_is_sent_when_its_week_is_over(review: Context) -> None:
    """On Monday the week that ended on Sunday is raised once; a machine that was off tells the rest the week after."""
    night(review, NOW)
    assert raise_digests(at(review, NOW)) == 0, "its week is not over"
    assert raise_digests(at(review, MONDAY)) == 1
    assert raise_digests(at(review, MONDAY + timedelta(days=3))) == 0
    assert raise_digests(at(review, MONDAY + timedelta(days=21))) == 1
    late, first = [read_content(alert.content).digest for alert in raised(review, "digest")]
    assert first is not None
    assert late is not None
    assert (first.since, first.until) == (date(2025, 2, 24), date(2025, 3, 2))
    assert (late.since, late.until) == (date(2025, 3, 3), date(2025, 3, 23))
    assert [item.title for item in first.eligible] == ["IVIG in SSc: an open-label study"]
    assert first.eligible[0].n_treated == 14
    assert [item.rank for item in first.candidates] == [2]
    assert (late.eligible, [item.rank for item in late.waiting], late.decisions_due) == ((), [1], 1)


def test_a_digest_goes_to_those_who_want_it(review: Context) -> None:
    """A daily digest is raised only where somebody wants it, and a channel that is set later gets no old ones."""
    night(review, NOW)
    daily = with_settings(review, digest="daily")
    assert raise_digests(at(with_settings(review, digest="none"), MONDAY)) == 0
    assert raise_digests(at(daily, MONDAY)) == 1
    assert raise_digests(at(daily, MONDAY + timedelta(days=1))) == 1
    (newest, _first) = raised(review, "digest")
    assert not newest.adoptable
    with review.store.transaction() as session:
        late = [outbox.ChannelName("late", "f" * 16)]
        outbox.adopt(session, late, MONDAY, timedelta(days=14))
        assert all(
            d.channel != "late" for alert in outbox.list_alerts(session, kind="digest") for d in alert.deliveries
        )


def test_nothing_new_is_claimed_only_with_its_proof(review: Context) -> None:
    """A source that was not searched to the end of the week keeps the digest from claiming that nothing is new."""
    night(review, MONDAY + timedelta(days=7))
    said = digest_of(at(review, MONDAY + timedelta(days=14)), date(2025, 3, 10), date(2025, 3, 16))
    assert (said.runs, said.complete) == (1, 1)
    assert {source.source for source in said.sources} == {"pubmed", "europepmc"}
    assert all(source.problem for source in said.sources)
    assert not said.proven


def test_the_feed_is_a_file_that_is_always_whole(review: Context) -> None:
    """The feed in the home folder holds what was told, and is written anew only when that changes."""
    night(review, MONDAY)
    watch_absence(at(review, MONDAY + timedelta(hours=40)))
    file = write_feed(at(review, MONDAY + timedelta(hours=40)))
    assert file == review.settings.home / FEED_NAME
    entries = etree.fromstring(file.read_bytes()).findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 1
    before = file.stat().st_mtime_ns
    write_feed(at(review, MONDAY + timedelta(hours=50)))
    assert file.stat().st_mtime_ns == before
    assert [path.name for path in file.parent.iterdir() if path.name.startswith(".feed")] == []
