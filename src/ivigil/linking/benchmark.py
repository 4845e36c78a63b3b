"""Measures linking on sets with known duplicates, beside exact identifiers and bib-dedupe, in one run.

A set is a folder with `records.csv` or `records.csv.gz` (ID, title, author, year, journal or booktitle, volume, number
or issue, pages, abstract, doi, pmid) and `gold.csv` (merged_ids, joined by semicolons). Each method runs in a process
of its own on one core, so that its time and memory are its own.
"""

from __future__ import annotations

import csv
import gzip
import importlib
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ivigil.errors import ConfigurationError, IvigilError
from ivigil.linking.cluster import cluster
from ivigil.linking.metrics import Counts, count_pairs, count_records
from ivigil.records import AbstractSection, Author, PartialDate, Record

_EMPTY = frozenset({"", "nan", "none", "unknown"})
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_AUTHOR_BREAK = re.compile(r"\s+and\s+|;\s*")
MIN_BASELINE_SENSITIVITY, MIN_BASELINE_SPECIFICITY = 0.05, 0.9


@dataclass(frozen=True)
class LabelledSet:
    """Records with their known duplicates, in the order of the file; `rows` are the file's own."""

    name: str
    rows: list[dict[str, str]]
    records: dict[str, Record]
    known: list[list[str]]


@dataclass(frozen=True)
class Row:
    """One method on one set, by record or by pair. Memory is its process's peak, in MB; rates are 0 to 1."""

    set: str
    method: str
    level: str
    records: int
    counts: Counts
    seconds: float
    peak_memory_mb: float
    note: str = ""

    @property
    def records_per_second(self) -> float:
        """Records linked a second, reading the file apart."""
        return self.records / self.seconds

    def as_json(self) -> dict[str, Any]:
        """Plain values, rates included."""
        counts = self.counts
        rates = {name: getattr(counts, name) for name in ("sensitivity", "specificity", "precision", "f1")}
        plain = {key: value for key, value in asdict(self).items() if key != "counts"}
        return {**plain, **asdict(counts), **rates, "records_per_second": self.records_per_second}


def benchmark(folder: Path, methods: Sequence[str] | None = None) -> list[Row]:
    """Measure the methods (all that are installed) on a set, or on every set in a folder.

    Raises:
        ConfigurationError: no set is there, or a file of one cannot be read; or a method is not known or not installed.
        IvigilError: a baseline's row cannot be true.
    """
    sets = [folder] if (folder / "gold.csv").exists() else sorted(path.parent for path in folder.glob("*/gold.csv"))
    if not sets:
        raise ConfigurationError("holds no set with a gold.csv", file=folder)
    chosen = installed_methods() if methods is None else list(methods)
    if missing := set(chosen) - set(installed_methods()):
        raise ConfigurationError(f"not known or not installed: {', '.join(sorted(missing))}", field="methods")
    return [row for path in sets for row in _measure_set(path, chosen)]


def installed_methods() -> list[str]:
    """Names of the methods that can run here, ours first."""
    return [name for name in METHODS if name != "bib-dedupe" or importlib.util.find_spec("bib_dedupe") is not None]


def read_set(folder: Path) -> LabelledSet:
    """Read one set.

    Raises:
        ConfigurationError: a file is missing or lacks a column, or an id is unknown or used twice.
    """
    path = next((path for name in ("records.csv.gz", "records.csv") if (path := folder / name).exists()), None)
    if path is None:
        raise ConfigurationError("records.csv or records.csv.gz is missing", file=folder)
    rows = _read_csv(path, {"ID", "title"})
    records: dict[str, Record] = {}
    for line, row in enumerate(rows, start=2):
        if row["ID"] in records:
            raise ConfigurationError(f"{row['ID']} stands twice", file=path, line=line, field="ID")
        records[row["ID"]] = to_record(row)
    gold = folder / "gold.csv"
    known: list[list[str]] = []
    for line, row in enumerate(_read_csv(gold, {"merged_ids"}), start=2):
        ids = [id_ for id_ in row["merged_ids"].split(";") if id_]
        if unknown := [id_ for id_ in ids if id_ not in records]:
            raise ConfigurationError(f"no record {unknown[0]}", file=gold, line=line, field="merged_ids")
        known.append(ids)
    return LabelledSet(folder.name, rows, records, known)


