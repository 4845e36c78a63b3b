"""The command line: parses, calls a use case, renders. No logic of its own."""

from ivigil.cli.app import main

__all__ = ["main"]
