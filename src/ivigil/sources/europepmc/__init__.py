"""Europe PMC through its REST search, preprints included."""

from ivigil.sources.europepmc.api import EuropePMC
from ivigil.sources.europepmc.parse import parse_search

__all__ = ["EuropePMC", "parse_search"]
