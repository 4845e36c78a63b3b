"""The live sources by name, and how each is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivigil.errors import ConfigurationError
from ivigil.sources import europepmc, pubmed
from ivigil.sources.base import Source
from ivigil.sources.europepmc.api import BASE_URL as EUROPEPMC_URL
from ivigil.sources.pubmed.api import BASE_URL as PUBMED_URL
from ivigil.sources.session import PoliteSession


@dataclass(frozen=True)
class SourceKind:
    """One source there is a client for: how it is shown, where it lives, and whether it answers without a key."""

    title: str
    base_url: str
    needs_key: bool
    make: Callable[[PoliteSession, str, str | None, str | None], Source]
    """From session, base URL, API key and e-mail."""


def _pubmed(session: PoliteSession, base_url: str, api_key: str | None, email: str | None) -> Source:
    return pubmed.PubMed(session, base_url=base_url, email=email, api_key=api_key)


def _europepmc(session: PoliteSession, base_url: str, _: str | None, email: str | None) -> Source:
    return europepmc.EuropePMC(session, base_url=base_url, email=email)


SOURCES: dict[str, SourceKind] = {
    "pubmed": SourceKind("PubMed", PUBMED_URL, needs_key=False, make=_pubmed),
    "europepmc": SourceKind("Europe PMC", EUROPEPMC_URL, needs_key=False, make=_europepmc),
}


def make_source(
    name: str,
    *,
    session: PoliteSession,
    base_url: str | None = None,
    api_key: str | None = None,
    email: str | None = None,
) -> Source:
    """A client by its source's name; without `base_url`, at the source's own address.

    Raises:
        ConfigurationError: there is no such source, or it needs a key and has none.
    """
    kind = SOURCES.get(name)
    if kind is None:
        raise ConfigurationError(
            f"there is no source {name!r}; there are {', '.join(sorted(SOURCES))}", field="sources"
        )
    if kind.needs_key and not api_key:
        raise ConfigurationError(
            "not configured: it needs an API key",
            field=f"source.{name}.api_key",
            hint=f"set IVIGIL_{name.upper()}_API_KEY",
        )
    return kind.make(session, base_url or kind.base_url, api_key, email)
