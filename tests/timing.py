"""Measures what work costs the processor, apart from other work on the machine, from tracing and from a slow core."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable
from functools import cache

# what the reference work below takes on the machine that the limits were written on
_REFERENCE_SECONDS = 0.03


def cpu_seconds(action: Callable[[], object], *, tries: int = 3) -> float:
    """Processor seconds of the quickest of several tries, in the terms of the machine that limits were written on.

    A core that does the reference work at half the speed has its time halved; a faster one has it as it is. A tracer
    (coverage, a debugger) is taken off meanwhile, here and from threads that the action starts.
    """
    tracer, of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        slowness = max(1.0, _quickest(_reference_work, 3) / _REFERENCE_SECONDS)
        return _quickest(action, tries) / slowness
    finally:
        sys.settrace(tracer)
        threading.settrace(of_threads)


def _quickest(action: Callable[[], object], tries: int) -> float:
    took = []
    for _ in range(tries):
        begin = time.process_time()
        action()
        took.append(time.process_time() - begin)
    return min(took)


def _reference_work() -> int:
    """Words looked up, lists sorted and a pattern searched: what the code under test does, always the same amount."""
    text = _reference_text()
    counted: dict[str, int] = {}
    for word in text.split():
        counted[word] = counted.get(word, 0) + 1
    pattern = re.compile(r"w(\d+) (?:w\d+ ){1,3}w\1")
    return len(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))) + len(pattern.findall(text))


@cache
def _reference_text() -> str:
    return " ".join(f"w{number * 7919 % 1009}" for number in range(60_000))
