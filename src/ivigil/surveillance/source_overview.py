"""What each source is worth to the review: records, reports nobody else had, how late we see them, what all missed."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from ivigil.records import DatePrecision
from ivigil.store import Session, contributions
from ivigil.store.ledger import RECONCILIATION, SEARCH
from ivigil.surveillance.capture_recapture import Missed, missed_by_all
from ivigil.surveillance.context import Context
from ivigil.surveillance.source_states import SourceState, source_states

LAG_IS_OF = "records found by a search after the source's first, with a day of publication"


@dataclass(frozen=True)
class SourceWorth:
    """One source's contribution. `state` is None for what only export files brought."""

    source: str
    state: SourceState | None
    records: int
    reports: int
    unique_reports: int
    lag_days: float | None
    lag_records: int

    def as_json(self) -> dict[str, Any]:
        """The source as `ivigil sources --json` lists it."""
        own = (
            self.state.as_json() if self.state else {"source": self.source, "searched": False, "why_not": "from files"}
        )
        return own | {
            "records": self.records,
            "reports": self.reports,
            "unique_reports": self.unique_reports,
            "median_lag_days": self.lag_days,
            "lag_records": self.lag_records,
        }


@dataclass(frozen=True)
class Overview:
    """Every source, and how many reports all of them are estimated to have missed."""

    sources: tuple[SourceWorth, ...]
    missed: Missed

    def as_json(self) -> dict[str, Any]:
        """The overview as `ivigil sources --json` prints it."""
        return {
            "sources": [source.as_json() for source in self.sources],
            "missed": self.missed.as_json(),
            "lag_is_of": LAG_IS_OF,
        }


def overview(context: Context) -> Overview:
    """Read from the store what every source has brought. Changes nothing."""
    with context.store.transaction() as session:
        states = {state.source: state for state in source_states(context, session)}
        records = contributions.records_by_source(session)
        having = contributions.reports_by_source(session)
        by_search = contributions.reports_by_source(session, ways=(SEARCH, RECONCILIATION))
        names = [*states, *sorted(set(records) - set(states))]
        worth = [_worth(session, name, states.get(name), records.get(name, 0), having) for name in names]
    searched = {source for sources in by_search.values() for source in sources}
    return Overview(tuple(worth), missed_by_all(by_search.values(), len(searched)))


def _worth(
    session: Session, name: str, state: SourceState | None, records: int, having: dict[int, set[str]]
) -> SourceWorth:
    mine = [sources for sources in having.values() if name in sources]
    lags = [
        (seen.date() - when.earliest).days
        for record, seen in contributions.seen_later(session, name, SEARCH)
        if (when := record.first_published) is not None and when.precision is DatePrecision.DAY
    ]
    return SourceWorth(
        source=name,
        state=state,
        records=records,
        reports=len(mine),
        unique_reports=sum(len(sources) == 1 for sources in mine),
        lag_days=float(median(lags)) if lags else None,
        lag_records=len(lags),
    )
