"""Fixtures every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded answers and public data sets; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("IVIGIL_SHARED", ROOT.parent / "shared"))
    if not (folder / "contracts").is_dir():
        pytest.skip(f"recorded material not found at {folder}: set IVIGIL_SHARED to its folder")
    return folder
