"""Subscriptions: each recipient is told what it asked for, when it wants to be told, and nothing is lost by that."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_makers import START, content, draft, raise_, states, study
from ivigil.alerts import (
    AlertKind,
    DigestContent,
    Message,
    QuietHours,
    Subscription,
    Urgency,
    deliver_due,
    names_of,
    subscribers_from,
)
from ivigil.errors import ConfigurationError
from ivigil.settings import load_settings
from ivigil.store import Store, outbox

BERLIN = QuietHours.read("22:00-07:00", "Europe/Berlin")
TABLES = """
notify = ["json://all.example.org", "json://both.example.org"]
time_zone = "Europe/Berlin"
digest = "daily"
quiet_hours = "20:00-06:00"
[[recipients]]
url = "json://skin.example.org"
urgency = "high"
organ_systems = ["cutaneous"]
kinds = ["study_eligible"]
digest = "none"
quiet_hours = "12:30-13:30"
urgent_breaks_quiet = true
[[recipients]]
url = "json://both.example.org"
"""


@dataclass
class Listener:
    name: str
    hash: str
    taken: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.taken.append(message)


def digest(cadence: str) -> DigestContent:
    return DigestContent(cadence=cadence, since=date(2024, 5, 27), until=date(2024, 6, 2), runs=7, complete=7)


def test_the_settings_say_who_is_told_what(tmp_path: Path) -> None:
    """A recipients table narrows what its channel is told; those of notify get everything, and a table wins."""
    (tmp_path / "ivigil.toml").write_text(TABLES)
    skin, both, everybody = subscribers_from(load_settings(tmp_path, {}))
    assert [s.channel.name for s in (skin, both, everybody)] == [
        "json://skin.example.org",
        "json://both.example.org",
        "json://all.example.org",
    ]
    assert both.subscription == Subscription()
    assert everybody.subscription == Subscription(digest="daily", quiet=QuietHours.read("20:00-06:00", "Europe/Berlin"))
    wants = skin.subscription.wants
    assert wants(content())
    assert not wants(content(urgency=Urgency.NORMAL))
    assert not wants(content(AlertKind.STUDY_RETRACTED))
    assert not wants(content(study=study(organ_systems=("respiratory",))))
    assert wants(content(study=study(organ_systems=()))), "what is not known keeps nothing away"
    assert not wants(content(AlertKind.DIGEST, study=None, digest=digest("weekly")))


@pytest.mark.parametrize(
    ("line", "field_"),
    [
        ('urgency = "loud"', "recipients.0.urgency"),
        ('quiet_hours = "10pm-7am"', "recipients.0.quiet_hours"),
        ('quiet_hours = "24:00-07:00"', "recipients.0.quiet_hours"),
        ('digest = "hourly"', "recipients.0.digest"),
        ('mood = "calm"', "recipients.0.mood"),
        ('kinds = ["study_lost"]', "recipients entry 1: kinds"),
    ],
)
def test_a_wrong_table_is_named(tmp_path: Path, line: str, field_: str) -> None:
    """What cannot be meant is an error that names the table and the field, and no part of the URL."""
    (tmp_path / "ivigil.toml").write_text(f'[[recipients]]\nurl = "json://hook.example.org/s3cret"\n{line}\n')
    with pytest.raises(ConfigurationError) as caught:
        subscribers_from(load_settings(tmp_path, {}))
    assert field_ in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_wrong_url_of_a_table_is_named_by_its_number(tmp_path: Path) -> None:
    """A recipient whose URL cannot be used is named by its place in the file."""
    (tmp_path / "ivigil.toml").write_text('[[recipients]]\nurl = "nonsense://s3cret"\n')
    with pytest.raises(ConfigurationError, match="recipients entry 1") as caught:
        subscribers_from(load_settings(tmp_path, {}))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("utc", "quiet"),
    [("2024-06-01T19:59", False), ("2024-06-01T20:00", True), ("2024-06-02T04:59", True), ("2024-06-02T05:00", False)],
)
def test_quiet_hours_are_those_of_the_place(utc: str, quiet) -> None:
    """22:00 to 07:00 in Berlin is 20:00 to 05:00 UTC in summer; the first minute is quiet, the last is not."""
    assert BERLIN.hold(datetime.fromisoformat(utc).replace(tzinfo=UTC)) is quiet


@given(st.times(), st.times(), st.datetimes(timezones=st.just(UTC)))
def test_each_moment_is_quiet_or_not(start, end, moment) -> None:
    """A stretch and the stretch from its end to its start share no moment and leave none out."""
    if start != end:
        there, back = QuietHours(start, end, BERLIN.zone), QuietHours(end, start, BERLIN.zone)
        assert there.hold(moment) != back.hold(moment)


def test_quiet_hours_put_off_and_lose_nothing(store: Store, clock) -> None:
    """In quiet hours nothing is told but what is urgent where that may break them; the rest is told when they end."""
    asleep, on_call = Listener("asleep", "a" * 16), Listener("on call", "b" * 16)
    night = QuietHours.read("02:00-07:00", "UTC")
    subscriptions = {
        asleep.hash: Subscription(quiet=night),
        on_call.hash: Subscription(quiet=night, urgent_breaks_quiet=True),
    }
    with store.transaction() as session:
        for key, urgency in (("calm", Urgency.NORMAL), ("urgent", Urgency.HIGH)):
            outbox.raise_alert(session, draft(key, urgency=urgency), names_of([asleep, on_call]), START)
    deliver_due(store, [asleep, on_call], now=clock.now, subscriptions=subscriptions)
    assert asleep.taken == []
    assert [message.urgent for message in on_call.taken] == [True]
    clock.pass_(hours=4)
    deliver_due(store, [asleep, on_call], now=clock.now, subscriptions=subscriptions)
    assert sorted(message.urgent for message in asleep.taken) == [False, True]
    assert sorted(message.urgent for message in on_call.taken) == [False, True]


def test_a_new_channel_is_given_what_it_wants(store: Store, clock) -> None:
    """A channel that is set later gets of the last fortnight what it asked for, and not what was taken back."""
    first, late = Listener("first", "a" * 16), Listener("late", "b" * 16)
    raise_(store, [first], START, "urgent", "taken back")
    with store.transaction() as session:
        outbox.raise_alert(session, draft("calm", urgency=Urgency.LOW), names_of([first]), START)
        (old,) = [alert.alert_id for alert in outbox.list_alerts(session) if alert.key == "taken back"]
        assert outbox.withdraw(session, [old]) == set()
    wishes = {late.hash: Subscription(least=Urgency.HIGH)}
    clock.pass_(days=1)
    deliver_due(store, [first, late], now=clock.now, subscriptions=wishes)
    assert len(first.taken) == 2
    assert [message.urgent for message in late.taken] == [True]
    assert states(store)["taken back", "first"] == outbox.WITHDRAWN
    assert ("taken back", "late") not in states(store)


def test_what_is_taken_back_says_who_saw_it(store: Store, clock) -> None:
    """Taking an alert back leaves what was shown as it is, ends what waits, and names the channels that showed it."""
    told, waiting = Listener("told", "a" * 16), Listener("waiting", "b" * 16)
    raise_(store, [told, waiting], START, "k")
    deliver_due(store, [told], now=clock.now)
    with store.transaction() as session:
        (alert,) = outbox.list_alerts(session)
        assert outbox.withdraw(session, [alert.alert_id]) == {told.hash}
    clock.pass_(days=1)
    assert deliver_due(store, [told, waiting], now=clock.now).delivered == 0
    assert states(store) == {("k", "told"): outbox.DELIVERED, ("k", "waiting"): outbox.WITHDRAWN}


def test_a_try_under_way_is_not_begun_again(store: Store, clock) -> None:
    """An alert that is taken back while a channel is being told counts as seen there, and is tried no second time."""
    channel = Listener("slow", "a" * 16)
    raise_(store, [channel], START, "k")
    with store.transaction() as session:
        claimed = outbox.claim(session, outbox.due(session, START, [channel.hash])[0], START, timedelta(minutes=5))
    with store.transaction() as session:
        assert outbox.withdraw(session, [claimed.alert_id]) == {channel.hash}
        outbox.record_failed(session, claimed, "refused", START)
    clock.pass_(days=1)
    assert deliver_due(store, [channel], now=clock.now).delivered == 0
    assert channel.taken == []
