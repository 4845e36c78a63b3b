"""The outbox: alerts written in the same transaction as their cause, and their deliveries, channel by channel.

A delivery is claimed by a conditional UPDATE, so that of two deliverers one gets it. The claim's end stands in
`next_try_at`: a killed deliverer's rows come back when it has passed, and since a later claim always ends later, that
time also tells whose claim stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased, selectinload

from ivigil.store.ledger_tables import AlertRow, DeliveryRow
from ivigil.store.tables import Base, RecordRow

PENDING, SENDING, DELIVERED, DEAD = "pending", "sending", "delivered", "dead"
WITHDRAWN = "withdrawn"
"""Not shown, and no longer worth showing."""
HIGH = "high"


@dataclass(frozen=True)
class ChannelName:
    """A channel as the store knows it: a name without secrets, and a stable hash."""

    name: str
    hash: str


@dataclass(frozen=True)
class AlertDraft:
    """Something to tell, once per `key`; `content` is an `AlertContent` as plain data.

    What is `adoptable` is also told to channels that are set later.
    """

    key: str
    kind: str
    urgency: str
    content: dict[str, Any]
    record_id: int | None = None
    run_id: int | None = None
    adoptable: bool = True


@dataclass(frozen=True)
class Delivery:
    """One alert's way to one channel: pending, sending, delivered, dead or withdrawn."""

    delivery_id: int
    channel: str
    channel_hash: str
    state: str
    attempts: int
    next_try_at: datetime
    last_error: str | None
    delivered_at: datetime | None


@dataclass(frozen=True)
class Alert:
    """An alert that was raised, with all its deliveries."""

    alert_id: int
    key: str
    kind: str
    urgency: str
    record_id: int | None
    run_id: int | None
    content: dict[str, Any]
    raised_at: datetime
    deliveries: tuple[Delivery, ...]
    adoptable: bool = True


@dataclass(frozen=True)
class Claim:
    """The right to try one delivery, until `ends_at`; `attempts` counts the failed tries before."""

    delivery_id: int
    channel_hash: str
    attempts: int
    ends_at: datetime
    alert_id: int
    key: str
    kind: str
    urgency: str
    record_id: int | None
    content: dict[str, Any]
    raised_at: datetime


def raise_alert(session: Session, draft: AlertDraft, channels: Sequence[ChannelName], now: datetime) -> int | None:
    """Write an alert and one pending delivery per channel; returns its id, None when its key is held already.

    Runs in the caller's transaction: the alert is there exactly when its cause is.
    """
    values = {
        "key": draft.key,
        "kind": draft.kind,
        "urgency": draft.urgency,
        "record_id": draft.record_id,
        "run_id": draft.run_id,
        "content": draft.content,
        "adoptable": draft.adoptable,
        "raised_at": now,
    }
    alert_id = _insert_unless_held(session, AlertRow, values)
    if alert_id is not None:
        for channel in channels:
            _open_delivery(session, alert_id, channel, now)
    return alert_id


def withdraw(session: Session, alert_ids: Collection[int]) -> set[str]:
    """Take back what has not been shown yet; returns the channels (hashes) that have, or may just be, shown it.

    No channel that is set later is given it either.
    """
    mine = DeliveryRow.alert_id.in_(sorted(alert_ids))
    seen = select(DeliveryRow.channel_hash).where(mine, DeliveryRow.state.in_((DELIVERED, SENDING)))
    shown = set(session.scalars(seen))
    for table, condition, values in (
        (DeliveryRow, mine & DeliveryRow.state.in_((PENDING, SENDING, DEAD)), {"state": WITHDRAWN}),
        (AlertRow, AlertRow.id.in_(sorted(alert_ids)), {"adoptable": False}),
    ):
        session.execute(update(table).where(condition).values(values).execution_options(synchronize_session=False))
    return shown


