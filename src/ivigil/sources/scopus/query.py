"""Scopus's question: a strategy within a window, in its own syntax, in which OR binds before AND."""

from __future__ import annotations

import re
from datetime import timedelta

from ivigil.errors import QueryRejected, SearchContext
from ivigil.sources.base import DateField, SearchRequest, Window
from ivigil.sources.identifiers import NamedIds
from ivigil.sources.slicing import Knife

CAP = 5_000
"""Scopus lists no more than this of a result where the key may not use the cursor."""
LOADED = "ORIG-LOAD-DATE"
OWN_ID = re.compile(r"2-s2\.0-\d+")


def build_query(request: SearchRequest, context: SearchContext) -> str:
    """The strategy within its window.

    ENTERED is the day of first loading. PUBLISHED knows years alone, and takes in those the window touches.

    Raises:
        QueryRejected: REVISED is asked, which Scopus does not tell.
    """
    if request.date_field is DateField.REVISED:
        raise QueryRejected("it does not say when a record was changed", context=context, hint="search the whole again")
    if request.date_field is DateField.PUBLISHED:
        years = f"PUBYEAR > {request.window.start.year - 1} AND PUBYEAR < {request.window.end.year + 1}"
        return f"({request.strategy}) AND {years}"
    return f"({request.strategy}) AND {loaded(LOADED, request.window)}"


def loaded(field: str, window: Window) -> str:
    """A span of days, both included: AFT and BEF leave out the day they name."""
    day = timedelta(days=1)
    return f"{field} AFT {window.start - day:%Y%m%d} AND {field} BEF {window.end + day:%Y%m%d}"


def knife() -> Knife:
    """How a result above the cap is cut."""
    return Knife(CAP, (LOADED,), loaded)


def identifiers_query(ids: NamedIds) -> str:
    """These records and no others."""
    terms = [f"EID({one})" for one in ids.own]
    terms += [f"PMID({one})" for one in ids.pmids]
    terms += [f'DOI("{one}")' for one in ids.dois]
    return " OR ".join(terms)


def restrict_to(strategy: str, ids: NamedIds) -> str:
    """The strategy, asked only about these records."""
    return f"({strategy}) AND ({identifiers_query(ids)})"
