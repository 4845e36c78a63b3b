"""Every recorded answer of PubMed and Europe PMC that a client can receive: read, or refused with the right error.

Each file is put on a real wire as the answer to the call it was recorded from, so that the whole client is tested, not
its parser alone. A file in the folders that no line here names fails a test.
"""

from __future__ import annotations

import re
from datetime import date

import pytest

from ivigil.errors import (
    MalformedResponse,
    NotEntitled,
    QueryRejected,
    RateLimited,
    SearchContext,
    TransportError,
)
from ivigil.sources.base import SearchRequest, Window
from ivigil.sources.europepmc import EuropePMC, parse_search
from ivigil.sources.pubmed import PubMed, parse_articles
from ivigil.sources.pubmed.answers import HistoryExpired, parse_esearch
from recorded import HTML, JSON, TEXT, XML, Case

CONTEXT = SearchContext("pubmed")
REQUEST = SearchRequest("x", Window(date(2024, 3, 1), date(2024, 3, 30)))


PUBMED = [
    Case("esearch1.xml", "search", 63, media_type=XML),
    Case("esearch2.xml", "search", 42_249, media_type=XML),
    Case("esearch8.xml", "search", 0, media_type=XML),
    Case("findpapers_esearch.xml", "search", 51, media_type=XML),
    Case("errors/ok_esearch_trimmed.json", "search", 8_863),
    Case("errors/ok_esearch_history_trimmed.json", "search", 28_198),
    Case("errors/esearch_200_backend_down.json", "search", TransportError),
    Case("errors/esearch_200_backend_down.xml", "search", TransportError, media_type=XML),
    Case("errors/esearch_200_db_not_supported.json", "search", TransportError),
    Case("errors/esearch_200_bad_db.json", "search", QueryRejected),
    Case("errors/esearch_200_retstart_cap.json", "search", QueryRejected),
    Case("errors/esearch_200_webenv_expired.json", "search", HistoryExpired),
    Case("errors/esummary_200_webenv_expired.json", "search", HistoryExpired),
    Case("errors/http400_bad_key.json", "search", NotEntitled, 400, JSON),
    Case("errors/http400_bad_key.json", "fetch", NotEntitled, 400, JSON),
    Case("errors/http429_no_key.json", "search", RateLimited, 429, JSON),
    Case("errors/http429_no_key.json", "search", RateLimited, 200, JSON),
    Case("errors/http429_no_key.json", "fetch", RateLimited, 200, JSON),
    Case("errors/http429_with_key.json", "search", RateLimited, 429, JSON),
    Case("errors/http429_with_key.json", "fetch", RateLimited, 429, JSON),
    Case("errors/http500_diagnostic.html", "search", TransportError, 500, HTML),
    Case("errors/http500_diagnostic.html", "fetch", TransportError, 500, HTML),
    Case("errors/http500_diagnostic.html", "search", MalformedResponse, 200, HTML),
    Case("efetch_html_instead_of_xml.html", "search", MalformedResponse, 200, HTML),
    Case("pubmed1.xml", "search", MalformedResponse, media_type=XML),
    Case("epost1.xml", "search", MalformedResponse, media_type=XML),
    Case("epost2.xml", "search", QueryRejected, media_type=XML),
    Case("epost3.xml", "search", QueryRejected, media_type=XML),
    Case("espell.xml", "search", MalformedResponse, media_type=XML),
    Case("esummary1.xml", "search", MalformedResponse, media_type=XML),
    Case("einfo2.xml", "search", MalformedResponse, media_type=XML),
    Case("pubmed1.xml", "fetch", ["12091962", "9997"], media_type=XML),
    Case("pubmed2.xml", "fetch", ["11748933", "11700088"], media_type=XML),
    Case("pubmed4.xml", "fetch", ["27797938"], media_type=XML),
    Case("pubmed5.xml", "fetch", ["28775130"], media_type=XML),
    Case("pubmed7.xml", "fetch", ["29963580"], media_type=XML),
    Case("pubmed-29768149.xml", "fetch", ["29768149"], media_type=XML),
    Case("findpapers_efetch.xml", "fetch", ["32835308"], media_type=XML),
    Case("errors/efetch_200_unknown_pmid.xml", "fetch", [], media_type=XML),
    Case("errors/efetch_400_bad_id.xml", "fetch", QueryRejected, 400, media_type=XML),
    Case("errors/efetch_webenv_expired.xml", "fetch", HistoryExpired, media_type=XML),
    Case("errors/SYNTHETIC_truncated.xml", "parse", MalformedResponse, media_type=XML),
    Case("efetch_html_instead_of_xml.html", "parse", MalformedResponse, media_type=XML),
    Case("errors/efetch_200_text_not_available.txt", "parse", MalformedResponse, media_type=XML),
    Case("efetch_pmc.xml", "parse", MalformedResponse, media_type=XML),
    Case("esummary1.xml", "parse", MalformedResponse, media_type=XML),
    Case("medline_pubmed_result1.txt", "parse", MalformedResponse, media_type=XML),
    Case("medline_pubmed_result2.txt", "parse", MalformedResponse, media_type=XML),
    Case("medline_pubmed_result3.txt", "parse", MalformedResponse, media_type=XML),
]
EUROPEPMC = [
    Case("search_cancer_core.json", "harvest", 25),
    Case("search_no_results.json", "count", MalformedResponse),
    Case("search_cancer_idlist.json", "count", 5_059_039),
    Case("search_cancer.json", "harvest", MalformedResponse),
    Case("search_cancer_page2.json", "harvest", MalformedResponse),
    Case("search_cancer_sorted_cited.json", "harvest", MalformedResponse),
    Case("search_post_cancer.json", "harvest", MalformedResponse),
    Case("search_cancer.xml", "harvest", MalformedResponse, media_type=XML),
    Case("search_cancer_dc.xml", "harvest", MalformedResponse, media_type=XML),
    Case("errors/200_no_query.json", "harvest", QueryRejected),
    Case("errors/200_page_size.json", "harvest", QueryRejected),
    Case("errors/503_maintenance.txt", "harvest", TransportError, 503, TEXT),
    Case("errors/503_maintenance.txt", "harvest", TransportError, 200, TEXT),
    Case("errors/503_maintenance.txt", "count", TransportError, 503, TEXT),
    Case("errors/503_maintenance.txt", "citations", TransportError, 503, TEXT),
    Case("errors/200_no_query.json", "citations", QueryRejected),
    Case("search_no_results.json", "citations", MalformedResponse),
    Case("search_cancer_idlist.json", "citations", MalformedResponse),
]


