"""Cuts a question by date until every part is under what a source lists at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ivigil.errors import IncompleteSearch, SearchContext
from ivigil.sources.base import Window

EARLIEST, LATEST = date(1800, 1, 1), date(3000, 12, 31)

Counter = Callable[[str], int]
Span = Callable[[str, Window], str]
"""A date field and a window to the words of the source's own syntax, both ends included."""


@dataclass(frozen=True)
class Slice:
    """A question whose whole answer can be listed, and how many it counted."""

    term: str
    count: int


@dataclass(frozen=True)
class Knife:
    """How one source is cut: it lists `cap` hits at most, and each record has exactly one value of each of `fields`."""

    cap: int
    fields: Sequence[str]
    span: Span


def plan_slices(
    term: str, around: Window, count: Counter, knife: Knife, *, context: SearchContext, total: int | None = None
) -> list[Slice]:
    """Part a question by date until each part is under the cap; empty parts are left out, so zero hits give no slice.

    Parts are spans of the first field, whatever the window speaks of: a single day above the cap is parted by the next
    field. The parts' counts must add up to the whole's at every cut. `total` is the whole's count where it is known.

    Raises:
        IncompleteSearch: the counts do not add up, or dates cannot part the result any further.
    """
    total = count(term) if total is None else total
    return list(_Cut(knife, around, count, context).divide(term, total, knife.fields, None)) if total else []


@dataclass(frozen=True)
class _Cut:
    knife: Knife
    around: Window
    count: Counter
    context: SearchContext

    def divide(self, term: str, total: int, fields: Sequence[str], within: Window | None) -> Iterator[Slice]:
        """Yield the slices of `term` AND `fields[0]` in `within`; without `within`, of `term` alone."""
        whole = f"{term} AND {self.knife.span(fields[0], within)}" if within else term
        if total <= self.knife.cap:
            yield Slice(whole, total)
            return
        if within is not None and within.start == within.end:
            term, fields, within = whole, fields[1:], None
        if not fields:
            raise IncompleteSearch(
                f"{total} records share every date that could part them, and the source lists only {self.knife.cap}: "
                f"{whole}",
                context=self.context,
                reported=total,
                fetched=0,
                hint="narrow the strategy, or split it in two protocols",
            )
        parts = _first_cut(self.around) if within is None else _halves(within)
        counts = [self.count(f"{term} AND {self.knife.span(fields[0], part)}") for part in parts]
        if sum(counts) != total and sum(counts) != self.count(whole):  # it may have grown in between: ask once more
            raise IncompleteSearch(
                f"its parts by {fields[0]} hold {sum(counts)} records, the whole {total}: {whole}",
                context=self.context,
                reported=total,
                fetched=sum(counts),
                hint="the source's index may be in the middle of an update; the next run covers the window",
            )
        for part, held in zip(parts, counts, strict=True):
            if held:
                yield from self.divide(term, held, fields, part)


def _first_cut(around: Window) -> list[Window]:
    """Before, in and after the window: most of a result lies inside it, and no record may lie outside all three."""
    day = timedelta(days=1)
    return [Window(EARLIEST, around.start - day), around, Window(around.end + day, LATEST)]


def _halves(window: Window) -> list[Window]:
    middle = window.start + (window.end - window.start) // 2
    return [Window(window.start, middle), Window(middle + timedelta(days=1), window.end)]
