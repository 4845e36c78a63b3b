"""PubMed's question: a strategy within a window, cut by date until every part is below the cap."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ivigil.errors import IncompleteSearch, SearchContext
from ivigil.sources.base import DateField, SearchRequest, Window

CAP = 9_999
"""ESearch lists no more than the first 9,999 records of a PubMed result."""
SLICING_FIELDS = ("crdt", "edat", "mdat")
"""Of each a record has exactly one value, so spans of it part a result without overlap. Publication date [dp] will not
do: it matches the printed and the electronic date, so a record can lie in two spans."""
EARLIEST, LATEST = date(1800, 1, 1), date(3000, 12, 31)

Counter = Callable[[str], int]


@dataclass(frozen=True)
class Slice:
    """A question whose whole answer can be listed, and how many it counted."""

    term: str
    count: int


def span(tag: str, window: Window) -> str:
    """A date range in PubMed's syntax, both ends included."""
    return f'("{window.start:%Y/%m/%d}"[{tag}] : "{window.end:%Y/%m/%d}"[{tag}])'


def build_term(request: SearchRequest) -> str:
    """The strategy within its window.

    ENTERED asks for record creation (CRDT) or MeSH indexing (MHDA) in one OR: a strategy with MeSH lines gains hits
    when headings are added, weeks after creation. One query, not two: its count is then the number of distinct records,
    so what is fetched can be held against it without removing duplicates first. EDAT is not asked: PubMed sets it to
    the publication date of records that arrive more than a year late, so its windows miss them.
    """
    tags = {DateField.ENTERED: ("crdt", "mhda"), DateField.PUBLISHED: ("dp",), DateField.REVISED: ("lr",)}
    spans = " OR ".join(span(tag, request.window) for tag in tags[request.date_field])
    return f"({request.strategy}) AND ({spans})"


def restrict_to(strategy: str, pmids: Sequence[str]) -> str:
    """The strategy, asked only about these records."""
    return f"({strategy}) AND ({' OR '.join(f'{pmid}[uid]' for pmid in pmids)})"


def plan_slices(term: str, around: Window, count: Counter, *, context: SearchContext) -> list[Slice]:
    """Part a question by date until each part is under the cap; empty parts are left out, so zero hits give no slice.

    Parts are spans of CRDT, whatever the window speaks of: a single CRDT day above the cap is parted by EDAT, then by
    MDAT. The parts' counts must add up to the whole's at every cut.

    Raises:
        IncompleteSearch: the counts do not add up, or dates cannot part the result any further.
    """
    total = count(term)
    return list(_divide(term, total, SLICING_FIELDS, None, around, count, context)) if total else []


def _divide(
    term: str,
    total: int,
    fields: Sequence[str],
    within: Window | None,
    around: Window,
    count: Counter,
    context: SearchContext,
) -> Iterator[Slice]:
    """Yield the slices of `term` AND `fields[0]` in `within`; without `within`, of `term` alone."""
    whole = f"{term} AND {span(fields[0], within)}" if within else term
    if total <= CAP:
        yield Slice(whole, total)
        return
    if within is not None and within.start == within.end:
        term, fields, within = whole, fields[1:], None
    if not fields:
        raise IncompleteSearch(
            f"{total} records share every date that could part them, and the source lists only {CAP}: {whole}",
            context=context,
            reported=total,
            fetched=0,
            hint="narrow the strategy, or split it in two protocols",
        )
    parts = _first_cut(around) if within is None else _halves(within)
    counts = [count(f"{term} AND {span(fields[0], part)}") for part in parts]
    if sum(counts) != total and sum(counts) != count(whole):  # the index may have grown in between: ask once more
        raise IncompleteSearch(
            f"its parts by {fields[0]} hold {sum(counts)} records, the whole {total}: {whole}",
            context=context,
            reported=total,
            fetched=sum(counts),
            hint="the source's index may be in the middle of an update; the next run covers the window",
        )
    for part, held in zip(parts, counts, strict=True):
        if held:
            yield from _divide(term, held, fields, part, around, count, context)


def _first_cut(around: Window) -> list[Window]:
    """Before, in and after the window: most of a result lies inside it, and no record may lie outside all three."""
    day = timedelta(days=1)
    return [Window(EARLIEST, around.start - day), around, Window(around.end + day, LATEST)]


def _halves(window: Window) -> list[Window]:
    middle = window.start + (window.end - window.start) // 2
    return [Window(window.start, middle), Window(middle + timedelta(days=1), window.end)]
