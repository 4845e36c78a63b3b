"""A running simulator and ways to ask it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests

from ivigil.simulator import Simulator

Search = Callable[..., dict[str, Any]]

EUROPEPMC_STRATEGY = (
    '(TITLE_ABS:"systemic sclerosis" OR TITLE_ABS:"systemic scleroderma" OR TITLE_ABS:scleroderma* '
    'OR TITLE_ABS:"CREST syndrome" OR TITLE_ABS:dcSSc OR TITLE_ABS:lcSSc OR TITLE_ABS:SSc) AND (TITLE_ABS:IVIG '
    'OR TITLE_ABS:IVIGs OR TITLE_ABS:IGIV OR TITLE_ABS:"intravenous immunoglobulin" '
    'OR TITLE_ABS:"intravenous immunoglobulins" OR TITLE_ABS:"intravenous immune globulin" '
    'OR TITLE_ABS:"intravenous gammaglobulin" OR TITLE_ABS:"intravenous gamma globulin" OR TITLE:immunoglobulins '
    'OR TITLE_ABS:"immunoglobulin therapy" OR TITLE_ABS:"immunoglobulin treatment" OR TITLE_ABS:Privigen '
    "OR TITLE_ABS:Octagam OR TITLE_ABS:Gamunex)"
)


@pytest.fixture
def europepmc_strategy() -> str:
    return EUROPEPMC_STRATEGY


@pytest.fixture
def pubmed_strategy() -> str:
    """The protocol's PubMed block, as its draft gives it, on one line."""
    return (
        '("Scleroderma, Systemic"[Mesh] OR "systemic sclerosis"[tiab] OR "systemic scleroderma"[tiab] '
        'OR scleroderma*[tiab] OR "CREST syndrome"[tiab] OR dcSSc[tiab] OR lcSSc[tiab] OR SSc[tiab]) AND '
        '("Immunoglobulins, Intravenous"[Mesh] OR IVIG[tiab] OR IVIGs[tiab] OR IGIV[tiab] '
        'OR "intravenous immunoglobulin*"[tiab] OR "intravenous immune globulin*"[tiab] '
        'OR "intravenous gammaglobulin*"[tiab] OR "intravenous gamma globulin*"[tiab] OR immunoglobulins[ti] '
        'OR "immunoglobulin therapy"[tiab] OR "immunoglobulin treatment"[tiab] OR Privigen[tiab] OR Octagam[tiab] '
        "OR Gamunex[tiab] OR Gammagard[tiab] OR Panzyga[tiab] OR Kiovig[tiab] OR Flebogamma[tiab])"
    )


@pytest.fixture(scope="session")
def _running() -> Iterator[Simulator]:
    with Simulator(rate_limit=False) as simulator:
        yield simulator


@pytest.fixture
def simulator(_running: Simulator) -> Simulator:
    """The written corpus, wholly visible, without rate limit or faults."""
    _running.today = None
    _running.set_faults("")
    _running.reset_log()
    return _running


@pytest.fixture(scope="session")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def esearch(simulator: Simulator, http: requests.Session) -> Search:
    """Esearch as JSON: the inner result."""

    def ask(term: str, **params: Any) -> dict[str, Any]:
        data = {"db": "pubmed", "term": term, "retmode": "json", "retmax": 9999, **params}
        answer = http.post(f"{simulator.base_url('pubmed')}/esearch.fcgi", data=data, timeout=30)
        assert answer.status_code == 200
        result: dict[str, Any] = answer.json(strict=False)["esearchresult"]
        return result

    return ask


@pytest.fixture
def efetch(simulator: Simulator, http: requests.Session) -> Callable[..., ET.Element]:
    """Efetch as parsed XML."""

    def ask(*ids: str, **params: Any) -> ET.Element:
        data = {"db": "pubmed", "id": ",".join(ids), "retmode": "xml", **params}
        answer = http.post(f"{simulator.base_url('pubmed')}/efetch.fcgi", data=data, timeout=30)
        assert answer.status_code == 200
        return ET.fromstring(answer.content)

    return ask


@pytest.fixture
def europepmc(simulator: Simulator, http: requests.Session) -> Search:
    """One page of Europe PMC's search."""

    def ask(query: str, **params: Any) -> dict[str, Any]:
        asked = {"query": query, "format": "json", "pageSize": 1000, **params}
        answer = http.get(f"{simulator.base_url('europepmc')}/search", params=asked, timeout=30)
        assert answer.status_code == 200
        body: dict[str, Any] = answer.json()
        return body

    return ask


@pytest.fixture
def topic_strategy(shared: Path) -> str:
    """The block as the topic's own page has it."""
    page = shared / "topic" / "TOPIC.md"
    if not page.is_file():
        pytest.skip(f"topic page not found at {page}")
    match = re.search(r"### D\.3.*?```\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert match is not None
    return " ".join(match[1].split())


@pytest.fixture
def era() -> dict[str, str]:
    return {"datetype": "pdat", "mindate": "2003/01/01", "maxdate": "2024/04/15"}


@pytest.fixture
def after_review() -> date:
    return date(2024, 4, 20)
