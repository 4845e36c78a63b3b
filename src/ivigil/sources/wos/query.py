"""Web of Science's question: a strategy with field tags, and the window as a parameter beside it."""

from __future__ import annotations

import re

from ivigil.sources.base import DateField, SearchRequest
from ivigil.sources.identifiers import NamedIds

OWN_ID = re.compile(r"[A-Z]+:[A-Z0-9]+")


def search_params(request: SearchRequest) -> dict[str, str]:
    """What is asked for a strategy within its window.

    ENTERED and REVISED are the same: the API tells what was added *or* changed in a span. PUBLISHED knows years alone.
    """
    if request.date_field is DateField.PUBLISHED:
        return {"q": f"({request.strategy}) AND PY=({request.window.start.year}-{request.window.end.year})"}
    # On the wire the blank becomes the plus sign that the API documents.
    return {"q": request.strategy, "modifiedTimeSpan": f"{request.window.start} {request.window.end}"}


def identifiers_query(ids: NamedIds) -> str:
    """These records and no others."""
    fields = (("UT", ids.own), ("PMID", ids.pmids), ("DO", tuple(f'"{doi}"' for doi in ids.dois)))
    return " OR ".join(f"{tag}=({' OR '.join(values)})" for tag, values in fields if values)


def restrict_to(strategy: str, ids: NamedIds) -> str:
    """The strategy, asked only about these records."""
    return f"({strategy}) AND ({identifiers_query(ids)})"


def as_text(params: dict[str, str]) -> str:
    """A question in one line, as the ledger names it."""
    return " & ".join(params.values())
