"""The night on a real Prefect server, on its schedule: by `ivigil serve`, and by Prefect's own three commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from ivigil.cli.prefect_server import PrefectApi, server_environment
from ivigil.cli.serve import _free_port
from ivigil.store import ledger, open_store
from review_at_work import SOURCES

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(600)]
EVERY_MINUTE = "* * * * *"
BOOT_SECONDS = 240


@pytest.fixture
def shell(tmp_path, simulator) -> dict[str, str]:
    """The settings of a review whose sources are simulated; Prefect looks for work more often than it usually does."""
    simulator.today = None
    simulator.set_faults("")
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("IVIGIL_", "PREFECT_"))}
    bases = {f"IVIGIL_{source.upper()}_BASE_URL": simulator.base_url(source) for source in SOURCES}
    return (
        outside
        | bases
        | {
            "IVIGIL_HOME": str(tmp_path / "home"),
            "IVIGIL_CONTACT_EMAIL": "team@example.org",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            "OMP_NUM_THREADS": "1",
        }
    )


def processes_of(home: Path) -> list[int]:
    """Every process whose environment names this home, ours excepted."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            named = f"IVIGIL_HOME={home}".encode() in (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if named and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def ask(port: int, path: str, body: Mapping[str, Any]) -> Any:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(f"http://127.0.0.1:{port}/api/{path}", json=body, timeout=120)
        answer.raise_for_status()
        return answer.json()


def ended_nights(port: int) -> list[dict[str, Any]]:
    return ask(
        port,
        "flow_runs/filter",
        {
            "deployments": {"name": {"any_": ["nightly"]}},
            "flow_runs": {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}},
            "sort": "END_TIME_DESC",
        },
    )


def assert_a_scheduled_night(port: int, home: Path) -> None:
    """Completed, made by the scheduler, with artifacts, and in the ledger."""
    night = ended_nights(port)[-1]
    assert (night["state_type"], night["auto_scheduled"]) == ("COMPLETED", True), night["state"]
    keys = {each["key"] for each in ask(port, "artifacts/filter", {})}
    assert {"ivig-ssc-ranked-list", "ivig-ssc-ledger"} <= keys
    store = open_store(f"sqlite:///{home / 'ivigil.sqlite3'}")
    with store.transaction() as session:
        first = ledger.runs(session)[-1]
        assert (first.kind, first.status) == ("night", "complete")
        assert first.summary["new_records"] > 0
    store.close()


@contextmanager
def running(command: list[str], env: Mapping[str, str], log: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is asked to end when the block does."""
    # Prefect's worker stops by sending itself SIGINT. A handled signal is set back to its default in a new process; an
    # ignored one, as in a shell's background job, would stay ignored. No new session: what ends the tests ends these.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=dict(env), cwd=folder, stdout=output, stderr=subprocess.STDOUT)
    signal.signal(signal.SIGINT, before)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_serve_runs_the_night_on_its_schedule(tmp_path, shell, wait_until) -> None:
    """`ivigil serve` alone schedules a night and runs it to Completed; stopped, it leaves no process behind."""
    home, log = tmp_path / "home", tmp_path / "serve.log"
    command = [sys.executable, "-c", "from ivigil.cli import main; main()", "serve", "--nightly", EVERY_MINUTE]
    with running(command, shell, log, tmp_path) as serve:
        told: Callable[[], str] = lambda: "\n".join(  # noqa: E731
            path.read_text() for path in (log, *home.glob("logs/prefect-*.log"))
        )
        wait_until(lambda: "next night" in log.read_text() or serve.poll() is not None, BOOT_SECONDS, told)
        assert serve.poll() is None, told()
        port = int(log.read_text().partition("http://127.0.0.1:")[2].partition(" ")[0])
        wait_until(lambda: ended_nights(port), 240, told)
        assert_a_scheduled_night(port, home)
        assert len(processes_of(home)) >= 3
        serve.send_signal(signal.SIGTERM)
        assert serve.wait(90) == 0, told()
        wait_until(lambda: not processes_of(home), 10, lambda: f"left: {processes_of(home)}")


def test_server_deploy_worker_run_the_night_on_its_schedule(tmp_path, shell, root, wait_until) -> None:
    """prefect.yaml, deployed to a plain Prefect server, runs the night to Completed through a process worker."""
    home, port = tmp_path / "home", _free_port()
    prefect = [sys.executable, "-m", "prefect"]
    env = server_environment(shell, home, port)
    home.mkdir()
    every_minute = tmp_path / "prefect.yaml"
    text = (root / "prefect.yaml").read_text(encoding="utf-8")
    assert '"30 2 * * *"' in text
    every_minute.write_text(text.replace('"30 2 * * *"', f'"{EVERY_MINUTE}"'), encoding="utf-8")
    logs = {name: tmp_path / f"{name}.log" for name in ("server", "worker")}
    told: Callable[[], str] = lambda: "\n".join(path.read_text() for path in logs.values() if path.exists())  # noqa: E731
    start = [*prefect, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with running(start, env, logs["server"], tmp_path):
        wait_until(PrefectApi(port).is_up, BOOT_SECONDS, told)
        for command in (
            ["work-pool", "create", "ivigil", "--type", "process"],
            ["--no-prompt", "deploy", "--all", "--prefect-file", str(every_minute)],
        ):
            done = subprocess.run([*prefect, *command], env=env, cwd=root, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
        with running([*prefect, "worker", "start", "--pool", "ivigil"], env, logs["worker"], tmp_path):
            wait_until(lambda: ended_nights(port), 240, told)
            assert_a_scheduled_night(port, home)
    wait_until(lambda: not processes_of(home), 10, lambda: f"left: {processes_of(home)}")
