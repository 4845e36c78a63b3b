"""Keeps the Atom feed of what was told: a file in the home folder that any web server or feed reader may take."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from ivigil.alerts import ProtocolName, atom_feed, read_content
from ivigil.errors import AlertError
from ivigil.store import outbox
from ivigil.store.outbox import Alert
from ivigil.surveillance.context import Context

log = logging.getLogger(__name__)

FEED_NAME = "feed.atom"
ENTRIES = 100


def feed(context: Context) -> bytes:
    """The newest alerts as an Atom document."""
    review = context.protocol.review
    public = context.settings.public_url
    with context.store.transaction() as session:
        alerts = outbox.list_alerts(session, limit=ENTRIES)
    return atom_feed(
        [alert for alert in alerts if not _is_taken_back(alert) and _is_readable(alert)],
        ProtocolName(name=review.name, title=review.title),
        updated=context.clock.now(),
        address=f"{public}/{FEED_NAME}" if public else None,
    )


def write_feed(context: Context) -> Path:
    """Write the feed to the home folder and return its place; a reader never sees half of it."""
    file = context.settings.home / FEED_NAME
    content = feed(context)
    if not file.is_file() or file.read_bytes() != content:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{FEED_NAME}.{os.getpid()}")
        draft.write_bytes(content)
        draft.replace(file)
    return file


def _is_taken_back(alert: Alert) -> bool:
    return bool(alert.deliveries) and all(delivery.state == outbox.WITHDRAWN for delivery in alert.deliveries)


def _is_readable(alert: Alert) -> bool:
    """One alert that cannot be read must not keep the others out of the feed; its delivery fails and shows."""
    try:
        read_content(alert.content)
    except AlertError as unreadable:
        log.warning("left out of the feed: %s", unreadable, extra={"alert": alert.alert_id})
        return False
    return True
