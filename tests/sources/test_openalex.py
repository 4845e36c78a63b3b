"""The OpenAlex client against the simulator's wire, and against answers written by hand."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ivigil.errors import IncompleteSearch, MalformedResponse, NotEntitled, QueryRejected, RateLimited, TransportError
from ivigil.records import RecordKind
from ivigil.sources.base import DateField, DocumentIds, SearchRequest, Tally, Window
from ivigil.sources.openalex import OpenAlex, parse_works
from ivigil.sources.openalex.parse import RETRACTED_HINT, abstract_of

STRATEGY = '("systemic sclerosis" OR scleroderma) AND (IVIG OR "intravenous immunoglobulin")'
SPRING = Window(date(2024, 4, 1), date(2024, 6, 30))
TAKEHARA = DocumentIds(doi="10.5555/ivigil.23910617", pmid="23910617")


@pytest.fixture
def openalex(settled, session):
    return OpenAlex(session, base_url=settled.base_url("openalex"), api_key="sesame-1")


def published(first, last):
    return SearchRequest(STRATEGY, Window(date(first, 1, 1), date(last, 12, 31)), DateField.PUBLISHED)


def read(pages):
    tally, records = Tally(), []
    for page in pages:
        tally.add(page)
        records += page.records
    return records, tally


def answer(fakes, body, status=200, **headers):
    return fakes.Reply(json.dumps(body).encode(), status, "application/json", headers)


def a_list(*works, count=None, cursor=None):
    return {"meta": {"count": len(works) if count is None else count, "next_cursor": cursor}, "results": list(works)}


def a_work(number, **fields):
    return {"id": f"https://openalex.org/W{number}", "title": "A title", "publication_date": "2024-05-02"} | fields


def test_every_hit_of_a_window_on_publication_comes_by_cursor(settled, openalex):
    """All hits of fifteen years arrive, over several pages, and are counted."""
    records, tally = read(openalex.harvest(published(2010, 2024)))
    assert tally.complete
    assert len({record.source_id for record in records}) == len(records) == tally.reported > 100
    assert settled.count("openalex", "works") == -(-tally.reported // 100)


def test_a_night_gets_what_was_created_late_and_nothing_created_after_it(settled, openalex):
    """The look-back delivers works of earlier nights again, and leaves out those of later ones."""
    everything, _ = read(openalex.harvest(published(1990, 2030)))
    records, tally = read(openalex.harvest(SearchRequest(STRATEGY, SPRING)))
    came = {record.source_id for record in records}
    created = {record.source_id for record in everything if SPRING.start <= record.entered <= SPRING.end}
    assert tally.complete
    assert created
    assert created <= came
    assert all(record.entered <= SPRING.end for record in records)
    assert any(record.entered < SPRING.start for record in records)


def test_a_year_alone_is_looked_back_to(wire, session, fakes):
    """The look-back goes on to the first of January, where works stand of which only the year is known."""
    wire.script = [answer(fakes, a_list(a_work(1, publication_date="2024-01-01", publication_year=2024)))]
    request = SearchRequest("x", Window(date(2024, 6, 1), date(2024, 6, 7)))
    (record,) = next(OpenAlex(session, base_url=wire.url).harvest(request)).records
    assert "from_publication_date:2024-01-01" in wire.asked[0].params["filter"]
    assert str(record.published) == "2024"


def test_a_revision_window_is_refused_before_it_is_asked(wire, session):
    """What is for payers is said to be, instead of being answered by something else."""
    request = SearchRequest("x", SPRING, DateField.REVISED)
    with pytest.raises(QueryRejected, match="revision"):
        list(OpenAlex(session, base_url=wire.url).harvest(request))
    assert not wire.asked


def test_the_key_travels_in_a_header_and_nowhere_else(settled, openalex):
    """No address, log line or stored payload holds it."""
    pages = list(openalex.harvest(SearchRequest(STRATEGY, SPRING)))
    assert "sesame-1" not in repr(settled.requests) + repr([(page.payload.address, page.query) for page in pages])


def test_a_wrong_key_is_not_entitled(settled, openalex):
    """A 401 is a matter of entitlement."""
    settled.set_faults("openalex:badkey")
    with pytest.raises(NotEntitled, match="401"):
        openalex.count(STRATEGY)


def test_a_spent_budget_is_raised_with_its_wait_and_never_slept_on(settled, openalex, clock):
    """Hours of Retry-After end the search at once."""
    settled.set_faults("openalex:budget")
    with pytest.raises(RateLimited) as caught:
        openalex.count(STRATEGY)
    assert caught.value.retry_after == 57_505
    assert (clock.slept, settled.count("openalex")) == (0.0, 1)


def test_a_wait_that_only_the_body_states_is_believed(wire, session, fakes, clock):
    """A proxy that loses the header does not make us ask again and again."""
    wire.script = [answer(fakes, {"error": "Rate limit exceeded", "message": "m", "retryAfter": 4000}, 429)]
    with pytest.raises(RateLimited) as caught:
        OpenAlex(session, base_url=wire.url).count("x")
    assert (caught.value.retry_after, clock.slept) == (4000.0, 0.0)


def test_a_burst_is_waited_out(settled, openalex, clock):
    """A short wait is kept, and the search goes on."""
    settled.set_faults("openalex:429(retry=2)")
    assert openalex.count(STRATEGY) > 0
    assert 2.0 <= clock.slept < 4.0


@pytest.mark.parametrize(
    ("fault", "error"),
    [("error200", QueryRejected), ("403", QueryRejected), ("cursor", QueryRejected), ("503*", TransportError),
     ("html*", MalformedResponse), ("empty*", TransportError)],
)  # fmt: skip
def test_a_fault_is_an_error_of_its_class(settled, openalex, fault, error):
    """An error inside a success, an old build's 403, a lost cursor and broken answers: none is zero hits."""
    settled.set_faults(f"openalex:{fault}")
    with pytest.raises(error):
        list(openalex.harvest(SearchRequest(STRATEGY, SPRING)))


