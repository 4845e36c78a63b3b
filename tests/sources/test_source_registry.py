"""The sources by name, and the arithmetic of pages."""

from __future__ import annotations

import pytest

from ivigil.errors import ConfigurationError
from ivigil.sources import registry
from ivigil.sources.base import Page, Payload, Tally
from ivigil.sources.registry import (
    SOURCES,
    Ability,
    SourceKind,
    able,
    make_citation_index,
    make_full_text_locator,
    make_reference_lists,
    make_resolver,
    make_source,
    missing_setting,
)

PAYLOAD = Payload(b"", "text/xml", "http://example.org/x")


MAKERS = {
    Ability.SEARCH: (make_source, ("harvest", "count", "held", "fetch")),
    Ability.RESOLVE: (make_resolver, ("look_up",)),
    Ability.CITATIONS: (make_citation_index, ("citing",)),
    Ability.REFERENCES: (make_reference_lists, ("references",)),
    Ability.FULL_TEXT: (make_full_text_locator, ("locate",)),
}


@pytest.mark.parametrize(("name", "ability"), [(name, ability) for ability in Ability for name in able(ability)])
def test_each_listed_source_can_be_made_and_asked(name, ability, session):
    """Every name gives a client with that name and the methods of each ability it has."""
    make, methods = MAKERS[ability]
    client = make(name, session=session, api_key="k-1", email="librarian@example.org")
    assert client.name == name
    assert all(callable(getattr(client, method)) for method in methods)


def test_default_addresses_are_those_of_the_contract():
    """A source's base URL is what comes before its endpoints."""
    assert SOURCES["pubmed"].base_url == "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
    assert SOURCES["europepmc"].base_url == "https://www.ebi.ac.uk/europepmc/webservices/rest"


def test_an_unknown_source_is_refused_by_name(session):
    """A misspelt source lists those there are."""
    with pytest.raises(ConfigurationError, match=r"no source 'pubmd'; there are .*europepmc.*pubmed"):
        make_source("pubmd", session=session)


def test_a_source_without_its_key_is_not_configured(session, monkeypatch):
    """A source that needs a key says which setting is missing, asked kindly or not."""
    locked = SourceKind("Locked", "https://example.org", needs_key=True, make=lambda *_: None)
    monkeypatch.setitem(registry.SOURCES, "locked", locked)
    assert missing_setting("locked", api_key=None, email="a@b.org") == "IVIGIL_LOCKED_API_KEY"
    assert missing_setting("locked", api_key="k", email=None) is None
    with pytest.raises(ConfigurationError, match="needs an API key") as caught:
        make_source("locked", session=session)
    assert "IVIGIL_LOCKED_API_KEY" in caught.value.hint


def test_a_source_without_its_e_mail_is_not_configured(session, monkeypatch):
    """A source that wants to know who asks names the setting of the address."""
    shy = SourceKind("Shy", "https://example.org", needs_key=False, make=lambda *_: None, needs_email=True)
    monkeypatch.setitem(registry.SOURCES, "shy", shy)
    assert missing_setting("shy", api_key=None, email=None) == "IVIGIL_CONTACT_EMAIL"
    with pytest.raises(ConfigurationError, match="needs an e-mail address"):
        make_source("shy", session=session)


def test_an_ability_a_source_has_not_is_refused(session):
    """Asking a source for what it cannot do names those that can."""
    with pytest.raises(ConfigurationError, match="pubmed has not the ability 'full_text'"):
        make_full_text_locator("pubmed", session=session)


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
