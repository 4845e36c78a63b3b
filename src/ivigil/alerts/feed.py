"""The alerts as an Atom feed (RFC 4287)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from lxml import etree

from ivigil.alerts.content import AlertContent
from ivigil.alerts.digest_content import ProtocolName
from ivigil.alerts.render import Message, byline

ATOM = "http://www.w3.org/2005/Atom"


def atom_feed(
    entries: Sequence[tuple[AlertContent, Message, datetime]],
    protocol: ProtocolName,
    *,
    updated: datetime,
    address: str | None = None,
) -> bytes:
    """A feed document, UTF-8.

    Args:
        entries: content, rendered message and time of each alert, in the order they shall stand; the message's id (32
            hexadecimal digits) becomes the entry's.
        protocol: the review that is told of; its name makes the feed's id.
        updated: when the feed last changed; used where there is no entry that says so.
        address: where the feed is served, if it is.
    """
    root = etree.fromstring(f"<feed xmlns='{ATOM}'/>")
    title = protocol.title or protocol.name
    _add(root, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"ivigil:{protocol.name}").urn)
    _add(root, "title", f"ivigil: {title}")
    _add(root, "updated", _stamp(max((raised_at for _content, _message, raised_at in entries), default=updated)))
    _add(_add(root, "author"), "name", "ivigil")
    if address:
        _add(root, "link", rel="self", type="application/atom+xml", href=address)
    for content, message, raised_at in entries:
        entry = _add(root, "entry")
        _add(entry, "id", uuid.UUID(hex=message.id).urn)
        _add(entry, "title", message.subject)
        _add(entry, "updated", _stamp(raised_at))
        _add(entry, "published", _stamp(raised_at))
        _add(entry, "category", term=str(content.kind))
        for link in content.study.links[:1] if content.study else ():
            _add(entry, "link", rel="alternate", href=link.url)
        if byline(content):
            _add(entry, "summary", byline(content))
        _add(entry, "content", message.chat_html, type="html")
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, _tag(name), attributes)
    child.text = text
    return child


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