@pytest.mark.parametrize("strategy", ["scleroderma*", "is it IVIG?"])
def test_a_wildcard_is_refused_by_the_service(openalex, strategy):
    """A strategy with a wildcard is rejected, not searched without it."""
    with pytest.raises(QueryRejected, match="Wildcards"):
        openalex.count(strategy)


@pytest.mark.parametrize("strategy", ["IVIG, high dose", "a|b"])
def test_a_sign_that_parts_filters_cannot_be_searched_for(openalex, strategy):
    """A comma in a strategy would become a filter of its own."""
    with pytest.raises(QueryRejected, match="parts filters"):
        openalex.count(strategy)


def test_a_shortfall_is_an_incomplete_search(wire, session, fakes):
    """Three announced and two come, in both readings: the window stays open."""
    wire.serve = lambda _: answer(fakes, a_list(a_work(1), a_work(2), count=3))
    with pytest.raises(IncompleteSearch, match="2 of 3"):
        list(OpenAlex(session, base_url=wire.url).harvest(SearchRequest("x", SPRING)))


def test_canaries_are_found_within_the_strategy(openalex):
    """Works that the strategy returns are told from those that it does not."""
    (page,) = openalex.look_up([TAKEHARA])
    mine = page.records[0].source_id
    assert openalex.held(STRATEGY, [mine, "W1", "PMID:23910617", "DOI:10.1000/none"]) == {mine, "PMID:23910617"}
    assert openalex.held("kawasaki", [mine]) == frozenset()
    with pytest.raises(QueryRejected, match="neither an id of the source"):
        openalex.held(STRATEGY, ["23910617"])


def test_fetched_works_come_and_unknown_ones_are_missing(openalex):
    """A fetch accounts for every id."""
    (first,) = openalex.look_up([TAKEHARA])
    identifier = first.records[0].source_id
    (page,) = openalex.fetch([identifier, "W999999999999"])
    assert ([record.source_id for record in page.records], page.missing) == ([identifier], ("W999999999999",))


def test_documents_are_looked_up_by_doi_by_pmid_and_by_title(settled, openalex):
    """Each way finds the same work; what is not held is missing, and no title answers for another."""
    title = next(openalex.look_up([TAKEHARA])).records[0].title
    found, tally = read(
        openalex.look_up(
            [
                DocumentIds(doi="10.5555/IVIGIL.23910617"),
                DocumentIds(pmid="23910617"),
                DocumentIds(title=f"{title.rstrip('.')}?"),
                DocumentIds(doi="10.1000/none"),
                DocumentIds(doi="10.1000/with,comma"),
                DocumentIds(title="A title that nobody has written about anything at all so far"),
            ]
        )
    )
    assert {record.pmid for record in found} == {"23910617"}
    assert (len(found), tally.missing, tally.complete) == (3, 3, True)
    assert settled.count("openalex", "works/doi:10.1000/with,comma") == 1


