"""What bioRxiv and medRxiv are asked: one preprint by its DOI. Words cannot be searched, so there is no strategy."""

from __future__ import annotations

import re
from urllib.parse import quote

SERVERS = ("medrxiv", "biorxiv")
"""Asked in this order: a review of patients finds most of its preprints on the first."""
# Cold Spring Harbor's prefix until the end of 2025, openRxiv's since. The first is also that of journals, whose numbers
# begin with letters. A version may be written after the number.
_DOI = re.compile(r"(?P<bare>10\.(?:1101|64898)/(?:\d{4}\.\d\d\.\d\d\.)?\d{5,8})(?:v\d+)?", re.IGNORECASE)


def preprint_doi(text: str | None) -> str | None:
    """The DOI that all versions of a preprint share, lower case; None where it is of neither server."""
    match = _DOI.fullmatch((text or "").strip())
    return match["bare"].lower() if match else None


def details_path(server: str, doi: str) -> str:
    """Every version of one preprint."""
    return f"details/{server}/{quote(doi, safe='/')}/na/json"


def published_path(server: str, doi: str) -> str:
    """Where one preprint was published."""
    return f"pubs/{server}/{quote(doi, safe='/')}/na/json"
