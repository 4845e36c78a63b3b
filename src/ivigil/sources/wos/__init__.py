"""Web of Science through Clarivate's Starter API."""

from ivigil.sources.wos.api import WebOfScience
from ivigil.sources.wos.parse import parse_documents

__all__ = ["WebOfScience", "parse_documents"]
