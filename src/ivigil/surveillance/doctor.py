"""Looks over one installation: is everything there that a night will need?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ivigil.alerts import subscribers_from
from ivigil.errors import IvigilError, SourceError
from ivigil.protocol_file import find_protocol
from ivigil.sources.registry import SOURCES
from ivigil.store import ledger
from ivigil.surveillance.context import Context, open_context
from ivigil.surveillance.inbox import INBOX, REJECTED, look_into
from ivigil.surveillance.ranking import load_champion
from ivigil.surveillance.source_states import why_not_searched


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str

    def as_json(self) -> dict[str, object]:
        """The check as `ivigil doctor --json` prints it."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


def examine(home: Path | None) -> list[Check]:
    """Every check that can be made; one that fails does not stop the others."""
    try:
        with open_context(home) as context:
            return [
                Check("settings", ok=True, detail=f"home {context.settings.home}"),
                _contact(context),
                Check(
                    "protocol", ok=True, detail=f"{context.protocol.name} ({find_protocol(context.settings.protocol)})"
                ),
                Check("database", ok=True, detail=context.store.engine.url.render_as_string(hide_password=True)),
                *(_source(context, name) for name in dict.fromkeys([*context.settings.sources, *SOURCES])),
                *_recommended(context),
                _inbox(context),
                _screener(context),
                _channels(context),
                _schedule(context),
            ]
    except IvigilError as error:
        return [Check("settings, protocol or database", ok=False, detail=str(error))]


def _contact(context: Context) -> Check:
    address = context.settings.contact_email
    detail = address or "not set: PubMed asks every client for one (IVIGIL_CONTACT_EMAIL)"
    return Check("contact e-mail", ok=address is not None, detail=detail)


def _source(context: Context, name: str) -> Check:
    check = _asked(context, name)
    caveat = SOURCES[name].caveat if name in SOURCES else None
    return replace(check, detail=f"{check.detail}; {caveat}") if caveat else check


def _asked(context: Context, name: str) -> Check:
    label = f"source {name}"
    if name not in SOURCES:
        return Check(label, ok=False, detail=f"unknown; known sources: {', '.join(sorted(SOURCES))}")
    if missing := context.not_configured(name):
        return Check(label, ok=name not in context.settings.sources, detail=missing)
    if why := why_not_searched(context, name):
        return Check(label, ok=True, detail=why)
    try:
        count = context.source(name).count(context.protocol.strategies[name])
    except SourceError as error:
        return Check(label, ok=False, detail=str(error))
    return Check(label, ok=True, detail=f"answers; the whole strategy matches {count} records")


def _recommended(context: Context) -> list[Check]:
    """Which sources would answer without a key, have a strategy and are not enabled."""
    free = [
        name
        for name, kind in SOURCES.items()
        if not kind.needs_key and name in context.protocol.strategies and name not in context.settings.sources
    ]
    if not free:
        return []
    wanted = ", ".join([*context.settings.sources, *free])
    said = f'{", ".join(free)} would answer without a key: set IVIGIL_SOURCES to "{wanted}"'
    return [Check("recommended", ok=True, detail=said)]


def _inbox(context: Context) -> Check:
    folder = context.settings.home / INBOX
    waiting = len(look_into(context.settings.home))
    rejected = sum(not file.name.endswith(".why.txt") for file in (folder / REJECTED).rglob("*") if file.is_file())
    said = f"export files laid into {folder} are imported nightly; {waiting} wait"
    return Check("inbox", ok=True, detail=f"{said}, {rejected} were rejected" if rejected else said)


def _screener(context: Context) -> Check:
    try:
        champion = load_champion(context)
    except IvigilError as error:
        return Check("screener", ok=False, detail=str(error))
    if champion is None:
        return Check(
            "screener", ok=True, detail="none trained yet: ranking by likeness to the criteria (ivigil bootstrap)"
        )
    return Check("screener", ok=True, detail=f"champion {champion[0].version}, its file is what its card says")


def _channels(context: Context) -> Check:
    try:
        names = [subscriber.channel.name for subscriber in subscribers_from(context.settings)]
    except IvigilError as error:
        return Check("notification", ok=False, detail=str(error))
    if not names:
        return Check("notification", ok=False, detail="no channel: alerts wait unseen (IVIGIL_NOTIFY)")
    return Check("notification", ok=True, detail=f"{', '.join(names)}; try them with: ivigil alerts test")


def _schedule(context: Context) -> Check:
    with context.store.transaction() as session:
        last = ledger.last_complete_run(session)
    if last is None:
        return Check("schedule", ok=True, detail="no night yet; ivigil serve schedules them")
    age = context.clock.now() - last.as_of
    fresh = age.total_seconds() <= context.settings.stale_after_hours * 3600
    return Check("schedule", ok=fresh, detail=f"last complete night {last.as_of:%Y-%m-%d %H:%M} UTC")
