"""The E-utilities over the wire, shape by shape against the recorded answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests

from ivigil.simulator import Simulator

Search = Callable[..., dict[str, Any]]
HIT = "ivig[tiab] AND scleroderma[tiab]"


def paths(element: ET.Element, above: str = "") -> set[str]:
    """Every element path of a tree."""
    here = f"{above}/{element.tag}"
    return {here}.union(*(paths(child, here) for child in element))


def get(simulator: Simulator, http: requests.Session, endpoint: str, **params: Any) -> requests.Response:
    return http.get(f"{simulator.base_url('pubmed')}/{endpoint}.fcgi", params=params, timeout=30)


def test_esearch_xml_has_the_recorded_elements(simulator, http, shared: Path) -> None:
    """A found list has the elements, order and document type of the recorded one, history included."""
    answer = get(simulator, http, "esearch", db="pubmed", term=HIT, usehistory="y")
    recorded = (shared / "contracts/pubmed/esearch2.xml").read_bytes()
    assert answer.content.splitlines()[:2] == recorded.splitlines()[:2]
    ours, theirs = ET.fromstring(answer.content), ET.fromstring(recorded)
    assert [child.tag for child in ours] == [child.tag for child in theirs]
    assert len(ours.findall("IdList/Id")) == int(ours.findtext("RetMax") or "0") == 20


def test_no_hits_look_as_recorded(simulator, http, shared: Path) -> None:
    """Zero hits carry PhraseNotFound and 'No items found.', in the recorded form."""
    answer = get(simulator, http, "esearch", term="abcXYZ")
    recorded = (shared / "contracts/pubmed/esearch8.xml").read_bytes()
    assert answer.content.strip() == recorded.strip()


@pytest.mark.parametrize(
    ("params", "file"),
    [
        ({"term": HIT, "retstart": "9999"}, "esearch_200_retstart_cap.json"),
        ({"term": HIT, "db": "nonsense_db"}, "esearch_200_bad_db.json"),
    ],
)
def test_esearch_error_is_the_recorded_body(simulator, http, shared: Path, params, file) -> None:
    """Errors of esearch arrive inside HTTP 200, byte for byte as recorded, raw newline included."""
    answer = get(simulator, http, "esearch", retmode="json", **params)
    assert answer.status_code == 200
    assert answer.text.strip() == (shared / "contracts/pubmed/errors" / file).read_text("utf-8").strip()


def test_cap_error_does_not_parse_strictly(simulator, http) -> None:
    """The message of the cap holds a newline that strict JSON refuses."""
    answer = get(simulator, http, "esearch", term=HIT, retstart="9999", retmode="json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)
    assert "9,999" in json.loads(answer.text, strict=False)["esearchresult"]["ERROR"]


def test_esearch_json_has_the_recorded_keys(simulator, http, shared: Path) -> None:
    """A found list as JSON has the recorded keys, all values as text."""
    answer = get(simulator, http, "esearch", term=HIT, retmode="json", retmax="5").json()
    recorded = json.loads((shared / "contracts/pubmed/errors/ok_esearch_trimmed.json").read_text("utf-8"))
    assert list(answer) == list(recorded)
    assert list(answer["esearchresult"]) == list(recorded["esearchresult"])
    assert answer["esearchresult"]["retmax"] == "5"


def test_syntax_error_is_an_error_inside_200(esearch: Search) -> None:
    """Unbalanced parentheses answer 200 with ERROR, never with a count."""
    assert "ERROR" in esearch("((")
    assert "count" not in esearch("((")


def test_paging_gives_every_id_once(esearch: Search) -> None:
    """Pages of a list join to the whole list."""
    whole = esearch(HIT)["idlist"]
    parts = [esearch(HIT, retstart=start, retmax=40)["idlist"] for start in range(0, len(whole), 40)]
    assert [each for part in parts for each in part] == whole


def test_date_parameters_limit_as_the_field_does(esearch: Search) -> None:
    """datetype, mindate and maxdate mean the same as the field in the term; one end alone means nothing."""
    inside = esearch(f"({HIT}) AND 2015/01/01:2016/12/31[crdt]")["idlist"]
    assert esearch(HIT, datetype="crdt", mindate="2015/01/01", maxdate="2016/12/31")["idlist"] == inside
    assert esearch(HIT, datetype="crdt", mindate="2015/01/01")["count"] == esearch(HIT)["count"]


def test_history_feeds_efetch(simulator, http, esearch: Search) -> None:
    """A kept search is fetched by WebEnv and query key, in its order, in parts."""
    found = esearch(HIT, usehistory="y")
    kept = {"WebEnv": found["webenv"], "query_key": found["querykey"], "retmode": "xml"}
    answer = get(simulator, http, "efetch", retstart="3", retmax="4", **kept)
    ids = [each.text for each in ET.fromstring(answer.content).iterfind("PubmedArticle/MedlineCitation/PMID")]
    assert ids == found["idlist"][3:7]


def test_unknown_history_is_the_recorded_error(simulator, http, shared: Path) -> None:
    """A WebEnv that is gone answers with the recorded error, never with an empty set."""
    answer = get(simulator, http, "efetch", WebEnv="MCID_gone", query_key="1", retmode="xml")
    recorded = (shared / "contracts/pubmed/errors/efetch_webenv_expired.xml").read_text("utf-8")
    assert (answer.status_code, answer.text.strip()) == (200, recorded.strip())


def test_article_uses_only_recorded_elements(efetch, esearch: Search, shared: Path) -> None:
    """No element of a written article stands where no recorded article has it."""
    recorded: set[str] = set()
    for file in sorted((shared / "contracts/pubmed").glob("*.xml")):
        root = ET.parse(file).getroot()
        if root.tag == "PubmedArticleSet":
            recorded |= paths(root)
    assert len(recorded) > 60
    allowed = {  # parts of the DTD that no recording happens to show
        "/PubmedArticleSet/PubmedArticle/MedlineCitation/Article/VernacularTitle",
        "/PubmedArticleSet/PubmedArticle/MedlineCitation/Article/AuthorList/Author/CollectiveName",
        "/PubmedArticleSet/PubmedArticle/MedlineCitation/Article/Journal/JournalIssue/PubDate/MedlineDate",
        "/PubmedArticleSet/PubmedArticle/MedlineCitation/Article/Journal/JournalIssue/PubDate/Day",
    }
    data_bank = "/PubmedArticleSet/PubmedArticle/MedlineCitation/Article/DataBankList"
    ours = {path for path in paths(efetch(*esearch("all[sb]")["idlist"])) if not path.startswith(data_bank)}
    assert ours - recorded - allowed == set()


def test_unknown_ids_are_simply_missing(efetch) -> None:
    """A batch leaves out what is not held; nothing says so."""
    got = [each.text for each in efetch("25433527", "1", "17344244").iterfind("*/MedlineCitation/PMID")]
    assert got == ["25433527", "17344244"]
    assert len(efetch("1")) == 0


def test_malformed_ids_are_refused(simulator, http, shared: Path) -> None:
    """A list without any id is 400 with the recorded message."""
    answer = get(simulator, http, "efetch", id="0", retmode="xml")
    recorded = (shared / "contracts/pubmed/errors/efetch_400_bad_id.xml").read_text("utf-8")
    assert (answer.status_code, answer.text.strip()) == (400, recorded.strip())


def test_without_retmode_a_page_comes(simulator, http) -> None:
    """Efetch without retmode answers HTML, as the service does."""
    answer = get(simulator, http, "efetch", id="25433527")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "PmFetch response" in answer.text


def test_medline_text_has_the_fields(simulator, http) -> None:
    """MEDLINE text carries the record's tags with continued lines indented."""
    text = get(simulator, http, "efetch", id="25433527", retmode="text", rettype="medline").text
    assert "\nPMID- 25433527\n" in text
    assert "\nCRDT- 2014/12/02 06:00\n" in text
    assert "\nAU  - Poelman CL\n" in text
    assert "\n      diffuse cutaneous systemic sclerosis.\n" in text


