"""The Semantic Scholar client against the simulator's wire, and against answers written by hand."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ivigil.errors import (
    IncompleteSearch,
    MalformedResponse,
    NotEntitled,
    QueryRejected,
    RateLimited,
    TransportError,
)
from ivigil.records import RecordKind
from ivigil.simulator import Simulator
from ivigil.simulator import semanticscholar as wire_of
from ivigil.sources.base import DateField, DocumentIds, SearchRequest, Tally, Window
from ivigil.sources.semanticscholar import SemanticScholar, parse_results

STRATEGY = '("systemic sclerosis" | scleroderma*) + (IVIG | "intravenous immunoglobulin")'
KEY = "sesame-2"
TAKEHARA = DocumentIds(doi="10.5555/ivigil.23910617", pmid="23910617")
SPRING = Window(date(2024, 4, 1), date(2024, 6, 30))


@pytest.fixture
def scholar(settled, session):
    return SemanticScholar(session, api_key=KEY, base_url=settled.base_url("semanticscholar"))


@pytest.fixture
def written(wire, session, fakes):
    """A client of answers written by hand, the last of which comes again and again."""

    def client(*bodies, status=200):
        replies = [fakes.Reply(json.dumps(body).encode(), status, "application/json") for body in bodies]
        wire.script = replies[:-1]
        wire.serve = lambda _: replies[-1]
        return SemanticScholar(session, api_key=KEY, base_url=wire.url)

    return client


def published(first, last):
    return SearchRequest(STRATEGY, Window(date(first, 1, 1), date(last, 12, 31)), DateField.PUBLISHED)


def read(pages):
    tally, records = Tally(), []
    for page in pages:
        tally.add(page)
        records += page.records
    return records, tally


def test_every_hit_comes_by_token_though_the_total_is_approximate(settled, scholar, monkeypatch):
    """All pages of the chain arrive; the last reports what came and says by how much the total was beside it."""
    monkeypatch.setattr(wire_of, "PAGE_SIZE", 60)
    pages = list(scholar.harvest(published(2003, 2024)))
    records, tally = read(pages)
    assert len({record.source_id for record in records}) == len(records) > 180
    assert tally.complete
    assert tally.reported == len(records) < pages[0].reported
    assert "were announced" in pages[-1].warnings[0]
    assert settled.count("semanticscholar") == len(pages) == -(-len(records) // 60)


def test_a_night_looks_back_to_where_undated_papers_stand(settled, scholar):
    """Papers of which only the year is known come, because the look-back goes to the first of January."""
    records, tally = read(scholar.harvest(SearchRequest(STRATEGY, SPRING)))
    assert settled.requests[0].params["publicationDateOrYear"] == "2023-01-01:"
    assert tally.complete
    assert any(str(record.published) == "2024" for record in records)


def test_zero_hits_is_one_page_without_records(scholar):
    """An answer without a data field and with a total of zero is a stated zero."""
    (page,) = scholar.harvest(SearchRequest("zzzz", SPRING))
    assert (page.reported, page.records) == (0, ())


def test_a_revision_window_is_refused(scholar):
    """There is none, and nothing else is given for it."""
    with pytest.raises(QueryRejected, match="revision"):
        list(scholar.harvest(SearchRequest("x", SPRING, DateField.REVISED)))


def a_paper(number):
    return {"paperId": f"{number:040x}", "corpusId": number, "title": "A title"}


def test_a_chain_that_leads_back_is_incomplete(written):
    """A token that comes twice would be followed for ever; it ends the search with an error."""
    client = written({"total": 9, "token": "T", "data": [a_paper(1)]})
    with pytest.raises(IncompleteSearch, match="leads back"):
        list(client.harvest(published(2003, 2024)))


def test_a_chain_that_ends_early_is_incomplete(written):
    """Far fewer papers than announced are no whole answer."""
    client = written({"total": 40, "token": None, "data": [a_paper(1)]})
    with pytest.raises(IncompleteSearch, match="1 of about 40"):
        list(client.harvest(published(2003, 2024)))


def test_the_key_travels_in_a_header_and_nowhere_else(settled, scholar):
    """No address or stored payload holds it."""
    pages = list(scholar.harvest(SearchRequest(STRATEGY, SPRING)))
    assert KEY not in repr(settled.requests) + repr([(page.payload.address, page.query) for page in pages])


def test_a_limit_without_a_wait_is_waited_out(settled, scholar, clock):
    """A 429 names no wait; the pause doubles and the search goes on."""
    settled.set_faults("semanticscholar:429*2")
    assert scholar.count(STRATEGY) > 0
    assert 3.0 <= clock.slept <= 8.0


@pytest.mark.parametrize(
    ("fault", "error"),
    [("429*", RateLimited), ("badkey", NotEntitled), ("400", QueryRejected), ("504*", TransportError),
     ("nodata*", MalformedResponse), ("html*", MalformedResponse), ("truncate*", MalformedResponse)],
)  # fmt: skip
def test_a_fault_is_an_error_of_its_class(settled, scholar, fault, error):
    """Saturation, a wrong key, a gateway's message, hits without data: none is zero hits."""
    settled.set_faults(f"semanticscholar:{fault}")
    with pytest.raises(error):
        list(scholar.harvest(SearchRequest(STRATEGY, SPRING)))


