"""The pictures and tables people read."""

from ivigil.reports.library_export import ExportRow, write_library

__all__ = ["ExportRow", "write_library"]
