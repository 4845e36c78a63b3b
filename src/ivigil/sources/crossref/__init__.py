"""Crossref through its works endpoint: what publishers deposit, by DOI."""

from ivigil.sources.crossref.api import Crossref
from ivigil.sources.crossref.parse import parse_work, parse_works

__all__ = ["Crossref", "parse_work", "parse_works"]