def test_epost_keeps_ids(simulator, http, shared: Path, efetch) -> None:
    """Posted ids come back under their WebEnv; the answers have the recorded shapes."""
    good = get(simulator, http, "epost", db="pubmed", id="25433527,17344244")
    root = ET.fromstring(good.content)
    assert paths(root) == paths(ET.parse(shared / "contracts/pubmed/epost1.xml").getroot())
    kept = get(
        simulator, http, "efetch", WebEnv=root.findtext("WebEnv"), query_key=root.findtext("QueryKey"), retmode="xml"
    )
    assert len(ET.fromstring(kept.content)) == 2
    bad = ET.fromstring(get(simulator, http, "epost", db="nothing", id="1").content)
    recorded = ET.parse(shared / "contracts/pubmed/epost2.xml").getroot()
    assert [error.text for error in bad] == [error.text for error in recorded]
    empty = ET.fromstring(get(simulator, http, "epost", db="pubmed", id="x").content)
    recorded = ET.parse(shared / "contracts/pubmed/epost3.xml").getroot()
    assert [error.text for error in empty] == [error.text for error in recorded]


def test_esummary_has_the_recorded_items(simulator, http, shared: Path) -> None:
    """A summary names the recorded items, in their order."""
    ours = ET.fromstring(get(simulator, http, "esummary", id="25433527").content)
    theirs = ET.parse(shared / "contracts/pubmed/esummary1.xml").getroot()

    def names(root: ET.Element) -> list[tuple[str | None, str | None]]:
        return [(item.get("Name"), item.get("Type")) for item in root.iterfind("DocSum[1]/Item")]

    assert names(ours) == names(theirs)


