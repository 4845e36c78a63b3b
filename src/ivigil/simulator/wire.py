"""Requests and replies as plain values, and the meter that holds callers to a rate."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

XML = "text/xml; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
TEXT = "text/plain; charset=UTF-8"
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Request:
    """One call of a service: its source, what follows in the path, its parameters (query string and form together).

    `endpoint` is decoded and may hold slashes (`works/10.1000/abc`) or be empty; `headers` have lower-case names;
    `body` is JSON that came instead of a form.
    """

    source: str
    endpoint: str
    method: str
    params: Mapping[str, str]
    client: str = "127.0.0.1"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def get(self, name: str, default: str = "") -> str:
        """A parameter without surrounding blanks."""
        return self.params.get(name, default).strip()

    def number(self, name: str, default: int) -> int:
        """A whole number; anything else reads as the default, as the services do."""
        text = self.get(name)
        return int(text) if text.isdecimal() else default


@dataclass(frozen=True)
class Reply:
    """One answer. `dropped` closes the connection before a byte is sent, `cut` in the middle of the body."""

    body: bytes
    media_type: str = XML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    dropped: bool = False
    cut: bool = False

    @classmethod
    def text(cls, body: str, media_type: str = XML, status: int = 200) -> Self:
        """A reply of text."""
        return cls(body.encode(), media_type, status)

    @classmethod
    def json(cls, body: Any, status: int = 200) -> Self:
        """A reply of compact JSON."""
        return cls(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), JSON, status)

    def with_headers(self, *headers: tuple[str, str]) -> Self:
        """The same with more headers."""
        return replace(self, headers=(*self.headers, *headers))


@dataclass
class Meter:
    """Counts calls of each caller within the last second, by an injected clock (seconds)."""

    clock: Callable[[], float]
    _calls: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, caller: str) -> int:
        """Note a call and say how many this caller has made within a second, this one included."""
        now = self.clock()
        with self._lock:
            calls = self._calls[caller]
            while calls and now - calls[0] >= 1.0:
                calls.popleft()
            calls.append(now)
            return len(calls)


@dataclass(frozen=True)
class Gate:
    """Who may ask a service that wants a key, and how often.

    Any key is accepted where `keys` is None; `rate_factor` multiplies the service's own rate, 0 lets everybody pass.
    """

    meter: Meter
    rate_factor: float = 1.0
    keys: frozenset[str] | None = None

    def knows(self, key: str) -> bool:
        """Whether a key is one of those accepted."""
        return self.keys is None or key in self.keys

    def is_too_fast(self, key: str, rate: float) -> bool:
        """Note a call and say whether the key has made more than so many a second; one is always allowed."""
        return bool(self.rate_factor) and self.meter.count(key) > max(1, round(rate * self.rate_factor))


def peak_rate(times: list[float]) -> int:
    """The most calls within any one second of these times (seconds, ascending)."""
    peak, low = 0, 0
    for high, moment in enumerate(times):
        while moment - times[low] >= 1.0:
            low += 1
        peak = max(peak, high - low + 1)
    return peak
