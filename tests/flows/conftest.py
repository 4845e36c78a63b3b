"""Fixtures of the flows: they are scripts, found the way Prefect finds them, by their folder."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from review_at_work import protocol, simulator

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "flows"))

__all__ = ["protocol", "simulator"]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Polls until something holds; fails with what is told when it does not in time."""
    pause = threading.Event()

    def wait(holds: Callable[[], object], seconds: float, told: Callable[[], str] = lambda: "") -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                pytest.fail(f"not within {seconds:.0f} s\n{told()}")
            pause.wait(0.2)

    return wait
