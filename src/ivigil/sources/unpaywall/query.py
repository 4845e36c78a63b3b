"""Unpaywall's question: one DOI."""

from __future__ import annotations

from urllib.parse import quote


def path(doi: str) -> str:
    """The DOI as the end of an address; its slash is part of the path there."""
    return quote(doi.lower(), safe="/:()")
