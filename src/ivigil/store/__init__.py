"""The store: the only code that knows SQL."""

from ivigil.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
