"""Every resolver finds the same documents, and every citation index knows what cites them."""

from __future__ import annotations

import pytest

from ivigil.errors import QueryRejected, SourceError
from ivigil.records import Record
from ivigil.sources.base import DocumentIds, Tally
from ivigil.sources.europepmc import EuropePMC
from ivigil.sources.pubmed import PubMed
from ivigil.sources.registry import Ability, able, make_citation_index, make_resolver
from ivigil.sources.resolving import is_answer, name_of

PMID, DOI = "23910617", "10.5555/ivigil.23910617"
TITLE = (
    "A randomized, double-blind, placebo-controlled trial: intravenous immunoglobulin treatment in patients with "
    "diffuse cutaneous systemic sclerosis."
)
NOBODY = DocumentIds(title="Words of a title that belong to no document of this world at all")
GENERAL = tuple(name for name in able(Ability.RESOLVE) if name != "rxiv")


def read(pages):
    tally, records = Tally(), []
    for page in pages:
        tally.add(page)
        records += page.records
    return records, tally


def client(make, name, settled, session):
    return make(name, session=session, base_url=settled.base_url(name), api_key="k-1", email="a@hospital.example")


@pytest.mark.parametrize("name", GENERAL)
@pytest.mark.parametrize(
    "document", [DocumentIds(doi=DOI), DocumentIds(title=TITLE), DocumentIds(doi=DOI, pmid=PMID)], ids=name_of
)
def test_a_document_is_found_by_what_is_known_of_it(settled, session, name, document):
    """DOI, title and both lead each resolver to the same paper and to no other."""
    records, tally = read(client(make_resolver, name, settled, session).look_up([document, NOBODY]))
    assert {record.doi for record in records} == {DOI}
    assert (tally.missing, tally.complete) == (1, True)


@pytest.mark.parametrize("name", [name for name in GENERAL if name != "crossref"])
def test_a_document_is_found_by_its_pmid(settled, session, name):
    """Sources that know PMIDs answer to one; an unknown one is missing."""
    records, tally = read(
        client(make_resolver, name, settled, session).look_up([DocumentIds(pmid=PMID), DocumentIds(pmid="1")])
    )
    assert ({record.pmid for record in records}, tally.missing, tally.complete) == ({PMID}, 1, True)


@pytest.mark.parametrize("name", able(Ability.CITATIONS))
def test_reviews_that_cite_an_included_study_are_found(settled, session, name):
    """Each index gives what it holds of the documents that cite a study, all of it and nothing else."""
    records, tally = read(client(make_citation_index, name, settled, session).citing(DocumentIds(doi=DOI, pmid=PMID)))
    holdings = settled._around.holdings
    held = holdings.library(name).get(holdings.citations.citing[PMID], settled.as_of())
    assert tally.complete
    assert {record.title.rstrip(".") for record in records} == {each.record.title.rstrip(".") for each in held} != set()


@pytest.mark.parametrize("name", able(Ability.CITATIONS))
def test_a_document_that_is_not_held_is_missing_not_uncited(settled, session, name):
    """No citations of what a source does not know is no statement about it."""
    (page,) = client(make_citation_index, name, settled, session).citing(DocumentIds(doi="10.1000/none"))
    assert (page.reported, page.missing) == (1, ("10.1000/none",))


@pytest.mark.parametrize("name", able(Ability.CITATIONS))
@pytest.mark.parametrize("fault", ["500*", "html*", "empty*", "truncate*", "drop*"])
def test_a_broken_answer_is_never_an_uncited_document(settled, session, name, fault):
    """Whatever goes wrong on the way is an error."""
    settled.set_faults(f"{name}:{fault}")
    with pytest.raises(SourceError):
        list(client(make_citation_index, name, settled, session).citing(DocumentIds(pmid=PMID)))


def test_europe_pmc_lists_citations_page_by_page(settled, session, monkeypatch):
    """A long list is read to its end, an uncited article gives one page that says so, a title is not enough to ask."""
    monkeypatch.setattr("ivigil.sources.europepmc.api.CITATIONS_AT_ONCE", 4)
    europepmc = EuropePMC(session, base_url=settled.base_url("europepmc"))
    records, tally = read(europepmc.citing(DocumentIds(pmid=PMID)))
    assert tally.complete
    assert len(records) > 4
    assert settled.count("europepmc", f"MED/{PMID}/citations") == -(-len(records) // 4)
    uncited = next(name for name, _ in settled._around.holdings.citations.cited.items()
                   if name not in settled._around.holdings.citations.citing)  # fmt: skip
    assert read(europepmc.citing(DocumentIds(pmid=uncited)))[1].reported == 0
    with pytest.raises(QueryRejected, match="DOI or PMID"):
        list(europepmc.citing(DocumentIds(title=TITLE)))


def test_pubmed_looks_many_documents_up_in_two_calls(settled, session):
    """One search and one fetch serve a whole batch."""
    documents = [DocumentIds(pmid=PMID), DocumentIds(doi="10.5555/ivigil.90001001"), DocumentIds(doi="10.1000/none")]
    _, tally = read(PubMed(session, base_url=settled.base_url("pubmed")).look_up(documents))
    assert (tally.records, tally.missing, settled.count("pubmed")) == (2, 1, 2)


@pytest.mark.parametrize(
    ("record", "document", "answers"),
    [
        ({"doi": "10.1/a"}, DocumentIds(doi="10.1/A"), True),
        ({"doi": "10.1/a", "pmid": "1"}, DocumentIds(doi="10.1/b", pmid="1"), False),
        ({"pmid": "1"}, DocumentIds(doi="10.1/b", pmid="1"), True),
        ({"title": TITLE}, DocumentIds(title=TITLE.upper()), True),
        ({"title": TITLE, "doi": "10.1/a"}, DocumentIds(title=TITLE, doi="10.1/b"), False),
        ({"title": "Editorial."}, DocumentIds(title="Editorial"), False),
        ({"title": ""}, DocumentIds(title=""), False),
        ({"title": TITLE}, DocumentIds(pmid="1"), False),
    ],
)
def test_a_record_answers_for_a_document_only_where_nothing_speaks_against_it(record, document, answers):
    """Identifiers decide before titles, and a title must be distinctive."""
    assert is_answer(Record(source="x", source_id="1", **record), document) is answers
