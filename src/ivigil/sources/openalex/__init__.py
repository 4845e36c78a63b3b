"""OpenAlex through its works endpoint."""

from ivigil.sources.openalex.api import OpenAlex
from ivigil.sources.openalex.parse import parse_work, parse_works

__all__ = ["OpenAlex", "parse_work", "parse_works"]
