"""Labelled reviews to measure on: a folder of CSV files with their criteria beside them."""

from __future__ import annotations

import csv
import gzip
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivigil.errors import ConfigurationError
from ivigil.screening.base import Labels
from ivigil.screening.documents import Document

CRITERIA_FILE = "criteria.toml"
COLUMNS = ("id", "title", "abstract", "label")
NO_YEAR = 0


@dataclass(frozen=True)
class Review:
    """One labelled review; `years` holds `NO_YEAR` where a record's year is not known.

    `passed` says who passed title and abstract, None where the review's file does not.
    """

    name: str
    documents: tuple[Document, ...]
    labels: Labels
    years: NDArray[np.int64]
    criteria_text: str = ""
    passed: Labels | None = None

    @cached_property
    def included(self) -> int:
        """Number of included records."""
        return int(self.labels.sum())


def read_reviews(folder: Path) -> list[Review]:
    """Every `*.csv` and `*.csv.gz` of a folder, by name; criteria from `criteria.toml` where it has them.

    Raises:
        ConfigurationError: no reviews, a missing column, or a value that cannot be (file, line and field named).
    """
    files = sorted(path for path in folder.glob("*") if path.name.endswith((".csv", ".csv.gz")))
    if not files:
        raise ConfigurationError("no *.csv or *.csv.gz here", file=folder)
    criteria = _read_criteria(folder / CRITERIA_FILE)
    return [read_review(path, criteria) for path in files]


def read_review(path: Path, criteria: Mapping[str, str]) -> Review:
    """One review's records, in the file's order.

    Raises:
        ConfigurationError: as `read_reviews`.
    """
    name = path.name.removesuffix(".gz").removesuffix(".csv")
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot be read: {error}", file=path) from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise ConfigurationError("the column is missing", file=path, line=1, field=missing[0])
    documents, labels, years, passed = [], [], [], []
    for row in rows:
        documents.append(Document(row["id"], row["title"] or "", row["abstract"] or ""))
        labels.append(_number(row["label"], path, rows.line_num, "label", allowed=(0, 1)))
        years.append(_number(row["year"], path, rows.line_num, "year") if row.get("year") else NO_YEAR)
        if row.get("label_ta"):
            passed.append(_number(row["label_ta"], path, rows.line_num, "label_ta", allowed=(0, 1)))
    if not 0 < sum(labels) < len(labels):
        raise ConfigurationError("needs included and excluded records", file=path, field="label")
    if passed and len(passed) != len(labels):
        raise ConfigurationError(f"{len(passed)} of {len(labels)} records have it", file=path, field="label_ta")
    return Review(
        name,
        tuple(documents),
        np.array(labels),
        np.array(years),
        criteria.get(name, ""),
        np.maximum(passed, labels) if passed else None,
    )


def _number(text: str | None, path: Path, line: int, field: str, allowed: tuple[int, ...] | None = None) -> int:
    try:
        value = float(text or "")
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is not a number", file=path, line=line, field=field) from error
    if value != int(value) or (allowed is not None and value not in allowed):
        raise ConfigurationError(f"{text!r} cannot be", file=path, line=line, field=field)
    return int(value)


def _read_criteria(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot be read: {error}", file=path) from error
    wrong = [name for name, text in held.items() if not isinstance(text, str)]
    if wrong:
        raise ConfigurationError("must be a text", file=path, field=wrong[0])
    return held
