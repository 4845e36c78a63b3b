"""One export file, whatever its format, to records: what went in is counted, and must come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from ivigil.errors import ImportError_
from ivigil.sources.files import markup, ris, ris_dialects, table, table_dialects, tagged, tagged_dialects
from ivigil.sources.files.build import build_record
from ivigil.sources.files.fields import Dialect, Field, choose
from ivigil.sources.files.labels import label_reader, report_key
from ivigil.sources.files.model import ImportedRecord, ImportResult, Rejected, Tokens
from ivigil.sources.files.sniff import Format, sniff
from ivigil.sources.files.text import OLE_MAGIC, ZIP_MAGIC, Text, decode, read_bytes

Tokenizer = Callable[[str, Path], Tokens]

TOKENIZERS: dict[Format, Tokenizer] = {
    Format.RIS: lambda text, _: ris.tokenize(text),
    Format.MEDLINE: lambda text, _: tagged.tokenize_medline(text),
    Format.WOS: lambda text, _: tagged.tokenize_wos(text),
    Format.OVID: lambda text, _: tagged.tokenize_ovid(text),
    Format.ENW: lambda text, _: tagged.tokenize_enw(text),
    Format.BIBTEX: lambda text, _: markup.tokenize_bibtex(text),
    Format.JSON_LINES: lambda text, _: markup.tokenize_json_lines(text),
    Format.ENDNOTE_XML: markup.tokenize_endnote_xml,
    Format.CSV: table.tokenize_csv,
}
# Format -> the dialects that can be told apart in it, and what it is otherwise.
DIALECTS: dict[Format, tuple[tuple[Dialect, ...], Dialect]] = {
    Format.RIS: (ris_dialects.RIS_DIALECTS, ris_dialects.GENERIC),
    Format.MEDLINE: (tagged_dialects.MEDLINE_DIALECTS, tagged_dialects.MEDLINE),
    Format.WOS: ((tagged_dialects.WOS_TEXT,), tagged_dialects.WOS_TEXT),
    Format.OVID: ((tagged_dialects.OVID_TEXT,), tagged_dialects.OVID_TEXT),
    Format.ENW: ((tagged_dialects.ENW,), tagged_dialects.ENW),
    Format.BIBTEX: (tagged_dialects.BIBTEX_DIALECTS, tagged_dialects.BIBTEX),
    Format.ENDNOTE_XML: ((tagged_dialects.ENDNOTE_XML,), tagged_dialects.ENDNOTE_XML),
    Format.JSON_LINES: (tagged_dialects.JSON_DIALECTS, tagged_dialects.JSON_LINES),
    Format.CSV: (table_dialects.TABLE_DIALECTS, table_dialects.GENERIC),
    Format.XLSX: (table_dialects.TABLE_DIALECTS, table_dialects.GENERIC),
}


def known_sources() -> frozenset[str]:
    """Every database or product whose exports are told from one another."""
    dialects = [dialect for known, default in DIALECTS.values() for dialect in (*known, default)]
    return frozenset(name for one in dialects for name in (one.source, *(source for _, source in one.sources)))


def read_file(path: Path, *, source: str | None = None, label_column: str | None = None) -> ImportResult:
    """Read an export file: format from its content, dialect from its marks, labels where it has any.

    `source` names the source of every record; without it each dialect has its own (embase, scopus, ..., file).
    `label_column` names the column or tag that holds the labels. Raises `ImportError_` where the file is of no known
    format, cannot be read as a whole, or where records and rejected entries do not add up to the entries seen.
    """
    data = read_bytes(path)
    if data.startswith(OLE_MAGIC):
        raise ImportError_("is an old Excel or EndNote binary", file=path, hint="save it as .xlsx, or export it as RIS")
    if data.startswith(ZIP_MAGIC):
        return _assemble(Format.XLSX, table.tokenize_xlsx(data, path), path, source, label_column)
    decoded = decode(data)
    form = sniff(decoded.text, path)
    if form is Format.PUBMED_XML:
        return _assemble_pubmed_xml(decoded, path, source)
    tokens = TOKENIZERS[form](decoded.text, path)
    return _assemble(form, replace(tokens, notes=decoded.notes + tokens.notes), path, source, label_column)


def _assemble(form: Format, tokens: Tokens, path: Path, source: str | None, label_column: str | None) -> ImportResult:
    known, default = DIALECTS[form]
    dialect, own = choose(tokens.entries, known, default)
    labels, notes = label_reader(tokens, path, label_column)
    records, rejected = [], list(tokens.rejected)
    for entry, entry_dialect in zip(tokens.entries, own, strict=True):
        try:
            record = build_record(entry, entry_dialect, source)
            said = labels.read(entry)
        except (ValidationError, ValueError) as error:
            rejected.append(Rejected(entry.line, _why(error)))
            continue
        key = entry_dialect.read_one(entry, Field.KEY) or record.source_id
        records.append(ImportedRecord(record, entry.line, key, said, report_key(entry)))
    return _counted(
        ImportResult(
            format=form.value,
            dialect=dialect.name,
            records=tuple(records),
            rejected=tuple(sorted(rejected, key=lambda item: item.line)),
            seen=tokens.seen,
            notes=tokens.notes + notes,
        ),
        path,
    )


def _assemble_pubmed_xml(decoded: Text, path: Path, source: str | None) -> ImportResult:
    found, tokens = markup.read_pubmed_xml(decoded.text, path)
    records = tuple(
        ImportedRecord(record.model_copy(update={"source": source or record.source}), line, record.source_id)
        for line, record in found
    )
    notes = decoded.notes + tokens.notes
    return _counted(ImportResult(Format.PUBMED_XML, "pubmed", records, tokens.rejected, tokens.seen, notes), path)


def _counted(result: ImportResult, path: Path) -> ImportResult:
    if not result.seen:
        raise ImportError_(f"holds no entries, though it looks like {result.format}", file=path)
    out = len(result.records) + len(result.rejected)
    if out != result.seen:
        raise ImportError_(
            f"{result.seen} entries were seen, but {len(result.records)} read and {len(result.rejected)} rejected",
            file=path,
            hint="nothing was imported; please report the file's origin and format",
        )
    return result


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return str(error)
