"""Real PubMed XML as a corpus."""

from __future__ import annotations

import gzip
import re
from datetime import date
from pathlib import Path

import pytest
import requests

from ivigil.errors import ConfigurationError
from ivigil.simulator import Simulator
from ivigil.simulator.corpus import load_folder

OLD = """<?xml version="1.0" encoding="UTF-8"?>
<MedlineCitationSet>
<MedlineCitation Owner="NLM" Status="MEDLINE"><PMID Version="1">11</PMID>
<DateCreated><Year>2007</Year><Month>10</Month><Day>18</Day></DateCreated>
<Article PubModel="Print"><Journal><JournalIssue><PubDate><MedlineDate>2006 Sep-Oct</MedlineDate></PubDate>
</JournalIssue><Title>A journal</Title></Journal><ArticleTitle>Skin &amp; <i>gut</i>.</ArticleTitle>
<Abstract><AbstractText Label="AIM">To see &lt;5.</AbstractText></Abstract>
<Language>eng</Language></Article>
<MeshHeadingList><MeshHeading><DescriptorName UI="D1" MajorTopicYN="N">Skin</DescriptorName>
<QualifierName UI="Q1" MajorTopicYN="Y">pathology</QualifierName></MeshHeading></MeshHeadingList></MedlineCitation>
<DeleteCitation><PMID Version="1">12</PMID></DeleteCitation>
</MedlineCitationSet>
"""
NEW = """<?xml version="1.0"?>
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">21</PMID><Article><Journal><JournalIssue><PubDate>
<Year>2020</Year><Month>Mar</Month></PubDate></JournalIssue></Journal><ArticleTitle>Muscle.</ArticleTitle>
<Language>eng</Language></Article></MedlineCitation><PubmedData><History><PubMedPubDate PubStatus="entrez">
<Year>2020</Year><Month>4</Month><Day>2</Day></PubMedPubDate></History>
<ArticleIdList><ArticleId IdType="doi">10.5555/Z</ArticleId>
</ArticleIdList><ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.5555/other</ArticleId>
</ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle></PubmedArticleSet>
"""


def test_old_and_new_wrappers_are_read(tmp_path: Path) -> None:
    """Both wrappers are read; DateCreated or the entrez date is the day of entry, deleted ids are not held."""
    (tmp_path / "old.xml").write_text(OLD, "utf-8")
    (tmp_path / "new.xml.gz").write_bytes(gzip.compress(NEW.encode()))
    held = {document.identifier: document for document in load_folder(tmp_path)}
    assert set(held) == {"11", "21"}
    assert (held["11"].arrives, held["21"].arrives) == (date(2007, 10, 18), date(2020, 4, 2))
    old, new = held["11"].forms[0][1], held["21"].forms[0][1]
    assert old.title == "Skin & gut."
    assert (old.mesh[0].major, old.mesh[0].qualifiers) == (True, ("pathology",))
    assert old.published is not None
    assert old.published.text == "2006 Sep-Oct"
    assert new.doi == "10.5555/z"


def test_deletion_takes_back_what_an_earlier_file_held(tmp_path: Path) -> None:
    """An id under DeleteCitation is gone, also when a file before it held the citation."""
    (tmp_path / "1.xml").write_text(OLD, "utf-8")
    gone = OLD.replace('<PMID Version="1">11</PMID>', '<PMID Version="1">13</PMID>').replace(">12<", ">11<")
    (tmp_path / "2.xml").write_text(gone, "utf-8")
    assert [document.identifier for document in load_folder(tmp_path)] == ["13"]


@pytest.mark.parametrize("content", [None, "<MedlineCitationSet/>", "<MedlineCitation ><PMID>1</MedlineCitation>"])
def test_nothing_to_serve_is_a_configuration_error(tmp_path: Path, content: str | None) -> None:
    """A folder without XML, a file without citations and broken XML are refused by name."""
    if content is not None:
        (tmp_path / "x.xml").write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=re.escape(str(tmp_path))):
        load_folder(tmp_path)


def test_real_file_comes_through_the_wire_unchanged(shared: Path, http: requests.Session) -> None:
    """All 604 citations of a real file are found by all[sb] and fetched byte for byte; the deleted id is unknown."""
    file = shared / "data/pubmed/medline16n0902.xml.gz"
    if not file.is_file():
        pytest.skip(f"no real PubMed file at {file}")
    text = gzip.decompress(file.read_bytes()).decode("utf-8")
    originals = re.findall(r"<MedlineCitation .*?</MedlineCitation>", text, re.DOTALL)
    deleted = re.findall(r"<DeleteCitation>.*?>(\d+)</PMID>", text, re.DOTALL)
    with Simulator(corpus=file, rate_limit=False) as simulator:
        base = simulator.base_url("pubmed")
        asked = {"term": "all[sb]", "retmode": "json", "retmax": "9999"}
        found = http.get(f"{base}/esearch.fcgi", params=asked, timeout=30).json()["esearchresult"]
        assert (found["count"], len(set(found["idlist"]))) == ("604", 604)
        assert not set(deleted) & set(found["idlist"])
        fetched: list[str] = []
        for start in range(0, 604, 200):
            ids = ",".join([*found["idlist"][start : start + 200], *deleted])
            body = http.post(f"{base}/efetch.fcgi", data={"id": ids, "retmode": "xml"}, timeout=30).content.decode(
                "utf-8"
            )
            fetched += re.findall(r"<MedlineCitation .*?</MedlineCitation>", body, re.DOTALL)
        assert sorted(fetched) == sorted(originals)
        created = http.get(f"{base}/esearch.fcgi", params={**asked, "term": "2007/10/18[crdt]"}, timeout=30).json()
        assert "17942999" in created["esearchresult"]["idlist"]
        assert simulator.labels() == {}
