"""Whether the sources answer as they used to: doubtful answers, and sources that have failed for nights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from ivigil.errors import MalformedResponse
from ivigil.sources.base import DateField, Window
from ivigil.store import Session, ledger
from ivigil.store.ledger_tables import SearchRow
from ivigil.surveillance.plausibility import IMPROBABLE, chance_of_zero, risen

ZERO, SHAPE = "ImplausibleZero", "ChangedShape"
AT_ONCE = (ZERO, MalformedResponse.__name__)
NIGHTS_IN_A_ROW = 3
"""So many runs without a whole answer, and the team is told; a doubtful or garbled answer is told of at once."""


@dataclass(frozen=True)
class Episode:
    """A stretch of runs, up to the newest, in which a source's answers were not what they should be."""

    source: str
    kind: str
    first_run: int
    runs: int
    what: str

    @property
    def key(self) -> str:
        """The same for as long as the episode lasts."""
        return f"source_failing:{self.source}:{self.kind}:{self.first_run}"

    @property
    def sentence(self) -> str:
        """What is wrong, for people."""
        since = f" for {self.runs} runs in a row" if self.runs > 1 else ""
        return f"{self.source}{since}: {self.what}"

    @property
    def consequence(self) -> str:
        """What it means for the review."""
        if self.kind == SHAPE:
            return "Every record was taken in as it came; what they lack must be looked for by hand."
        return "Its window stays open and is asked for again every night; until then nothing new is known from there."


def implausible_zero(session: Session, search_id: int) -> str | None:
    """Why a search without any hit is not believed; None where it is.

    Going by the same strategy's earlier windows on the same source, zero must be less probable than one in a thousand.
    """
    row = session.get_one(SearchRow, search_id)
    if row.fetched or any(row.shortfall.get(name) for name in ("missing", "rejected")):
        return None
    past = [
        (Window(earlier.window_start, earlier.window_end), earlier.reported)
        for earlier in _earlier(session, row)
        if earlier.date_field == DateField.ENTERED.value and earlier.window_end <= row.window_end
    ]
    chance = chance_of_zero(past, Window(row.window_start, row.window_end))
    if chance >= IMPROBABLE:
        return None
    return (
        f"{ZERO}: {row.source}: no hits between {row.window_start} and {row.window_end}, where its earlier windows "
        f"make that improbable (p = {chance:.1g}); the window stays open"
    )


def shape_change(session: Session, search_id: int) -> str | None:
    """In which way a search's records lack far more than the strategy's earlier ones did; None where they do not."""
    row = session.get_one(SearchRow, search_id)
    before: Counter[str] = Counter()
    for earlier in _earlier(session, row):
        before.update(earlier.shortfall.get("lacking", {}))
    told = risen(before, row.shortfall.get("lacking", {}))
    return f"{SHAPE}: {row.source}: {'; '.join(told)}" if told else None


def episodes(session: Session, source: str, query_hash: str) -> list[Episode]:
    """What is wrong with a source now, going by its newest searches for a strategy."""
    found = []
    failed = _last_of_each_run(ledger.unanswered_searches(session, source, query_hash))
    if failed:
        error = failed[0].error or "the search did not reach its end"
        kind = error.partition(":")[0]
        if kind in AT_ONCE:
            alike = list(takewhile(lambda row: (row.error or "").startswith(kind), failed))
            found.append(Episode(source, kind, alike[-1].run_id, len(alike), error))
        elif len(failed) >= NIGHTS_IN_A_ROW:
            found.append(Episode(source, "no-answer", failed[-1].run_id, len(failed), error))
    runs = _last_of_each_run(ledger.searches_of_strategy(session, source, query_hash))
    changed = list(takewhile(_shape_changes, runs))
    if changed:
        found.append(Episode(source, SHAPE, changed[-1].run_id, len(changed), "; ".join(_shape_changes(changed[0]))))
    return found


def _earlier(session: Session, row: SearchRow) -> list[SearchRow]:
    """The strategy's complete searches before this one, newest first."""
    rows = ledger.searches_of_strategy(session, row.source, row.query_hash, kind=row.kind)
    return [earlier for earlier in rows if earlier.complete and earlier.id < row.id]


def _last_of_each_run(rows: Sequence[SearchRow]) -> list[SearchRow]:
    """Newest first; of a search that was tried again within a run only the last try."""
    return list({row.run_id: row for row in reversed(rows)}.values())[::-1]


def _shape_changes(row: SearchRow) -> list[str]:
    return [str(warning) for warning in row.warnings if str(warning).startswith(SHAPE)]
