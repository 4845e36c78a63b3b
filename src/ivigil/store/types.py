"""Column types: aware UTC times and compressed records."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from ivigil.records import Record


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. A naive one is refused: nobody could say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Mark as UTC what a database without time zones gives back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Compressed(TypeDecorator[bytes]):
    """Bytes, kept deflated."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Deflate."""
        return None if value is None else zlib.compress(value, 6)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Inflate."""
        return None if value is None else zlib.decompress(bytes(value))


class RecordColumn(TypeDecorator[Record]):
    """A `Record`, kept as deflated JSON; read back it is equal to what was written."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Record | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Write as JSON without defaults, deflated."""
        return None if value is None else zlib.compress(value.model_dump_json(exclude_defaults=True).encode(), 6)

    def process_result_value(self, value: Any, dialect: Dialect) -> Record | None:  # noqa: ARG002
        """Read back and validate."""
        return None if value is None else Record.model_validate_json(zlib.decompress(bytes(value)))
