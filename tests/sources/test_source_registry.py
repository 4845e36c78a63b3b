"""The sources by name, and the arithmetic of pages."""

from __future__ import annotations

import pytest

from ivigil.errors import ConfigurationError
from ivigil.sources import registry
from ivigil.sources.base import Page, Payload, Tally
from ivigil.sources.registry import SOURCES, SourceKind, make_source

PAYLOAD = Payload(b"", "text/xml", "http://example.org/x")


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_each_listed_source_can_be_made_and_asked(name, session):
    """Every name gives a client with that name and all four methods, at the contract's address."""
    source = make_source(name, session=session, email="librarian@example.org")
    assert source.name == name
    assert all(callable(getattr(source, method)) for method in ("harvest", "count", "held", "fetch"))


def test_default_addresses_are_those_of_the_contract():
    """A source's base URL is what comes before its endpoints."""
    assert SOURCES["pubmed"].base_url == "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
    assert SOURCES["europepmc"].base_url == "https://www.ebi.ac.uk/europepmc/webservices/rest"


def test_an_unknown_source_is_refused_by_name(session):
    """A misspelt source lists those there are."""
    with pytest.raises(ConfigurationError, match="'pubmd'; there are europepmc, pubmed"):
        make_source("pubmd", session=session)


def test_a_source_without_its_key_is_not_configured(session, monkeypatch):
    """A source that needs a key says which setting is missing."""
    monkeypatch.setitem(
        registry.SOURCES, "locked", SourceKind("Locked", "https://example.org", needs_key=True, make=lambda *_: None)
    )
    with pytest.raises(ConfigurationError, match="needs an API key") as caught:
        make_source("locked", session=session)
    assert "IVIGIL_LOCKED_API_KEY" in caught.value.hint


def page(query, reported, **found):
    return Page(query=query, reported=reported, records=(), payload=PAYLOAD, **found)


def test_a_tally_adds_over_queries_and_takes_the_last_word_of_each():
    """Counts of slices add up; a count that moved is taken as last stated."""
    tally = Tally()
    assert not tally.complete  # nothing was asked, so nothing is known
    for one in (page("a", 3, missing=("1", "2")), page("a", 2), page("b", 1, rejected=(("3", "why"),))):
        tally.add(one)
    assert (tally.reported, tally.accounted, tally.complete) == (3, 3, True)
    tally.add(page("c", 1))
    assert not tally.complete


def test_a_stated_zero_is_complete():
    """One page that reports nothing is a whole answer."""
    tally = Tally()
    tally.add(page("a", 0))
    assert tally.complete
