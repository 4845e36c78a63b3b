"""Lists: their entries, their pages from the first cursor to the last, and the whole of an index that may move."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count as counting
from typing import Any, Self

from ivigil.errors import IncompleteSearch, SearchContext
from ivigil.records import Record
from ivigil.sources.base import Page, Payload
from ivigil.sources.identifiers import names_of
from ivigil.sources.json_answers import why_unreadable

log = logging.getLogger(__name__)
READINGS = 2
NEXT_RUN = "the window stays open; the next run covers it"


@dataclass(frozen=True)
class Entries:
    """What stands on one page, read: the entries' ids in order, the records, and what cannot be read with why.

    An entry that has no id stands in `ids` and `rejected` as `#` and its place.
    """

    ids: tuple[str, ...]
    records: tuple[Record, ...]
    rejected: tuple[tuple[str, str], ...]


def read_entries(
    entries: Iterable[Any], read: Callable[[Any], Record], *, name_of: Callable[[Any], str | None] = lambda _: None
) -> Entries:
    """Read each entry; one of a shape that is not documented is rejected alone. `name_of` must bear any shape."""
    ids: list[str] = []
    records: list[Record] = []
    rejected: list[tuple[str, str]] = []
    for place, entry in enumerate(entries, start=1):
        ids.append(name_of(entry) or f"#{place}")
        try:
            records.append(read(entry))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            rejected.append((ids[-1], why_unreadable(error)))
    return Entries(tuple(ids), tuple(records), tuple(rejected))


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


@dataclass(frozen=True)
class ResultPage(Entries):
    """One page of a search; `cursor` opens the next one, None where there is none."""

    hit_count: int
    cursor: str | None = None

    @classmethod
    def of(cls, entries: Entries, hit_count: int, cursor: str | None) -> Self:
        """The page on which these entries stand."""
        return cls(entries.ids, entries.records, entries.rejected, hit_count, cursor)


Ask = Callable[[str], tuple[Payload, ResultPage]]
"""One page by its cursor."""


def read_by_cursor(ask: Ask, *, belongs: Callable[[Record], bool] = lambda _: True) -> Iterator[Batch]:
    """Every page from the first cursor to the last: one reading for `read_whole`.

    Records that do not `belong` are left out, and out of the total. A cursor that comes back ends the reading.
    """
    cursor: str | None = "*"
    past: set[str] = set()
    seen: set[str] = set()
    left_out: set[str] = set()
    while cursor and cursor not in past:
        past.add(cursor)
        payload, found = ask(cursor)
        seen.update(f"{cursor}{one}" if one.startswith("#") else one for one in found.ids)
        left_out.update(record.source_id for record in found.records if not belongs(record))
        kept = tuple(record for record in found.records if record.source_id not in left_out)
        yield Batch(payload, found.hit_count - len(left_out), kept, found.rejected)
        if len(seen) >= found.hit_count or not found.ids:
            return
        cursor = found.cursor


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


def log_page(context: SearchContext, number: int, page: Page) -> None:
    """One line per page fetched, with its facts as fields."""
    facts: dict[str, object] = {
        "source": context.source,
        "query_hash": context.query_hash,
        "page": number,
        "reported": page.reported,
        "records": len(page.records),
        "missing_ids": len(page.missing),
        "rejected": len(page.rejected),
        "deleted": len(page.deleted),
        "bytes": len(page.payload.body),
    }
    log.info("page fetched: %s", " ".join(f"{name}={value}" for name, value in facts.items()), extra=facts)
