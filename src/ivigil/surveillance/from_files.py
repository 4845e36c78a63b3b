"""Assess, rank and link the records of files, without a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ivigil.eligibility import assess, close_look
from ivigil.errors import ConfigurationError, ImportError_
from ivigil.linking import cluster
from ivigil.protocol import Protocol
from ivigil.records import Record
from ivigil.sources.files import read_file
from ivigil.surveillance.assessing import reading_json
from ivigil.surveillance.training import SEED, document_of, screener_maker


def assess_file(protocol: Protocol, file: Path, *, embedding_model: str | None = None) -> list[dict[str, Any]]:
    """Every record's reading against the protocol's criteria, in the file's order."""
    close = close_look(embedding_model)
    return [
        {"key": entry.key, "title": entry.record.title, **reading_json(assess(entry.record, protocol.criteria, close))}
        for entry in read_file(file).records
    ]


def rank_files(
    labelled: Path,
    pool: Path,
    *,
    criteria: Path | None = None,
    label_column: str | None = None,
    embedding_model: str | None = None,
    cache: Path | None = None,
) -> list[dict[str, Any]]:
    """Train on the labelled file, rank the pool: [{rank, id, score}], best first.

    Raises:
        ImportError_: a file cannot be read, or the labelled one carries no labels.
    """
    training = read_file(labelled, label_column=label_column).records
    known = [(entry, label.included) for entry in training if (label := entry.label) and label.included is not None]
    if not known:
        raise ImportError_(
            "carries no include/exclude label", file=labelled, hint="name the column with --label-column"
        )
    passed = [value or bool(entry.passed) for entry, value in known]
    screener = screener_maker(embedding_model, cache)().fit(
        [document_of(entry.record, entry.key) for entry, _ in known],
        [int(value) for _, value in known],
        criteria_text=criteria.read_text(encoding="utf-8") if criteria else "",
        passed=[int(one) for one in passed],
        seed=SEED,
    )
    entries = read_file(pool).records
    documents = [document_of(entry.record, entry.key) for entry in entries]
    scores = [float(score) for score in screener.score(documents)]
    order = sorted(range(len(entries)), key=lambda place: (-scores[place], place))
    return [
        {"rank": rank, "id": entries[place].key, "score": scores[place]} for rank, place in enumerate(order, start=1)
    ]


def link_files(files: Sequence[Path]) -> dict[str, Any]:
    """Clusters of the records of these files: {records, clusters [[id, ...]], links [{a, b, why}], ...}.

    An id is the record's own key. One that stands more than once is led by its file, as it was named here, and where
    it stands more than once in one file by the line too: no two records share one, in whatever order files are given.

    Raises:
        ConfigurationError: a file is given twice.
    """
    twice = next((file for file, times in Counter(file.resolve() for file in files).items() if times > 1), None)
    if twice is not None:
        raise ConfigurationError("is given twice: each of its records would be its own duplicate", file=twice)
    read = [(str(file), entry) for file in files for entry in read_file(file).records]
    everywhere = Counter(entry.key for _, entry in read)
    in_file = Counter((file, entry.key) for file, entry in read)
    records: dict[str, Record] = {}
    for file, entry in read:
        lead = [] if everywhere[entry.key] == 1 else [file]
        line = [] if in_file[file, entry.key] == 1 else [str(entry.line)]
        records[":".join((*lead, *line, entry.key))] = entry.record
    return cluster(records).as_json()
