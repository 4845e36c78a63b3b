"""BibTeX, EndNote XML and JSON lines, cut into entries."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware
from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock
from bibtexparser.model import Entry as BibtexEntry
from lxml import etree

from ivigil.errors import ImportError_, SourceError
from ivigil.records import Record
from ivigil.sources.files.model import Entry, Rejected, Tokens
from ivigil.sources.pubmed.parse import parse_articles

BIBTEX_START = re.compile(r"^[ \t]*@(?!(?:comment|string|preamble)\b)\w+[ \t]*[{(]", re.IGNORECASE | re.MULTILINE)
# Exports leave LaTeX's own characters bare: a percent sign would open a comment and take the abstract's rest with it.
BARE = re.compile(r"(?<!\\)([%&#])")
# Control characters that XML 1.0 forbids; EndNote writes them where an abstract was pasted.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
PUBMED_START = re.compile(r"<(?:PubmedArticle|PubmedBookArticle)[\s>]")
PMID_ELEMENT = re.compile(r"<PMID\b[^>]*>\s*(\d+)")


def tokenize_bibtex(text: str) -> Tokens:
    """BibTeX, read by bibtexparser with LaTeX decoded; a repeated citation key is no reason to lose an entry."""
    # The parser also reports each failed block in its own log; here they are returned, with their lines.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    prepared = BARE.sub(r"\\\1", text)
    library = parse_string(prepared, append_middleware=[LatexDecodingMiddleware()])
    found: list[BibtexEntry] = list(library.entries)
    rejected = []
    for block in library.failed_blocks:
        inside = block.ignore_error_block
        if isinstance(block, (DuplicateBlockKeyBlock, DuplicateFieldKeyBlock)) and isinstance(inside, BibtexEntry):
            found.append(inside)
        else:
            rejected.append(Rejected(_line(block.start_line), _reason(block.error)))
    entries = [
        Entry(
            _line(entry.start_line),
            {
                "entrytype": (entry.entry_type,),
                "key": (entry.key.strip(),),
                **{field.key.lower(): (str(field.value).strip("{}"),) for field in reversed(entry.fields)},
            },
        )
        for entry in found
    ]
    starts = len(BIBTEX_START.findall(text))
    return Tokens(tuple(sorted(entries, key=lambda entry: entry.line)), starts, tuple(rejected))


def _line(start: int | None) -> int:
    return (start or 0) + 1


def _reason(error: Exception | None) -> str:
    # bibtexparser's own words run over several lines and repeat the entry.
    said = str(getattr(error, "abort_reason", None) or error or "unreadable").strip()
    return f"not BibTeX: {said.splitlines()[0] if said else type(error).__name__}"


def tokenize_endnote_xml(text: str, path: Path) -> Tokens:
    """EndNote XML: every <record>, its text gathered from the <style> runs it is cut into.

    Raises `ImportError_` with its line where the file is not whole XML, as no count could be trusted then.
    """
    cleaned, dropped = FORBIDDEN.subn("", XML_DECLARATION.sub("", text, count=1))
    stream = io.BytesIO(cleaned.encode())
    entries = []
    try:
        events = etree.iterparse(stream, tag="record", resolve_entities=False, no_network=True, huge_tree=True)
        for _, element in events:
            entries.append(Entry(element.sourceline or 0, dict(_elements(element))))
            element.clear()
    except etree.XMLSyntaxError as error:
        line = error.lineno
        raise ImportError_(
            f"not whole XML: {error.msg}", file=path, line=line, hint="export the library again"
        ) from error
    notes = (f"{dropped} control characters that XML forbids were dropped",) if dropped else ()
    return Tokens(tuple(entries), len(re.findall(r"<record[\s>]", cleaned)), (), notes)


def _elements(record: etree._Element) -> Iterator[tuple[str, tuple[str, ...]]]:
    found: dict[str, list[str]] = {}
    for element in record.iter():
        if isinstance(element.tag, str) and element.tag not in {"record", "style"} and not _has_parts(element):
            words = "".join(str(run) for run in element.itertext()).replace("\r", "\n").strip()
            if element.tag == "ref-type":
                words = element.get("name") or words
            if words:
                found.setdefault(element.tag, []).append(words)
    for tag, values in found.items():
        yield tag, tuple(values)


def _has_parts(element: etree._Element) -> bool:
    return any(isinstance(child.tag, str) and child.tag != "style" for child in element)


def read_pubmed_xml(text: str, path: Path) -> tuple[tuple[tuple[int, Record], ...], Tokens]:
    """PubMed XML, read as the live source's answers are: (line, record) for each article, and the count beside them."""
    try:
        found = parse_articles(XML_DECLARATION.sub("", text, count=1).encode())
    except SourceError as error:
        raise ImportError_(str(error), file=path, hint="export it from PubMed again") from error
    starts = [(match.start(), text.count("\n", 0, match.start()) + 1) for match in PUBMED_START.finditer(text)]
    lines: dict[str, int] = {}
    for at, line in starts:
        pmid = PMID_ELEMENT.search(text, at)
        lines.setdefault(pmid[1] if pmid else "", line)
    rejected = tuple(Rejected(lines.get(name, 1), f"{name}: {why}") for name, why in found.rejected)
    notes = (f"{len(found.deleted)} deletions were passed over",) if found.deleted else ()
    return tuple((lines.get(record.source_id, 1), record) for record in found.records), Tokens(
        (), len(starts), rejected, notes
    )


def tokenize_json_lines(text: str) -> Tokens:
    """One JSON object a line; lists become repeated values."""
    entries, rejected, seen = [], [], 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        seen += 1
        try:
            item = json.loads(line)
        except json.JSONDecodeError as error:
            rejected.append(Rejected(number, f"not JSON: {error.msg} at column {error.colno}"))
            continue
        if isinstance(item, dict):
            entries.append(Entry(number, {str(name): _values(value) for name, value in item.items()}))
        else:
            rejected.append(Rejected(number, f"a JSON {type(item).__name__}, not an object"))
    return Tokens(tuple(entries), seen, tuple(rejected))


def _values(value: object) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, list):
        return tuple(_word(item) for item in value if item not in (None, ""))
    return (_word(value),)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dict):
        name = value.get("name") or value.get("descriptor") or value.get("id")
        return str(name) if name else json.dumps(value, ensure_ascii=False)
    return str(value)