@pytest.mark.parametrize("case", PUBMED, ids=str)
def test_a_recorded_pubmed_answer_is_read_or_refused(served, shared, judge, case):
    """The file gives exactly what it holds, or its own class of error; nothing reads as zero hits by mistake."""
    session, address = served(case, "pubmed")
    pubmed = PubMed(session, base_url=address)

    def ask():
        if case.call == "search":
            return pubmed.count("x")
        if case.call == "parse":
            return parse_articles((shared / "contracts/pubmed" / case.file).read_bytes())
        wanted = case.gives if isinstance(case.gives, list) and case.gives else ["1"]
        return [record.pmid for page in pubmed.fetch(wanted) for record in page.records]

    judge("pubmed", case, ask)


@pytest.mark.parametrize("case", EUROPEPMC, ids=str)
def test_a_recorded_europe_pmc_answer_is_read_or_refused(served, judge, case):
    """The file gives exactly what it holds, or its own class of error; results of a thinner type are not taken."""
    session, address = served(case, "europepmc")
    europepmc = EuropePMC(session, base_url=address)

    def ask():
        if case.call == "citations":
            return europepmc._citations("MED/1", 1, CONTEXT)
        return europepmc.count("x") if case.call == "count" else len(next(europepmc.harvest(REQUEST)).records)

    judge("europepmc", case, ask)


@pytest.mark.parametrize(("folder", "cases"), [("pubmed", PUBMED), ("europepmc", EUROPEPMC)])
def test_no_recorded_file_is_left_out(shared, folder, cases):
    """Each payload in the folder stands in the tables above."""
    root = shared / "contracts" / folder
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.suffix != ".md"}
    assert found == {case.file for case in cases}


def test_zero_hits_with_a_phrase_not_found_is_a_success_with_a_warning(shared):
    """PubMed's zero-hit answer is read as zero, and says which phrase it did not find."""
    found = parse_esearch((shared / "contracts/pubmed/esearch8.xml").read_bytes(), CONTEXT)
    assert (found.count, found.ids, found.warnings) == (0, (), ("phrase not found: abcXYZ",))


def test_a_raw_newline_in_a_json_error_is_read_through(shared):
    """The cap's error, whose JSON strict readers refuse, is understood as a rejected question."""
    body = (shared / "contracts/pubmed/errors/esearch_200_retstart_cap.json").read_bytes()
    with pytest.raises(QueryRejected, match="larger than 9998"):
        parse_esearch(body, CONTEXT)


def test_europe_pmc_zero_hits_are_a_success(shared):
    """An answer with a count of zero and an empty list is a stated zero."""
    body = (shared / "contracts/europepmc/search_no_results.json").read_bytes()
    assert parse_search(body, result_type="lite").hit_count == 0


def test_recorded_europe_pmc_records_are_read_whole(shared):
    """Abstract sections, relations and dates of the recorded core results come as their JSON states them."""
    found = parse_search((shared / "contracts/europepmc/search_cancer_core.json").read_bytes())
    assert (found.hit_count, len(found.records), found.rejected) == (5_059_039, 25, ())
    by_id = {record.source_id: record for record in found.records}
    texts = " ".join(record.abstract_text + record.title for record in found.records)
    assert not re.search(r"</?[a-z]", texts)
    assert "(p <.05)" in texts  # the author's own sign is no tag
    assert sum(1 for record in found.records if any(part.label for part in record.abstract)) == 15
    first = by_id["MED/39709209"]
    assert str(first.published) == "2025-12"
    assert str(first.entered) == "2024-12-21"
    assert first.authors[0].name == "Schoenfeld JD"
    errata = [link for record in found.records for link in record.relations]
    assert [(link.kind, link.pmid, link.doi) for link in errata] == [
        ("ErratumFor", "39293462", "10.1016/s0140-6736(24)01653-2"),
        ("ErratumFor", "39971854", "10.1007/s10120-025-01593-y"),
    ]
