"""Embase's question: a strategy in the syntax of embase.com, with the window in it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ivigil.errors import QueryRejected, SearchContext
from ivigil.sources.base import DateField, SearchRequest

OWN_ID = re.compile(r"L\d+")


def build_query(request: SearchRequest, context: SearchContext) -> str:
    """The strategy within its window: added since its first day, and not since the day after its last.

    Raises:
        QueryRejected: REVISED is asked, which Embase does not tell.
    """
    if request.date_field is DateField.REVISED:
        raise QueryRejected("it does not say when a record was changed", context=context, hint="search the whole again")
    if request.date_field is DateField.PUBLISHED:
        return f"({request.strategy}) AND [{request.window.start.year}-{request.window.end.year}]/py"
    after = request.window.end + timedelta(days=1)
    return f"({request.strategy}) AND {_since(request.window.start)} NOT {_since(after)}"


def _since(day: date) -> str:
    return f"[{day:%d-%m-%Y}]/sd"
