"""Never more requests a second than a source allows, and not many fewer."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import floor

from ivigil.sources.clock import Clock

LONGEST_DOUBT = 0.15


@dataclass
class _Turn:
    """One request; its place in the window is free again at `free_at`."""

    sent: float
    free_at: float


class RateLimiter:
    """At most `rate` requests in any second, over a sliding window, shared by all threads that use one source.

    The server counts a request when it arrives, which lies between our sending it and our having the answer. So a
    request holds its place until one second after its answer: whatever the network's delays, the server never sees more
    than `rate` in a second. The doubt is capped at 0.15 s, which keeps the pace above 1 / 1.15 of what is allowed.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        self._clock = clock
        self._capacity, self._period = _window(rate)
        self._turns: deque[_Turn] = deque(maxlen=self._capacity)
        self._lock = threading.Lock()

    def change(self, rate: float) -> None:
        """Keep to another rate from the next request on; the requests made so far keep their places."""
        capacity, period = _window(rate)
        with self._lock:
            if (capacity, period) != (self._capacity, self._period):
                self._capacity, self._period = capacity, period
                self._turns = deque(self._turns, maxlen=capacity)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until one more request may be sent; the request is made inside the `with`."""
        turn = self._take()
        try:
            yield
        finally:
            doubt = min(self._clock.monotonic() - turn.sent, LONGEST_DOUBT)
            turn.free_at = turn.sent + doubt + self._period

    def _take(self) -> _Turn:
        with self._lock:  # held while waiting: threads queue up, each for the place after the one before it
            if len(self._turns) == self._capacity:
                while (wait := self._turns[0].free_at - self._clock.monotonic()) > 0:
                    self._clock.sleep(wait)
            now = self._clock.monotonic()
            turn = _Turn(sent=now, free_at=now + LONGEST_DOUBT + self._period)
            self._turns.append(turn)
            return turn


def _window(rate: float) -> tuple[int, float]:
    """How many requests in how many seconds make up the rate."""
    if rate <= 0:
        raise ValueError(f"a rate must be above zero, not {rate}")
    capacity = max(1, floor(rate))
    return capacity, max(1.0, capacity / rate)
