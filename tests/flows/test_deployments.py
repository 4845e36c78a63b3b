"""prefect.yaml, and what `ivigil serve` makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint

from ivigil.cli.prefect_server import deployment_file, project_folder, server_environment


@pytest.fixture(scope="module")
def deployments(root) -> dict[str, dict]:
    content = yaml.safe_load((root / "prefect.yaml").read_text(encoding="utf-8"))
    return {each["name"]: each for each in content["deployments"]}


def test_every_flow_is_deployed_and_loads(root, monkeypatch, deployments) -> None:
    """Each flow file has one deployment, and Prefect finds the flow its entrypoint names."""
    monkeypatch.chdir(root)
    files = {path.stem for path in (root / "flows").glob("*.py")} - {"events"}  # what a flow tells, no flow
    assert {Path(each["entrypoint"].split(":")[0]).stem for each in deployments.values()} == files
    for name, each in deployments.items():
        assert load_flow_from_entrypoint(each["entrypoint"]).name == name
        assert each["work_pool"]["name"] == "ivigil"


def test_nights_come_one_at_a_time_by_a_time_zone(deployments) -> None:
    """The nightly deployment has a cron line with a time zone, and queues a second run behind the first."""
    nightly = deployments["nightly"]
    assert set(nightly["schedules"][0]) >= {"cron", "timezone"}
    assert nightly["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}


def test_alerts_wait_a_quarter_of_an_hour_at_most(deployments) -> None:
    """Undelivered alerts are tried every fifteen minutes, without waiting for a night."""
    assert deployments["alert"]["schedules"][0]["cron"] == "*/15 * * * *"
    assert "schedules" not in deployments["bootstrap"]


def test_a_retraining_is_scheduled_only_when_due(deployments) -> None:
    """The nightly slot asks whether it is due; a run by hand does not, so the parameter is the schedule's own."""
    (schedule,) = deployments["retrain"]["schedules"]
    assert schedule["parameters"] == {"if_due": True}
    assert "parameters" not in deployments["retrain"]


def test_no_place_of_this_machine_is_written_down(root) -> None:
    """prefect.yaml asks for the working directory when it is deployed."""
    text = (root / "prefect.yaml").read_text(encoding="utf-8")
    assert str(root) not in text
    assert 'directory: "{{ here.stdout }}"' in text


def test_serve_deploys_the_same_with_its_own_schedule(root, tmp_path) -> None:
    """Serving changes when the night runs and where files lie, and nothing else of prefect.yaml."""
    content = deployment_file(project_folder(), tmp_path, nightly_cron="5 4 * * *", time_zone="Europe/Berlin")
    assert project_folder() == root
    by_name = {each["name"]: each for each in content["deployments"]}
    assert by_name["nightly"]["schedules"][0] | {"slug": ""} == {
        "cron": "5 4 * * *",
        "timezone": "Europe/Berlin",
        "slug": "",
    }
    assert by_name["alert"]["schedules"][0]["cron"] == "*/15 * * * *"
    assert content["pull"] == [{"prefect.deployments.steps.set_working_directory": {"directory": str(tmp_path)}}]
    for each in by_name.values():
        path, _, function = each["entrypoint"].rpartition(":")
        assert Path(path).is_file()
        assert function


def test_serve_has_a_server_of_its_own_and_tells_nobody(tmp_path) -> None:
    """Another server's address, key and database stay outside; telemetry is off; the rest of the shell is handed on."""
    shell = {
        "PREFECT_API_URL": "https://elsewhere.example/api",
        "PREFECT_API_KEY": "secret",
        "PREFECT_PROFILE": "cloud",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql://elsewhere",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "IVIGIL_HOME": "relative",
        "IVIGIL_NOTIFY": "json://sink.example",
        "NO_PROXY": "intranet.example",
    }
    env = server_environment(shell, tmp_path, 4321)
    assert env["PREFECT_API_URL"] == "http://127.0.0.1:4321/api"
    assert env["PREFECT_SERVER_DATABASE_CONNECTION_URL"].endswith(str(tmp_path / "prefect" / "prefect.db"))
    assert not {"PREFECT_API_KEY", "PREFECT_PROFILE"} & set(env)
    assert (env["PREFECT_SERVER_ANALYTICS_ENABLED"], env["DO_NOT_TRACK"]) == ("false", "1")
    assert (env["IVIGIL_HOME"], env["IVIGIL_NOTIFY"]) == (str(tmp_path), "json://sink.example")
    assert env["PREFECT_WORKER_QUERY_SECONDS"] == "2"
    assert env["NO_PROXY"] == "intranet.example,127.0.0.1"
