"""A small library and a way into its workspace."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivigil.surveillance.context import Context
from library_at_hand import library_of, paper

sys.path.insert(0, str(Path(__file__).parent))  # this folder's own helpers: importlib mode adds no folder by itself


@pytest.fixture(scope="session")
def six_reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with six reports on SQLite, to be copied."""
    home = tmp_path_factory.mktemp("library") / "home"
    with library_of(home, [paper(number) for number in range(6)]):
        return home


@pytest.fixture
def context(six_reports: Path, tmp_path: Path) -> Iterator[Context]:
    """Six reports on SQLite, one reviewer each."""
    shutil.copytree(six_reports, tmp_path / "home")
    with library_of(tmp_path / "home", []) as opened:
        yield opened
