"""The outbox's rows: raised with their cause, claimed by one, never lost."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from alert_makers import START, draft, states
from ivigil.store import Store, outbox
from ivigil.store.outbox import ChannelName

A, B = ChannelName("mailto:a@example.org", "a" * 16), ChannelName("json://b.example.org", "b" * 16)
MINUTES = timedelta(minutes=5)
FORTNIGHT = timedelta(days=14)


def raised(store: Store, key: str = "k", channels=(A, B), now=START) -> int | None:
    with store.transaction() as session:
        return outbox.raise_alert(session, draft(key), channels, now)


def only_claim(store: Store, now=START) -> outbox.Claim | None:
    with store.transaction() as session:
        due = outbox.due(session, now, [A.hash])
        return outbox.claim(session, due[0], now, MINUTES) if due else None


def test_a_key_is_raised_once(store: Store) -> None:
    """A second alert under a held key changes nothing and says so by giving no id."""
    assert raised(store) is not None
    assert raised(store) is None
    assert len(states(store)) == 2


def test_an_alert_shares_the_fate_of_its_cause(store: Store) -> None:
    """When the transaction that caused an alert is rolled back, the alert and its deliveries are gone with it."""
    with pytest.raises(RuntimeError), store.transaction() as session:
        outbox.raise_alert(session, draft(), [A], START)
        raise RuntimeError
    assert states(store) == {}


def test_two_transactions_raise_one_alert(store: Store) -> None:
    """Of two transactions that raise the same key at the same time, one writes it and both commit."""
    barrier = threading.Barrier(2)
    results: list[int | None] = []

    def work() -> None:
        barrier.wait()
        results.append(raised(store))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result is None for result in results) == [False, True]
    assert len(states(store)) == 2


def test_a_claim_is_held_by_one(store: Store) -> None:
    """A claimed delivery is not due, cannot be claimed again, and comes back when the claim has run out."""
    raised(store, channels=[A])
    first = only_claim(store)
    assert first is not None
    assert only_claim(store) is None
    with store.transaction() as session:
        assert outbox.claim(session, first.delivery_id, START, MINUTES) is None
    assert only_claim(store, START + MINUTES) is not None


def test_many_deliverers_claim_a_delivery_once(store: Store) -> None:
    """Of several claims at the same moment exactly one succeeds."""
    raised(store, channels=[A])
    with store.transaction() as session:
        (delivery_id,) = outbox.due(session, START, [A.hash])
    barrier = threading.Barrier(4)
    won: list[bool] = []

    def work() -> None:
        barrier.wait()
        with store.transaction() as session:
            won.append(outbox.claim(session, delivery_id, START, MINUTES) is not None)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == 1


def test_a_late_failure_does_not_undo_anothers_claim(store: Store) -> None:
    """Who lost the claim by taking too long can no longer write a failure; a delivery it made still counts."""
    raised(store, channels=[A])
    slow = only_claim(store)
    quick = only_claim(store, START + MINUTES)
    assert slow is not None
    assert quick is not None
    with store.transaction() as session:
        outbox.record_failed(session, slow, "too late", START)
    assert states(store)["k", A.name] == outbox.SENDING
    with store.transaction() as session:
        outbox.record_delivered(session, slow, START + MINUTES)
        outbox.record_failed(session, quick, "refused", START)
    assert states(store)["k", A.name] == outbox.DELIVERED


def test_a_first_channel_is_given_all_that_nobody_was_told(store: Store) -> None:
    """Alerts raised while no channel was set go to the channel that is set later, however old they are, once."""
    raised(store, "old", channels=[], now=START - timedelta(days=90))
    raised(store, "new", channels=[])
    for opened in (2, 0):
        with store.transaction() as session:
            assert outbox.adopt(session, [A], START, FORTNIGHT) == opened
    assert states(store) == {("old", A.name): outbox.PENDING, ("new", A.name): outbox.PENDING}


def test_a_further_channel_is_given_the_last_fortnight(store: Store) -> None:
    """A channel that is added is given what was raised lately, and not the past that another was already told."""
    for key, days in (("old", 15), ("new", 13)):
        raised(store, key, channels=[A], now=START - timedelta(days=days))
        claimed = only_claim(store)
        assert claimed is not None
        with store.transaction() as session:
            outbox.record_delivered(session, claimed, START)
    with store.transaction() as session:
        outbox.adopt(session, [A, B], START, FORTNIGHT)
    assert states(store) == {
        ("old", A.name): outbox.DELIVERED,
        ("new", A.name): outbox.DELIVERED,
        ("new", B.name): outbox.PENDING,
    }


def test_dead_letters_are_seen_and_revived(store: Store) -> None:
    """A delivery that was given up is counted, listed with its reason, and tried again when asked for."""
    raised(store)
    claimed = only_claim(store)
    assert claimed is not None
    with store.transaction() as session:
        outbox.record_failed(session, claimed, "no such mailbox", None)
        assert outbox.summary(session) == {"pending": 1, "failed": 0, "dead": 1, "delivered": 0, "orphaned": 0}
        assert outbox.summary(session, [A.hash]) == {
            "pending": 0,
            "failed": 0,
            "dead": 1,
            "delivered": 0,
            "orphaned": 1,
        }
        (letter,) = outbox.dead_letters(session)
        assert [(d.channel, d.last_error) for d in letter.deliveries] == [(A.name, "no such mailbox")]
        assert outbox.due(session, START + FORTNIGHT, [A.hash]) == []
        assert outbox.revive(session, START, [B.hash]) == 0
        assert outbox.revive(session, START, [A.hash]) == 1
        assert len(outbox.due(session, START, [A.hash])) == 1


def test_alerts_are_listed_newest_first(store: Store) -> None:
    """The list holds each alert with its content and deliveries, the newest first."""
    raised(store, "first")
    raised(store, "second")
    with store.transaction() as session:
        listed = outbox.list_alerts(session)
        assert [alert.key for alert in outbox.list_alerts(session, limit=1)] == ["second"]
    assert [alert.key for alert in listed] == ["second", "first"]
    assert listed[0].content == draft("second").content
    assert listed[0].raised_at == START
    assert [delivery.channel for delivery in listed[0].deliveries] == [A.name, B.name]
