"""Works off the outbox, lists it, and tries the channels."""

from __future__ import annotations

from typing import Any

from ivigil.alerts import (
    AlertContent,
    AlertKind,
    DeliveryReport,
    ProtocolName,
    channels_from,
    read_content,
    render,
    subject_line,
)
from ivigil.alerts import deliver_due as deliver
from ivigil.errors import AlertError
from ivigil.store import links as linked
from ivigil.store import outbox
from ivigil.surveillance.context import Context


def deliver_due(context: Context) -> DeliveryReport:
    """Try every delivery that is due on the channels that are set."""
    return deliver(context.store, channels_from(context.settings.notify), now=context.clock.now)


def list_alerts(context: Context) -> list[dict[str, Any]]:
    """Every alert, newest first, as `ivigil alerts --json` prints it."""
    with context.store.transaction() as session:
        found = outbox.list_alerts(session)
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
    for channel in channels_from(context.settings.notify):
        message = render(content, message_id=f"test-{now:%Y%m%d%H%M%S%f}", raised_at=now)
        try:
            channel.send(message)
        except AlertError as failure:
            results.append({"channel": channel.name, "ok": False, "error": str(failure)})
        else:
            results.append({"channel": channel.name, "ok": True, "error": None})
    return results
