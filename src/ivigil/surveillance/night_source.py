"""One source's part of a night: its search, what it changed, its canaries, and once a month its reconciliation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ivigil.sources.base import DateField, SearchRequest, Window
from ivigil.store import Session, ledger
from ivigil.store.library import Intake
from ivigil.surveillance.canaries import CanaryOutcome, check_canaries
from ivigil.surveillance.context import Context
from ivigil.surveillance.health import episodes
from ivigil.surveillance.reconciling import Reconciliation, is_due, reconcile
from ivigil.surveillance.searching import SearchOutcome, search_source
from ivigil.surveillance.source_alerts import raise_canary_alerts, raise_failing_alerts
from ivigil.surveillance.windows import night_window, sweep_window


@dataclass(frozen=True)
class SourceOutcome:
    """One source's part of a night; `swept` where its changed records were asked for."""

    search: SearchOutcome
    canaries: CanaryOutcome
    window: Window
    swept: SearchOutcome | None = None
    reconciled: Reconciliation | None = None
    alerts: int = 0

    @property
    def errors(self) -> list[str]:
        """Why the source's part is not whole."""
        name = self.search.source
        found = [f"{name}: {self.search.error}"] if self.search.error else []
        found += [f"{name} changed records: {self.swept.error}"] if self.swept and self.swept.error else []
        return found + ([f"{name} canaries: {self.canaries.error}"] if self.canaries.error else [])

    @property
    def intake(self) -> Intake:
        """What was new and changed, over search, sweep and reconciliation."""
        intake = self.search.intake + (self.swept.intake if self.swept else Intake())
        return intake + Intake(new=self.reconciled.found if self.reconciled else 0)

    def as_json(self) -> dict[str, Any]:
        """The part as `ivigil run --json` lists it under searches."""
        search = self.search
        return {
            "source": search.source,
            "query_hash": search.query_hash,
            "window": {"start": self.window.start.isoformat(), "end": self.window.end.isoformat()},
            "reported": search.reported,
            "fetched": search.fetched,
            **{key: value for key, value in asdict(search.intake).items() if key != "unchanged"},
            "complete": search.complete,
            "error": search.error,
            "swept": None
            if self.swept is None
            else {"reported": self.swept.reported, "changed": self.swept.intake.changed, "error": self.swept.error},
            "reconciled": self.reconciled.as_json() if self.reconciled else None,
        }


def search_night(context: Context, run_id: int, source: str, *, keep_lease: Callable[[], None]) -> SourceOutcome:
    """Search one source over its window, sweep it and reconcile it where that is due, and check its canaries."""
    strategy, today = context.protocol.strategies[source], context.clock.today()
    hashed = SearchRequest(strategy, Window(today, today)).query_hash
    with context.store.transaction() as session:
        through = ledger.watermark(session, source, hashed)
        changes = _changes_due(context, session, source, hashed)
        is_round_due = is_due(session, source, hashed, today)
    window = night_window(source, context.protocol.review.cutoff, through, today)
    request = SearchRequest(strategy, window, DateField.ENTERED)
    search = search_source(context, run_id, source, request, keep_lease=keep_lease)
    swept, reconciled = None, None
    if search.complete and changes is not None:
        sweep = SearchRequest(strategy, changes, DateField.REVISED)
        swept = search_source(context, run_id, source, sweep, kind=ledger.SWEEP, keep_lease=keep_lease)
    if search.complete and is_round_due:
        reconciled = reconcile(context, run_id, source, keep_lease=keep_lease)
    canaries = check_canaries(context, source)
    with context.store.transaction() as session:
        alerts = raise_canary_alerts(context, session, run_id, canaries)
        alerts += raise_failing_alerts(context, session, run_id, episodes(session, source, hashed))
        if canaries.studies:
            ledger.note_canaries(
                session, run_id, source, expected=canaries.expected, lost=canaries.lost, error=canaries.error
            )
    return SourceOutcome(search, canaries, window, swept, reconciled, alerts)


def _changes_due(context: Context, session: Session, source: str, query_hash: str) -> Window | None:
    """The days whose changes are asked for tonight; what the first whole search brought was current on its day."""
    sweeps = ledger.searches_of_strategy(session, source, query_hash, kind=ledger.SWEEP)
    first = ledger.first_complete_search(session, source, query_hash)
    last = next((row.window_end for row in sweeps if row.complete), first.started_at.date() if first else None)
    return None if last is None else sweep_window(source, last, context.clock.today())
