"""The shipped protocol's criteria, and records in the few words that a rule needs."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ivigil.criteria import Criteria
from ivigil.eligibility import Assessment, assess
from ivigil.records import AbstractSection, PartialDate, Record

ROOT = Path(__file__).resolve().parents[2]


def shipped() -> Criteria:
    protocol = tomllib.loads((ROOT / "protocols" / "ivig_ssc.toml").read_text(encoding="utf-8"))
    return Criteria.model_validate(protocol["criteria"])


CRITERIA = shipped()


@pytest.fixture(scope="session")
def criteria() -> Criteria:
    return CRITERIA


def load_items(name: str) -> list[dict[str, Any]]:
    lines = (ROOT / "benchmarks" / "eligibility" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def items() -> dict[str, list[dict[str, Any]]]:
    return {name: load_items(name) for name in ("dev", "held_back")}


def make_record(title: str = "", abstract: str | list[tuple[str | None, str]] = "", **fields: Any) -> Record:
    parts = [(None, abstract)] if isinstance(abstract, str) else abstract
    values: dict[str, Any] = {
        "source": "test",
        "source_id": "1",
        "title": title,
        "abstract": tuple(AbstractSection(label=label, text=text) for label, text in parts if text),
        "languages": ("eng",),
        "publication_types": ("Journal Article",),
        "published": PartialDate(year=2025),
    }
    return Record(**(values | fields))


@pytest.fixture
def record() -> Callable[..., Record]:
    return make_record


@pytest.fixture
def read() -> Callable[..., Assessment]:
    """Assess a record made of a title, an abstract and fields."""

    def _read(title: str = "", abstract: str | list[tuple[str | None, str]] = "", **fields: Any) -> Assessment:
        return assess(make_record(title, abstract, **fields), CRITERIA)

    return _read
