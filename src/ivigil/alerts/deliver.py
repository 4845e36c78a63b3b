"""Delivers what is due: claim, send, record; each alert once on each channel, whatever dies in between.

A deliverer that dies before it has sent leaves a claim that runs out; the alert is sent later. One that dies after the
other side took the message and before that was written down has the message sent once more, under the same id
(Message-ID, Idempotency-Key), by which mail programs and webhooks show it once. It is never the other way round:
an alert that nobody saw would be the worse error.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivigil.alerts.channels import SEND_SECONDS, Channel, names_of
from ivigil.alerts.content import read_content
from ivigil.alerts.digest_content import Link
from ivigil.alerts.render import Message, render
from ivigil.alerts.subscriptions import EVERYTHING, Subscription
from ivigil.errors import AlertError
from ivigil.store import Store, outbox
from ivigil.store.outbox import Alert, Claim

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long to go on trying.

    The wait doubles from `first` to `longest`; when all waits together reach `in_all`, the delivery is dead. Waits are
    counted, not the time gone by: a machine that was off for a month has not tried for a month.
    """

    first: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=3)
    in_all: timedelta = timedelta(days=7)
    claim: timedelta = timedelta(seconds=5 * SEND_SECONDS)
    adopt: timedelta = timedelta(days=14)

    def wait_after(self, failures: int) -> timedelta | None:
        """How long to wait after this many failed tries; None when enough has been tried."""
        waited = timedelta()
        for earlier in range(1, failures):
            waited += self._wait(earlier)
            if waited >= self.in_all:
                return None
        return self._wait(failures)

    def _wait(self, failure: int) -> timedelta:
        doublings: int = 2 ** min(failure - 1, 30)
        return min(self.first * doublings, self.longest)


@dataclass(frozen=True)
class DeliveryReport:
    """What one pass did, and how many deliveries still wait afterwards (`pending`, those to be retried included)."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0
    pending: int = 0

    def as_json(self) -> dict[str, int]:
        """The report as plain data."""
        return {"delivered": self.delivered, "failed": self.failed, "dead": self.dead, "pending": self.pending}


def deliver_due(
    store: Store,
    channels: Sequence[Channel],
    *,
    now: Callable[[], datetime],
    patience: Patience | None = None,
    subscriptions: Mapping[str, Subscription] | None = None,
    choices: Callable[[Claim, Channel], Sequence[Link]] = lambda _claim, _channel: (),
) -> DeliveryReport:
    """Try every delivery that is due, the longest waiting first.

    A channel that fails is left alone for the rest of the pass: the others are not kept waiting for it. In its quiet
    hours a channel is told nothing, or only what is urgent; what waits is told when they end.

    Args:
        store: where the outbox is.
        channels: the channels that are set.
        now: the time.
        patience: how long to go on trying.
        subscriptions: by the channel's hash; a channel without one is told everything.
        choices: the links by which one alert asks one channel for a decision, beside those that it holds.
    """
    rules = patience or Patience()
    wishes = {channel.hash: (subscriptions or {}).get(channel.hash, EVERYTHING) for channel in channels}
    awake = [
        channel
        for channel in channels
        if not (wish := wishes[channel.hash]).is_quiet(now()) or wish.urgent_breaks_quiet
    ]
    open_channels = {channel.hash: channel for channel in awake}
    only_urgent = {hash_ for hash_ in open_channels if wishes[hash_].is_quiet(now())}
    with store.transaction() as session:
        outbox.adopt(
            session,
            names_of(channels),
            now(),
            rules.adopt,
            lambda channel, content: wishes[channel.hash].wants_stored(content),
        )
    delivered = failed = dead = 0
    while open_channels and (claimed := _claim_next(store, open_channels, now(), rules, only_urgent)):
        channel = open_channels[claimed.channel_hash]
        try:
            message = message_of(claimed, choices(claimed, channel))
            sent_error = _try(channel, message)
            if sent_error:
                del open_channels[channel.hash]
        except AlertError as unreadable:
            sent_error = str(unreadable)
        told = {"alert": claimed.alert_id, "kind": claimed.kind, "channel": channel.name}
        with store.transaction() as session:
            if sent_error is None:
                outbox.record_delivered(session, claimed, now())
                delivered += 1
                log.info("alert delivered", extra=told)
            else:
                wait = rules.wait_after(claimed.attempts + 1)
                outbox.record_failed(session, claimed, sent_error, None if wait is None else now() + wait)
                failed += wait is not None
                dead += wait is None
                log.warning("alert not delivered: %s", sent_error, extra=told | {"dead": wait is None})
    with store.transaction() as session:
        counts = outbox.summary(session, {channel.hash for channel in channels})
    return DeliveryReport(delivered, failed, dead, counts["pending"] + counts["failed"])


def message_id_of(alert: Claim | Alert) -> str:
    """The id of an alert's message: it depends on the alert alone, so a repeated try repeats it."""
    identity = f"{alert.key}\n{alert.raised_at.isoformat()}"
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


def message_of(alert: Claim | Alert, choices: Sequence[Link] = ()) -> Message:
    """The message of an alert, with these links beside its own, by which it asks for a decision.

    Raises:
        AlertError: the stored content cannot be read.
    """
    content = read_content(alert.content)
    return render(content, message_id=message_id_of(alert), raised_at=alert.raised_at, choices=choices)


def _claim_next(
    store: Store, channels: dict[str, Channel], now: datetime, rules: Patience, only_urgent: Collection[str]
) -> Claim | None:
    """The next delivery that is ours to try; None when nothing is due."""
    while True:
        with store.transaction() as session:
            waiting = outbox.due(session, now, channels, limit=1, only_urgent=only_urgent)
            if not waiting:
                return None
            claimed = outbox.claim(session, waiting[0], now, rules.claim)
        if claimed is not None:
            return claimed


def _try(channel: Channel, message: Message) -> str | None:
    """Send; None when it was taken, else why not."""
    try:
        channel.send(message)
    except AlertError as failure:
        return str(failure)
    return None
