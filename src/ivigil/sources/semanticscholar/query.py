"""Semantic Scholar's question: a strategy for the bulk search within publication dates, and the names of papers."""

from __future__ import annotations

import re
from datetime import timedelta

from ivigil.errors import QueryRejected, SearchContext
from ivigil.sources.base import DateField, DocumentIds, SearchRequest
from ivigil.sources.identifiers import NamedIds

LOOK_BACK = timedelta(days=120)
"""How long after its publication a paper may be taken in and still be found by a night's search."""
OWN_ID = re.compile(r"\d+")


def build_params(request: SearchRequest, context: SearchContext) -> dict[str, str]:
    """The strategy within its window.

    There is no filter on the day a paper was taken in. ENTERED therefore looks back on publication: `LOOK_BACK` before
    the window, and then to the first of January, as which a missing date counts; it has no last day.

    Raises:
        QueryRejected: a window on revision, which there is not.
    """
    start, end = request.window.start, str(request.window.end)
    match request.date_field:
        case DateField.ENTERED:
            start, end = (start - LOOK_BACK).replace(month=1, day=1), ""
        case DateField.REVISED:
            raise QueryRejected("it has no window on revision", context=context, hint="fetch the papers by id")
    return {"query": one_line(request.strategy), "publicationDateOrYear": f"{start}:{end}"}


def one_line(strategy: str) -> str:
    """The strategy without line breaks."""
    return " ".join(strategy.split())


def paper_ids(ids: NamedIds) -> dict[str, str]:
    """What the papers were asked for by, and what the service calls them."""
    own = {number: f"CorpusId:{number}" for number in ids.own}
    pmids = {f"PMID:{number}": f"PMID:{number}" for number in ids.pmids}
    return own | pmids | {f"DOI:{doi}": f"DOI:{doi}" for doi in ids.dois}


def paper_id(document: DocumentIds) -> str | None:
    """A document's name at the service; None where it has neither DOI nor PMID."""
    if document.doi:
        return f"DOI:{document.doi}"
    return f"PMID:{document.pmid}" if document.pmid else None