def to_record(row: Mapping[str, str]) -> Record:
    """A row of BibTeX-like fields as a record."""
    field = {key: text for key, value in row.items() if (text := (value or "").strip()).lower() not in _EMPTY}
    year = field.get("year", "")[:4]
    doi = _DOI.search(field.get("doi", "").lower())
    abstract = field.get("abstract")
    return Record(
        source="benchmark",
        source_id=row["ID"],
        title=field.get("title", ""),
        authors=tuple(_author(name) for name in _AUTHOR_BREAK.split(field.get("author", "")) if name.strip(" ,")),
        journal=field.get("journal") or field.get("booktitle"),
        volume=field.get("volume"),
        issue=field.get("number") or field.get("issue"),
        pages=field.get("pages"),
        published=PartialDate(year=int(year)) if year.isdigit() and int(year) else None,
        abstract=(AbstractSection(text=abstract),) if abstract else (),
        doi=doi[0] if doi else None,
        pmid=field.get("pmid"),
    )


def link_ours(labelled: LabelledSet) -> list[list[str]]:
    """Our rules."""
    return cluster(labelled.records).clusters


def link_by_identifier(labelled: LabelledSet) -> list[list[str]]:
    """Records that share a DOI or a PMID, and nothing else."""
    groups: dict[tuple[str, str], list[str]] = {}
    for id_, record in labelled.records.items():
        identifier = ("doi", record.doi) if record.doi else ("pmid", record.pmid or "")
        if identifier[1]:
            groups.setdefault(identifier, []).append(id_)
    return [ids for ids in groups.values() if len(ids) > 1]


def link_by_bib_dedupe(labelled: LabelledSet) -> list[list[str]]:
    """bib-dedupe's own steps with their defaults, on one core."""
    steps = importlib.import_module("bib_dedupe.bib_dedupe")
    frame = importlib.import_module("pandas").DataFrame(labelled.rows).replace("", None)
    pairs = steps.block(steps.prep(frame, verbosity_level=0, cpu=1), cpu=1)
    clusters: list[list[str]] = steps.cluster(steps.match(pairs, cpu=1))
    return clusters


METHODS: dict[str, Callable[[LabelledSet], list[list[str]]]] = {
    "ours": link_ours,
    "exact-identifier": link_by_identifier,
    "bib-dedupe": link_by_bib_dedupe,
}


def _measure_set(folder: Path, methods: Sequence[str]) -> list[Row]:
    labelled = read_set(folder)
    ids = list(labelled.records)
    rows = []
    for method in methods:
        found, seconds, memory = _run(method, folder)
        note = (
            "" if method != "exact-identifier" or _identified(labelled) else "no known duplicates share an identifier"
        )
        for level, count in (("record", count_records), ("pair", count_pairs)):
            counts = count(ids, labelled.known, found)
            rows.append(Row(labelled.name, method, level, len(ids), counts, seconds, memory, note))
        if method != "ours":
            check_baseline(rows[-2], labelled)
    return rows


def check_baseline(row: Row, labelled: LabelledSet) -> None:
    """Refuse a baseline's row, by record, that cannot be true.

    Raises:
        IvigilError: the counts do not add up to the set, or the method as good as failed.
    """
    counts = row.counts
    positives = sum(len(ids) - 1 for ids in labelled.known)
    if counts.tp + counts.fn != positives or counts.tp + counts.fp + counts.fn + counts.tn != row.records:
        raise IvigilError(f"{row.method} on {row.set}: counts do not add up to {positives} of {row.records} records")
    if row.note:
        return
    if (counts.sensitivity or 0) < MIN_BASELINE_SENSITIVITY or (counts.specificity or 0) < MIN_BASELINE_SPECIFICITY:
        raise IvigilError(
            f"{row.method} on {row.set}: sensitivity {counts.sensitivity}, specificity {counts.specificity} "
            "is not what this method does",
            hint="look at what it was given before comparing with it",
        )


def _identified(labelled: LabelledSet) -> bool:
    shared = {frozenset(ids) for ids in link_by_identifier(labelled)}
    return any(len(ids & set(known)) > 1 for ids in shared for known in labelled.known)


def _run(method: str, folder: Path) -> tuple[list[list[str]], float, float]:
    """Clusters, seconds and peak memory in MB, from a process that holds nothing but the method."""
    with TemporaryDirectory() as scratch:
        outcome = Path(scratch) / "outcome.json"
        subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "ivigil.linking.measuring", method, str(folder), str(outcome)],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        found = json.loads(outcome.read_text(encoding="utf-8"))
    return found["clusters"], found["seconds"], found["peak_memory_mb"]


def _author(name: str) -> Author:
    last, _, given = name.partition(",")
    return Author(last_name=last.strip() or given.strip(), fore_name=given.strip() or None)


def _read_csv(path: Path, columns: set[str]) -> list[dict[str, str]]:
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""))
        if missing := columns - set(reader.fieldnames or ()):
            raise ConfigurationError(f"lacks the column {min(missing)}", file=path, line=1)
        return [{key: value or "" for key, value in row.items() if key} for row in reader]
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"cannot be read: {error}", file=path) from error
