"""Reads the file of cases."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivigil.records import AbstractSection, Author, PartialDate, Record

FILE = Path(__file__).parent / "cases.toml"


@dataclass(frozen=True)
class Case:
    name: str
    because: str
    a: Record
    b: Record
    expect: str


def read_cases() -> list[Case]:
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["case"]
    return [
        Case(row["name"], row["because"], to_record(row["a"], "a"), to_record(row["b"], "b"), row["expect"])
        for row in rows
    ]


def to_record(fields: dict[str, Any], source: str) -> Record:
    values = {"source": source, "source_id": "1", **fields}
    if (year := values.pop("year", None)) is not None:
        values["published"] = PartialDate(year=year)
    if abstract := values.pop("abstract", None):
        values["abstract"] = (AbstractSection(text=abstract),)
    values["authors"] = tuple(author(name) for name in values.pop("authors", "").split("; ") if name)
    return Record(**values)


def author(name: str) -> Author:
    last, comma, given = name.partition(", ")
    if not comma:
        last, _, given = name.rpartition(" ")
    return Author(last_name=last, fore_name=given or None)
