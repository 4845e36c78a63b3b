"""Take secrets out of everything that leaves the network layer: sources echo keys in their error bodies."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

REPLACEMENT = "REDACTED"


class Redactor:
    """Replaces each secret, in every spelling a URL, an XML or a JSON text may give it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {
            spelling
            for secret in secrets
            if secret
            for spelling in (
                secret,
                quote(secret, safe=""),
                quote_plus(secret),
                html.escape(secret),
                json.dumps(secret)[1:-1],
            )
        }
        # Longest first, so that a spelling inside another does not leave its rest behind.
        ordered = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
        pattern = "|".join(re.escape(spelling) for spelling in ordered)
        self._text = re.compile(pattern, re.IGNORECASE) if pattern else None
        self._data = re.compile(pattern.encode(), re.IGNORECASE) if pattern else None

    @property
    def holds_secrets(self) -> bool:
        """Whether there is anything to hide."""
        return self._text is not None

    def text(self, value: str) -> str:
        """The text without secrets."""
        return self._text.sub(REPLACEMENT, value) if self._text else value

    def data(self, value: bytes) -> bytes:
        """The bytes without secrets."""
        return self._data.sub(REPLACEMENT.encode(), value) if self._data else value


class RedactingFilter(logging.Filter):
    """Cleans the lines of a library that logs whole addresses (urllib3 does, at DEBUG)."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, without secrets."""
        record.msg = self._clean(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(self._clean(value) for value in record.args)
        return True

    def _clean(self, value: Any) -> Any:
        return self._redactor.text(value) if isinstance(value, str) else value
