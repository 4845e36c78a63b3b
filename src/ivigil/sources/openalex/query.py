"""OpenAlex's question: filters in one line, a strategy searched in titles and abstracts, a window on publication."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ivigil.errors import QueryRejected, SearchContext
from ivigil.sources.base import DateField, DocumentIds, SearchRequest
from ivigil.sources.identifiers import NamedIds

LOOK_BACK = timedelta(days=120)
"""How long after its publication a work may be taken in and still be found by a night's search."""
OWN_ID = re.compile(r"W\d+")
_UNSAFE = re.compile(r"[,|]")
_WILDCARDS = re.compile(r"[?*]")


def strategy_filter(strategy: str, context: SearchContext) -> str:
    """The strategy as a filter.

    Raises:
        QueryRejected: it holds a comma or a bar, which part filters and values and cannot be escaped.
    """
    words = " ".join(strategy.split())
    if unsafe := _UNSAFE.search(words):
        raise QueryRejected(
            f"{unsafe[0]!r} parts filters and cannot be searched for",
            context=context,
            hint="leave it out of the strategy; AND, OR, NOT, brackets and quotation marks may be used",
        )
    return f"title_and_abstract.search:{words}"


def build_filter(request: SearchRequest, context: SearchContext) -> str:
    """The strategy within its window.

    Filters on the day of creation are for payers, so ENTERED looks back on publication: `LOOK_BACK` before the window,
    and then to the first of January, because a work of which only the year is known stands under that day. There is no
    last day: cover dates lie ahead.

    Raises:
        QueryRejected: a window on revision, which is for payers too.
    """
    strategy = strategy_filter(request.strategy, context)
    match request.date_field:
        case DateField.PUBLISHED:
            span = f"from_publication_date:{request.window.start},to_publication_date:{request.window.end}"
        case DateField.ENTERED:
            span = f"from_publication_date:{earliest_publication(request.window.start)}"
        case _:
            raise QueryRejected("it has no free window on revision", context=context, hint="fetch the works by id")
    return f"{strategy},{span}"


def earliest_publication(start: date) -> date:
    """From which publication date on a window that starts on this day is searched."""
    return (start - LOOK_BACK).replace(month=1, day=1)


def named_filters(ids: NamedIds, size: int) -> Iterator[tuple[str, list[str]]]:
    """Filters for works by their ids, PMIDs and DOIs, so many to each, with the names they were asked for by."""
    for name, lead, values in (("openalex", "", ids.own), ("pmid", "PMID:", ids.pmids), ("doi", "DOI:", ids.dois)):
        for start in range(0, len(values), size):
            batch = values[start : start + size]
            yield f"{name}:{'|'.join(batch)}", [f"{lead}{value}" for value in batch]


def documents_filter(documents: Sequence[DocumentIds]) -> str:
    """These documents by DOI, if they have one, else by PMID: all in one way, for filters of two names are ANDed."""
    if documents[0].doi:
        return f"doi:{'|'.join(document.doi or '' for document in documents)}"
    return f"pmid:{'|'.join(document.pmid or '' for document in documents)}"


def can_be_listed(doi: str) -> bool:
    """Whether a DOI can stand in a list of values."""
    return _UNSAFE.search(doi) is None


def title_filter(title: str) -> str:
    """A search for a title, without the signs that part filters and those that are read as wildcards."""
    return f"title.search:{' '.join(_WILDCARDS.sub(' ', _UNSAFE.sub(' ', title)).split())}"
