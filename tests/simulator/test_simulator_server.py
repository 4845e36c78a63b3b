"""Starting, stopping and sharing the server."""

from __future__ import annotations

import pytest
import requests

from ivigil.errors import ConfigurationError
from ivigil.simulator import Simulator
from ivigil.simulator.fault_kinds import ServiceFaults
from ivigil.simulator.services import ServiceKind
from ivigil.simulator.wire import Meter, Reply, Request, peak_rate


def test_stopped_server_answers_nobody() -> None:
    """After the block no connection is served, not even one that was kept open."""
    with requests.Session() as session:
        with Simulator(rate_limit=False) as simulator:
            address = f"{simulator.base_url('pubmed')}/einfo.fcgi"
            assert session.get(address, timeout=10).status_code == 200
        with pytest.raises(requests.ConnectionError):
            session.get(address, timeout=10)


def test_keep_alive_serves_many_requests_on_one_connection(simulator, http) -> None:
    """HTTP/1.1 connections stay open between requests."""
    address = f"{simulator.base_url('pubmed')}/einfo.fcgi"
    answers = [http.get(address, timeout=10, stream=False) for _ in range(3)]
    assert all(answer.raw.version == 11 for answer in answers)
    assert all("close" not in answer.headers.get("Connection", "") for answer in answers)


def test_taken_port_is_a_configuration_error(simulator) -> None:
    """A port that is in use is named in the error."""
    port = int(simulator.url.rsplit(":", 1)[1])
    with pytest.raises(ConfigurationError, match=str(port)):
        Simulator(port=port).start()


def test_unknown_source_and_stopped_server_have_no_address(simulator) -> None:
    """Addresses exist for the sources that are served, while they are served."""
    with pytest.raises(ConfigurationError, match="nowhere"):
        simulator.base_url("nowhere")
    with pytest.raises(ConfigurationError, match="not running"):
        _ = Simulator().url


@pytest.mark.parametrize("path", ["/", "/pubmed", "/pubmed/nosuch.fcgi", "/nowhere/search", "/europepmc/nosuch"])
def test_unknown_path_is_404(simulator, http, path: str) -> None:
    """What is not served is not found."""
    assert http.get(simulator.url + path, timeout=10).status_code == 404


def test_two_simulators_have_days_of_their_own(simulator, http) -> None:
    """Simulators share what they hold but not the day."""
    from datetime import date

    query = {"term": "90000201[uid]", "retmode": "json"}
    with Simulator(today=date(2020, 1, 1), rate_limit=False) as other:
        for each, count in ((simulator, "1"), (other, "0"), (simulator, "1")):
            answer = http.get(f"{each.base_url('pubmed')}/esearch.fcgi", params=query, timeout=10)
            assert answer.json()["esearchresult"]["count"] == count


def test_meter_counts_within_one_second() -> None:
    """Calls older than a second no longer count, and callers are counted apart."""
    moments = iter([0.0, 0.4, 0.9, 1.0, 1.3, 1.3])
    meter = Meter(lambda: next(moments))
    assert [meter.count(who) for who in ("a", "a", "a", "a", "b", "a")] == [1, 2, 3, 3, 1, 4]


def test_peak_rate_is_the_busiest_second() -> None:
    """The peak is taken over every second, not over clock seconds."""
    assert peak_rate([0.5, 0.9, 1.2, 1.4, 2.5]) == 4
    assert peak_rate([]) == 0


def test_rate_factor_multiplies_the_limit(http) -> None:
    """A factor of ten allows thirty requests a second without a key."""
    with Simulator(rate_factor=10.0) as simulator:
        answer = http.get(f"{simulator.base_url('pubmed')}/einfo.fcgi", timeout=10)
    assert answer.headers["X-RateLimit-Limit"] == "30"


def test_a_path_of_many_parts_reaches_its_service_decoded(monkeypatch, http) -> None:
    """What follows a source's name is one endpoint: slashes, percent signs and nothing at all included."""
    asked: list[Request] = []

    class Echo:
        def answer(self, request: Request) -> Reply:
            asked.append(request)
            return Reply.json({})

        def forget(self) -> None: ...

    echo = ServiceKind(lambda _: Echo(), ServiceFaults(endpoints=("works",)))
    monkeypatch.setattr("ivigil.simulator.server.SERVICES", {"echo": echo})
    monkeypatch.setattr("ivigil.simulator.server.SOURCES", ("echo",))
    with Simulator() as simulator:
        base = simulator.base_url("echo")
        http.get(f"{base}/works/10.1000%2Fa%28b%29", headers={"X-Api-Key": "secret-1"}, timeout=10)
        http.get(base, params={"apiKey": "secret-2", "query": "x"}, timeout=10)
        http.post(f"{base}/paper/batch", json={"ids": ["a=b&c"]}, timeout=10)
        assert [each.endpoint for each in asked] == ["works/10.1000/a(b)", "", "paper/batch"]
        assert asked[0].headers["x-api-key"] == "secret-1"
        assert (asked[2].params, asked[2].body) == ({}, b'{"ids": ["a=b&c"]}')
        assert "secret" not in repr(simulator.requests)
        assert (simulator.count("echo"), simulator.peak_rate("echo")) == (3, 3)
