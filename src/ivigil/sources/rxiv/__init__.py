"""Versions of bioRxiv and medRxiv preprints, and where they were published."""

from ivigil.sources.rxiv.api import Rxiv
from ivigil.sources.rxiv.parse import parse_details, parse_published

__all__ = ["Rxiv", "parse_details", "parse_published"]
