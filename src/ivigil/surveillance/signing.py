"""Signed, expiring tokens: what ivigil hands out and must recognise when it comes back.

The secret is the installation's own: the setting `secret_key`, else a file in the home folder that is made once. Each
purpose signs with a key of its own, so that a token made for one is refused by every other.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from ivigil.errors import ConfigurationError, TokenRefused
from ivigil.settings import SHORTEST_SECRET_KEY, Settings
from ivigil.surveillance.context import Context

SECRET_NAME = "secret.key"  # noqa: S105 - a file's name


@dataclass(frozen=True)
class Signer:
    """Signs plain values for one purpose, and reads them back."""

    purpose: str
    _serializer: URLSafeTimedSerializer = field(repr=False)

    def sign(self, value: Any) -> str:
        """A JSON value as a token that is fit for a URL's path."""
        return str(self._serializer.dumps(value))

    def read(self, token: str, *, lasts: timedelta) -> Any:
        """The value of a token that was signed at most so long ago.

        Raises:
            TokenRefused: it is forged, cut, made for another purpose, or too old.
        """
        try:
            return self._serializer.loads(token, max_age=int(lasts.total_seconds()))
        except SignatureExpired:
            raise TokenRefused(
                f"this link was good for {lasts.days} days and has run out",
                expired=True,
                hint="open the report in the workspace instead",
            ) from None
        except BadSignature:
            raise TokenRefused(
                "this link was not made by this installation, or a part of it is missing",
                hint="copy the whole link from the message",
            ) from None


def signer(context: Context, purpose: str) -> Signer:
    """The signer for a purpose; its tokens are stamped with real time, whatever night is being replayed."""
    serializer = URLSafeTimedSerializer(
        secret_key(context.settings),
        salt=f"ivigil.{context.protocol.name}.{purpose}",
        signer=_ClockedSigner,
        signer_kwargs={"now": context.clock.wall, "key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
    return Signer(purpose, serializer)


def secret_key(settings: Settings) -> str:
    """The installation's secret: the one set, else that of its file, which is made when it is first asked for.

    Raises:
        ConfigurationError: the file cannot be read or made, or holds too little.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    file = settings.home / SECRET_NAME
    try:
        key = _read_or_make(file)
    except OSError as error:
        raise ConfigurationError(
            f"cannot be used: {error.strerror}", file=file, hint="or set IVIGIL_SECRET_KEY"
        ) from None
    if len(key) < SHORTEST_SECRET_KEY:
        raise ConfigurationError(
            f"holds fewer than {SHORTEST_SECRET_KEY} characters", file=file, hint="remove it, and a new one is made"
        )
    return key


def _read_or_make(file: Path) -> str:
    with suppress(FileNotFoundError):
        return file.read_text(encoding="ascii", errors="replace").strip()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{SECRET_NAME}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as output:
            output.write(secrets.token_hex(32) + "\n")
            output.flush()
            os.fsync(output.fileno())
        # A hard link fails where another process was quicker: then its key is the installation's.
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
    return file.read_text(encoding="ascii").strip()


class _ClockedSigner(TimestampSigner):
    """Reads the time from the injected clock."""

    def __init__(self, *args: Any, now: Callable[[], datetime], **options: Any) -> None:
        super().__init__(*args, **options)
        self._now = now

    def get_timestamp(self) -> int:
        return int(self._now().timestamp())
