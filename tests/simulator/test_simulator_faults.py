"""Faults on order: each strikes when and where it was told to, in the recorded shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests

from ivigil.errors import ConfigurationError
from ivigil.simulator import Simulator
from ivigil.simulator.faults import FOREVER, parse_faults

QUERY = {"term": "ivig[tiab]", "retmode": "json"}
ARTICLE = {"id": "25433527,17344244", "retmode": "xml"}


def pubmed(simulator: Simulator, http: requests.Session, endpoint: str, **params: Any) -> requests.Response:
    return http.get(f"{simulator.base_url('pubmed')}/{endpoint}.fcgi", params=params, timeout=30)


def europepmc(simulator: Simulator, http: requests.Session) -> requests.Response:
    return http.get(f"{simulator.base_url('europepmc')}/search", params={"query": "ivig", "format": "json"}, timeout=30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pubmed:error200@2", ("pubmed", "error200", 2, 1)),
        ("europepmc:503*3", ("europepmc", "503", 1, 3)),
        ("pubmed:429(retry=7200)", ("pubmed", "429", 1, 1)),
        ("pubmed.efetch:drop@5*", ("pubmed", "drop", 5, FOREVER)),
    ],
)
def test_specification_is_read(text: str, expected: tuple[str, str, int, int]) -> None:
    """Source, kind, first request and number of requests are read from an entry."""
    (fault,) = parse_faults(text)
    assert (fault.source, fault.kind, fault.at, fault.times) == expected


@pytest.mark.parametrize(
    "text",
    [
        "pubmed", "nowhere:drop", "pubmed:nosuch", "pubmed:drop@0", "pubmed:drop@x", "pubmed:missing",
        "pubmed:missing(x)",
        "pubmed:missing(1)@2", "pubmed:429(soon)", "europepmc:expire", "pubmed.search:drop", "pubmed:drop(1)", "a:b,,c",
    ],
)  # fmt: skip
def test_broken_specification_is_refused(text: str) -> None:
    """An entry that cannot be read names itself in the error."""
    with pytest.raises(ConfigurationError, match="faults"):
        parse_faults(text)


def test_fault_strikes_the_nth_request_only(simulator, http) -> None:
    """error200@2 leaves the first and third request alone."""
    simulator.set_faults("pubmed:error200@2")
    bodies = [pubmed(simulator, http, "esearch", **QUERY).json()["esearchresult"] for _ in range(3)]
    assert ["ERROR" in body for body in bodies] == [False, True, False]


def test_error200_is_the_recorded_body(simulator, http, shared: Path) -> None:
    """The backend's failure inside HTTP 200 is the recorded one."""
    simulator.set_faults("pubmed:error200")
    answer = pubmed(simulator, http, "esearch", **QUERY)
    recorded = (shared / "contracts/pubmed/errors/esearch_200_backend_down.json").read_text("utf-8")
    assert (answer.status_code, answer.text.strip()) == (200, recorded.strip())


def test_503_repeats_and_ends(simulator, http, shared: Path) -> None:
    """503*2 answers twice with Europe PMC's maintenance line, then the service is back."""
    simulator.set_faults("europepmc:503*2")
    answers = [europepmc(simulator, http) for _ in range(3)]
    assert [each.status_code for each in answers] == [503, 503, 200]
    recorded = (shared / "contracts/europepmc/errors/503_maintenance.txt").read_text("utf-8")
    assert answers[0].text.strip() == recorded.strip()


def test_429_says_how_long_to_wait(simulator, http) -> None:
    """The wait that was ordered stands in Retry-After; limit200 hides the same body in a success."""
    simulator.set_faults("pubmed:429(retry=7200),pubmed:limit200@2")
    first, second = (pubmed(simulator, http, "esearch", **QUERY) for _ in range(2))
    assert (first.status_code, first.headers["Retry-After"]) == (429, "7200")
    assert (second.status_code, second.json()["error"]) == (200, "API rate limit exceeded")


@pytest.mark.parametrize("kind", ["drop", "cut"])
def test_connection_breaks(simulator, http, kind: str) -> None:
    """A dropped or cut connection is an error of transport, and the next request works."""
    simulator.set_faults(f"pubmed.efetch:{kind}")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        pubmed(simulator, http, "efetch", **ARTICLE)
    assert pubmed(simulator, http, "efetch", **ARTICLE).status_code == 200
    assert [each.status for each in simulator.requests][-1] == 200


def test_truncated_body_does_not_parse(simulator, http) -> None:
    """A truncated answer is whole for HTTP and broken for XML; only efetch is struck."""
    simulator.set_faults("pubmed:truncate")
    assert pubmed(simulator, http, "esearch", **QUERY).json()
    with pytest.raises(ET.ParseError):
        ET.fromstring(pubmed(simulator, http, "efetch", **ARTICLE).content)


def test_html_comes_instead_of_data(simulator, http) -> None:
    """An HTML page with status 200 arrives where XML was due."""
    simulator.set_faults("pubmed:html")
    answer = pubmed(simulator, http, "efetch", **ARTICLE)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_missing_leaves_one_record_out(simulator, http) -> None:
    """The search still lists what the fetch leaves out, in every batch."""
    simulator.set_faults("pubmed:missing(25433527)")
    for _ in range(2):
        root = ET.fromstring(pubmed(simulator, http, "efetch", **ARTICLE).content)
        assert [each.text for each in root.iterfind("*/MedlineCitation/PMID")] == ["17344244"]
    assert (
        pubmed(simulator, http, "esearch", term="25433527[uid]", retmode="json").json()["esearchresult"]["count"] == "1"
    )


def test_expire_forgets_the_kept_search(simulator, http) -> None:
    """After expiry a kept search cannot be had, and a new one can."""
    simulator.set_faults("pubmed:expire")
    for expected in ("ERROR", "PubmedArticle"):
        kept = pubmed(simulator, http, "esearch", usehistory="y", **QUERY).json()["esearchresult"]
        params = {"WebEnv": kept["webenv"], "query_key": kept["querykey"], "retmode": "xml", "retmax": "1"}
        root = ET.fromstring(pubmed(simulator, http, "efetch", **params).content)
        assert root[0].tag == expected


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("502", 502), ("504", 504), ("badkey", 400)])
def test_status_fault_answers_with_its_status(simulator, http, kind: str, status: int) -> None:
    """A status that was ordered is the status that comes."""
    simulator.set_faults(f"pubmed:{kind}")
    assert pubmed(simulator, http, "esearch", api_key="k", **QUERY).status_code == status


def test_cursor_and_empty_and_error_of_europepmc(simulator, http) -> None:
    """Europe PMC's own faults: a lone version, an error code inside 200, no body at all."""
    simulator.set_faults("europepmc:cursor,europepmc:error200@2,europepmc:empty@3")
    lone, inside, empty = (europepmc(simulator, http) for _ in range(3))
    assert lone.json() == {"version": "6.9"}
    assert (inside.status_code, inside.json()["errCode"]) == (200, 404)
    assert (empty.status_code, empty.content) == (200, b"")


def test_faults_are_set_from_another_process(simulator, http) -> None:
    """PUT /control replaces the faults while the server runs."""
    assert http.put(f"{simulator.url}/control", json={"faults": "pubmed:500"}, timeout=30).status_code == 200
    assert pubmed(simulator, http, "esearch", **QUERY).status_code == 500
    assert pubmed(simulator, http, "esearch", **QUERY).status_code == 200
