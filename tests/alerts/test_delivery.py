"""Delivery: every alert is shown once on every channel, whatever fails or dies in between."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.orm import Session

from alert_makers import STATES, Clock, draft, raise_, states
from ivigil.alerts import Message, Patience, channels_from, deliver_due, names_of
from ivigil.errors import AlertError
from ivigil.store import Store, open_store, outbox
from sinks import PASSWORD, TOKEN


class Killed(BaseException):
    """Stands for kill -9: nothing may catch it."""


@dataclass
class Memory:
    """A channel that remembers what it took; it can refuse, and die before or after taking."""

    name: str = "memory"
    hash: str = "m" * 16
    taken: list[str] = field(default_factory=list)
    refuses: bool = False
    dies: str | None = None

    def send(self, message: Message) -> None:
        if self.dies == "before":
            raise Killed
        if self.refuses:
            raise AlertError("500 not today")
        self.taken.append(message.id)
        if self.dies == "after":
            raise Killed


class Dying(Store):
    """A store that dies instead of committing its n-th transaction."""

    def __init__(self, store: Store, number: int) -> None:
        super().__init__(store.engine)
        self.left = number

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with super().transaction() as session:
            yield session
            self.left -= 1
            if self.left == 0:
                raise Killed


def raise_all(store: Store, channels: list, clock: Clock) -> None:
    with store.transaction() as session:
        for kind in STATES:
            outbox.raise_alert(session, draft(f"{kind}:1", kind=kind), names_of(channels), clock.now())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """SQLite; what differs between databases is tested with the outbox's rows."""
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def test_each_state_of_a_study_is_one_message_a_channel(store, mail, web, channels, clock) -> None:
    """New, updated, retracted, decided and merged each reach the mailbox and the webhook as exactly one message."""
    raise_all(store, channels, clock)
    report = deliver_due(store, channels, now=clock.now)
    assert report.as_json() == {"delivered": 10, "failed": 0, "dead": 0, "pending": 0}
    assert len(mail.received) == len(mail.shown) == 5
    assert [body["alert"]["kind"] for body in web.received] == [str(kind) for kind in STATES]
    assert deliver_due(store, channels, now=clock.now).delivered == 0
    assert len(mail.received) == len(web.received) == 5


def test_nothing_due_is_nothing_done(store, clock) -> None:
    """With no channel set nothing is tried and nothing is lost."""
    raise_(store, [], clock.now(), "k")
    assert deliver_due(store, [], now=clock.now).as_json() == {"delivered": 0, "failed": 0, "dead": 0, "pending": 0}
    memory = Memory()
    assert deliver_due(store, [memory], now=clock.now).delivered == 1
    assert len(memory.taken) == 1


@pytest.mark.parametrize("commit", range(1, 8))
def test_dying_at_any_commit_shows_each_alert_once(store, mail, web, channels, clock, commit: int) -> None:
    """Killed instead of any of its commits and started again, delivery shows each alert once and loses none."""
    raise_(store, channels, clock.now(), "k")
    try:
        deliver_due(Dying(store, commit), channels, now=clock.now)
    except Killed:
        clock.pass_(minutes=5)
    deliver_due(store, channels, now=clock.now)
    assert len(mail.shown) == len(web.shown) == 1
    assert set(states(store).values()) == {outbox.DELIVERED}
    assert len(mail.received) + len(web.received) <= 3


@pytest.mark.parametrize("dies", ["before", "after"])
def test_dying_while_sending_repeats_under_the_same_id(store, clock, dies: str) -> None:
    """Killed before or after the other side took the message, the next try has the same id, and none is lost."""
    memory = Memory(dies=dies)
    raise_(store, [memory], clock.now(), "a", "b")
    with pytest.raises(Killed):
        deliver_due(store, [memory], now=clock.now)
    memory.dies = None
    assert deliver_due(store, [memory], now=clock.now).delivered == 1, "the claimed one waits for its claim to run out"
    clock.pass_(minutes=5)
    assert deliver_due(store, [memory], now=clock.now).delivered == 1
    assert len(set(memory.taken)) == 2
    assert len(memory.taken) == (3 if dies == "after" else 2)


