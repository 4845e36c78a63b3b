"""A library at work, served, and a real browser over it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivigil.records import AbstractSection, Record
from ivigil.surveillance.context import Context
from library_at_hand import library_of, paper

sys.path.insert(0, str(Path(__file__).parent))  # this folder's own helpers: importlib mode adds no folder by itself

from states import after_some_weeks

from browser import Browser, chromium, serving

TREATED = (
    "We treated {n} consecutive adults with diffuse cutaneous systemic sclerosis with intravenous immunoglobulin "
    "2 g/kg monthly. The modified Rodnan skin score fell over one year."
)
OTHER = "We describe {n} adults with another autoimmune disease in whom immunoglobulins were measured in serum."


def _records() -> list[Record]:
    """Twelve that read like the review's own, twelve that do not."""
    alike = [
        paper(
            n, title=f"Intravenous immunoglobulin in systemic sclerosis, cohort {n}", abstract=TREATED.format(n=n + 9)
        )
        for n in range(12)
    ]
    unlike = [paper(n, title=f"Serum immunoglobulins, survey {n}", abstract=OTHER.format(n=n)) for n in range(12, 24)]
    unlike[-1] = unlike[-1].model_copy(update={"abstract": ()})
    sections = (
        AbstractSection(label="METHODS", text=TREATED.format(n=31)),
        AbstractSection(label="RESULTS", text="It fell."),
    )
    return [alike[0].model_copy(update={"abstract": sections}), *alike[1:], *unlike]


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """Twenty-four reports on which two have to decide, blind to each other."""
    with library_of(tmp_path / "home", _records(), reviewers=2) as opened:
        yield opened


@pytest.fixture
def busy(context: Context) -> Context:
    """The same after some weeks' work: ada and ben differ on the second report, two readers on the third."""
    return after_some_weeks(context, conflict=2, disputed=3)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Context]:
    """A review that was not bootstrapped: nothing is held, nothing was trained."""
    with library_of(tmp_path / "empty", []) as opened:
        yield opened


@pytest.fixture
def address(context: Context) -> Iterator[str]:
    """The workspace, served."""
    with serving(context) as base:
        yield base


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """One reviewer's browser."""
    with chromium(tmp_path / "one") as opened:
        yield opened


@pytest.fixture
def other_browser(tmp_path: Path) -> Iterator[Browser]:
    """Another reviewer's."""
    with chromium(tmp_path / "two") as opened:
        yield opened


@pytest.fixture
def pictures() -> Path | None:
    """Where pages are photographed, when IVIGIL_SCREENSHOTS names a folder."""
    folder = os.environ.get("IVIGIL_SCREENSHOTS")
    return Path(folder) if folder else None
