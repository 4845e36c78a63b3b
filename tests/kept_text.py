"""Everything a database holds, as text to be searched."""

from __future__ import annotations

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from ivigil.store.ledger_tables import PayloadRow


def kept_text(session: Session) -> str:
    """Every row of every table as the database itself writes it, and the payloads, which it keeps packed, unpacked."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rows = list(connection.connection.driver_connection.iterdump())
    else:
        tables = inspect(connection).get_table_names()
        rows = [row for table in tables for row in session.scalars(text(f'SELECT t::text FROM "{table}" t'))]
    bodies = [row.body.decode(errors="replace") for row in session.scalars(select(PayloadRow))]
    assert bodies
    return "\n".join([*rows, *bodies])
