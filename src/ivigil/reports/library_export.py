"""The library as a file: every report with rank, score, verdict, label and reason, for other tools and for ivigil."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import rispy
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from ivigil.errors import ConfigurationError
from ivigil.records import Author, MeshHeading, Record, RecordKind

Decision = Literal["include", "exclude", "maybe"]

RIS_TYPES = {
    RecordKind.ARTICLE: "JOUR",
    RecordKind.PREPRINT: "UNPB",
    RecordKind.CONFERENCE_ABSTRACT: "ABST",
    RecordKind.REGISTRATION: "DBASE",
    RecordKind.BOOK: "BOOK",
    RecordKind.OTHER: "GEN",
}
INCLUDED = {"include": "1", "exclude": "0"}
ASREVIEW_NOTES = {"include": "ASReview_relevant", "exclude": "ASReview_irrelevant"}
# Control characters that neither a workbook nor a line of a tagged file can hold.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
LIST_SEPARATOR = "; "
COLUMNS = (
    "rank", "report_key", "score", "verdict", "included", "label", "stage", "reason", "note",
    "title", "abstract", "authors", "journal", "journal_abbreviation", "year", "pub_date", "volume", "issue", "pages",
    "issn", "publisher", "language", "publication_types", "mesh", "keywords", "pmid", "doi", "pmcid", "registry_ids",
    "url", "source", "source_id",
)  # fmt: skip


@dataclass(frozen=True)
class ExportRow:
    """One report as it is exported: its best record, and what the screener, the criteria and people said of it.

    `stage` is title_abstract or full_text, as files of other tools have it.
    """

    record: Record
    report_id: int
    rank: int | None = None
    score: float | None = None
    verdict: str | None = None
    label: Decision | None = None
    reason: str | None = None
    note: str | None = None
    stage: str | None = None

    @property
    def key(self) -> str:
        """The report's name in files, the same in every export."""
        return f"ivigil-{self.report_id}"


def write_library(path: Path, rows: Sequence[ExportRow]) -> int:
    """Write the rows in rank order, unranked ones last, in the format of the file's extension; returns how many.

    `.ris`, `.csv`, `.tsv`, `.xlsx` and `.jsonl` are known; each is read again by `ivigil import` with equal labels, and
    tables have ASReview's `included` column (1, 0, or empty for maybe and undecided). Raises `ConfigurationError` for
    another extension.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        known = ", ".join(sorted(WRITERS))
        raise ConfigurationError(
            f"cannot export to {path.suffix or 'a file without extension'!r}", file=path, hint=known
        )
    ordered = sorted(rows, key=lambda row: (row.rank is None, row.rank or 0))
    writer(path, ordered)
    return len(ordered)


def _write_csv(path: Path, rows: Sequence[ExportRow]) -> None:
    _write_delimited(path, rows, ",")


def _write_tsv(path: Path, rows: Sequence[ExportRow]) -> None:
    _write_delimited(path, rows, "\t")


def _write_delimited(path: Path, rows: Sequence[ExportRow], delimiter: str) -> None:
    # Excel takes a file without a byte-order mark for the machine's own code page.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_cells(row) for row in rows)


def _write_xlsx(path: Path, rows: Sequence[ExportRow]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("library")
    sheet.freeze_panes = "A2"
    sheet.append(COLUMNS)
    for row in rows:
        cells = []
        for value in _cells(row).values():
            cell = WriteOnlyCell(sheet, value=value)
            cell.data_type = "s"  # a title that begins with '=' is a title, not a formula
            cells.append(cell)
        sheet.append(cells)
    book.save(path)


def _write_jsonl(path: Path, rows: Sequence[ExportRow]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(_object(row), ensure_ascii=False) + "\n")


def _write_ris(path: Path, rows: Sequence[ExportRow]) -> None:
    entries = [_tags(row) for row in rows]
    tags = {tag.upper() for entry in entries for tag in entry} | {"TY", "ER"}
    writer = _RisWriter(
        mapping={tag: tag.lower() for tag in tags}, list_tags=sorted(tags - {"TY", "ER"}), delimiter_tags_mapping={}
    )
    with path.open("w", encoding="utf-8") as file:
        writer.format_lines(file, entries)


class _RisWriter(rispy.RisWriter):  # type: ignore[misc]  # rispy ships without types
    """rispy's writer without the running number before each entry, which is not RIS."""

    REFERENCE_TYPE_KEY = "ty"

    def set_header(self, count: int) -> str:  # noqa: ARG002 - rispy's signature
        return ""