def test_a_mail_server_down_for_two_nights(store, mail, web, channels, clock) -> None:
    """While the mail server is gone the webhook is told at once; when it is back each alert arrives there once."""
    raise_all(store, channels, clock)
    mail.stop()
    tried = 0
    for _ in range(2 * 24):
        report = deliver_due(store, channels, now=clock.now)
        tried += report.failed
        assert report.dead == 0
        clock.pass_(hours=1)
    assert len(web.received) == 5
    assert 5 < tried <= 48
    mail.start()
    for _ in range(4):
        deliver_due(store, channels, now=clock.now)
        clock.pass_(hours=1)
    assert len(mail.received) == len(mail.shown) == 5
    assert len(web.received) == 5
    assert set(states(store).values()) == {outbox.DELIVERED}


def test_a_webhook_that_fails_in_every_way(store, mail, web, clock) -> None:
    """A webhook that answers 500, then 429, then hangs, is tried again later and shows each alert once."""
    channels = channels_from([mail.url("one@example.org"), web.url("?rto=0.1")], seconds=5)
    raise_all(store, channels, clock)
    reasons = []
    for answer in (500, 429, None):
        web.answer = answer
        assert deliver_due(store, channels, now=clock.now).failed == 1
        with store.transaction() as session:
            reasons += [d.last_error for a in outbox.list_alerts(session) for d in a.deliveries if d.last_error]
        clock.pass_(hours=4)
    assert any("500" in reason for reason in reasons)
    assert any("429" in reason for reason in reasons)
    web.answer = 204
    web.released.set()
    assert deliver_due(store, channels, now=clock.now).delivered == 5
    assert len(web.received) == len(web.shown) == len(mail.received) == 5


def test_a_failing_channel_does_not_hold_up_the_others(store, clock) -> None:
    """A channel that fails is tried once in a pass, and the others are served in the same pass."""
    broken, working = Memory("broken", "b" * 16, refuses=True), Memory()
    raise_(store, [broken, working], clock.now(), "a", "b", "c")
    report = deliver_due(store, [broken, working], now=clock.now)
    assert report.as_json() == {"delivered": 3, "failed": 1, "dead": 0, "pending": 3}


def test_waiting_grows_and_ends_after_a_week(store, clock) -> None:
    """Tries come ever more seldom, from minutes to hours, and end as a dead letter after seven days of waiting."""
    memory = Memory(refuses=True)
    raise_(store, [memory], clock.now(), "k")
    tries, start = [], clock.now()
    while states(store)["k", "memory"] != outbox.DEAD:
        tries.append(clock.now() - start)
        deliver_due(store, [memory], now=clock.now)
        with store.transaction() as session:
            clock.time = outbox.list_alerts(session)[0].deliveries[0].next_try_at
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=5), timedelta(hours=3))
    assert timedelta(days=7) <= tries[-1] < timedelta(days=8)
    with store.transaction() as session:
        (letter,) = outbox.dead_letters(session)
    assert letter.deliveries[0].last_error == "500 not today"
    memory.refuses = False
    assert deliver_due(store, [memory], now=clock.now).delivered == 0
    with store.transaction() as session:
        outbox.revive(session, clock.now(), [memory.hash])
    assert deliver_due(store, [memory], now=clock.now).delivered == 1


def test_time_when_nobody_tried_does_not_count(store, clock) -> None:
    """A machine that was off for a month still gives every delivery its fair number of tries."""
    memory = Memory(refuses=True)
    raise_(store, [memory], clock.now(), "k")
    deliver_due(store, [memory], now=clock.now)
    clock.pass_(days=30)
    assert deliver_due(store, [memory], now=clock.now).dead == 0
    memory.refuses = False
    clock.pass_(days=1)
    assert deliver_due(store, [memory], now=clock.now).delivered == 1


def test_an_unreadable_alert_does_not_stop_the_rest(store, clock) -> None:
    """An alert whose stored content cannot be read is a failed delivery, and those after it are delivered."""
    memory = Memory()
    raise_(store, [memory], clock.now(), "broken", "fine")
    with store.transaction() as session:
        session.execute(text("""UPDATE alerts SET content = '{"kind": "?"}' WHERE key = 'broken'"""))
    report = deliver_due(store, [memory], now=clock.now)
    assert (report.delivered, report.failed) == (1, 1)
    with store.transaction() as session:
        errors = [d.last_error for a in outbox.list_alerts(session) for d in a.deliveries if d.last_error]
    assert "cannot be read" in errors[0]


