"""The written corpus through the wire: counts, visibility, changes, variety, and the labels."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import rispy

from ivigil.simulator import Simulator, written_corpus

Search = Callable[..., dict[str, Any]]
Fetch = Callable[..., ET.Element]
FAMILIES_OF_REASONS = {
    "population", "intervention", "sample_size", "adults", "outcome", "language", "full_text", "publication_type",
    "date",
}  # fmt: skip


def test_strategy_is_the_topics_block(pubmed_strategy: str, topic_strategy: str) -> None:
    """The strategy these tests count with is the one the topic page gives, word for word."""
    assert re.sub(r"\s+(?=\))|(?<=\()\s+", "", topic_strategy) == pubmed_strategy


def test_era_has_418_hits_and_12_included(
    simulator: Simulator, esearch: Search, pubmed_strategy: str, era: dict[str, str], after_review: date
) -> None:
    """The strategy over the review's publication dates finds the 418 labelled records, 12 of them included."""
    simulator.today = after_review
    found = esearch(pubmed_strategy, **era)
    labels = simulator.labels()
    assert found["count"] == "418"
    assert set(found["idlist"]) == set(labels)
    assert sum(label.included for label in labels.values()) == 12
    assert "warninglist" not in found
    assert "errorlist" not in found


def test_later_years_never_change_the_era(
    simulator: Simulator,
    esearch: Search,
    europepmc: Search,
    pubmed_strategy: str,
    europepmc_strategy: str,
    era: dict[str, str],
) -> None:
    """With everything visible the era still has 418 hits, and Europe PMC adds none to them."""
    found = set(esearch(pubmed_strategy, **era)["idlist"])
    assert found == set(simulator.labels())
    page = europepmc(f"({europepmc_strategy}) AND FIRST_PDATE:[2003-01-01 TO 2024-04-15]", resultType="idlist")
    ids = {each["pmid"] for each in page["resultList"]["result"]}
    assert page["hitCount"] == len(ids) > 380
    assert ids <= found


def test_background_is_not_found(esearch: Search, pubmed_strategy: str) -> None:
    """A few hundred records on other topics are held and not found."""
    missed = esearch(f"all[sb] NOT ({pubmed_strategy})")["idlist"]
    assert len([pmid for pmid in missed if pmid.startswith("9001")]) >= 300


def test_nothing_is_seen_before_its_day(simulator: Simulator, esearch: Search) -> None:
    """A record is visible from its entry date on, to search and fetch alike."""
    simulator.today = date(2024, 5, 6)
    assert esearch("90000201[uid]")["count"] == "0"
    simulator.today = date(2024, 5, 7)
    assert esearch("90000201[uid] AND 2024/05/07[crdt]")["count"] == "1"


def test_windows_join_to_the_whole(simulator: Simulator, esearch: Search, pubmed_strategy: str) -> None:
    """Asking by entry date window after window finds what one window over all of it finds."""
    whole = esearch(f"({pubmed_strategy}) AND 2024/04/16:2026/12/31[crdt]")["idlist"]
    parts: list[str] = []
    for year in (2024, 2025, 2026):
        for start, end in (("01/01", "06/30"), ("07/01", "12/31")):
            begin = "04/16" if (year, start) == (2024, "01/01") else start
            parts += esearch(f"({pubmed_strategy}) AND {year}/{begin}:{year}/{end}[crdt]")["idlist"]
    assert sorted(parts) == sorted(whole)
    assert 150 <= len(whole) <= 250


def test_late_indexed_study_is_found_by_its_mesh_date_only(
    simulator: Simulator, esearch: Search, pubmed_strategy: str
) -> None:
    """A study without the strategy's words appears months after entry, in the MHDA window and no CRDT window."""
    late = f"({pubmed_strategy}) AND 90000211[uid]"
    simulator.today = date(2026, 9, 14)
    assert esearch(late)["count"] == "0"
    simulator.today = date(2026, 9, 15)
    assert esearch(f"{late} AND 2026/09/08:2026/09/15[mhda]")["count"] == "1"
    assert esearch(f"{late} AND 2026/09/08:2026/09/15[crdt]")["count"] == "0"


def test_old_article_that_enters_late_is_lost_to_edat(
    simulator: Simulator, esearch: Search, pubmed_strategy: str
) -> None:
    """EDAT misses the 2002 article of January 2025; CRDT finds it."""
    window = "2025/01/01:2025/01/31"
    assert "90000320" in esearch(f"({pubmed_strategy}) AND {window}[crdt]")["idlist"]
    assert "90000320" not in esearch(f"({pubmed_strategy}) AND {window}[edat]")["idlist"]


def test_retraction_changes_the_record_on_its_day(simulator: Simulator, esearch: Search, efetch: Fetch) -> None:
    """Publication type, link and revision date come with the retraction; the notice is a record of its own."""
    simulator.today = date(2025, 6, 23)
    before = efetch("90000203")
    simulator.today = date(2025, 6, 24)
    after = efetch("90000203")
    kinds = [{each.text for each in root.iter("PublicationType")} for root in (before, after)]
    assert "Retracted Publication" not in kinds[0]
    assert "Retracted Publication" in kinds[1]
    link = after.find(".//CommentsCorrections[@RefType='RetractionIn']")
    assert link is not None
    assert link.findtext("PMID") == "90000390"
    assert esearch("90000203[uid] AND 2025/06/24[mdat]")["count"] == "1"
    notice = efetch("90000390").find(".//CommentsCorrections")
    assert notice is not None
    assert notice.get("RefType") == "RetractionOf"


