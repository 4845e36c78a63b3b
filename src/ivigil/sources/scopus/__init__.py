"""Scopus through Elsevier's Search API."""

from ivigil.sources.scopus.api import Scopus
from ivigil.sources.scopus.parse import parse_search

__all__ = ["Scopus", "parse_search"]
