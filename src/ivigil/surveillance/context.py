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
from ivigil.sources.base import Source
from ivigil.sources.registry import SOURCES, make_source
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
        """Enabled sources that have a strategy, in the settings' order.

        Raises:
            ConfigurationError: an enabled source is unknown, or none can be searched.
        """
        unknown = [name for name in self.settings.sources if name not in SOURCES]
        if unknown:
            raise ConfigurationError(
                f"{unknown[0]!r} is not a source",
                field="IVIGIL_SOURCES",
                hint=f"known sources: {', '.join(sorted(SOURCES))}",
            )
        searched = [name for name in self.settings.sources if name in self.protocol.strategies]
        if not searched:
            raise ConfigurationError(
                f"none of {', '.join(self.settings.sources)} has a strategy in protocol {self.protocol.name}",
                field="IVIGIL_SOURCES",
                hint=f"the protocol has strategies for: {', '.join(self.protocol.strategies)}",
            )
        return searched

    def source(self, name: str) -> Source:
        """A client of the source, at the address and with the key that are set."""
        mine = self.settings.for_source(name)
        return make_source(
            name,
            base_url=mine.base_url,
            api_key=mine.api_key.get_secret_value() if mine.api_key else None,
            inst_token=mine.inst_token.get_secret_value() if mine.inst_token else None,
            email=self.settings.contact_email,
            session=self.session,
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