def test_forward_citations_are_those_of_the_corpus(openalex):
    """Reviews that cite an included study come back as its citations, and cite it in their own lists."""
    records, tally = read(openalex.citing(TAKEHARA))
    assert tally.complete
    assert any("review" in record.publication_types for record in records)
    citing = next(record for record in records if record.doi)
    cited = openalex.references(DocumentIds(doi=citing.doi))
    assert "23910617" in {reference.pmid for reference in cited or ()}


def test_what_is_not_held_has_neither_citations_nor_references(openalex):
    """A document OpenAlex does not know is said to be missing, never to be uncited."""
    unknown = DocumentIds(doi="10.1000/none")
    (page,) = openalex.citing(unknown)
    assert (page.reported, page.missing) == (1, ("10.1000/none",))
    assert openalex.references(unknown) is None


def test_a_reference_that_is_gone_keeps_its_address(wire, session, fakes):
    """A merged work has no record, and stays on the list."""
    wire.script = [
        answer(fakes, a_work(1, referenced_works=["https://openalex.org/W2", "https://openalex.org/W3"])),
        answer(fakes, a_list(a_work(3, doi="https://doi.org/10.1000/X"))),
    ]
    gone, kept = OpenAlex(session, base_url=wire.url).references(DocumentIds(doi="10.1000/a")) or ()
    assert (gone.doi, gone.text) == (None, "https://openalex.org/W2")
    assert (kept.doi, kept.year) == ("10.1000/x", 2024)


def test_a_work_is_read_whole():
    """Every field a record can hold is taken from where OpenAlex keeps it, and what it computes is not."""
    work = a_work(
        7,
        doi="https://doi.org/10.1000/ABC",
        ids={"pmid": "https://pubmed.ncbi.nlm.nih.gov/123", "pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/45"},
        display_name="Of <i>n</i>",
        language="fr",
        type="preprint",
        is_retracted=True,
        created_date="2024-05-09",
        biblio={"volume": "3", "issue": None, "first_page": "7", "last_page": "7"},
        primary_location={"source": {"display_name": "J", "issn": ["1111-1111"], "host_organization_name": "P"}},
        authorships=[
            {"raw_author_name": "Ada B. Example", "author": {"orcid": "https://orcid.org/0000-0002-1825-0097"},
             "raw_affiliation_strings": ["Somewhere"]},
            {"author": {"display_name": "The Example Study Group"}},
        ],
        abstract_inverted_index={"it": [1], "so": [0, 2], "is.": [3]},
        mesh=[
            {"descriptor_name": "Scleroderma", "descriptor_ui": "D1", "qualifier_name": "therapy"},
            {"descriptor_name": "Scleroderma", "descriptor_ui": "D1", "qualifier_name": None, "is_major_topic": True},
        ],
        keywords=[{"display_name": "computed"}],
    )  # fmt: skip
    (record,) = parse_works(json.dumps(a_list(work)).encode()).records
    assert (record.source_id, record.doi, record.pmid, record.pmcid) == ("W7", "10.1000/abc", "123", "PMC45")
    assert (record.title, record.languages, record.kind) == ("Of n", ("fre",), RecordKind.PREPRINT)
    assert [author.name for author in record.authors] == ["Example AB", "The Example Study Group"]
    assert record.authors[0].orcid == "0000-0002-1825-0097"
    assert record.abstract_text == "so it so is."
    assert (record.journal, record.volume, record.pages, record.publisher) == ("J", "3", "7", "P")
    assert [(head.descriptor, head.major, head.qualifiers) for head in record.mesh] == [
        ("Scleroderma", True, ("therapy",))
    ]
    assert record.publication_types == ("preprint", RETRACTED_HINT)
    assert (record.entered, str(record.published), record.keywords, record.revised) == (
        date(2024, 5, 9),
        "2024-05-02",
        (),
        None,
    )


def test_a_work_that_cannot_be_read_is_rejected_alone():
    """One entry of an unknown shape does not lose the page, and is named."""
    found = parse_works(
        json.dumps(a_list(a_work(1), {"id": "https://openalex.org/W2", "authorships": [3]}, "?")).encode()
    )
    assert [record.source_id for record in found.records] == ["W1"]
    assert [name for name, _ in found.rejected] == ["W2", "#3"]


def test_no_abstract_is_no_section():
    """A missing index gives an empty abstract."""
    assert abstract_of(None) == abstract_of({}) == ()
