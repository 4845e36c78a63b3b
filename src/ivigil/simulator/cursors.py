"""Cursors that say all a service must know: how far a reading has come, and of which question."""

from __future__ import annotations

import base64
import binascii
import hashlib

START = "*"


def _digest(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()[:8]


def cursor_at(offset: int, query: str) -> str:
    """The cursor to what follows the first so many hits."""
    return base64.b64encode(f"{offset}:{_digest(query)}".encode()).decode()


def offset_of(cursor: str, query: str) -> int | None:
    """Where a cursor points to; None where it is not one of this query's."""
    if cursor == START:
        return 0
    try:
        offset, _, digest = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return int(offset) if offset.isdecimal() and digest == _digest(query) else None
