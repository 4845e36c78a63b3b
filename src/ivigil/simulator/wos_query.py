"""Web of Science's query syntax: TS=(...), TI="...", PY=(2003-2024), UT=(WOS:1 OR WOS:2); AND binds before OR."""

from __future__ import annotations

import re
from datetime import date

from ivigil.simulator.boolean import Reader, lex, understood, words
from ivigil.simulator.index import Index
from ivigil.simulator.query import Exactly, Node, QuerySyntaxError, Question, Span

LEXEME = re.compile(
    r"\s*(?:(?P<field>[A-Z]{2,4})\s*=\s*"
    r"|(?P<operator>AND\b|OR\b|NOT\b)"
    r"|(?P<mark>[()])"
    r'|(?P<quoted>"[^"]*")'
    r'|(?P<word>[^\s()"=]+))',
    re.IGNORECASE,
)
TEXT_FIELDS = {"TS": ("title", "abstract", "keyword", "mesh_text"), "TI": ("title",), "SO": ("journal_text",)}
UID = "WOS:9"
"""How this service's accession numbers begin; the PMID follows, with zeros between."""


class _Reader(Reader):
    def term(self, kind: str, text: str) -> Node:
        if kind == "field":
            return self.within(text.upper(), self.operand)
        if self.field in TEXT_FIELDS:
            return words(TEXT_FIELDS[self.field], text)
        value = text.strip('"')
        match self.field:
            case "UT":
                return Exactly("id", (value.removeprefix(UID).lstrip("0"),))
            case "PMID":
                return Exactly("id", (value,))
            case "DO":
                return Exactly("doi", (value,))
            case "PY":
                return _years(value)
        raise QuerySyntaxError(f"Search Error: Invalid field tag {self.field or 'in a query without one'}")


def _years(text: str) -> Node:
    match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text)
    if match is None:
        raise QuerySyntaxError(f"Search Error: Invalid year {text}")
    return Span("published", date(int(match[1]), 1, 1), date(int(match[2] or match[1]), 12, 31))


def parse(text: str, _index: Index, _today: date) -> Question:
    """Read a Web of Science query.

    Raises:
        QuerySyntaxError: unbalanced parentheses, an unknown tag or none, a year that is none.
    """
    return understood(_Reader(lex(text, LEXEME), "").read(), text)