def test_canaries_are_found_within_the_strategy(scholar):
    """Papers are known by their own ids, by PMID and by DOI."""
    (record,) = read(scholar.look_up([TAKEHARA]))[0]
    asked = [record.source_id, "PMID:23910617", "DOI:10.5555/ivigil.23910617", "PMID:1"]
    assert scholar.held(STRATEGY, asked) == set(asked[:3])
    assert scholar.held("kawasaki", asked) == frozenset()


def test_fetched_papers_come_and_unknown_ones_are_missing(scholar):
    """A batch is read by position, nulls included; one of which nothing is held is wholly missing."""
    (page,) = scholar.fetch(["PMID:1", "PMID:23910617"])
    assert ([record.pmid for record in page.records], page.missing) == (["23910617"], ("PMID:1",))
    (page,) = scholar.fetch(["PMID:1", "2"])
    assert (page.records, set(page.missing)) == ((), {"PMID:1", "2"})


def test_documents_are_looked_up_in_one_batch_and_titles_one_by_one(settled, scholar):
    """DOI, PMID and title find the paper; what is not held is missing."""
    title = read(scholar.look_up([TAKEHARA]))[0][0].title
    settled.reset_log()
    found, tally = read(
        scholar.look_up(
            [
                DocumentIds(doi="10.5555/ivigil.23910617"),
                DocumentIds(pmid="23910617"),
                DocumentIds(doi="10.1000/none"),
                DocumentIds(title=title),
                DocumentIds(title="Words of a title that belong to no document of this world at all"),
            ]
        )
    )
    assert {record.pmid for record in found} == {"23910617"}
    assert (tally.missing, tally.complete) == (2, True)
    assert [each.endpoint for each in settled.requests] == ["paper/batch", *["paper/search/match"] * 2]


def test_forward_citations_come_page_by_page(settled, scholar, monkeypatch):
    """All that cites an included study comes; what is not held is missing, not uncited."""
    monkeypatch.setattr(wire_of, "MOST_CITATIONS", 5)
    monkeypatch.setattr("ivigil.sources.semanticscholar.api.CITATIONS_AT_ONCE", 5)
    records, tally = read(scholar.citing(TAKEHARA))
    assert tally.complete
    assert len(records) == tally.reported > 5
    (page,) = scholar.citing(DocumentIds(doi="10.1000/none"))
    assert (page.reported, page.missing) == (1, ("10.1000/none",))


def test_one_request_a_second_is_never_passed(session):
    """Four searches take three seconds of the service's own clock, and none is refused."""
    with Simulator(clock=session.clock.monotonic) as simulator:
        client = SemanticScholar(session, api_key=KEY, base_url=simulator.base_url("semanticscholar"))
        for _ in range(4):
            client.count(STRATEGY)
        assert simulator.peak_rate("semanticscholar") == 1
        assert {each.status for each in simulator.requests} == {200}
        assert 3.0 <= session.clock.monotonic() <= 1.2 * 4


def test_a_paper_is_read_whole():
    """Every field a record can hold is taken from where the service keeps it."""
    entry = {
        "corpusId": 7,
        "externalIds": {"DOI": "10.1000/ABC", "PubMed": "123", "PubMedCentral": "45", "ArXiv": "2401.1"},
        "title": "A title",
        "abstract": "Words.",
        "authors": [{"name": "A. B. Example"}, {"name": None}],
        "venue": "V",
        "publicationVenue": {"name": "V", "issn": "1111-1111", "alternate_issns": ["2222-2222"]},
        "journal": {"name": "J", "volume": "3", "pages": "\n 7-9 "},
        "year": 2024,
        "publicationDate": "2024-05-02",
        "publicationTypes": ["Review"],
    }
    (record,) = parse_results(json.dumps({"total": 1, "data": [entry]}).encode()).records
    assert (record.source_id, record.doi, record.pmid, record.pmcid) == ("7", "10.1000/abc", "123", "PMC45")
    assert (record.journal, record.volume, record.pages) == ("J", "3", "7-9")
    assert [author.name for author in record.authors] == ["Example AB"]
    assert (str(record.published), record.abstract_text, record.kind) == ("2024-05-02", "Words.", RecordKind.ARTICLE)
    assert (record.issns, record.entered) == (("1111-1111", "2222-2222"), None)


def test_a_paper_that_cannot_be_read_is_rejected_alone():
    """One entry of an unknown shape does not lose the page; a page without any CorpusId is refused."""
    found = parse_results(json.dumps({"total": 2, "data": [a_paper(1), {"corpusId": 2, "authors": [3]}]}).encode())
    assert ([record.source_id for record in found.records], found.rejected[0][0]) == (["1"], "2")
    with pytest.raises(MalformedResponse, match="fields that were asked for"):
        parse_results(json.dumps({"total": 1, "data": [{"paperId": "a", "title": "b"}]}).encode())
