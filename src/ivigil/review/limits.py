"""How often somebody may try to sign in."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

TRIES, EVERYBODYS_TRIES, WITHIN_SECONDS = 10, 100, 300.0


class Limiter:
    """Allows so many failures per address, and so many in all, within a while; success is never counted."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()

    def wait_seconds(self, address: str) -> int:
        """Seconds until this address may try again; 0 when it may now."""
        with self._lock:
            self._forget()
            mine = [when for when, who in self._failures if who == address]
            full = mine if len(mine) >= TRIES else None
            if full is None and len(self._failures) >= EVERYBODYS_TRIES:
                full = [self._failures[0][0]]
            return 0 if full is None else max(int(full[0] + WITHIN_SECONDS - self._now()) + 1, 1)

    def note_failure(self, address: str) -> None:
        """Count a failed try."""
        with self._lock:
            self._failures.append((self._now(), address))

    def _forget(self) -> None:
        while self._failures and self._failures[0][0] <= self._now() - WITHIN_SECONDS:
            self._failures.popleft()
