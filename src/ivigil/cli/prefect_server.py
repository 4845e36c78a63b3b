"""What `ivigil serve` asks of its own Prefect server, and the environment and deployments it gives it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import yaml  # type: ignore[import-untyped]  # ships without types

from ivigil.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
POOL = "ivigil"
NIGHTLY = "nightly"
PACKAGE = Path(__file__).resolve().parents[1]
ATTEMPTS = 3
"""How often one flow run is begun at most when its worker keeps dying under it."""
OWN = (
    "PREFECT_HOME",
    "PREFECT_PROFILE",
    "PREFECT_API_",
    "PREFECT_SERVER_API_",
    "PREFECT_SERVER_DATABASE_",
    "PREFECT_UI_",
)
"""Settings of the surrounding shell that would lead to another server; the other PREFECT_ settings are honoured."""


def project_folder() -> Path:
    """Where `prefect.yaml` and `flows/` lie: beside `src/` in a checkout, inside the package in an installation.

    Raises:
        ConfigurationError: neither place has them.
    """
    for folder in (PACKAGE.parents[1], PACKAGE / "_prefect"):
        if (folder / "prefect.yaml").is_file() and (folder / "flows" / "nightly.py").is_file():
            return folder
    raise ConfigurationError("this installation lacks prefect.yaml and flows/", hint="install ivigil from a wheel")


def server_environment(environ: Mapping[str, str], home: Path, port: int) -> dict[str, str]:
    """The environment of the server, the worker and the flows: theirs alone, and nothing reported to anybody."""
    kept = {name: value for name, value in environ.items() if not name.startswith(OWN)}
    folder = home / "prefect"
    unproxied = ",".join(part for part in (environ.get("NO_PROXY") or environ.get("no_proxy"), LOOPBACK) if part)
    quiet = {"PREFECT_LOGGING_LEVEL": "INFO", "PREFECT_SERVER_LOGGING_LEVEL": "WARNING"}
    return (
        quiet
        | kept
        | {
            "IVIGIL_HOME": str(home),
            "PREFECT_HOME": str(folder),
            "PREFECT_API_URL": f"http://{LOOPBACK}:{port}/api",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / 'prefect.db'}",
            # In memory (the default) a lease is lost with the server, and the slot it held is never free again.
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
            "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_CLI_PROMPT": "false",
            "PREFECT_CLI_COLORS": "false",
            "PYTHONUNBUFFERED": "1",
            "NO_PROXY": unproxied,
            "no_proxy": unproxied,
        }
    )


def deployment_file(project: Path, folder: Path, *, nightly_cron: str, time_zone: str) -> dict[str, Any]:
    """The project's `prefect.yaml`, made to work from any folder and with the schedule that is wanted.

    Flows run in `folder`, so that relative paths in the settings mean what they mean to the command line.
    """
    content: dict[str, Any] = yaml.safe_load((project / "prefect.yaml").read_text(encoding="utf-8"))
    content["build"] = None
    content["pull"] = [{"prefect.deployments.steps.set_working_directory": {"directory": str(folder)}}]
    for deployment in content["deployments"]:
        deployment["entrypoint"] = str(project / deployment["entrypoint"])
        for schedule in deployment.get("schedules", []):
            schedule["timezone"] = time_zone
            if deployment["name"] == NIGHTLY:
                schedule["cron"] = nightly_cron
    return content


def write_deployment_file(path: Path, content: dict[str, Any]) -> None:
    """Write the deployments; JSON is YAML."""
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")


@dataclass
class PrefectApi:
    """The few questions the supervisor has. A server that is down raises `requests.ConnectionError`."""

    port: int
    _http: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        self._http.trust_env = False  # a proxy has no business on the loopback address

    @property
    def ui(self) -> str:
        """Address of the web interface."""
        return f"http://{LOOPBACK}:{self.port}"

    def is_up(self) -> bool:
        """Whether the server answers."""
        try:
            return self._http.get(f"{self.ui}/api/health", timeout=5).ok
        except requests.RequestException:
            return False

    def has_pool(self) -> bool:
        """Whether the worker has made its work pool."""
        return self._http.get(f"{self.ui}/api/work_pools/{POOL}", timeout=10).ok

    def next_night(self) -> datetime | None:
        """When the scheduler will start the next night; None while it has planned none."""
        found = self._runs(["SCHEDULED"], deployment=NIGHTLY, limit=1, after=datetime.now(UTC))
        return datetime.fromisoformat(found[0]["expected_start_time"]) if found else None

    def left_behind(self) -> list[dict[str, Any]]:
        """Runs that count as being at work; with no worker alive, none of them is."""
        return self._runs(["PENDING", "RUNNING", "CANCELLING"])

    def begin_again(self, run: dict[str, Any]) -> None:
        """Plan a run anew whose worker is gone; after `ATTEMPTS` times it counts as crashed."""
        if run["state_type"] == "CANCELLING":
            state = {"type": "CANCELLED", "message": "its worker was stopped"}
        elif run["run_count"] < ATTEMPTS:
            state = {"type": "SCHEDULED", "name": "Rescheduled", "message": "its worker was stopped before it ended"}
            state["state_details"] = {"scheduled_time": datetime.now(UTC).isoformat()}  # type: ignore[assignment]
        else:
            state = {"type": "CRASHED", "message": f"its worker was stopped {ATTEMPTS} times before it ended"}
        self._post(f"flow_runs/{run['id']}/set_state", {"state": state, "force": True})

    def _runs(
        self, states: list[str], *, deployment: str | None = None, limit: int = 200, after: datetime | None = None
    ) -> list[dict[str, Any]]:
        wanted: dict[str, Any] = {
            "flow_runs": {"state": {"type": {"any_": states}}},
            "sort": "EXPECTED_START_TIME_ASC",
            "limit": limit,
        }
        if after is not None:
            wanted["flow_runs"]["expected_start_time"] = {"after_": after.isoformat()}
        if deployment is not None:
            wanted["deployments"] = {"name": {"any_": [deployment]}}
        found: list[dict[str, Any]] = self._post("flow_runs/filter", wanted)
        return found

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._http.post(f"{self.ui}/api/{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()


def end_leftover(pid_text: str | None) -> bool:
    """End the process group of a flow whose worker died without ending it; says whether there was one.

    Only a process that is visibly Prefect's engine is ended: its number may belong to something else by now.
    """
    pid = int(pid_text.rpartition(":")[2]) if pid_text and pid_text.rpartition(":")[2].isdecimal() else None
    if pid is None:
        return False
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"prefect" not in command or os.getpgid(pid) != pid:
            return False
        os.killpg(pid, 9)
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
    return True
