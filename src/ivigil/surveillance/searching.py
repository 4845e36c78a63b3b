"""Asks one source one question and takes the answer in, page by page; the ledger says what came of it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ivigil.errors import SourceError
from ivigil.records import Record
from ivigil.sources.base import DateField, Page, SearchRequest
from ivigil.store import Session, ledger, library
from ivigil.store.ledger import RECONCILIATION, SEARCH, SLICE
from ivigil.store.ledger_tables import SearchRow
from ivigil.store.library import Intake
from ivigil.surveillance.context import Context
from ivigil.surveillance.health import implausible_zero, shape_change
from ivigil.surveillance.plausibility import lacking

log = logging.getLogger(__name__)

WAYS = {SLICE: RECONCILIATION}
"""What a record that only a reconciliation found is said to have been found by."""


@dataclass(frozen=True)
class SearchOutcome:
    """What one question brought. `complete` only when every hit the source reported is accounted for.

    `unread` counts entries that could not be read, and warnings: something may be hidden behind either.
    """

    source: str
    query_hash: str
    reported: int = 0
    fetched: int = 0
    complete: bool = False
    error: str | None = None
    intake: Intake = field(default_factory=Intake)
    unread: int = 0


@dataclass(frozen=True)
class LookUp:
    """A question that is no search over a window; `asked` says it in words, for the ledger.

    `way` is how a record that was not held is said to have been found. `wants` may leave a record out, which is then
    counted as 'unlike'. `withdraws_missing`: what a fetch by id does not bring, its source has given up.
    """

    source: str
    kind: str
    asked: str
    way: str
    pages: Callable[[], Iterator[Page]]
    wants: Callable[[Session, Record], bool] | None = None
    withdraws_missing: bool = False


@dataclass(frozen=True)
class _Answer:
    """Where an answer goes: its row in the ledger, and what is done with its records."""

    run_id: int
    search_id: int
    source: str
    way: str = SEARCH
    wants: Callable[[Session, Record], bool] | None = None
    withdraws_missing: bool = False


def search_source(
    context: Context,
    run_id: int,
    source: str,
    request: SearchRequest,
    *,
    kind: str = SEARCH,
    keep_lease: Callable[[], None] = lambda: None,
) -> SearchOutcome:
    """Run one search to its end, or to its failure; a night's watermark moves only at a complete end.

    Each page is one transaction (payload, records, counts), so that a kill between pages loses nothing and the next
    search of the same window finds equal records. A failure is returned, not raised: other sources still run.
    `keep_lease` is called with every page, so that a search of any length keeps its run's lease.
    """
    with context.store.transaction() as session:
        search_id = ledger.open_search(session, run_id, source, request, now=context.clock.now(), kind=kind)
    answer = _Answer(run_id, search_id, source, WAYS.get(kind, SEARCH))
    found = _take_answer(context, answer, lambda: context.source(source).harvest(request), keep_lease)
    with context.store.transaction() as session:
        is_nights = kind == SEARCH and request.date_field is DateField.ENTERED
        if found.complete and is_nights and (doubt := implausible_zero(session, search_id)):
            found = replace(found, complete=False, error=doubt)
        _close(context, session, search_id, found)
        if found.complete and is_nights:
            ledger.advance_watermark(session, source, request.query_hash, request.window.end, search_id)
    return replace(found, query_hash=request.query_hash)


def ask_source(
    context: Context, run_id: int, look_up: LookUp, *, keep_lease: Callable[[], None] = lambda: None
) -> SearchOutcome:
    """Ask what is no search over a window, and take the answer in as `search_source` does."""
    with context.store.transaction() as session:
        search_id = ledger.open_lookup(
            session, run_id, look_up.source, look_up.asked, kind=look_up.kind, now=context.clock.now()
        )
    answer = _Answer(run_id, search_id, look_up.source, look_up.way, look_up.wants, look_up.withdraws_missing)
    found = _take_answer(context, answer, look_up.pages, keep_lease)
    with context.store.transaction() as session:
        _close(context, session, search_id, found)
    return found


def _take_answer(
    context: Context, answer: _Answer, pages: Callable[[], Iterator[Page]], keep_lease: Callable[[], None]
) -> SearchOutcome:
    intake, fetched, unread, error = Intake(), 0, 0, None
    reported_by_query: dict[str, int] = {}
    about = {"run": answer.run_id, "source": answer.source}
    try:
        for position, page in enumerate(pages()):
            keep_lease()
            reported_by_query[page.query] = page.reported
            fetched += len(page.records)
            unread += len(page.rejected) + len(page.warnings)
            intake += _keep_page(context, answer, position, page)
            log.info("page kept", extra=about | {"page": position, "records": len(page.records)})
    except SourceError as failure:
        error = f"{type(failure).__name__}: {failure}"
        log.warning("not answered in full", extra=about | {"why": error})
    reported = sum(reported_by_query.values())
    return SearchOutcome(answer.source, "", reported, fetched, error is None, error, intake, unread)


def _close(context: Context, session: Session, search_id: int, found: SearchOutcome) -> None:
    row = session.get_one(SearchRow, search_id)
    row.complete, row.error, row.finished_at = found.complete, found.error, context.clock.now()
    row.reported = found.reported
    if found.complete and (change := shape_change(session, search_id)):
        row.warnings = [*row.warnings, change]


def _keep_page(context: Context, answer: _Answer, position: int, page: Page) -> Intake:
    now = context.clock.now()
    with context.store.transaction() as session:
        ledger.keep_payload(session, answer.search_id, position, page.payload)
        wanted = [record for record in page.records if answer.wants is None or answer.wants(session, record)]
        intake = library.take_in(session, wanted, run_id=answer.run_id, way=answer.way, now=now)
        gone = [*page.deleted, *page.missing] if answer.withdraws_missing else page.deleted
        library.withdraw(session, answer.source, gone, now)
        row = session.get_one(SearchRow, answer.search_id)
        row.fetched += len(page.records)
        row.new_records += intake.new
        row.changed_records += intake.changed
        row.shortfall = _shortfall(row.shortfall, page, unlike=len(page.records) - len(wanted))
        row.warnings = list(dict.fromkeys([*row.warnings, *page.warnings]))
    return intake


def _shortfall(before: dict[str, Any], page: Page, *, unlike: int) -> dict[str, Any]:
    """What did not come, or not whole, over all pages so far."""
    missed = Counter(before.get("lacking", {}))
    missed.update(lacking(page.records))
    return {
        "missing": [*before.get("missing", []), *page.missing],
        "rejected": [*before.get("rejected", []), *(list(pair) for pair in page.rejected)],
        "lacking": dict(missed),
        "unlike": before.get("unlike", 0) + unlike,
    }
