"""Behind `ivigil serve`: a Prefect server, its deployments and a worker, brought up in order and kept alive.

The same three things by hand are `prefect server start`, `prefect deploy --all` and `prefect worker start`.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from ivigil.cli.output import err, out
from ivigil.cli.prefect_server import (
    LOOPBACK,
    POOL,
    PrefectApi,
    deployment_file,
    project_folder,
    server_environment,
    write_deployment_file,
)
from ivigil.cli.supervisor import Child, Supervisor
from ivigil.errors import ConfigurationError, IvigilError, LeaseHeld
from ivigil.surveillance.context import open_context


def serve(home: Path, *, nightly_cron: str, time_zone: str, port: int = 0) -> int:
    """Schedule and run everything on this machine until SIGINT or SIGTERM; returns the exit code.

    Prefect's own files lie in `home/prefect`, its output in `home/logs`.

    Raises:
        ConfigurationError: settings, protocol, cron line, time zone or port cannot be used.
        LeaseHeld: another `ivigil serve` works on this home.
        IvigilError: the server did not start, or planned no night.
    """
    home = home.absolute()
    _check_schedule(nightly_cron, time_zone)
    with open_context(home) as context:
        context.searched_sources()
    logs, folder = home / "logs", home / "prefect"
    logs.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "serve.lock"):
        port = port or _free_port()
        _check_free(port)
        env = server_environment(os.environ, home, port)
        prefect = [sys.executable, "-m", "prefect"]
        start = [*prefect, "server", "start", "--host", LOOPBACK, "--port", str(port), "--analytics-off"]
        work = [*prefect, "worker", "start", "--pool", POOL, "--type", "process", "--name", POOL]
        here = Path.cwd()
        supervisor = Supervisor(
            PrefectApi(port),
            Child("the server", start, env, here, logs / "prefect-server.log"),
            Child("the worker", work, env, here, logs / "prefect-worker.log"),
        )
        deployments = folder / "prefect.yaml"
        write_deployment_file(
            deployments, deployment_file(project_folder(), here, nightly_cron=nightly_cron, time_zone=time_zone)
        )
        with _stopped_by_signals(supervisor.stop):
            err.print("Starting Prefect ...", style="dim", highlight=False)
            try:
                supervisor.bring_up()
                if not supervisor.stop.is_set():
                    _deploy([*prefect, "--no-prompt", "deploy", "--all", "--prefect-file", str(deployments)], env, logs)
                night = supervisor.await_night()
                if night is not None:
                    when = night.astimezone(ZoneInfo(time_zone))
                    out.print(
                        f"Prefect: {supervisor.api.ui}  next night: {when:%Y-%m-%d %H:%M} {time_zone}",
                        highlight=False,
                        soft_wrap=True,
                    )
                supervisor.watch()
            finally:
                supervisor.bring_down()
    return 0


def _deploy(command: Sequence[str], env: Mapping[str, str], logs: Path) -> None:
    log = logs / "prefect-deploy.log"
    with log.open("wb") as output:
        done = subprocess.run(  # noqa: S603 - our own command
            command, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        raise IvigilError("the flows could not be deployed", hint=f"see {log}")


def _check_schedule(cron: str, time_zone: str) -> None:
    from prefect.client.schemas.schedules import CronSchedule  # noqa: PLC0415 - over a second, for this command only

    try:
        ZoneInfo(time_zone)
    except (ValueError, KeyError, OSError):
        raise ConfigurationError(
            f"{time_zone!r} is no time zone", field="time_zone", hint="e.g. Europe/Paris"
        ) from None
    try:
        CronSchedule(cron=cron, timezone=time_zone)
    except ValidationError:
        raise ConfigurationError(f"{cron!r} is no cron line", field="--nightly", hint="e.g. '30 2 * * *'") from None


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _check_free(port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise ConfigurationError(f"port {port} cannot be used: {error.strerror}", field="--port") from None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One supervisor for a home: two schedulers on one database would start every night twice."""
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise LeaseHeld(f"another ivigil serve (process {lock.read().strip()}) works on this home") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Set `stop` on SIGINT and SIGTERM.

    Prefect's worker turns SIGTERM into SIGINT, which a shell's background job ignores, and so would our children: a
    handled signal is set back to its default in a new process.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