WRITERS: Mapping[str, Callable[[Path, Sequence[ExportRow]], None]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".ris": _write_ris,
    ".tsv": _write_tsv,
    ".xlsx": _write_xlsx,
}


def _object(row: ExportRow) -> dict[str, object]:
    record = row.record
    return {
        "key": row.key,
        "report_key": row.key,
        "rank": row.rank,
        "score": row.score,
        "verdict": row.verdict,
        "label": row.label,
        "included": int(INCLUDED[row.label]) if row.label in INCLUDED else None,
        "stage": row.stage,
        "reason": row.reason,
        "note": row.note,
        "title": record.title,
        "abstract": record.abstract_text,
        "authors": [_name(author) for author in record.authors],
        "journal": record.journal,
        "journal_abbreviation": record.journal_abbreviation,
        "year": record.year,
        "pub_date": str(record.published) if record.published else None,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "issn": list(record.issns),
        "publisher": record.publisher,
        "language": list(record.languages),
        "pub_types": list(record.publication_types),
        "mesh": [_heading(heading) for heading in record.mesh],
        "keywords": list(record.keywords),
        "pmid": record.pmid,
        "doi": record.doi,
        "pmcid": record.pmcid,
        "registry_ids": list(record.registry_ids),
        "url": record.url,
        "source": record.source,
        "source_id": record.source_id,
    }


def _cells(row: ExportRow) -> dict[str, str]:
    values = {**_object(row), "publication_types": list(row.record.publication_types)}
    return {column: _cell(values[column]) for column in COLUMNS}


def _cell(value: object) -> str:
    if isinstance(value, list):
        return LIST_SEPARATOR.join(_line(str(item)) for item in value)
    return "" if value is None else CONTROLS.sub(" ", str(value))


def _tags(row: ExportRow) -> dict[str, str | list[str]]:
    """RIS tags of one report, lower case as the writer wants them; empty ones are left out."""
    record = row.record
    first, _, last = (record.pages or "").partition("-")
    said = {
        "key": row.key,
        "rank": row.rank,
        "score": row.score,
        "verdict": row.verdict,
        "label": row.label,
        "stage": row.stage,
    }
    own = {name: value for name, value in {**said, "reason": row.reason, "note": row.note}.items() if value is not None}
    date = str(record.published).replace("-", "/") if record.published else None
    values: dict[str, Sequence[str | None]] = {
        "ti": [record.title],
        "au": [_name(author) for author in record.authors],
        "ab": [record.abstract_text],
        "t2": [record.journal],
        "j2": [record.journal_abbreviation],
        "py": [str(record.year) if record.year else None],
        "da": [date],
        "vl": [record.volume],
        "is": [record.issue],
        "sp": [first],
        "ep": [last],
        "sn": record.issns,
        "pb": [record.publisher],
        "la": record.languages,
        "m3": record.publication_types,
        "kw": record.keywords,
        "do": [record.doi],
        "c5": [record.pmid],
        "c6": [record.pmcid],
        "ur": [record.url],
        "an": [row.key],
        "db": [record.source],
        "id": [record.source_id],
        "n1": [f"ivigil: {json.dumps(own, ensure_ascii=False)}", ASREVIEW_NOTES.get(row.label or "")],
    }
    filled = {tag: [_line(value) for value in found if value and value.strip()] for tag, found in values.items()}
    return {"ty": RIS_TYPES[record.kind], **{tag: found for tag, found in filled.items() if found}}


def _line(text: str) -> str:
    """The text on one line: a line end would be read as the start of something else."""
    return " ".join(CONTROLS.sub(" ", text).split())


def _name(author: Author) -> str:
    if author.collective:
        return author.collective
    given = author.fore_name or ".".join(author.initials or "") + ("." if author.initials else "")
    return ", ".join(part for part in (author.last_name, given, author.suffix) if part)


def _heading(heading: MeshHeading) -> str:
    return ("*" if heading.major else "") + "/".join((heading.descriptor, *heading.qualifiers))
