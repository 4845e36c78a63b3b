"""Scopus's query syntax: TITLE-ABS-KEY(...), PUBYEAR > 2003, ORIG-LOAD-DATE AFT 20240101; OR binds before AND."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from ivigil.simulator.boolean import FIRST_DAY, LAST_DAY, Reader, lex, understood, words
from ivigil.simulator.index import Index
from ivigil.simulator.query import EVERY_TEXT, Exactly, Node, QuerySyntaxError, Question, Span

LEXEME = re.compile(
    r"\s*(?:(?P<compare>(?:PUBYEAR|ORIG-LOAD-DATE)\s*(?:>|<|=|AFT\b|BEF\b|IS\b)\s*\d+)"
    r"|(?P<field>(?!(?:AND|OR|NOT)\()[A-Z]+(?:-[A-Z]+)*)\((?=[^)])"
    r"|(?P<operator>AND\s+NOT\b|AND\b|OR\b)"
    r"|(?P<mark>[()])"
    r'|(?P<quoted>"[^"]*"|\{[^}]*\})'
    r'|(?P<word>[^\s()"{}]+))',
)
KEYWORDS = ("keyword", "mesh_text")
TEXT_FIELDS = {
    "TITLE-ABS-KEY": ("title", "abstract", *KEYWORDS),
    "TITLE-ABS": ("title", "abstract"),
    "TITLE": ("title",),
    "ABS": ("abstract",),
    "KEY": KEYWORDS,
    "ALL": EVERY_TEXT,
}
EID = "2-s2.0-9"
"""How this service's EIDs begin; the PMID follows. Scopus has not given out so high a number."""


class _Reader(Reader):
    order = ("AND NOT", "AND", "OR")

    def term(self, kind: str, text: str) -> Node:
        if kind == "field":
            return self.within(text, self.group)
        if kind == "compare":
            return _compared(text)
        if self.field in TEXT_FIELDS:
            return words(TEXT_FIELDS[self.field], text)
        value = text.strip('"{}')
        match self.field:
            case "EID":
                return Exactly("id", (value.removeprefix(EID).lstrip("0"),))
            case "PMID":
                return Exactly("id", (value,))
            case "DOI":
                return Exactly("doi", (value,))
        raise QuerySyntaxError(f"Error translating query: unknown field {self.field}")


def _compared(text: str) -> Node:
    match = re.fullmatch(r"(?P<field>[A-Z-]+)\s*(?P<sign>>|<|=|AFT|BEF|IS)\s*(?P<value>\d+)", text)
    if match is None:
        raise QuerySyntaxError(f"Error translating query: '{text}'")
    first, last, column = _days(match["field"], match["value"])
    day = timedelta(days=1)
    match match["sign"]:
        case ">" | "AFT":
            return Span(column, last + day, LAST_DAY)
        case "<" | "BEF":
            return Span(column, FIRST_DAY, first - day)
    return Span(column, first, last)


def _days(field: str, value: str) -> tuple[date, date, str]:
    """The days a value means, and the column they are looked up in."""
    try:
        if field == "PUBYEAR":
            return date(int(value), 1, 1), date(int(value), 12, 31), "published"
        day = datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007 - a day, not a moment
    except ValueError as error:
        raise QuerySyntaxError(f"Error translating query: '{value}' is no date") from error
    return day, day, "first_indexed"


def parse(text: str, _index: Index, _today: date) -> Question:
    """Read a Scopus query.

    Raises:
        QuerySyntaxError: unbalanced parentheses, an unknown field, a date that is none.
    """
    return understood(_Reader(lex(text, LEXEME), "ALL").read(), text)