def restore(session: Session, alert_ids: Collection[int], now: datetime) -> int:
    """Let what was taken back be told after all; returns how many deliveries wait for that."""
    ids = sorted(alert_ids)
    session.execute(
        update(AlertRow).where(AlertRow.id.in_(ids)).values(adoptable=True).execution_options(synchronize_session=False)
    )
    restored = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.alert_id.in_(ids), DeliveryRow.state == WITHDRAWN)
        .values(state=PENDING, attempts=0, next_try_at=now)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(restored.all())


def adopt(
    session: Session,
    channels: Sequence[ChannelName],
    now: datetime,
    within: timedelta,
    wants: Callable[[ChannelName, dict[str, Any]], bool] = lambda _channel, _content: True,
) -> int:
    """Open the deliveries that a channel lacks and wants; returns how many.

    A channel is given what was raised within the time before it was set, and whatever nobody has been told yet,
    however old: an alert raised while no channel was set waits for the first one. `wants` is asked with an alert's
    content.
    """
    told = aliased(DeliveryRow)
    untold = ~exists().where(told.alert_id == AlertRow.id, told.state == DELIVERED)
    opened = 0
    for channel in channels:
        held = exists().where(DeliveryRow.alert_id == AlertRow.id, DeliveryRow.channel_hash == channel.hash)
        lacking = select(AlertRow.id, AlertRow.content).where(
            AlertRow.adoptable, ~held, or_(AlertRow.raised_at >= now - within, untold)
        )
        for alert_id, content in session.execute(lacking.order_by(AlertRow.id)).all():
            if wants(channel, content):
                opened += _open_delivery(session, alert_id, channel, now) is not None
    return opened


def due(
    session: Session,
    now: datetime,
    channel_hashes: Collection[str],
    limit: int = 100,
    *,
    only_urgent: Collection[str] = (),
) -> list[int]:
    """Ids of the deliveries that may be tried now on these channels, the longest due first.

    On channels that are `only_urgent` now, none but those of high urgency.
    """
    calm = DeliveryRow.channel_hash.not_in(sorted(only_urgent))
    query = (
        select(DeliveryRow.id)
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .where(_may_be_claimed(now), DeliveryRow.channel_hash.in_(sorted(channel_hashes)))
        .where(or_(calm, AlertRow.urgency == HIGH))
        .order_by(DeliveryRow.next_try_at, DeliveryRow.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def claim(session: Session, delivery_id: int, now: datetime, lasts: timedelta) -> Claim | None:
    """Claim a delivery for a while; None when it is no longer due, or another has it."""
    ends_at = now + lasts
    taken = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery_id, _may_be_claimed(now))
        .values(state=SENDING, next_try_at=ends_at)
        .returning(DeliveryRow.alert_id, DeliveryRow.channel_hash, DeliveryRow.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        return None
    alert = session.get_one(AlertRow, taken.alert_id)
    return Claim(
        delivery_id=delivery_id,
        channel_hash=taken.channel_hash,
        attempts=taken.attempts,
        ends_at=ends_at,
        alert_id=alert.id,
        key=alert.key,
        kind=alert.kind,
        urgency=alert.urgency,
        record_id=alert.record_id,
        content=alert.content,
        raised_at=alert.raised_at,
    )


def record_delivered(session: Session, claimed: Claim, now: datetime) -> None:
    """Note that the channel has shown the alert; true whoever holds the claim by now."""
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == claimed.delivery_id, DeliveryRow.state != DELIVERED)
        .values(state=DELIVERED, delivered_at=now, last_error=None, attempts=DeliveryRow.attempts + 1)
        .execution_options(synchronize_session=False)
    )


def record_failed(session: Session, claimed: Claim, error: str, next_try_at: datetime | None) -> None:
    """Note a failed try; the next at `next_try_at`, or never (None). Only for the holder of the claim."""
    values = {"state": DEAD} if next_try_at is None else {"state": PENDING, "next_try_at": next_try_at}
    session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.id == claimed.delivery_id,
            DeliveryRow.state == SENDING,
            DeliveryRow.next_try_at == claimed.ends_at,
        )
        .values(last_error=error, attempts=DeliveryRow.attempts + 1, **values)
        .execution_options(synchronize_session=False)
    )


