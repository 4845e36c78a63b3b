"""Semantic Scholar through its Academic Graph API."""

from ivigil.sources.semanticscholar.api import SemanticScholar
from ivigil.sources.semanticscholar.parse import parse_papers, parse_results

__all__ = ["SemanticScholar", "parse_papers", "parse_results"]
