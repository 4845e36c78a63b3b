"""Unpaywall: where a document can be read freely."""

from ivigil.sources.unpaywall.api import Unpaywall
from ivigil.sources.unpaywall.parse import parse_full_text

__all__ = ["Unpaywall", "parse_full_text"]
