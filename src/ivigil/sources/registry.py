"""The live sources by name, and how each is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Required, TypedDict, Unpack

from ivigil.errors import ConfigurationError
from ivigil.sources import (
    clinicaltrials,
    crossref,
    embase,
    europepmc,
    openalex,
    pubmed,
    rxiv,
    scopus,
    semanticscholar,
    unpaywall,
    wos,
)
from ivigil.sources.base import CitationIndex, FullTextLocator, ReferenceLists, Resolver, Source
from ivigil.sources.clinicaltrials.api import BASE_URL as CLINICALTRIALS_URL
from ivigil.sources.crossref.api import BASE_URL as CROSSREF_URL
from ivigil.sources.embase.api import BASE_URL as EMBASE_URL
from ivigil.sources.europepmc.api import BASE_URL as EUROPEPMC_URL
from ivigil.sources.openalex.api import BASE_URL as OPENALEX_URL
from ivigil.sources.pubmed.api import BASE_URL as PUBMED_URL
from ivigil.sources.rxiv.api import BASE_URL as RXIV_URL
from ivigil.sources.scopus.api import BASE_URL as SCOPUS_URL
from ivigil.sources.semanticscholar.api import BASE_URL as SEMANTICSCHOLAR_URL
from ivigil.sources.session import PoliteSession
from ivigil.sources.unpaywall.api import BASE_URL as UNPAYWALL_URL
from ivigil.sources.wos.api import BASE_URL as WOS_URL


class Ability(StrEnum):
    """What a source can be asked for; each is a protocol of `base`."""

    SEARCH = "search"
    """A strategy over a window (`Source`)."""
    RESOLVE = "resolve"
    """Single documents by what is known of them (`Resolver`)."""
    CITATIONS = "citations"
    """What cites a document (`CitationIndex`)."""
    REFERENCES = "references"
    """What a document cites (`ReferenceLists`)."""
    FULL_TEXT = "full_text"
    """Where a document can be read freely (`FullTextLocator`)."""


@dataclass(frozen=True)
class SourceKind:
    """One source there is a client for: how it is shown, where it lives, what it needs and what it can do."""

    title: str
    base_url: str
    needs_key: bool
    make: Callable[..., object]
    """From session, base URL, API key and e-mail, and an institution's token where it `takes_token`; gives a client
    with every one of its abilities."""
    abilities: frozenset[Ability] = frozenset({Ability.SEARCH})
    needs_email: bool = False
    takes_token: bool = False
    caveat: str | None = None
    """What a person should know before relying on it."""


class Reach(TypedDict, total=False):
    """How a source is reached; without `base_url`, at its own address."""

    session: Required[PoliteSession]
    base_url: str | None
    api_key: str | None
    email: str | None
    inst_token: str | None


def _pubmed(session: PoliteSession, base_url: str, api_key: str | None, email: str | None) -> Source:
    return pubmed.PubMed(session, base_url=base_url, email=email, api_key=api_key)


def _europepmc(session: PoliteSession, base_url: str, _: str | None, email: str | None) -> Source:
    return europepmc.EuropePMC(session, base_url=base_url, email=email)


def _clinicaltrials(session: PoliteSession, base_url: str, *_: str | None) -> Source:
    return clinicaltrials.ClinicalTrials(session, base_url=base_url)


def _scopus(session: PoliteSession, base_url: str, api_key: str, _: str | None, token: str | None) -> Source:
    return scopus.Scopus(session, api_key=api_key, base_url=base_url, inst_token=token)


def _wos(session: PoliteSession, base_url: str, api_key: str, _: str | None) -> Source:
    return wos.WebOfScience(session, api_key=api_key, base_url=base_url)


def _embase(session: PoliteSession, base_url: str, api_key: str, _: str | None, token: str | None) -> Source:
    return embase.Embase(session, api_key=api_key, base_url=base_url, inst_token=token)


def _rxiv(session: PoliteSession, base_url: str, *_: str | None) -> Resolver:
    return rxiv.Rxiv(session, base_url=base_url)


def _crossref(session: PoliteSession, base_url: str, _: str | None, email: str | None) -> object:
    return crossref.Crossref(session, base_url=base_url, email=email)


def _openalex(session: PoliteSession, base_url: str, api_key: str | None, _: str | None) -> object:
    return openalex.OpenAlex(session, base_url=base_url, api_key=api_key)


def _semanticscholar(session: PoliteSession, base_url: str, api_key: str, _: str | None) -> object:
    return semanticscholar.SemanticScholar(session, api_key=api_key, base_url=base_url)


def _unpaywall(session: PoliteSession, base_url: str, _: str | None, email: str) -> object:
    return unpaywall.Unpaywall(session, email=email, base_url=base_url)


SOURCES: dict[str, SourceKind] = {
    "pubmed": SourceKind(
        "PubMed",
        PUBMED_URL,
        needs_key=False,
        make=_pubmed,
        abilities=frozenset({Ability.SEARCH, Ability.RESOLVE}),
    ),
    "europepmc": SourceKind(
        "Europe PMC",
        EUROPEPMC_URL,
        needs_key=False,
        make=_europepmc,
        abilities=frozenset({Ability.SEARCH, Ability.RESOLVE, Ability.CITATIONS}),
    ),
    "clinicaltrials": SourceKind("ClinicalTrials.gov", CLINICALTRIALS_URL, needs_key=False, make=_clinicaltrials),
    "scopus": SourceKind("Scopus", SCOPUS_URL, needs_key=True, make=_scopus, takes_token=True),
    "wos": SourceKind("Web of Science", WOS_URL, needs_key=True, make=_wos),
    "embase": SourceKind(
        "Embase (not verified)",
        EMBASE_URL,
        needs_key=True,
        make=_embase,
        takes_token=True,
        caveat="its client was not verified against the live service; export files are the supported way in",
    ),
    "rxiv": SourceKind(
        "bioRxiv and medRxiv", RXIV_URL, needs_key=False, make=_rxiv, abilities=frozenset({Ability.RESOLVE})
    ),
    "crossref": SourceKind(
        "Crossref",
        CROSSREF_URL,
        needs_key=False,
        make=_crossref,
        abilities=frozenset({Ability.RESOLVE, Ability.REFERENCES}),
    ),
    "openalex": SourceKind(
        "OpenAlex",
        OPENALEX_URL,
        needs_key=False,
        make=_openalex,
        abilities=frozenset({Ability.SEARCH, Ability.RESOLVE, Ability.CITATIONS, Ability.REFERENCES}),
    ),
    "semanticscholar": SourceKind(
        "Semantic Scholar",
        SEMANTICSCHOLAR_URL,
        needs_key=True,
        make=_semanticscholar,
        abilities=frozenset({Ability.SEARCH, Ability.RESOLVE, Ability.CITATIONS}),
    ),
    "unpaywall": SourceKind(
        "Unpaywall",
        UNPAYWALL_URL,
        needs_key=False,
        make=_unpaywall,
        abilities=frozenset({Ability.FULL_TEXT}),
        needs_email=True,
    ),
}


def able(ability: Ability) -> tuple[str, ...]:
    """The sources with that ability, in the order of the list."""
    return tuple(name for name, kind in SOURCES.items() if ability in kind.abilities)


def missing_setting(name: str, *, api_key: str | None, email: str | None) -> str | None:
    """The setting without which this source cannot be asked; None where it is configured."""
    kind = SOURCES[name]
    if kind.needs_key and not api_key:
        return f"IVIGIL_{name.upper()}_API_KEY"
    return "IVIGIL_CONTACT_EMAIL" if kind.needs_email and not email else None


def make_source(name: str, **reach: Unpack[Reach]) -> Source:
    """A client that searches.

    Raises:
        ConfigurationError: there is no such source, it cannot be searched, or it is not configured; this holds for the
            other `make_` functions too.
    """
    client: Source = _make(name, Ability.SEARCH, **reach)
    return client


def make_resolver(name: str, **reach: Unpack[Reach]) -> Resolver:
    """A client that looks up single documents."""
    client: Resolver = _make(name, Ability.RESOLVE, **reach)
    return client


def make_citation_index(name: str, **reach: Unpack[Reach]) -> CitationIndex:
    """A client that knows what cites a document."""
    client: CitationIndex = _make(name, Ability.CITATIONS, **reach)
    return client


def make_reference_lists(name: str, **reach: Unpack[Reach]) -> ReferenceLists:
    """A client that knows what a document cites."""
    client: ReferenceLists = _make(name, Ability.REFERENCES, **reach)
    return client


def make_full_text_locator(name: str, **reach: Unpack[Reach]) -> FullTextLocator:
    """A client that knows where documents can be read freely."""
    client: FullTextLocator = _make(name, Ability.FULL_TEXT, **reach)
    return client


def _make(name: str, ability: Ability, **reach: Unpack[Reach]) -> Any:
    kind = SOURCES.get(name)
    if kind is None:
        raise ConfigurationError(
            f"there is no source {name!r}; there are {', '.join(sorted(SOURCES))}", field="sources"
        )
    if ability not in kind.abilities:
        raise ConfigurationError(
            f"{name} has not the ability '{ability}'; these have: {', '.join(able(ability))}", field="sources"
        )
    api_key, email = reach.get("api_key"), reach.get("email")
    if missing := missing_setting(name, api_key=api_key, email=email):
        needed = "an e-mail address" if missing == "IVIGIL_CONTACT_EMAIL" else "an API key"
        raise ConfigurationError(
            f"not configured: it needs {needed}",
            field="contact_email" if missing == "IVIGIL_CONTACT_EMAIL" else f"source.{name}.api_key",
            hint=f"set {missing}",
        )
    token = (reach.get("inst_token"),) if kind.takes_token else ()
    return kind.make(reach["session"], reach.get("base_url") or kind.base_url, api_key, email, *token)
