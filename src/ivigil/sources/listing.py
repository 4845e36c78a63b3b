"""Lists that are read page by page from an index that may move under the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count as counting

from ivigil.errors import IncompleteSearch, SearchContext
from ivigil.records import Record
from ivigil.sources.base import Page, Payload
from ivigil.sources.identifiers import names_of
from ivigil.sources.session import log_page

READINGS = 2
NEXT_RUN = "the window stays open; the next run covers it"


@dataclass(frozen=True)
class Batch:
    """One page of a list: how many the whole list counts at this moment, and what stands on this page.

    `rejected` pairs an id (or '#' and its place on the page) with why the entry cannot be read.
    """

    payload: Payload
    total: int
    records: tuple[Record, ...]
    rejected: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Entries on this page, readable or not."""
        return len(self.records) + len(self.rejected)


def read_whole(
    query: str, reading: Callable[[int], Iterator[Batch]], context: SearchContext, *, readings: int = READINGS
) -> Iterator[Page]:
    """Yield a list's pages; `reading(n)` reads it once from its beginning, n counting from 0.

    A reading that does not end at the total its last page states is made once more, and what it adds is yielded: in a
    live index an entry may slip from a page not yet read to one that was. Each entry is yielded once.

    Raises:
        IncompleteSearch: no reading ended at the total.
    """
    known: set[str] = set()
    numbers = counting(1)
    for attempt in range(readings):
        seen: set[str] = set()
        total = 0
        for place, batch in enumerate(reading(attempt)):
            total = batch.total
            records = {record.source_id: record for record in batch.records if record.source_id not in known}
            rejected = {name: why for name, why in batch.rejected if name not in known}
            known.update(records)
            known.update(name for name in rejected if not name.startswith("#"))
            seen.update(record.source_id for record in batch.records)
            seen.update(f"{place}{name}" if name.startswith("#") else name for name, _ in batch.rejected)
            page = Page(
                query=query,
                reported=total,
                records=tuple(records.values()),
                payload=batch.payload,
                rejected=tuple(rejected.items()),
                warnings=batch.warnings,
            )
            log_page(context, next(numbers), page)
            yield page
        if len(seen) == total:
            return
    raise IncompleteSearch(
        f"{len(seen)} of {total} records came, in {readings} readings",
        context=context,
        reported=total,
        fetched=len(seen),
        hint=NEXT_RUN,
    )


def page_of(query: str, wanted: Sequence[str], batches: Sequence[Batch]) -> Page:
    """The records asked for by name out of a short list; what does not stand on it is `missing`."""
    records = {
        record.source_id: record
        for batch in batches
        for record in batch.records
        if not names_of(record).isdisjoint(wanted)
    }
    rejected = {name: why for batch in batches for name, why in batch.rejected if name in wanted}
    found = {name for record in records.values() for name in names_of(record)} | set(rejected)
    return Page(
        query=query,
        reported=len(wanted),
        records=tuple(records.values()),
        payload=batches[-1].payload,
        missing=tuple(name for name in wanted if name not in found),
        rejected=tuple(rejected.items()),
    )


def names_on(batches: Sequence[Batch], wanted: Sequence[str]) -> frozenset[str]:
    """Which of the wanted names stand on a list."""
    found = {name for batch in batches for record in batch.records for name in names_of(record)}
    return frozenset(found.intersection(wanted))


def in_batches(identifiers: Sequence[str], size: int) -> Iterator[list[str]]:
    """The distinct identifiers, so many at a time."""
    distinct = list(dict.fromkeys(identifiers))
    return (distinct[start : start + size] for start in range(0, len(distinct), size))
