"""The one job that may run behind the pages, with its progress."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ivigil.errors import IvigilError

logger = logging.getLogger(__name__)
Work = Callable[[Callable[[str], None]], dict[str, Any]]


@dataclass(frozen=True)
class JobState:
    """How the job stands: `name` is empty before the first."""

    name: str = ""
    running: bool = False
    step: str = ""
    error: str = ""
    hint: str = ""
    result: dict[str, Any] | None = None


class Job:
    """Runs one piece of work at a time in a thread of its own."""

    def __init__(self) -> None:
        self._state = JobState()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> JobState:
        """How it stands now."""
        return self._state

    def start(self, name: str, work: Work) -> bool:
        """Begin; False when something is running already."""
        with self._lock:
            if self._state.running:
                return False
            self._state = JobState(name=name, running=True, step="starting")
            self._thread = threading.Thread(target=self._run, args=(name, work), name=f"job {name}", daemon=True)
            self._thread.start()
            return True

    def wait(self, seconds: float | None = None) -> None:
        """Wait for its end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, name: str, work: Work) -> None:
        def progress(step: str) -> None:
            self._state = JobState(name=name, running=True, step=step)

        try:
            result = work(progress)
        except IvigilError as error:
            self._state = JobState(name=name, error=str(error), hint=error.hint or "")
        except Exception:
            logger.exception("a job failed", extra={"job": name})
            self._state = JobState(name=name, error="It failed unexpectedly.", hint="logs/ivigil.log says where")
        else:
            self._state = JobState(name=name, result=result)
