"""ClinicalTrials.gov's question: a strategy in Essie syntax, and the window as a filter beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivigil.sources.base import DateField, SearchRequest, Window

_AREAS = {
    # A registration that changes may match a strategy that its first version did not, so a night asks for both.
    DateField.ENTERED: ("StudyFirstPostDate", "LastUpdatePostDate"),
    DateField.PUBLISHED: ("StudyFirstPostDate",),
    DateField.REVISED: ("LastUpdatePostDate",),
}
_NCT = re.compile(r"NCT\d{8}", re.IGNORECASE)


def window_filter(window: Window, field: DateField) -> str:
    """The window on the days of posting, both ends included; what was submitted is posted days later."""
    span = f"RANGE[{window.start.isoformat()},{window.end.isoformat()}]"
    return " OR ".join(f"AREA[{area}]{span}" for area in _AREAS[field])


def search_params(request: SearchRequest) -> dict[str, str]:
    """What is asked for a strategy within its window."""
    return {
        "query.term": request.strategy,
        "filter.advanced": window_filter(request.window, request.date_field),
    }


def identifiers_params(identifiers: Sequence[str], strategy: str | None = None) -> dict[str, str]:
    """What is asked for these registrations, or for those of them that a strategy returns."""
    return ({"query.term": strategy} if strategy else {}) | {"filter.ids": "|".join(identifiers)}


def is_identifier(text: str) -> bool:
    """Whether the text is a registration number of ClinicalTrials.gov."""
    return _NCT.fullmatch(text) is not None


def as_text(params: dict[str, str]) -> str:
    """A question in one line, as the ledger names it."""
    return " & ".join(f"{name}={value}" for name, value in params.items())
