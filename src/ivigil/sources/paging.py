"""Reading a result from its first cursor to its last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ivigil.records import Record
from ivigil.sources.base import Payload
from ivigil.sources.listing import Batch


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


def read_by_cursor(ask: Ask, *, belongs: Callable[[Record], bool] = lambda _: True) -> Iterator[Batch]:
    """Every page from the first cursor to the last: one reading for `listing.read_whole`.

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
