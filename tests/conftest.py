"""Fixtures every test may ask for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivigil.store import Store, open_store

sys.path.insert(0, str(Path(__file__).parent))  # the tests' own helpers: importlib mode adds no folder by itself

import postgres
import recorded

os.environ.setdefault("IVIGIL_EMBEDDING_MODEL", "none")  # words alone, but where a test is about the encoder

ROOT = Path(__file__).resolve().parents[1]
# files of few tests that take long: begun first, none of them is what the others wait for at the end
LONG = frozenset([
    "test_prefect.py", "test_night.py", "test_commands.py", "test_bootstrap.py", "test_screeners.py",
    "test_screening_model_files.py", "test_links_through_the_store.py", "test_four_weeks.py", "test_round_trip.py",
])  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long first."""
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded answers and public data sets; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("IVIGIL_SHARED", ROOT.parent / "shared"))
    if not (folder / "contracts").is_dir():
        pytest.skip(f"recorded material not found at {folder}: set IVIGIL_SHARED to its folder")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of our own; skips where its binaries are not installed."""
    folder = postgres.binaries()
    if folder is None:
        pytest.skip("PostgreSQL's server binaries are not installed")
    with postgres.server(folder) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database."""
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store of each kind."""
    opened = open_store(store_url)
    yield opened
    opened.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what became of every recorded answer that was put to a client."""
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    if lines := recorded.table(reports):
        terminalreporter.section("recorded answers")
        terminalreporter.write("\n".join(lines) + "\n")
