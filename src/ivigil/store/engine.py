"""Opening a store: SQLite (WAL) by path, PostgreSQL by URL, migrated to the newest schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker

from ivigil.errors import ConfigurationError, StoreError

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_SECONDS = 30
READING = "ivigil_reading"


class Store:
    """A database of one review. `transaction()` commits as a whole or leaves nothing behind."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._readers = sessionmaker(engine.execution_options(**{READING: True}), expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end of the block, or rolls back when the block raises."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: it waits for no writer, and what it changes is not kept."""
        with self._readers() as session:
            yield session

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the database at a SQLAlchemy URL, creating or migrating its schema.

    Raises:
        ConfigurationError: the URL is not one, or its driver is not installed.
        StoreError: the database cannot be reached, or was written by a newer ivigil.
    """
    engine = _engine(url)
    shown = engine.url.render_as_string(hide_password=True)
    try:
        with _migrating(engine) as connection:
            _migrate(connection)
    except DBAPIError as error:
        engine.dispose()
        reason = str(error.orig).strip().splitlines()[0]
        raise StoreError(f"cannot open {shown}: {reason}", hint="check IVIGIL_DATABASE_URL") from None
    except StoreError:
        engine.dispose()
        raise
    return Store(engine)


def _engine(url: str) -> Engine:
    try:
        # Only psycopg 3 is installed; a plain postgresql:// would ask for psycopg2.
        parsed = make_url(re.sub(r"^postgres(?:ql)?://", "postgresql+psycopg://", url))
        if parsed.get_backend_name() == "sqlite":
            if parsed.database and parsed.database != ":memory:":
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
            _make_sqlite_dependable(engine)
            return engine
        return create_engine(parsed, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigurationError(
            f"is not a usable database URL ({type(error).__name__})",
            field="IVIGIL_DATABASE_URL",
            hint="sqlite:///path/to/file, or postgresql://user:password@host/name with the postgresql extra installed",
        ) from None


def _make_sqlite_dependable(engine: Engine) -> None:
    """WAL, foreign keys, and a write lock from the start of each transaction that may write.

    The driver's own transaction handling starts writing late, which lets two writers deadlock; see "Serializable
    isolation / Savepoints / Transactional DDL" in SQLAlchemy's SQLite documentation.
    """

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READING, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """A transaction in which SQLite lets a table be made anew: rows that point to it are checked at its end.

    SQLite changes a column by copying the table and dropping the old one, which foreign keys would forbid; switching
    them off is possible outside a transaction alone ("Making Other Kinds Of Table Schema Changes", SQLite's ALTER TABLE
    documentation).
    """
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            _pragma(connection, "foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise StoreError(f"migrating would leave rows of {lost[0]} pointing to nothing in {lost[2]}")
        finally:
            if sqlite:
                _pragma(connection, "foreign_keys=ON")


def _pragma(connection: Connection, setting: str) -> None:
    """Set a pragma past SQLAlchemy, which would begin a transaction first."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    held = MigrationContext.configure(connection).get_current_revision()
    if held is not None and held not in known:
        raise StoreError(
            f"the database is at schema {held}, which this ivigil does not know", hint="upgrade ivigil, then try again"
        )
    command.upgrade(config, "head")
