"""CSV, TSV and XLSX, cut into rows under the header, wherever in the first rows it stands."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from ivigil.errors import ImportError_
from ivigil.sources.files.labels import LABEL_COLUMNS
from ivigil.sources.files.model import Entry, Rejected, Tokens
from ivigil.sources.files.table_dialects import KNOWN_COLUMNS, TITLE_COLUMNS

DELIMITERS = ",;\t|"
HEADER_WITHIN = 30  # rows; Embase puts three before it, saved reports a few more
# Excel's way to keep a number as text, as EBSCO writes it.
EXCEL_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)
LONGEST_CELL = 2**31 - 1  # Scopus lists all references of a paper in one cell
RECOGNISED = KNOWN_COLUMNS | {name for name, _ in LABEL_COLUMNS}

Row = tuple[int, list[str]]


def looks_like_table(text: str) -> bool:
    """Whether one of the first rows is a header: two known columns at least, a title or an abstract among them."""
    return _find_delimiter(text, least=2) is not None


def tokenize_csv(text: str, path: Path) -> Tokens:
    """Delimited text with ',', ';', tab or '|', whichever makes the better header.

    Raises `ImportError_` where no header is found or quotes do not close; a row whose cells do not fit the header is
    rejected with its line.
    """
    delimiter = _find_delimiter(text, least=1)
    if delimiter is None:
        raise ImportError_(
            "no known format, and no header row with a title column",
            file=path,
            hint="expected RIS, MEDLINE, BibTeX, EndNote XML, PubMed XML, JSON lines, or a table with named columns",
        )
    try:
        return _tokenize(_rows(text, delimiter, strict=True), path)
    except csv.Error as error:
        line = _broken_line(text, delimiter)
        raise ImportError_(
            f"quotes do not match: {error}", file=path, line=line, hint="save it as CSV again"
        ) from error


def tokenize_xlsx(data: bytes, path: Path) -> Tokens:
    """The first sheet of a workbook that has a header row; line numbers are sheet rows."""
    try:
        with warnings.catch_warnings():
            # openpyxl speaks of styles and extensions it drops; none of them carries a record.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheets = {sheet.title: list(_sheet_rows(sheet.iter_rows(values_only=True))) for sheet in book.worksheets}
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise ImportError_(f"not a readable workbook: {error}", file=path) from error
    with_header = [title for title, rows in sheets.items() if _find_header(rows[:HEADER_WITHIN], least=1) is not None]
    if not with_header:
        raise ImportError_("no sheet has a header row with a title column", file=path)
    tokens = _tokenize(iter(sheets[with_header[0]]), path)
    others = [title for title in sheets if title != with_header[0] and sheets[title]]
    notes = tuple(f"sheet {title!r} was not read" for title in others)
    return replace(tokens, notes=notes)


def _tokenize(rows: Iterator[Row], path: Path) -> Tokens:
    head = list(islice(rows, HEADER_WITHIN))
    at = _find_header(head, least=1)
    if at is None:
        raise ImportError_("no header row with a title column", file=path)
    columns = [_name(cell) for cell in _trimmed(head[at][1])]
    entries, rejected, seen = [], [], 0
    for line, cells in (*head[at + 1 :], *rows):
        kept = _trimmed(cells) if len(cells) > len(columns) else cells
        if not any(cell.strip() for cell in kept):
            continue
        seen += 1
        if len(kept) != len(columns):
            rejected.append(Rejected(line, f"{len(kept)} cells where the header has {len(columns)}"))
        else:
            entries.append(Entry(line, _values(columns, kept)))
    spelling = {_name(cell): " ".join(cell.split()) for cell in head[at][1]}
    return Tokens(tuple(entries), seen, tuple(rejected), spelling=spelling)


def _values(columns: Sequence[str], cells: Sequence[str]) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for column, cell in zip(columns, cells, strict=True):
        found = EXCEL_TEXT.match(cell.strip())
        values[column] = (*values.get(column, ()), found[1] if found else cell)
    return values


def _find_delimiter(text: str, *, least: int) -> str | None:
    best, most = None, 0
    for delimiter in DELIMITERS:
        try:
            head = list(islice(_rows(text, delimiter, strict=False), HEADER_WITHIN))
        except csv.Error:
            continue
        at = _find_header(head, least=least)
        known = _known(head[at][1]) if at is not None else 0
        if known > most:
            best, most = delimiter, known
    return best


def _find_header(rows: Sequence[Row], *, least: int) -> int | None:
    counts = [_known(cells) if _has_title(cells) else 0 for _, cells in rows]
    most = max(counts, default=0)
    return counts.index(most) if most >= least else None


def _known(cells: Iterable[str]) -> int:
    return sum(1 for cell in cells if _name(cell) in RECOGNISED)


def _has_title(cells: Iterable[str]) -> bool:
    return any(_name(cell) in TITLE_COLUMNS for cell in cells)


def _name(cell: str) -> str:
    return " ".join(cell.lower().split())


def _trimmed(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _rows(text: str, delimiter: str, *, strict: bool) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    start = 1
    for cells in reader:
        yield start, cells
        start = reader.line_num + 1


def _broken_line(text: str, delimiter: str) -> int:
    line = 1
    try:
        for start, _ in _rows(text, delimiter, strict=True):
            line = start
    except csv.Error:
        pass
    return line + 1


def _sheet_rows(rows: Iterable[tuple[object, ...]]) -> Iterator[Row]:
    for number, cells in enumerate(rows, start=1):
        yield number, [_cell(cell) for cell in cells]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
