"""Works off the outbox, lists it, tries the channels, and gives dead letters a fresh start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ivigil.alerts import (
    AlertContent,
    AlertKind,
    Channel,
    DeliveryReport,
    Link,
    ProtocolName,
    read_content,
    render,
    subject_line,
    subscribers_from,
)
from ivigil.alerts import deliver_due as deliver
from ivigil.errors import AlertError
from ivigil.store import Session, outbox
from ivigil.store import links as linked
from ivigil.store.outbox import Claim
from ivigil.surveillance.absence import watch_absence
from ivigil.surveillance.context import Context
from ivigil.surveillance.decision_links import decision_link
from ivigil.surveillance.feeding import write_feed
from ivigil.surveillance.settled import decided_reports

ASKING = {
    AlertKind.STUDY_ELIGIBLE,
    AlertKind.STUDY_NEEDS_FULL_TEXT,
    AlertKind.STUDY_UPDATED,
    AlertKind.STUDY_MERGED,
}
"""Kinds of alert that ask for a decision."""
CHOICES = {"include": "Include", "exclude": "Exclude", "maybe": "Maybe"}


def deliver_due(context: Context) -> DeliveryReport:
    """Look whether a complete run is overdue, try every delivery that is due, and write the feed anew."""
    subscribers = subscribers_from(context.settings)
    watch_absence(context)
    report = deliver(
        context.store,
        [subscriber.channel for subscriber in subscribers],
        now=context.clock.now,
        subscriptions={subscriber.channel.hash: subscriber.subscription for subscriber in subscribers},
        choices=lambda claimed, channel: choices(context, claimed, channel),
    )
    write_feed(context)
    return report


def revive_dead(context: Context) -> int:
    """Give what was given up on the channels that are set a fresh start; returns how many deliveries."""
    hashes = [subscriber.channel.hash for subscriber in subscribers_from(context.settings)]
    with context.store.transaction() as session:
        return outbox.revive(session, context.clock.now(), hashes)


def list_alerts(context: Context) -> list[dict[str, Any]]:
    """Every alert, newest first, as `ivigil alerts --json` prints it."""
    return _as_json(context, None)


def alerts_of_run(context: Context, run_id: int) -> list[dict[str, Any]]:
    """What one run raised, newest first, in the same form."""
    return _as_json(context, run_id)


def _as_json(context: Context, run_id: int | None) -> list[dict[str, Any]]:
    with context.store.reading() as session:
        found = outbox.list_alerts(session, run_id=run_id)
        studies = linked.studies_of_records(session, [a.record_id for a in found if a.record_id is not None])
    return [
        {
            "alert_id": alert.alert_id,
            "kind": alert.kind,
            "urgency": alert.urgency,
            "study_id": None if alert.record_id is None else studies.get(alert.record_id),
            "title": subject_line(read_content(alert.content)),
            "raised_at": alert.raised_at.isoformat(),
            "content": alert.content,
            "deliveries": [
                {
                    "channel": delivery.channel,
                    "state": delivery.state,
                    "attempts": delivery.attempts,
                    "next_try_at": delivery.next_try_at.isoformat(),
                    "last_error": delivery.last_error,
                    "delivered_at": delivery.delivered_at.isoformat() if delivery.delivered_at else None,
                }
                for delivery in alert.deliveries
            ],
        }
        for alert in found
    ]


def test_channels(context: Context) -> list[dict[str, Any]]:
    """Send a test message to each channel; says for each whether it was taken, and why not."""
    review = context.protocol.review
    content = AlertContent(kind=AlertKind.TEST, protocol=ProtocolName(name=review.name, title=review.title))
    now = context.clock.wall()
    results = []
    for channel in (subscriber.channel for subscriber in subscribers_from(context.settings)):
        message = render(content, message_id=f"test-{now:%Y%m%d%H%M%S%f}", raised_at=now)
        try:
            channel.send(message)
        except AlertError as failure:
            results.append({"channel": channel.name, "ok": False, "error": str(failure)})
        else:
            results.append({"channel": channel.name, "ok": True, "error": None})
    return results


def choices(context: Context, claimed: Claim, channel: Channel) -> Sequence[Link]:
    """The links by which a study's message asks for a decision; none once there is one, or without an address."""
    if claimed.kind not in ASKING or claimed.record_id is None:
        return ()
    with context.store.transaction() as session:
        if _is_decided(context, session, claimed.record_id):
            return ()
    recipient = channel.name.removeprefix("mailto:")
    addresses = {
        label: decision_link(context, claimed.record_id, decision, recipient=recipient)
        for decision, label in CHOICES.items()
    }
    return [Link(label=label, url=url) for label, url in addresses.items() if url is not None]


def _is_decided(context: Context, session: Session, record_id: int) -> bool:
    row = linked.records_by_id(session, [record_id]).get(record_id)
    report_id = row.report_id if row else None
    return report_id is not None and bool(decided_reports(context, session, [report_id]))