def test_correction_changes_what_the_record_says(simulator: Simulator, efetch: Fetch) -> None:
    """A corrected title replaces the old one on the day of the erratum."""
    simulator.today = date(2025, 3, 17)
    assert "22 adults" in str(efetch("90000201").findtext(".//ArticleTitle"))
    simulator.today = date(2025, 3, 18)
    after = efetch("90000201")
    assert "21 adults" in str(after.findtext(".//ArticleTitle"))
    assert after.find(".//CommentsCorrections[@RefType='ErratumIn']") is not None


def test_an_included_report_is_corrected_and_another_doubted(simulator: Simulator, efetch: Fetch) -> None:
    """Two included reports of the review get an erratum and an expression of concern in later years."""
    kinds = [each.get("RefType") for each in efetch("90000006", "90000004").iter("CommentsCorrections")]
    assert kinds == ["ErratumIn", "ExpressionOfConcernIn"]


def test_europepmc_adds_preprints(europepmc: Search, europepmc_strategy: str) -> None:
    """In later years Europe PMC's strategy finds preprints that PubMed does not hold."""
    page = europepmc(f"({europepmc_strategy}) AND SRC:PPR", resultType="idlist")
    assert {each["id"] for each in page["resultList"]["result"]} == {f"PPR90000{n}" for n in (1, 2, 3, 4)}


def test_later_truth_has_every_design_and_class() -> None:
    """Later eligible studies come in many designs and sizes, and later exclusions fail every criterion."""
    truth = written_corpus().truth
    later = {pmid: label for pmid, label in truth.items() if pmid not in written_corpus().labels}
    eligible = [label for label in later.values() if label.included]
    assert len(eligible) >= 10
    assert {"rct", "pilot", "open_label", "prospective", "retrospective", "case_control"} <= {
        e.design for e in eligible
    }
    sizes = [label.n_treated or 0 for label in eligible]
    assert (min(sizes), max(sizes)) == (5, 80)
    assert {label.reason for label in later.values() if not label.included} == FAMILIES_OF_REASONS


def test_labels_can_be_imported(simulator: Simulator) -> None:
    """The labels come as CSV and RIS that read back to 418 rows, 12 of them included."""
    labels = simulator.labels()
    rows = list(csv.DictReader(io.StringIO(labels.to_csv())))
    assert (len(rows), sum(int(row["included"]) for row in rows)) == (418, 12)
    entries = rispy.loads(labels.to_ris())
    assert len(entries) == 418
    assert sum("ASReview_relevant" in entry["notes"] for entry in entries) == 12


def test_texts_vary(esearch: Search, efetch: Fetch, pubmed_strategy: str) -> None:
    """No two hits share a title or an abstract, openings differ, and forms differ as in the wild."""
    articles = efetch(*esearch(pubmed_strategy)["idlist"])
    titles, abstracts, forms, languages = [], [], Counter[str](), Counter[str]()
    for article in articles:
        titles.append(str(article.findtext(".//ArticleTitle")).lower())
        parts = article.findall(".//Abstract/AbstractText")
        abstracts.append(" ".join("".join(part.itertext()) for part in parts))
        forms["none" if not parts else "structured" if parts[0].get("Label") else "plain"] += 1
        languages[str(article.findtext(".//Language"))] += 1
    written = [text for text in abstracts if text]
    assert len(set(titles)) == len(titles)
    assert len(set(written)) == len(written)
    assert len({" ".join(title.split()[:4]) for title in titles}) > 0.6 * len(titles)
    assert min(forms["none"], forms["structured"], forms["plain"]) >= 12
    assert len(languages) >= 6
    assert len({len(text) // 100 for text in written}) >= 8
    assert len(list(articles.iter("MedlineDate"))) >= 10
    assert len(list(articles.iter("CollectiveName"))) >= 5


def test_corpus_is_the_same_in_every_build() -> None:
    """Building twice gives equal records."""
    again = written_corpus.__wrapped__()
    assert [doc.forms for doc in again.documents] == [doc.forms for doc in written_corpus().documents]


def test_fiction_is_marked_as_such() -> None:
    """Only records whose facts were verified carry a real PMID or DOI; all others lie in the made-up ranges."""
    real = {"23910617", "17344244", "25433527", "26320139", "31734403", "34718166", "36825818"}
    real_doi_only = {"90000001"}
    for document in written_corpus().documents:
        record = document.forms[0][1]
        if record.source_id in real | real_doi_only:
            continue
        assert record.source_id.startswith(("900", "PPR900", "EXT910")), record.source_id
        assert record.doi is None or record.doi.startswith(("10.5555/", "10.64898/2999.")), record.doi
