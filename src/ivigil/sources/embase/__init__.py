"""Embase through Elsevier's API; not verified against the live service."""

from ivigil.sources.embase.api import Embase
from ivigil.sources.embase.parse import parse_results

__all__ = ["Embase", "parse_results"]
