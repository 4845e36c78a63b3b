"""Assess, rank and link the records of files, without a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ivigil.eligibility import assess
from ivigil.errors import ImportError_
from ivigil.linking import cluster
from ivigil.protocol import Protocol
from ivigil.records import Record
from ivigil.sources.files import ImportedRecord, read_file
from ivigil.surveillance.assessing import reading_json
from ivigil.surveillance.training import document_of, fit_screener


def assess_file(protocol: Protocol, file: Path) -> list[dict[str, Any]]:
    """Every record's reading against the protocol's criteria, in the file's order."""
    return [
        {"key": record.source_id, "title": record.title, **reading_json(assess(record, protocol.criteria))}
        for record in (entry.record for entry in read_file(file).records)
    ]


def rank_files(
    labelled: Path,
    pool: Path,
    *,
    criteria: Path | None = None,
    label_column: str | None = None,
    embedding_model: str | None = None,
) -> list[dict[str, Any]]:
    """Train on the labelled file, rank the pool: [{rank, id, score}], best first.

    Raises:
        ImportError_: a file cannot be read, or the labelled one carries no labels.
    """
    training = read_file(labelled, label_column=label_column).records
    known = [(entry, value) for entry in training if (value := _label(entry)) is not None]
    if not known:
        raise ImportError_(
            "carries no include/exclude label", file=labelled, hint="name the column with --label-column"
        )
    screener = fit_screener(
        [document_of(entry.record, entry.record.source_id) for entry, _ in known],
        [value for _, value in known],
        criteria_text=criteria.read_text(encoding="utf-8") if criteria else "",
        embedding_model=embedding_model,
    )
    entries = read_file(pool).records
    documents = [document_of(entry.record, entry.record.source_id) for entry in entries]
    scores = [float(score) for score in screener.score(documents)]
    order = sorted(range(len(entries)), key=lambda place: (-scores[place], place))
    return [
        {"rank": rank, "id": entries[place].record.source_id, "score": scores[place]}
        for rank, place in enumerate(order, start=1)
    ]


def link_files(files: Sequence[Path]) -> dict[str, Any]:
    """Clusters of the records of these files: {records, clusters [[id, ...]], links [{a, b, why}]}.

    An id is the record's own; where two files use the same one, the file's name leads it.
    """
    named = [(file, entry.record) for file in files for entry in read_file(file).records]
    counts = Counter(record.source_id for _, record in named)
    records: dict[str, Record] = {}
    for file, record in named:
        name = record.source_id if counts[record.source_id] == 1 else f"{file.name}:{record.source_id}"
        while name in records:
            name += "'"
        records[name] = record
    return cluster(records).as_json()


def _label(entry: ImportedRecord) -> bool | None:
    said = [label.included for label in entry.labels if label.included is not None]
    return any(said) if said else None
