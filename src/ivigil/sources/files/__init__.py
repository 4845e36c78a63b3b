"""Export files of databases, reference managers and screening tools, read into records."""

from ivigil.sources.files.model import ImportedRecord, ImportResult, Label, Rejected
from ivigil.sources.files.reader import known_sources, read_file

__all__ = ["ImportResult", "ImportedRecord", "Label", "Rejected", "known_sources", "read_file"]
