"""The alerts as an Atom feed (RFC 4287)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from lxml import etree

from ivigil.alerts.content import read_content
from ivigil.alerts.deliver import message_of
from ivigil.alerts.digest_content import ProtocolName
from ivigil.alerts.render import byline
from ivigil.alerts.text import plain
from ivigil.store.outbox import Alert

ATOM = "http://www.w3.org/2005/Atom"


def atom_feed(
    alerts: Sequence[Alert], protocol: ProtocolName, *, updated: datetime, address: str | None = None
) -> bytes:
    """A feed document, UTF-8.

    Args:
        alerts: what the outbox holds, in the order it shall stand in the feed.
        protocol: the review that is told of; its name makes the feed's id.
        updated: when the feed last changed; used where there is no alert that says so.
        address: where the feed is served, if it is.

    Raises:
        AlertError: a stored alert cannot be read.
    """
    root = etree.fromstring(f"<feed xmlns='{ATOM}'/>")
    _add(root, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"ivigil:{protocol.name}").urn)
    _add(root, "title", plain(f"ivigil: {protocol.title or protocol.name}"))
    _add(root, "updated", _stamp(max((alert.raised_at for alert in alerts), default=updated)))
    _add(_add(root, "author"), "name", "ivigil")
    if address:
        _add(root, "link", rel="self", type="application/atom+xml", href=address)
    for alert in alerts:
        _add_entry(root, alert)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _add_entry(root: etree._Element, alert: Alert) -> None:
    content, message = read_content(alert.content), message_of(alert)
    entry = _add(root, "entry")
    _add(entry, "id", uuid.UUID(hex=message.id).urn)
    _add(entry, "title", message.subject)
    _add(entry, "updated", _stamp(alert.raised_at))
    _add(entry, "published", _stamp(alert.raised_at))
    _add(entry, "category", term=str(content.kind))
    for link in content.study.links[:1] if content.study else ():
        _add(entry, "link", rel="alternate", href=link.url)
    if byline(content):
        _add(entry, "summary", byline(content))
    _add(entry, "content", message.chat_html, type="html")


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, _tag(name), attributes)
    child.text = text
    return child


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
