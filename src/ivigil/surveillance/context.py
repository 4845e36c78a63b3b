"""What every use case needs: settings, protocol, store, clock and the way to the sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ivigil.errors import ConfigurationError
from ivigil.protocol import Protocol
from ivigil.protocol_file import load_protocol
from ivigil.settings import Settings, load_settings
from ivigil.sources.base import CitationIndex, FullTextLocator, ReferenceLists, Resolver, Source
from ivigil.sources.registry import (
    SOURCES,
    Ability,
    Reach,
    make_citation_index,
    make_full_text_locator,
    make_reference_lists,
    make_resolver,
    make_source,
    missing_setting,
)
from ivigil.sources.session import PoliteSession
from ivigil.store import Store, open_store
from ivigil.surveillance.clock import Clock


@dataclass(frozen=True)
class Context:
    """One review at work: everything a use case touches is reached through this."""

    settings: Settings
    protocol: Protocol
    store: Store
    clock: Clock
    session: PoliteSession

    def searched_sources(self) -> list[str]:
        """Enabled sources that have a strategy and whatever setting they need; in the settings' order.

        Raises:
            ConfigurationError: an enabled source is unknown, or none can be searched.
        """
        searched = [name for name in self._able(Ability.SEARCH) if name in self.protocol.strategies]
        if not searched:
            raise ConfigurationError(
                f"no enabled source ({', '.join(self.enabled_sources())}) has a strategy in {self.protocol.name}",
                field="IVIGIL_SOURCES",
                hint=f"the protocol has strategies for: {', '.join(self.protocol.strategies)}",
            )
        return searched

    def enabled_sources(self) -> list[str]:
        """Sources that the settings name, and that have the key or address they need.

        A service that the settings do not name is never asked anything.

        Raises:
            ConfigurationError: an enabled source is unknown.
        """
        unknown = [name for name in self.settings.sources if name not in SOURCES]
        if unknown:
            raise ConfigurationError(
                f"{unknown[0]!r} is not a source",
                field="IVIGIL_SOURCES",
                hint=f"known sources: {', '.join(sorted(SOURCES))}",
            )
        return [name for name in self.settings.sources if self.not_configured(name) is None]

    def unconfigured_sources(self) -> dict[str, str]:
        """Sources that the settings name and that cannot be asked -> what is said of them."""
        named = [name for name in self.settings.sources if name in SOURCES]
        return {name: why for name in named if (why := self.not_configured(name))}

    def not_configured(self, name: str) -> str | None:
        """What is said of a known source that lacks a setting; None where it has all it needs."""
        reach = self._reach(name)
        missing = missing_setting(name, api_key=reach.get("api_key"), email=reach.get("email"))
        return f"not configured: set {missing}" if missing else None

    def source(self, name: str) -> Source:
        """A client of the source, at the address and with the key that are set."""
        return make_source(name, **self._reach(name))

    def citation_indexes(self) -> list[CitationIndex]:
        """The enabled sources that know what cites a document."""
        return [make_citation_index(name, **self._reach(name)) for name in self._able(Ability.CITATIONS)]

    def resolvers(self) -> list[Resolver]:
        """The enabled sources that find single documents."""
        return [make_resolver(name, **self._reach(name)) for name in self._able(Ability.RESOLVE)]

    def reference_lists(self) -> list[ReferenceLists]:
        """The enabled sources that know what a document cites."""
        return [make_reference_lists(name, **self._reach(name)) for name in self._able(Ability.REFERENCES)]

    def full_text_locators(self) -> list[FullTextLocator]:
        """The enabled sources that know where documents can be read freely."""
        return [make_full_text_locator(name, **self._reach(name)) for name in self._able(Ability.FULL_TEXT)]

    def _able(self, ability: Ability) -> list[str]:
        return [name for name in self.enabled_sources() if ability in SOURCES[name].abilities]

    def _reach(self, name: str) -> Reach:
        mine = self.settings.for_source(name)
        return Reach(
            session=self.session,
            base_url=mine.base_url,
            api_key=mine.api_key.get_secret_value() if mine.api_key else None,
            inst_token=mine.inst_token.get_secret_value() if mine.inst_token else None,
            email=self.settings.contact_email,
        )

    @property
    def criteria_hash(self) -> str:
        """SHA-256 (hex) of the criteria: a changed protocol is read anew, beside the old readings."""
        return self.protocol.criteria.digest

    @property
    def screener_folder(self) -> Path:
        """Where this protocol's screeners are kept."""
        return self.settings.models_folder / self.protocol.name

    @property
    def embedding_cache(self) -> Path:
        """Where sentence embeddings are kept between runs."""
        return self.settings.home / "cache" / "embeddings"


@contextmanager
def open_context(home: Path | None = None, *, as_of: date | datetime | None = None) -> Iterator[Context]:
    """Settings, protocol and store of a home folder, closed at the end of the block."""
    settings = load_settings(home)
    protocol = load_protocol(settings.protocol)
    store = open_store(settings.database)
    try:
        with PoliteSession(contact=settings.contact_email, user_agent=settings.user_agent) as session:
            yield Context(settings, protocol, store, Clock.at(as_of), session)
    finally:
        store.close()
