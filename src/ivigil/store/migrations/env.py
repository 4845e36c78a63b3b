"""Runs migrations on the connection that `open_store` hands over."""

from alembic import context

from ivigil.store import (  # noqa: F401 - their tables register themselves
    full_texts,
    ledger_tables,
    people_tables,
    second_readings,
)
from ivigil.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
