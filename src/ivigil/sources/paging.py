"""Reading a result from its first cursor to its last, against an index that moves while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count as counting

from ivigil.errors import IncompleteSearch, SearchContext
from ivigil.records import Record
from ivigil.sources.base import Page, Payload
from ivigil.sources.session import log_page


@dataclass(frozen=True)
class ResultPage:
    """One page of a search; `ids` are those listed on it, `cursor` opens the next one, None where there is none.

    An entry that has no id stands in `ids` and `rejected` as `#` and its place.
    """

    hit_count: int
    ids: tuple[str, ...]
    records: tuple[Record, ...]
    rejected: tuple[tuple[str, str], ...]
    cursor: str | None


Ask = Callable[[str], tuple[Payload, ResultPage]]
"""One page by its cursor."""


def harvest_by_cursor(
    query: str,
    readings: Sequence[Ask],
    context: SearchContext,
    *,
    belongs: Callable[[Record], bool] = lambda _: True,
) -> Iterator[Page]:
    """Yield every hit of a query, page by page.

    A live index may change its count while it is read, and a record may slip past the cursor. So a reading that does
    not end at the count its last page states is followed by the next of `readings`, and what that adds is yielded.
    Records that do not `belong` are left out, and out of what is reported.

    Raises:
        IncompleteSearch: no reading ended at its count.
    """
    known: set[str] = set()
    left_out: set[str] = set()
    numbers = counting(1)
    seen: set[str] = set()
    reported = 0
    for ask in readings:
        seen = set()
        for payload, found in _read_through(ask, seen):
            reported = found.hit_count
            left_out.update(record.source_id for record in found.records if not belongs(record))
            known.update(left_out)
            page = _page(query, payload, found, known, found.hit_count - len(left_out))
            log_page(context, next(numbers), page)
            yield page
        if len(seen) == reported:
            return
    raise IncompleteSearch(
        f"{len(seen)} of {reported} records came, in {len(readings)} readings",
        context=context,
        reported=reported,
        fetched=len(seen),
        hint="the window stays open; the next run covers it",
    )


def _read_through(ask: Ask, seen: set[str]) -> Iterator[tuple[Payload, ResultPage]]:
    """Every page from the first cursor to the last, the ids on them gathered in `seen`."""
    cursor: str | None = "*"
    past: set[str] = set()
    while cursor and cursor not in past:
        past.add(cursor)
        payload, found = ask(cursor)
        seen.update(f"{cursor}{one}" if one.startswith("#") else one for one in found.ids)
        yield payload, found
        if len(seen) >= found.hit_count or not found.ids:
            return
        cursor = found.cursor


def _page(query: str, payload: Payload, found: ResultPage, known: set[str], reported: int) -> Page:
    """What is new on a page of results; every id on it is known afterwards."""
    records = {record.source_id: record for record in found.records if record.source_id not in known}
    rejected = {name: why for name, why in found.rejected if name not in known}
    known.update(records)
    known.update(name for name in rejected if not name.startswith("#"))
    return Page(
        query=query,
        reported=reported,
        records=tuple(records.values()),
        payload=payload,
        rejected=tuple(rejected.items()),
    )
