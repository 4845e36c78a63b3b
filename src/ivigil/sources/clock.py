"""Time as the sources see it: the one seam at which tests turn waiting off."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What waits and what tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class VirtualClock:
    """A clock that moves only when somebody sleeps, so that waiting takes no time and can be measured."""

    def __init__(self, start: datetime = datetime(2024, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self.slept = 0.0

    def now(self) -> datetime:
        """The start plus everything slept since."""
        return self._start + timedelta(seconds=self.slept)

    def monotonic(self) -> float:
        """Seconds slept so far."""
        return self.slept

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept += max(seconds, 0.0)