def revive(session: Session, now: datetime, channel_hashes: Collection[str]) -> int:
    """Give the dead letters of these channels a fresh start; returns how many."""
    revived = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.state == DEAD, DeliveryRow.channel_hash.in_(sorted(channel_hashes)))
        .values(state=PENDING, attempts=0, next_try_at=now)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(revived.all())


def list_alerts(
    session: Session, limit: int | None = None, *, kind: str | None = None, run_id: int | None = None
) -> list[Alert]:
    """Alerts with their deliveries, newest first."""
    query = select(AlertRow).options(selectinload(AlertRow.deliveries)).order_by(AlertRow.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(AlertRow.kind == kind)
    if run_id is not None:
        query = query.where(AlertRow.run_id == run_id)
    return [_alert(row) for row in session.scalars(query.execution_options(populate_existing=True))]


def dead_letters(session: Session) -> list[Alert]:
    """Alerts that some channel was never shown and is no longer tried, with those deliveries only, oldest first."""
    query = select(DeliveryRow).where(DeliveryRow.state == DEAD).order_by(DeliveryRow.alert_id, DeliveryRow.id)
    found: dict[int, list[DeliveryRow]] = {}
    for row in session.scalars(query):
        found.setdefault(row.alert_id, []).append(row)
    return [_alert(session.get_one(AlertRow, alert_id), rows) for alert_id, rows in found.items()]


def summary(session: Session, channel_hashes: Collection[str] | None = None) -> dict[str, int]:
    """Counts of deliveries; no row is in two.

    `pending` (no try yet), `failed` (to be tried again), `dead`, `delivered`, and, where the channels that are set are
    given, `orphaned`: waiting for a channel that is set no longer. These go on when it is set again.
    """
    mine = true() if channel_hashes is None else DeliveryRow.channel_hash.in_(sorted(channel_hashes))
    waiting = DeliveryRow.state.in_((PENDING, SENDING))

    def count(condition: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(DeliveryRow).where(condition)) or 0

    return {
        "pending": count(waiting & mine & (DeliveryRow.attempts == 0)),
        "failed": count(waiting & mine & (DeliveryRow.attempts > 0)),
        "dead": count(DeliveryRow.state == DEAD),
        "delivered": count(DeliveryRow.state == DELIVERED),
        "orphaned": count(waiting & ~mine),
    }


def alerted_reports(session: Session) -> set[int]:
    """Reports that an alert was raised about."""
    query = select(RecordRow.report_id).join(AlertRow, AlertRow.record_id == RecordRow.id)
    return {report_id for report_id in session.scalars(query) if report_id is not None}


def _may_be_claimed(now: datetime) -> ColumnElement[bool]:
    return DeliveryRow.state.in_((PENDING, SENDING)) & (DeliveryRow.next_try_at <= now)


def _open_delivery(session: Session, alert_id: int, channel: ChannelName, now: datetime) -> int | None:
    values = {
        "alert_id": alert_id,
        "channel": channel.name,
        "channel_hash": channel.hash,
        "state": PENDING,
        "attempts": 0,
        "next_try_at": now,
    }
    return _insert_unless_held(session, DeliveryRow, values)


def _insert_unless_held(session: Session, table: type[Base], values: dict[str, Any]) -> int | None:
    """Insert a row and return its id; None when a unique key is held already, by whichever transaction."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(values).on_conflict_do_nothing()
    inserted: int | None = session.execute(statement.returning(table.__table__.c.id)).scalar_one_or_none()
    return inserted


def _alert(row: AlertRow, deliveries: Sequence[DeliveryRow] | None = None) -> Alert:
    return Alert(
        alert_id=row.id,
        key=row.key,
        kind=row.kind,
        urgency=row.urgency,
        record_id=row.record_id,
        run_id=row.run_id,
        content=row.content,
        raised_at=row.raised_at,
        deliveries=tuple(_delivery(item) for item in (row.deliveries if deliveries is None else deliveries)),
        adoptable=row.adoptable,
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        delivery_id=row.id,
        channel=row.channel,
        channel_hash=row.channel_hash,
        state=row.state,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        last_error=row.last_error,
        delivered_at=row.delivered_at,
    )
