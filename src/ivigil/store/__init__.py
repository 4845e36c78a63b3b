"""The store: the only code that knows SQL."""

from sqlalchemy.orm import Session

from ivigil.store.engine import Store, open_store

__all__ = ["Session", "Store", "open_store"]