def test_two_deliverers_never_both_send(store_url, clock) -> None:
    """Two deliverers at work at the same time on one database send each alert once between them."""
    first, second = open_store(store_url), open_store(store_url)
    memory = Memory()
    raise_(first, [memory], clock.now(), *(f"k{number}" for number in range(12)))
    barrier = threading.Barrier(2)
    reports = []

    def work(store: Store) -> None:
        barrier.wait()
        reports.append(deliver_due(store, [memory], now=clock.now))

    threads = [threading.Thread(target=work, args=(store,)) for store in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first.close()
    second.close()
    assert sum(report.delivered for report in reports) == len(memory.taken) == len(set(memory.taken)) == 12


def test_no_secret_is_kept(store, web, clock, tmp_path) -> None:
    """After failures and successes no byte of the database holds a password or token of the channels."""
    urls = [
        web.url(f"?+Authorization={PASSWORD}"),
        SecretStr(f"mailto://u:{PASSWORD}@127.0.0.1:1/a@b.org?from=c@d.org"),
    ]
    channels = channels_from(urls, seconds=5)
    raise_(store, channels, clock.now(), "k")
    web.answer = 500
    deliver_due(store, channels, now=clock.now)
    web.answer = 204
    clock.pass_(hours=1)
    deliver_due(store, channels, now=clock.now)
    store.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("store.sqlite3*"))
    assert b"json://127.0.0.1" in kept
    for secret in (PASSWORD, TOKEN):
        assert secret.encode() not in kept


def test_patience_counts_waits() -> None:
    """The waits double from the first to the longest and stop when their sum is what was allowed."""
    patience = Patience(first=timedelta(minutes=1), longest=timedelta(minutes=4), in_all=timedelta(minutes=10))
    assert [patience.wait_after(failures) for failures in range(1, 6)] == [
        timedelta(minutes=1),
        timedelta(minutes=2),
        timedelta(minutes=4),
        timedelta(minutes=4),
        None,
    ]


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "store.sqlite3"
    open_store(f"sqlite:///{file}").close()
    return file


OPERATIONS = st.one_of(
    st.tuples(st.just("raise"), st.integers(0, 4)),
    st.tuples(st.just("deliver"), st.sampled_from(["well", "refused", "before", "after"])),
    st.tuples(st.just("die at commit"), st.integers(1, 6)),
    st.tuples(st.just("wait"), st.sampled_from([1, 6, 60, 600])),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OPERATIONS, max_size=16))
def test_no_interleaving_loses_or_repeats(tmp_path_factory, empty_database, operations) -> None:
    """However raising, delivering, failing and dying follow each other, each alert is shown once, and none is lost."""
    file = tmp_path_factory.mktemp("run") / "store.sqlite3"
    shutil.copy(empty_database, file)
    store, clock = open_store(f"sqlite:///{file}"), Clock()
    channels = [Memory(), Memory("other", "o" * 16)]
    raised: set[int] = set()
    ambiguous = 0
    for operation, argument in operations:
        if operation == "raise":
            raise_(store, channels, clock.now(), f"k{argument}")
            raised.add(argument)
        elif operation == "wait":
            clock.pass_(minutes=argument)
        else:
            channels[0].refuses = argument == "refused"
            channels[0].dies = argument if argument in ("before", "after") else None
            target = Dying(store, argument) if operation == "die at commit" else store
            try:
                deliver_due(target, channels, now=clock.now)
            except Killed:
                ambiguous += 1
    for channel in channels:
        channel.refuses, channel.dies = False, None
    clock.pass_(days=1)
    report = deliver_due(store, channels, now=clock.now)
    store.close()
    assert report.pending == 0
    for channel in channels:
        assert len(set(channel.taken)) == len(raised)
    repeats = sum(len(channel.taken) - len(set(channel.taken)) for channel in channels)
    assert repeats <= ambiguous, "only dying between sending and writing it down may repeat a message"


def test_ids_differ_between_alerts_and_installations(store, clock, tmp_path) -> None:
    """Two alerts have different ids, and so has one of the same key that another installation raised."""
    elsewhere = open_store(f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    memory = Memory()
    raise_(store, [memory], clock.now(), "a", "b")
    raise_(elsewhere, [memory], clock.now() + timedelta(microseconds=1), "a")
    clock.pass_(minutes=1)
    for each in (store, elsewhere):
        deliver_due(each, [memory], now=clock.now)
    elsewhere.close()
    assert len(set(memory.taken)) == 3
