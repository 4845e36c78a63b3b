"""Monthly: does the library hold all that a whole strategy matches? What the nightly windows lost is found and fetched.

The strategy's whole count is held against those of our records that its present answer still has. Where more match
than are held, the days that searches have asked for are searched again by year of publication, the newest first, until
the difference is filled. What no year fills lies before them (or has no date): that much is expected the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from ivigil.errors import ConfigurationError, SourceError
from ivigil.sources.base import DateField, SearchRequest, Window
from ivigil.store import Session, ledger, library
from ivigil.store.ledger import RECONCILIATION, SLICE
from ivigil.store.ledger_tables import SearchRow
from ivigil.surveillance.assessing import assess_reports
from ivigil.surveillance.context import Context
from ivigil.surveillance.lease import leased
from ivigil.surveillance.linking import link_records
from ivigil.surveillance.own_ids import askable
from ivigil.surveillance.ranking import score_reports
from ivigil.surveillance.searching import search_source

EVERY = timedelta(days=30)
RECORDS_A_NIGHT = 5_000
"""No further year is begun once so many records were fetched; the next night goes on."""


@dataclass(frozen=True)
class Reconciliation:
    """One source's whole strategy against what is held.

    `matched` by the strategy, `held` of these before, `found` now, `outside` the searched period as far as is known.
    Without an error and not `complete` it goes on the next night.
    """

    source: str
    matched: int = 0
    held: int = 0
    found: int = 0
    outside: int | None = None
    complete: bool = False
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The reconciliation as `ivigil reconcile --json` prints it."""
        return {
            "source": self.source,
            "matched": self.matched,
            "held": self.held,
            "found": self.found,
            "outside": self.outside,
            "complete": self.complete,
            "error": self.error,
        }


def reconcile_sources(
    context: Context, sources: Sequence[str] | None = None, *, progress: Callable[[str], None] = lambda _step: None
) -> list[Reconciliation]:
    """Reconcile these sources (default: all searched) now and to their end; what is found is linked and read.

    Raises:
        ConfigurationError: one of them is not searched.
        LeaseHeld: a run is at work.
    """
    searched = context.searched_sources()
    for name in sources or ():
        if name not in searched:
            raise ConfigurationError(f"{name!r} is not an enabled source with a strategy", field="--source")
    now = context.clock.now()
    with leased(context.store, context.clock) as lease:
        with context.store.transaction() as session:
            ledger.close_interrupted(session, now=now)
            run_id = ledger.open_run(session, RECONCILIATION, as_of=now, now=now)
        found = []
        for source in sources or searched:
            progress(f"reconciling {source}")
            lease.renew()
            found.append(reconcile(context, run_id, source, is_wanted=True, keep_lease=lease.renew))
        progress("linking, ranking and reading")
        with context.store.transaction() as session:
            linked = link_records(session, now=now)
        lease.renew()
        score_reports(context)
        reasons = [one.error for one in found if one.error]
        with context.store.transaction() as session:
            assess_reports(context, session)
            summary = {
                "reconciled": [one.as_json() for one in found],
                "new_records": sum(one.found for one in found),
                "new_reports": linked.new_reports,
            }
            status = ledger.PARTIAL if reasons else ledger.COMPLETE
            ledger.close_run(session, run_id, status=status, summary=summary, now=now, why="; ".join(reasons) or None)
    return found


def is_due(session: Session, source: str, query_hash: str, today: date) -> bool:
    """Whether a round is open, or the last one (at first: the first whole search) is a month ago."""
    rounds = ledger.searches_of_strategy(session, source, query_hash, kind=RECONCILIATION, limit=1)
    if rounds:
        return not rounds[0].complete or today - rounds[0].started_at.date() >= EVERY
    first = ledger.first_complete_search(session, source, query_hash)
    return first is not None and today - first.started_at.date() >= EVERY


def reconcile(
    context: Context, run_id: int, source: str, *, is_wanted: bool = False, keep_lease: Callable[[], None]
) -> Reconciliation:
    """One round, or the rest of one that was begun; a round that `is_wanted` by a person is not parted over nights.

    A failure is returned, not raised; the round stays open, and the years that were searched are not searched again.
    """
    strategy, today = context.protocol.strategies[source], context.clock.today()
    with context.store.transaction() as session:
        first_day = ledger.first_day_asked(session, source, SearchRequest(strategy, Window(today, today)).query_hash)
        if first_day is None:
            return Reconciliation(source, error=f"{source} was never searched whole: run ivigil bootstrap, or a night")
        whole = SearchRequest(strategy, _period(first_day, today), DateField.PUBLISHED)
        row_id, searched, expected = _open_round(session, run_id, source, whole, context)
        mine = askable(source, library.source_ids(session, source))
    keep_lease()
    try:
        client = context.source(source)
        matched = client.count(strategy)
        held = len(client.held(strategy, mine)) if mine else 0
    except SourceError as failure:
        return _note(context, row_id, Reconciliation(source, error=f"{type(failure).__name__}: {failure}"))
    so_far, fetched = Reconciliation(source, matched, held), 0
    for year in _years(whole.window):
        if matched - held - so_far.found <= expected:
            break
        if year in searched:
            continue
        if fetched >= RECORDS_A_NIGHT and not is_wanted:
            return _note(context, row_id, so_far)
        request = SearchRequest(strategy, year, DateField.PUBLISHED)
        outcome = search_source(context, run_id, source, request, kind=SLICE, keep_lease=keep_lease)
        so_far = replace(so_far, found=so_far.found + outcome.intake.new)
        fetched += outcome.fetched
        if outcome.error:
            return _note(context, row_id, replace(so_far, error=outcome.error))
    outside = max(0, matched - held - so_far.found)
    return _note(context, row_id, replace(so_far, outside=outside, complete=True))


def _open_round(
    session: Session, run_id: int, source: str, whole: SearchRequest, context: Context
) -> tuple[int, set[Window], int]:
    """The round's row, the years it has searched already, and how many matches are known to lie outside."""
    rounds = ledger.searches_of_strategy(session, source, whole.query_hash, kind=RECONCILIATION)
    expected = next((int(row.shortfall["outside"]) for row in rounds if row.complete), 0)
    if rounds and not rounds[0].complete:
        slices = ledger.searches_of_strategy(session, source, whole.query_hash, kind=SLICE, limit=1_000)
        done = {Window(row.window_start, row.window_end) for row in slices if row.complete and row.id > rounds[0].id}
        return rounds[0].id, done, expected
    row_id = ledger.open_search(session, run_id, source, whole, now=context.clock.now(), kind=RECONCILIATION)
    return row_id, set(), expected


def _note(context: Context, row_id: int, found: Reconciliation) -> Reconciliation:
    """Write what is known of a round into its row."""
    with context.store.transaction() as session:
        row = session.get_one(SearchRow, row_id)
        row.reported, row.fetched = found.matched, found.held
        row.new_records += found.found
        row.shortfall = {"outside": found.outside}
        row.complete, row.error = found.complete, found.error
        row.finished_at = context.clock.now() if found.complete else None
    return found


def _period(first_day: date, today: date) -> Window:
    """From the first day that any search asked for to the end of next year, as issues carry dates ahead.

    A review that was bootstrapped has asked from its own start on; one that was not does not get its past this way.
    """
    return Window(min(first_day, today), date(today.year + 1, 12, 31))


def _years(period: Window) -> list[Window]:
    years = range(period.end.year, period.start.year - 1, -1)
    return [Window(max(date(year, 1, 1), period.start), date(year, 12, 31)) for year in years]