def test_esummary_json_marks_unknown_ids(simulator, http) -> None:
    """An id that is not held carries its own error among the others."""
    result = get(simulator, http, "esummary", id="25433527,1", retmode="json").json()["result"]
    assert result["uids"] == ["25433527", "1"]
    assert "error" in result["1"]
    assert result["25433527"]["pubdate"] == "2015 Feb"


def test_einfo_describes_the_date_fields(simulator, http, shared: Path) -> None:
    """Einfo has the recorded elements and every date field a night asks by."""
    ours = ET.fromstring(get(simulator, http, "einfo", db="pubmed").content)
    theirs = ET.parse(shared / "contracts/pubmed/einfo2.xml").getroot()
    assert paths(ours) <= paths(theirs)
    dated = {field.findtext("Name") for field in ours.iter("Field") if field.findtext("IsDate") == "Y"}
    assert dated == {"PDAT", "EDAT", "CRDT", "MHDA", "MDAT"}


def test_search_within_a_kept_search(esearch: Search) -> None:
    """A term with WebEnv and query key searches within the kept list."""
    kept = esearch(HIT, usehistory="y")
    within = esearch("myositis", WebEnv=kept["webenv"], query_key=kept["querykey"])
    assert set(within["idlist"]) == set(kept["idlist"]) & set(esearch("myositis")["idlist"])


def test_sorting_is_done_or_said_to_be_ignored(esearch: Search) -> None:
    """A known order is kept to; an unknown one is named in a warning."""
    by_title = esearch(HIT, sort="title")["idlist"]
    assert by_title != esearch(HIT)["idlist"]
    assert sorted(by_title) == sorted(esearch(HIT)["idlist"])
    assert "'sideways' ignored" in esearch(HIT, sort="sideways")["warninglist"]["outputmessages"][0]


