"""PubMed through NCBI E-utilities."""

from ivigil.sources.pubmed.api import PubMed
from ivigil.sources.pubmed.parse import ArticleSet, parse_articles

__all__ = ["ArticleSet", "PubMed", "parse_articles"]
