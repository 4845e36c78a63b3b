"""How each source stands: whether it is asked, what keeps it from being asked, and how far it was searched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ivigil.sources.base import SearchRequest, Window
from ivigil.sources.registry import SOURCES, Ability
from ivigil.store import Session, contributions, ledger
from ivigil.surveillance.canaries import unconfirmed_canaries
from ivigil.surveillance.context import Context
from ivigil.surveillance.health import Episode, episodes

HELPS = {
    Ability.RESOLVE: "fills in thin records",
    Ability.CITATIONS: "follows citations",
    Ability.REFERENCES: "reads reference lists",
    Ability.FULL_TEXT: "finds open full text",
}
"""What a source without a strategy is asked for, in plain words."""


@dataclass(frozen=True)
class SourceState:
    """One source; `why_not` says in plain words why it is not searched, None where it is.

    `unconfirmed` are the known studies that it was asked for and never yet seen to hold.
    """

    source: str
    title: str
    configured: bool
    enabled: bool
    searched: bool
    why_not: str | None
    complete_through: date | None = None
    last_complete_search: datetime | None = None
    failing: tuple[Episode, ...] = ()
    unconfirmed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The state as `ivigil status --json` lists it."""
        return {
            "source": self.source,
            "title": self.title,
            "configured": self.configured,
            "enabled": self.enabled,
            "searched": self.searched,
            "why_not": self.why_not,
            "complete_through": self.complete_through.isoformat() if self.complete_through else None,
            "last_complete_search": self.last_complete_search.isoformat() if self.last_complete_search else None,
            "failing": [episode.sentence for episode in self.failing],
            "canaries_unconfirmed": list(self.unconfirmed),
        }


def source_states(context: Context, session: Session) -> list[SourceState]:
    """Every source there is a client for, and any other that settings or protocol name; those that are asked first."""
    named = [*context.settings.sources, *SOURCES, *context.protocol.strategies]
    return [_state(context, session, name) for name in dict.fromkeys(named)]


def strategy_hash(context: Context, source: str) -> str:
    """The hash under which the ledger knows the present strategy of a source."""
    today = context.clock.today()
    return SearchRequest(context.protocol.strategies[source], Window(today, today)).query_hash


def _state(context: Context, session: Session, name: str) -> SourceState:
    title = SOURCES[name].title if name in SOURCES else name
    why = why_not_searched(context, name)
    is_configured = name in SOURCES and context.not_configured(name) is None
    enabled = name in context.settings.sources
    if why is not None:
        return SourceState(name, title, is_configured, enabled, searched=False, why_not=why)
    hashed = strategy_hash(context, name)
    return SourceState(
        name,
        title,
        is_configured,
        enabled,
        searched=True,
        why_not=None,
        complete_through=ledger.watermark(session, name, hashed),
        last_complete_search=contributions.last_complete_search(session, name, hashed),
        failing=tuple(episodes(session, name, hashed)),
        unconfirmed=unconfirmed_canaries(context, session, name),
    )


def why_not_searched(context: Context, name: str) -> str | None:
    """Why a source is not searched, in plain words; None where it is."""
    if name not in SOURCES:
        return "unknown: there is no client for it"
    if missing := context.not_configured(name):
        return missing
    abilities = SOURCES[name].abilities
    has_strategy = name in context.protocol.strategies and Ability.SEARCH in abilities
    helps = " and ".join(words for ability, words in HELPS.items() if ability in abilities)
    if name not in context.settings.sources:
        if has_strategy or not helps:
            return "not enabled: add it to IVIGIL_SOURCES"
        return f"not enabled; it {helps}"
    if has_strategy:
        return None
    lacks = "no strategy in the protocol" if Ability.SEARCH in abilities else "not a database to search"
    return f"{lacks}; it {helps}" if helps else lacks
