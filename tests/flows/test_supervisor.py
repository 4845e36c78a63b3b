"""The supervisor behind `ivigil serve`, over stand-ins that start in no time."""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ivigil.cli import serve as serving
from ivigil.cli import supervisor as supervising
from ivigil.cli.prefect_server import PrefectApi
from ivigil.cli.supervisor import Child, Supervisor
from ivigil.errors import ConfigurationError, IvigilError, LeaseHeld

SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self): self.answer({})
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"])); self.answer([])
    def answer(self, body):
        self.send_response(200); self.end_headers(); self.wfile.write(json.dumps(body).encode())
    def log_message(self, *args): pass
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
WORKER = "import signal; print('at work', flush=True); signal.sigwait({signal.SIGUSR1})"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('at work', flush=True); signal.pause()"


def child(folder: Path, name: str, code: str, *arguments: str) -> Child:
    return Child(name, [sys.executable, "-c", code, *arguments], os.environ, folder, folder / f"{name}.log")


@pytest.fixture
def supervisor(tmp_path):
    port = serving._free_port()
    made = Supervisor(PrefectApi(port), child(tmp_path, "server", SERVER, str(port)), child(tmp_path, "worker", WORKER))
    yield made
    made.stop.set()
    made.bring_down()


def pid(made: Child) -> int:
    assert made._process is not None
    return made._process.pid


def is_gone(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    return False


def watching(made: Supervisor) -> threading.Thread:
    made.bring_up()
    thread = threading.Thread(target=made.watch)
    thread.start()
    return thread


@pytest.mark.parametrize("which", ["server", "worker"])
def test_what_dies_is_started_again(supervisor, wait_until, which: str) -> None:
    """A killed server or worker is back within seconds; the other one is left alone."""
    thread = watching(supervisor)
    one, other = (supervisor.server, supervisor.worker)[:: 1 if which == "server" else -1]
    first, untouched = pid(one), pid(other)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: pid(one) != first and one.alive and supervisor.api.is_up(), 20)
    assert pid(other) == untouched
    supervisor.stop.set()
    thread.join(20)
    assert not thread.is_alive()


def test_a_server_that_answers_no_more_is_replaced(supervisor, wait_until, monkeypatch) -> None:
    """A server that lives but has gone deaf counts as dead."""
    monkeypatch.setattr(supervising, "HEALTH_SECONDS", 0.0)
    thread = watching(supervisor)
    first = pid(supervisor.server)
    supervisor.api._http.close()
    os.kill(first, signal.SIGSTOP)
    monkeypatch.setattr(PrefectApi, "is_up", lambda _self: pid(supervisor.server) != first)
    wait_until(lambda: pid(supervisor.server) != first, 30)
    assert is_gone(first)
    supervisor.stop.set()
    thread.join(20)


def test_stopping_leaves_nobody(supervisor) -> None:
    """After stopping, neither server nor worker is left, not even as a zombie."""
    supervisor.bring_up()
    both = [pid(supervisor.server), pid(supervisor.worker)]
    supervisor.bring_down()
    assert all(is_gone(number) for number in both)


def test_a_process_deaf_to_sigterm_is_killed(tmp_path, wait_until) -> None:
    """Patience ends: a process that ignores the request to end is ended."""
    stubborn = child(tmp_path, "stubborn", STUBBORN)
    stubborn.start()
    wait_until(lambda: "at work" in stubborn.log.read_text(), 20)
    stubborn.stop(0.2)
    assert is_gone(pid(stubborn))


def test_a_server_that_ends_at_once_is_reported(tmp_path) -> None:
    """A server that does not come up is an error that names its log, not a wait."""
    broken = child(tmp_path, "server", "raise SystemExit(3)")
    made = Supervisor(PrefectApi(serving._free_port()), broken, child(tmp_path, "worker", WORKER))
    with pytest.raises(IvigilError, match="did not start: server ended") as caught:
        made.bring_up()
    assert str(broken.log) in (caught.value.hint or "")


def test_pauses_grow_while_it_keeps_dying_young(tmp_path) -> None:
    """Restarts of a process that dies at once come ever slower, up to a minute."""
    made = child(tmp_path, "worker", "pass")
    made.start()
    pauses = [made.next_pause() for _ in range(9)]
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert pauses[-1] == supervising.LONGEST_PAUSE
    made.stop(5)


@dataclass
class Recording(PrefectApi):
    """Remembers what was posted."""

    posted: list[tuple[str, Any]] = field(default_factory=list)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        self.posted.append((path, body))
        return []


@pytest.mark.parametrize(
    ("state", "begun", "becomes"),
    [
        ("RUNNING", 1, "SCHEDULED"),
        ("PENDING", 0, "SCHEDULED"),
        ("RUNNING", 3, "CRASHED"),
        ("CANCELLING", 1, "CANCELLED"),
    ],
)
def test_a_run_without_a_worker_is_planned_anew(state: str, begun: int, becomes: str) -> None:
    """A run cut short is begun again, not for ever, and not when it was being cancelled."""
    api = Recording(1)
    api.begin_again({"id": "x", "state_type": state, "run_count": begun})
    ((path, body),) = api.posted
    assert path == "flow_runs/x/set_state"
    assert (body["state"]["type"], body["force"]) == (becomes, True)


@pytest.mark.parametrize(
    ("cron", "zone", "field_"), [("nonsense", "UTC", "--nightly"), ("0 2 * * *", "Mars/Olympus", "time_zone")]
)
def test_a_schedule_that_cannot_be_is_bad_input(tmp_path, cron: str, zone: str, field_: str) -> None:
    """A cron line or time zone that means nothing is named before anything is started."""
    with pytest.raises(ConfigurationError) as caught:
        serving.serve(tmp_path, nightly_cron=cron, time_zone=zone)
    assert caught.value.field == field_
    assert not (tmp_path / "prefect").exists()


def test_one_supervisor_for_a_home(tmp_path) -> None:
    """A second supervisor of the same home is refused and told who works there."""
    lock = tmp_path / "serve.lock"
    with serving._alone(lock), pytest.raises(LeaseHeld, match=str(os.getpid())), serving._alone(lock):
        pass


def test_a_taken_port_is_bad_input() -> None:
    """A port that somebody else listens on is named as such."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigurationError, match="cannot be used"):
            serving._check_free(taken.getsockname()[1])


def test_waiting_ends_when_stopped(supervisor, monkeypatch) -> None:
    """A stop during the start is obeyed at once."""
    supervisor.stop.set()
    supervisor.bring_up()
    assert supervisor.await_night() is None
    assert supervisor.worker._process is None