def test_reldate_counts_back_from_the_simulated_day(simulator, esearch: Search) -> None:
    """The last so many days end on the day that is simulated."""
    simulator.today = date(2024, 5, 10)
    assert esearch("90000201[uid]", reldate="3", datetype="crdt")["count"] == "1"
    assert esearch("90000201[uid]", reldate="2", datetype="crdt")["count"] == "0"


def test_rate_limit_answers_429_as_recorded(http, shared: Path) -> None:
    """The fourth request within a second is refused: 429, Retry-After, and the recorded keys."""
    with Simulator(rate_limit=True) as simulator:
        answers = [get(simulator, http, "einfo", db="pubmed") for _ in range(4)]
        keyed = [get(simulator, http, "einfo", db="pubmed", api_key="k" * 36) for _ in range(11)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert [each.headers["X-RateLimit-Remaining"] for each in answers] == ["2", "1", "0", "0"]
    refused = answers[-1]
    recorded = json.loads((shared / "contracts/pubmed/errors/http429_no_key.json").read_text("utf-8"))
    assert refused.headers["Retry-After"] == "2"
    assert list(refused.json()) == list(recorded)
    assert refused.json()["error"] == recorded["error"]
    assert [each.status_code for each in keyed].count(429) == 1
    assert keyed[-1].json()["api-key"] == "k" * 36


def test_unknown_key_is_400_and_echoed(http, shared: Path) -> None:
    """A key that is not on the list is refused with a body that repeats it."""
    with Simulator(api_keys=frozenset({"good"}), rate_limit=False) as simulator:
        refused = get(simulator, http, "esearch", term=HIT, api_key="REDACTED")
        assert get(simulator, http, "esearch", term=HIT, api_key="good").status_code == 200
    recorded = (shared / "contracts/pubmed/errors/http400_bad_key.json").read_text("utf-8")
    assert (refused.status_code, refused.text.strip()) == (400, recorded.strip())


def test_log_hides_the_key_and_measures_the_rate(simulator, http) -> None:
    """The request log has every call but never a key."""
    get(simulator, http, "einfo", db="pubmed", api_key="secret")
    get(simulator, http, "einfo", db="pubmed")
    assert simulator.count("pubmed") == simulator.count("pubmed", "einfo.fcgi") == simulator.peak_rate("pubmed") == 2
    assert "secret" not in repr(simulator.requests)


def test_more_than_the_cap_lists_the_first_9999(http) -> None:
    """A bulk beyond the cap is counted whole, listed to 9,999 with a warning, and reachable by slices of days."""
    with Simulator(bulk=12_000, rate_limit=False) as simulator:
        week = "ivig[tiab] AND 2025/03/03:2025/03/09[crdt]"
        whole = get(simulator, http, "esearch", term=week, retmode="json", retmax="20000").json()["esearchresult"]
        days = [
            get(simulator, http, "esearch", term=f"ivig[tiab] AND 2025/03/0{day}[crdt]", retmode="json", retmax="9999")
            for day in range(3, 10)
        ]
    assert int(whole["count"]) >= 12_000
    assert len(whole["idlist"]) == 9_999
    assert whole["warninglist"]["outputmessages"] == ["Restrictions achieved. start and count adjusted to 0, 9999"]
    assert sum(len(day.json()["esearchresult"]["idlist"]) for day in days) == int(whole["count"])


def test_control_sets_the_day_and_refuses_nonsense(simulator, http) -> None:
    """Another process can set the day; what it cannot set is refused."""
    control = f"{simulator.url}/control"
    assert http.put(control, json={"today": "2010-01-01"}, timeout=30).json()["today"] == "2010-01-01"
    assert simulator.today == date(2010, 1, 1)
    assert http.put(control, json={"today": None}, timeout=30).json()["today"] is None
    for wrong in ({"today": "soon"}, {"tomorrow": 1}, {"faults": "nowhere:drop"}, [1]):
        assert http.put(control, json=wrong, timeout=30).status_code == 400
    assert set(http.get(control, timeout=30).json()["requests"].items()) >= {("pubmed", 0), ("europepmc", 0)}
