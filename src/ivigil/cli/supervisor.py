"""One process that keeps a Prefect server and a worker alive, and ends them when it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import requests

from ivigil.cli.output import err
from ivigil.cli.prefect_server import PrefectApi, end_leftover
from ivigil.errors import IvigilError

STARTING_SECONDS = 180.0
SCHEDULING_SECONDS = 90.0
HEALTH_SECONDS = 15.0
DEAF_AFTER = 4
LONGEST_PAUSE = 60.0
SETTLED_SECONDS = 300.0
LOG_BYTES = 5_000_000
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A process that is meant to run for as long as we do."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    folder: Path
    log: Path
    _process: subprocess.Popen[bytes] | None = None
    _began: float = 0.0
    _pause: float = 0.0

    def start(self) -> None:
        """Start it in a session of its own: the terminal's Ctrl-C is for us, who then stop it in good order."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self.command,
                env=dict(self.env),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
            )
        self._began = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def next_pause(self) -> float:
        """Seconds to wait before starting it again: doubling while it keeps dying young."""
        lived = time.monotonic() - self._began
        self._pause = 1.0 if lived > SETTLED_SECONDS else min(max(1.0, self._pause * 2), LONGEST_PAUSE)
        return self._pause

    def stop(self, patience: float) -> None:
        """Ask it to end; end it after `patience` seconds."""
        if self._process is None:
            return
        if self.alive:
            self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@dataclass
class Supervisor:
    """Keeps server and worker alive until `stop` is set."""

    api: PrefectApi
    server: Child
    worker: Child
    stop: threading.Event = field(default_factory=threading.Event)
    _night: datetime | None = None
    _deaf: int = 0
    _checked: float = 0.0

    def bring_up(self) -> None:
        """Start the server, then a worker, who makes the work pool."""
        self.server.start()
        self._await_server()
        self._start_worker()
        self._await("the worker made no work pool", self.api.has_pool, STARTING_SECONDS, self.worker)

    def await_night(self) -> datetime | None:
        """The next planned night, once the scheduler has planned it; None when stopped meanwhile."""
        self._await(
            "Prefect planned no night: its scheduler does not work",
            self._has_night,
            SCHEDULING_SECONDS,
            self.server,
            hint="compare `pip freeze` with constraints.txt: some versions of SQLAlchemy and FastAPI stop it silently",
        )
        return None if self.stop.is_set() else self._night

    def _has_night(self) -> bool:
        self._night = self.api.next_night()
        return self._night is not None

    def watch(self) -> None:
        """Restart what dies, until stopped."""
        while not self.stop.wait(0.5):
            if not self.server.alive or self._is_deaf():
                err.print("The Prefect server stopped answering; starting it again.", style="yellow")
                self.server.stop(10)
                if self.stop.wait(self.server.next_pause()):
                    return
                self.server.start()
                self._await_server()
            if not self.worker.alive and not self.stop.is_set():
                err.print("The worker ended; starting it again.", style="yellow")
                if self.stop.wait(self.worker.next_pause()):
                    return
                self._start_worker()

    def bring_down(self) -> None:
        """Stop the worker with its flows, note what they leave undone, stop the server."""
        self.worker.stop(40)
        if self.server.alive and self.api.is_up():
            self._settle_left_behind()
        self.server.stop(20)

    def _start_worker(self) -> None:
        if not self.stop.is_set():
            self._settle_left_behind()
            self.worker.start()

    def _settle_left_behind(self) -> None:
        """Without this, a run whose worker was killed counts as running, and holds its place, for ever."""
        try:
            for run in self.api.left_behind():
                end_leftover(run["infrastructure_pid"])
                self.api.begin_again(run)
        except requests.RequestException as error:
            err.print(f"Runs that were cut short stay marked as running: {error}", style="yellow", markup=False)

    def _is_deaf(self) -> bool:
        """Whether a living server has not answered several times in a row."""
        if time.monotonic() - self._checked < HEALTH_SECONDS:
            return False
        self._checked = time.monotonic()
        self._deaf = 0 if self.api.is_up() else self._deaf + 1
        return self._deaf >= DEAF_AFTER

    def _await_server(self) -> None:
        self._await("the Prefect server did not start", self.api.is_up, STARTING_SECONDS, self.server)
        self._deaf = 0

    def _await(
        self, failure: str, ready: Callable[[], bool], seconds: float, child: Child, *, hint: str | None = None
    ) -> None:
        deadline = time.monotonic() + seconds
        while not self.stop.wait(0.25):
            if not child.alive:
                raise IvigilError(f"{failure}: {child.name} ended", hint=f"it wrote to {child.log}")
            with suppress(requests.RequestException):  # it may be up and still too busy to answer
                if ready():
                    return
            if time.monotonic() > deadline:
                raise IvigilError(failure, hint=hint or f"see {child.log}")


def _die_with_parent() -> None:
    """In the child, before it becomes Prefect: ask Linux for a SIGTERM should we be killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
