"""Records are superseded, never lost, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select

from ivigil.errors import ConfigurationError, LeaseHeld, StoreError
from ivigil.records import AbstractSection, Record
from ivigil.store import Store, ledger, library, open_store
from ivigil.store.tables import Base, RecordRow, RevisionRow

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def record(number: int = 1, **values: object) -> Record:
    return Record(source="pubmed", source_id=str(number), title=f"Title {number}", **values)


def test_a_record_comes_back_as_it_went_in(store: Store) -> None:
    """What is read from the store equals what was written, field by field."""
    original = record(abstract=(AbstractSection(label="RESULTS", text="ΔmRSS −3·3 ± 4"),), mesh=(), doi="10.1/x")
    with store.transaction() as session:
        library.take_in(session, [original], run_id=None, way="search", now=NOW)
    with store.transaction() as session:
        assert session.scalars(select(RecordRow)).one().data == original


def test_taking_in_twice_changes_nothing(store: Store) -> None:
    """The same records again are counted as unchanged and add no row."""
    records = [record(number) for number in range(5)]
    with store.transaction() as session:
        library.take_in(session, records, run_id=None, way="search", now=NOW)
    with store.transaction() as session:
        again = library.take_in(session, records, run_id=None, way="search", now=NOW)
        assert (again.new, again.changed, again.unchanged) == (0, 0, 5)
        assert library.count_records(session) == 5
        assert session.scalars(select(RevisionRow)).all() == []


def test_a_change_keeps_what_was_before(store: Store) -> None:
    """A changed record supersedes the old state, which stays readable."""
    with store.transaction() as session:
        library.take_in(session, [record()], run_id=None, way="search", now=NOW)
        library.take_in(session, [record(volume="2")], run_id=None, way="search", now=NOW)
        assert session.scalars(select(RecordRow)).one().data.volume == "2"
        assert session.scalars(select(RevisionRow)).one().data.volume is None


def test_an_older_version_does_not_supersede(store: Store) -> None:
    """A record of a lower version number than the held one changes nothing."""
    with store.transaction() as session:
        library.take_in(session, [record(version="2")], run_id=None, way="search", now=NOW)
        library.take_in(session, [record(version="1", volume="9")], run_id=None, way="search", now=NOW)
        assert session.scalars(select(RecordRow)).one().data.version == "2"


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    """When the block raises, none of what it wrote is kept."""
    with pytest.raises(RuntimeError), store.transaction() as session:
        library.take_in(session, [record()], run_id=None, way="search", now=NOW)
        raise RuntimeError("killed")
    with store.transaction() as session:
        assert library.count_records(session) == 0


def test_the_migrated_schema_is_the_models_schema(store: Store) -> None:
    """Migrations and models name the same tables and columns."""
    found = inspect(store.engine)
    for table in Base.metadata.sorted_tables:
        assert {column["name"] for column in found.get_columns(table.name)} == {c.name for c in table.columns}
    assert set(found.get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_a_store_of_a_newer_ivigil_is_refused(store_url: str) -> None:
    """A database whose schema this version does not know is not touched."""
    store = open_store(store_url)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(StoreError, match="9999"):
        open_store(store_url)


def test_an_unusable_url_is_named_without_its_password() -> None:
    """A database URL that cannot be used gives an error that names the setting and hides the password."""
    with pytest.raises(ConfigurationError, match="IVIGIL_DATABASE_URL"):
        open_store("nonsense")
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://u:hunter2@127.0.0.1:1/x")
    assert "hunter2" not in str(caught.value)


def test_one_lease_at_a_time(store: Store) -> None:
    """A second holder is refused while the lease lasts, and may take it when it has run out."""
    from datetime import timedelta

    hour = timedelta(hours=1)
    with store.transaction() as session:
        ledger.take_lease(session, "run", "a", now=NOW, lasts=hour)
    with pytest.raises(LeaseHeld), store.transaction() as session:
        ledger.take_lease(session, "run", "b", now=NOW, lasts=hour)
    with store.transaction() as session:
        ledger.take_lease(session, "run", "b", now=NOW + 2 * hour, lasts=hour)
        ledger.release_lease(session, "run", "a")
    with pytest.raises(LeaseHeld), store.transaction() as session:
        ledger.take_lease(session, "run", "a", now=NOW + 2 * hour, lasts=hour)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["", "1", "2", "3"])), max_size=20))
def test_no_state_of_a_record_is_ever_lost(tmp_path_factory, arrivals: list[tuple[int, str]]) -> None:
    """Whatever arrives in whatever order, every distinct state is either current or kept as a revision."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('s') / 'x.sqlite3'}")
    states = [record(number, volume=volume or None) for number, volume in arrivals]
    for state in states:
        with store.transaction() as session:
            library.take_in(session, [state], run_id=None, way="search", now=NOW)
    with store.transaction() as session:
        held = {row.data for row in session.scalars(select(RecordRow))}
        kept = {row.data for row in session.scalars(select(RevisionRow))}
    store.close()
    assert held | kept == set(states)
