"""Searches one source over one window, page by page, and says in the ledger what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from ivigil.errors import SourceError
from ivigil.sources.base import DateField, Page, SearchRequest
from ivigil.store import ledger, library
from ivigil.store.ledger_tables import SearchRow
from ivigil.store.library import Intake
from ivigil.surveillance.context import Context

log = logging.getLogger(__name__)

SEARCH = "search"


@dataclass(frozen=True)
class SearchOutcome:
    """What one search brought. `complete` only when every hit the source reported is accounted for."""

    source: str
    query_hash: str
    reported: int = 0
    fetched: int = 0
    complete: bool = False
    error: str | None = None
    intake: Intake = field(default_factory=Intake)


def search_source(
    context: Context,
    run_id: int,
    source: str,
    request: SearchRequest,
    *,
    keep_lease: Callable[[], None] = lambda: None,
) -> SearchOutcome:
    """Run one search to its end, or to its failure; a night's watermark moves only at a complete end.

    Each page is one transaction (payload, records, counts), so that a kill between pages loses nothing and the next
    search of the same window finds equal records. A failure is returned, not raised: other sources still run.
    `keep_lease` is called with every page, so that a search of any length keeps its run's lease.
    """
    with context.store.transaction() as session:
        search_id = ledger.open_search(session, run_id, source, request, now=context.clock.now())
    intake, error = Intake(), None
    reported_by_query: dict[str, int] = {}
    fetched = 0
    try:
        for position, page in enumerate(context.source(source).harvest(request)):
            keep_lease()
            reported_by_query[page.query] = page.reported
            fetched += len(page.records)
            intake += _keep_page(context, run_id, search_id, position, page, source)
            log.info(
                "page kept",
                extra={"run": run_id, "source": source, "page": position, "records": len(page.records)},
            )
    except SourceError as failure:
        error = f"{type(failure).__name__}: {failure}"
        log.warning("search incomplete", extra={"run": run_id, "source": source, "why": error})
    reported = sum(reported_by_query.values())
    with context.store.transaction() as session:
        row = session.get_one(SearchRow, search_id)
        row.complete, row.error, row.finished_at = error is None, error, context.clock.now()
        row.reported = reported
        if error is None and request.date_field is DateField.ENTERED:
            ledger.advance_watermark(session, source, request.query_hash, request.window.end, search_id)
    return SearchOutcome(source, request.query_hash, reported, fetched, error is None, error, intake)


def _keep_page(context: Context, run_id: int, search_id: int, position: int, page: Page, source: str) -> Intake:
    now = context.clock.now()
    with context.store.transaction() as session:
        ledger.keep_payload(session, search_id, position, page.payload)
        intake = library.take_in(session, page.records, run_id=run_id, way=SEARCH, now=now)
        library.withdraw(session, source, page.deleted, now)
        row = session.get_one(SearchRow, search_id)
        row.fetched += len(page.records)
        row.new_records += intake.new
        row.changed_records += intake.changed
        row.shortfall = {
            "missing": [*row.shortfall.get("missing", []), *page.missing],
            "rejected": [*row.shortfall.get("rejected", []), *(list(pair) for pair in page.rejected)],
        }
        row.warnings = list(dict.fromkeys([*row.warnings, *page.warnings]))
    return intake
