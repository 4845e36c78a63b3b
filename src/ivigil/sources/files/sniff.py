"""Which format a file is, told from its content; its name says nothing that can be relied on."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from ivigil.errors import ImportError_
from ivigil.sources.files.table import looks_like_table


class Format(StrEnum):
    """The formats that can be read."""

    RIS = "ris"
    MEDLINE = "medline"
    WOS = "wos"
    OVID = "ovid"
    ENW = "enw"
    BIBTEX = "bibtex"
    ENDNOTE_XML = "endnote_xml"
    PUBMED_XML = "pubmed_xml"
    JSON_LINES = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


HEAD = 20_000  # characters in which a format must show itself
# In order: a Web of Science file has no TY lines, a RIS file may quote anything in an abstract.
SIGNS = (
    (Format.WOS, re.compile(r"\A\s*FN .*|^PT [A-Z]$(?=(?:.|\n)*^[A-Z][A-Z0-9] )", re.MULTILINE)),
    (Format.RIS, re.compile(r"^[ \t]*TY[ \t]{0,2}-", re.MULTILINE)),
    (Format.MEDLINE, re.compile(r"^(?:PMID *- ?\d|OWN {0,2}- |UI  - |STAT *- )", re.MULTILINE)),
    (Format.ENW, re.compile(r"\A\s*%[0TA] ", re.MULTILINE)),
    (Format.BIBTEX, re.compile(r"^[ \t]*@\w+[ \t]*[{(]", re.MULTILINE)),
    (Format.OVID, re.compile(r"^(?:<\d+>|\d+\.)[ \t]*\n(?:[A-Z][^\n]{1,50}\n[ \t]+\S)", re.MULTILINE)),
    (Format.RIS, re.compile(r"^[A-Z][A-Z0-9]  - (?:.|\n)*^ER  -", re.MULTILINE)),
)


def sniff(text: str, path: Path) -> Format:
    """The format of a text; a table when nothing else. Raises `ImportError_` for XML and web pages of another kind."""
    start = text.lstrip()[:HEAD]
    if start.startswith("<") and not re.match(r"<\d+>", start):
        return _sniff_xml(start, path)
    if re.match(r"\{\s*\"", start):
        return Format.JSON_LINES
    if looks_like_table(text[: HEAD * 10]):
        return Format.CSV
    return next((form for form, sign in SIGNS if sign.search(start)), Format.CSV)


def _sniff_xml(start: str, path: Path) -> Format:
    if re.search(r"<Pubmed(?:Article|BookArticle)(?:Set)?[\s>]", start):
        return Format.PUBMED_XML
    if re.search(r"<records?[\s>]", start):
        return Format.ENDNOTE_XML
    what = "a web page" if re.search(r"<html", start, re.IGNORECASE) else "XML of a kind that is not known"
    raise ImportError_(f"is {what}", file=path, line=1, hint="export it from the database again, as RIS or PubMed XML")
