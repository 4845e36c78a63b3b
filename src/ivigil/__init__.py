"""ivigil keeps a systematic review alive: it searches, links, ranks, assesses and alerts every night."""

__version__ = "0.1.0"
