"""Europe PMC over the wire, shape by shape against the recorded answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

Search = Callable[..., dict[str, Any]]
HITS = "TITLE_ABS:IVIG AND TITLE_ABS:scleroderma"


def keys(value: Any, above: str = "") -> set[str]:
    """Every path of names in a JSON value."""
    if isinstance(value, dict):
        return {f"{above}/{name}" for name in value}.union(*(keys(v, f"{above}/{k}") for k, v in value.items()))
    if isinstance(value, list):
        return set().union(*(keys(each, above) for each in value))
    return set()


@pytest.mark.parametrize(
    ("kind", "file"),
    [("lite", "search_cancer.json"), ("core", "search_cancer_core.json"), ("idlist", "search_cancer_idlist.json")],
)
def test_result_uses_only_recorded_keys(europepmc: Search, shared: Path, kind: str, file: str) -> None:
    """No key of an answer stands where the recorded one has none."""
    recorded = json.loads((shared / "contracts/europepmc" / file).read_text("utf-8"))
    ours = europepmc(HITS, resultType=kind)
    assert list(ours) == list(recorded)
    assert list(ours["request"]) == list(recorded["request"])
    unrecorded = {"/bookOrReportDetails", "/collectiveName"}  # documented, absent from these recordings
    extra = keys(ours["resultList"]) - keys(recorded["resultList"])
    assert {path for path in extra if not any(name in path for name in unrecorded)} == set()


def test_no_hits_look_as_recorded(europepmc: Search, shared: Path) -> None:
    """Zero hits carry the recorded keys: no cursor to go on with."""
    recorded = json.loads((shared / "contracts/europepmc/search_no_results.json").read_text("utf-8"))
    ours = europepmc("asdkfjhasdkfjhasdfasdasdasdfgsagsd")
    assert (list(ours), ours["hitCount"], ours["resultList"]) == (list(recorded), 0, {"result": []})


@pytest.mark.parametrize(
    ("query", "params", "file"),
    [
        ("", {}, "200_no_query.json"),
        (HITS, {"pageSize": 1001}, "200_page_size.json"),
        (HITS, {"pageSize": 0}, "200_page_size.json"),
    ],
)
def test_error_is_the_recorded_body(
    europepmc: Search, shared: Path, query: str, params: dict[str, int], file: str
) -> None:
    """Errors arrive inside HTTP 200 as recorded."""
    recorded = json.loads((shared / "contracts/europepmc/errors" / file).read_text("utf-8"))
    assert europepmc(query, **params) == recorded


def test_cursor_walks_every_hit_once_and_then_repeats(europepmc: Search) -> None:
    """Following the cursor gives all hits; past the end the list is empty and the cursor stands still."""
    cursor, seen = "*", []
    while True:
        page = europepmc(HITS, pageSize=30, cursorMark=cursor, resultType="idlist")
        seen += [each["id"] for each in page["resultList"]["result"]]
        if page["nextCursorMark"] == cursor:
            break
        cursor = page["nextCursorMark"]
    assert len(seen) == len(set(seen)) == page["hitCount"] > 30


def test_unknown_cursor_answers_only_the_version(europepmc: Search) -> None:
    """A cursor of another query, or none at all, is no error: only the version comes."""
    other = europepmc("lupus", pageSize=1)["nextCursorMark"]
    assert europepmc(HITS, cursorMark=other) == {"version": "6.9"}
    assert europepmc(HITS, cursorMark="nonsense") == {"version": "6.9"}


def test_post_gives_the_same_hits_without_next_page_url(simulator, http, europepmc: Search) -> None:
    """SearchPOST takes the query in its body and has no address of the next page."""
    data = {"query": HITS, "format": "json", "pageSize": 1000}
    posted = http.post(f"{simulator.base_url('europepmc')}/searchPOST", data=data, timeout=30).json()
    got = europepmc(HITS)
    assert posted["resultList"] == got["resultList"]
    assert "nextPageUrl" in got
    assert "nextPageUrl" not in posted


def test_xml_is_what_comes_without_a_format(simulator, http, shared: Path) -> None:
    """Without format=json the same answer comes as XML, with the recorded elements."""

    def paths(element: ET.Element, above: str = "") -> set[str]:
        here = f"{above}/{element.tag}"
        return {here}.union(*(paths(child, here) for child in element))

    answer = http.get(f"{simulator.base_url('europepmc')}/search", params={"query": HITS}, timeout=30)
    ours = ET.fromstring(answer.content)
    theirs = ET.parse(shared / "contracts/europepmc/search_cancer.xml").getroot()
    assert [child.tag for child in ours] == [child.tag for child in theirs]
    assert paths(ours) <= paths(theirs)


def test_unknown_sort_is_503(simulator, http, shared: Path) -> None:
    """Sorting by a field that is none answers as under maintenance."""
    params = {"query": HITS, "format": "json", "sort": "NOSUCH desc"}
    answer = http.get(f"{simulator.base_url('europepmc')}/search", params=params, timeout=30)
    recorded = (shared / "contracts/europepmc/errors/503_maintenance.txt").read_text("utf-8")
    assert (answer.status_code, answer.text.strip()) == (503, recorded.strip())


def test_record_arrives_a_day_after_pubmed(simulator, esearch: Search, europepmc: Search) -> None:
    """Europe PMC has a record the day after PubMed has it."""
    simulator.today = date(2024, 5, 7)
    assert esearch("90000201[pmid]")["count"] == "1"
    assert europepmc("EXT_ID:90000201 AND SRC:MED")["hitCount"] == 0
    simulator.today = date(2024, 5, 8)
    hit = europepmc("EXT_ID:90000201 AND SRC:MED", resultType="core")["resultList"]["result"][0]
    assert (hit["dateOfCreation"], hit["firstIndexDate"]) == ("2024-05-07", "2024-05-08")


def test_preprint_is_linked_once_its_article_is_there(simulator, europepmc: Search) -> None:
    """A preprint stands under PPR with its server, and names the article after that appeared."""
    simulator.today = date(2024, 10, 1)
    before = europepmc("EXT_ID:PPR900001", resultType="core")["resultList"]["result"][0]
    simulator.today = date(2025, 4, 1)
    after = europepmc("EXT_ID:PPR900001", resultType="core")["resultList"]["result"][0]
    assert (before["source"], before["bookOrReportDetails"]["publisher"]) == ("PPR", "medRxiv")
    assert "commentCorrectionList" not in before
    assert "pmid" not in before
    assert after["commentCorrectionList"]["commentCorrection"][0]["id"] == "90000206"
