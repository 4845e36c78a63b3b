"""Crossref's question: DOIs in one filter, or a title. It has no strategies: its search ranks, it does not decide."""

from __future__ import annotations

import re
from collections.abc import Sequence

ROWS_FOR_A_TITLE = 5
_UNSAFE = re.compile(r"[,:|]")


def can_be_listed(doi: str) -> bool:
    """Whether a DOI can stand in a filter, where commas and colons part names and values."""
    return _UNSAFE.search(doi) is None


def by_dois(dois: Sequence[str]) -> dict[str, str]:
    """These works: filters of one name are alternatives."""
    return {"filter": ",".join(f"doi:{doi}" for doi in dois), "rows": str(len(dois))}


def by_title(title: str) -> dict[str, str]:
    """The works that a title fits best; the caller must look whether one bears it."""
    return {"query.bibliographic": " ".join(title.split()), "rows": str(ROWS_FOR_A_TITLE)}
