"""The one clock: real, or set to replay a night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time


def _wall() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """`now()` is the time the work speaks of; `wall()` is always real time, for leases and waiting."""

    fixed: datetime | None = None
    wall: Callable[[], datetime] = _wall

    def now(self) -> datetime:
        """The replayed time if one is set, else real time; aware, UTC."""
        return self.fixed or self.wall()

    def today(self) -> date:
        """The day (UTC) of `now()`."""
        return self.now().date()

    @classmethod
    def at(cls, day: date | datetime | None) -> Clock:
        """A clock that stands at the end of a day (or at a time); the real one for None."""
        if day is None:
            return cls()
        if isinstance(day, datetime):
            return cls(fixed=day if day.tzinfo else day.replace(tzinfo=UTC))
        return cls(fixed=datetime.combine(day, time(23, 59), tzinfo=UTC))
