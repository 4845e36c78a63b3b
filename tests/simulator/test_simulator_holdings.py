"""Each service holds its own part of the corpus, and the corpus cites itself."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from ivigil.simulator.citations import Citations
from ivigil.simulator.document import BEYOND, PREPRINT
from ivigil.simulator.holdings import COVERAGE, Holdings, drawn
from ivigil.simulator.numbering import identifier_of, number_of
from ivigil.simulator.query import Everything


def held(source):
    holdings = Holdings.written()
    return {each.document.identifier: each for each in holdings.library(source).answer(Everything(), holdings.last)}


def test_services_overlap_and_each_misses_some() -> None:
    """No two services hold the same, some documents are known to one alone, and PubMed has what it always had."""
    parts = {source: set(held(source)) for source in COVERAGE}
    assert parts["pubmed"] < parts["europepmc"]
    assert parts["pubmed"] - parts["openalex"]
    assert parts["openalex"] - parts["europepmc"]
    holders = Counter(name for part in parts.values() for name in part)
    assert any(name.startswith(BEYOND) and count == 1 for name, count in holders.items())


def test_every_service_has_the_included_studies_whole() -> None:
    """A canary that has a DOI is held everywhere, with its abstract."""
    labels = Holdings.written().labels
    for source in ("pubmed", "europepmc", "openalex", "crossref", "semanticscholar"):
        part = held(source)
        for name, label in labels.items():
            if label.included and held("pubmed")[name].record.doi:
                assert part[name].record.abstract, (source, name)


def test_some_services_show_some_abstracts_only() -> None:
    """Where publishers withhold abstracts, records are thin; elsewhere they are not."""
    shares = {source: sum(bool(each.record.abstract) for each in held(source).values()) / len(held(source))
              for source in ("pubmed", "openalex", "crossref")}  # fmt: skip
    assert shares["pubmed"] > shares["openalex"] > shares["crossref"] > 0.2


def test_a_service_sees_a_document_its_own_time_later() -> None:
    """A lag of three days hides a document for three days."""
    holdings = Holdings.written()
    document = next(each for each in holdings.documents if each.identifier in held("openalex"))
    library = holdings.library("openalex")
    first = document.arrives + timedelta(days=COVERAGE["openalex"].lag)
    assert library.get([document.identifier], first)
    assert not library.get([document.identifier], first - timedelta(days=1))


def test_draws_are_the_same_in_every_run_and_differ_by_service() -> None:
    """A draw depends on service and document alone."""
    assert drawn("openalex", "1") == drawn("openalex", "1") != drawn("crossref", "1")


def test_documents_cite_earlier_ones_and_reviews_cite_every_included_study() -> None:
    """Citations go back in time, are the same in every build, and lead to the included studies."""
    holdings = Holdings.written()
    arrives = {each.identifier: (each.arrives, each.identifier) for each in holdings.documents}
    citations = holdings.citations
    included = frozenset(name for name, label in holdings.labels.items() if label.included)
    assert citations == Citations.of(holdings.documents, included)
    assert all(arrives[one] < arrives[name] for name, cited in citations.cited.items() for one in cited)
    assert all(citations.citing.get(name) for name in included)
    assert all(name in citations.cited[one] for name, citing in citations.citing.items() for one in citing)


@pytest.mark.parametrize("identifier", ["23910617", "PPR900001", "EXT910001"])
def test_a_number_leads_back_to_its_document(identifier: str) -> None:
    """Numbers tell documents of every origin apart."""
    assert identifier_of(number_of(identifier)) == identifier
    assert {number_of(f"{origin}7")[0] for origin in ("", PREPRINT, BEYOND)} == {"4", "7", "8"}
