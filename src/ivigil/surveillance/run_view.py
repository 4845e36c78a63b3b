"""One run of the ledger as its reader sees it: every search with its counts, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ivigil.errors import NotFound
from ivigil.store import ledger
from ivigil.store.ledger_tables import RunRow, SearchRow
from ivigil.surveillance.context import Context


@dataclass(frozen=True)
class SearchView:
    """One strategy on one source over one window."""

    source: str
    strategy: str
    date_field: str
    kind: str
    window: tuple[date, date]
    reported: int
    fetched: int
    new_records: int
    changed_records: int
    complete: bool
    error: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class RunView:
    """One run."""

    run_id: int
    kind: str
    as_of: datetime
    status: str
    why: str | None
    started_at: datetime
    finished_at: datetime | None
    summary: dict[str, Any]
    searches: tuple[SearchView, ...]

    @property
    def found_nothing(self) -> bool:
        """Whether a complete run brought nothing new: a statement that its searches prove."""
        return self.status == ledger.COMPLETE and not self.summary.get("new_records")


def view_run(context: Context, run_id: int) -> RunView:
    """A run with its searches.

    Raises:
        NotFound: no such run.
    """
    with context.store.reading() as session:
        row = session.get(RunRow, run_id)
        if row is None:
            raise NotFound(f"no run {run_id}")
        return _run(row, ledger.searches_of(session, run_id))


def list_runs(context: Context, limit: int = 60) -> list[RunView]:
    """Runs, newest first, with their searches."""
    with context.store.reading() as session:
        return [_run(row, ledger.searches_of(session, row.id)) for row in ledger.runs(session, limit=limit)]


def _run(row: RunRow, searches: list[SearchRow]) -> RunView:
    return RunView(
        run_id=row.id,
        kind=row.kind,
        as_of=row.as_of,
        status=row.status,
        why=row.why,
        started_at=row.started_at,
        finished_at=row.finished_at,
        summary=row.summary or {},
        searches=tuple(
            SearchView(
                source=search.source,
                strategy=search.strategy,
                date_field=search.date_field,
                kind=search.kind,
                window=(search.window_start, search.window_end),
                reported=search.reported,
                fetched=search.fetched,
                new_records=search.new_records,
                changed_records=search.changed_records,
                complete=search.complete,
                error=search.error,
                warnings=tuple(str(warning) for warning in search.warnings),
            )
            for search in searches
        ),
    )
