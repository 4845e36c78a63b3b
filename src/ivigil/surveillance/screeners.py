"""The screeners that were trained, and going back to an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivigil.errors import ConfigurationError, NotFound
from ivigil.store import ranked
from ivigil.surveillance.context import Context
from ivigil.surveillance.lease import leased
from ivigil.surveillance.ranking import load_row, score_reports


@dataclass(frozen=True)
class ScreenerView:
    """A trained screener, its card, and whether it ranks the list today."""

    version: str
    trained_at: datetime
    sha256: str
    card: dict[str, Any]
    champion: bool


@dataclass(frozen=True)
class Promotion:
    """A screener becoming champion."""

    version: str
    why: str
    at: datetime


def list_screeners(context: Context) -> list[ScreenerView]:
    """Every screener of the protocol, newest first."""
    with context.store.reading() as session:
        champion = ranked.champion(session, context.protocol.name)
        return [
            ScreenerView(
                row.version, row.trained_at, row.sha256, row.card, champion is not None and row.id == champion.id
            )
            for row in reversed(ranked.screeners(session, context.protocol.name))
        ]


def list_promotions(context: Context) -> list[Promotion]:
    """Who was champion since when, and why; newest first."""
    with context.store.reading() as session:
        return [
            Promotion(version, row.why, row.promoted_at)
            for version, row in reversed(ranked.promotions(session, context.protocol.name))
        ]


def roll_back(context: Context, version: str, *, reviewer: str) -> None:
    """Make an earlier screener champion again: its scores were kept, and what it has not scored is scored.

    Raises:
        NotFound: no such screener.
        ConfigurationError: it is champion already.
        ModelMismatch: its file is gone or changed; the champion stays.
        LeaseHeld: a run is at work.
    """
    with leased(context.store, context.clock):
        with context.store.transaction() as session:
            rows = {row.version: row for row in ranked.screeners(session, context.protocol.name)}
            champion = ranked.champion(session, context.protocol.name)
        if champion is not None and champion.version == version:
            raise ConfigurationError(f"{version} is champion already", field="VERSION")
        if version not in rows:
            raise NotFound(f"no screener {version}", hint=f"there are: {', '.join(rows) or 'none'}")
        load_row(context, rows[version])
        with context.store.transaction() as session:
            ranked.promote(session, rows[version].id, f"taken back by {reviewer}", context.clock.now())
        score_reports(context)
