"""Europe PMC's query syntax: FIELD:term, FIELD:"phrase", FIELD:[a TO b]; AND binds before OR and may be left out.

Source: Europe PMC's search-syntax reference and the recorded answers. A field it does not know is searched as text, as
the service does, so that PubMed syntax sent here finds next to nothing instead of failing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ivigil.simulator.index import Index, tokenize
from ivigil.simulator.query import (
    EVERY_TEXT,
    And,
    But,
    Everything,
    Exactly,
    Node,
    Nothing,
    Or,
    QuerySyntaxError,
    Question,
    Remarks,
    Span,
    Words,
)
from ivigil.simulator.vocabulary import explode, heading_for

LEXEME = re.compile(
    r"\s*(?:(?P<mark>[()])"
    r"|(?P<field>[A-Za-z_]+):(?=[\"\[(\w*]|\s*$)"
    r"|\[(?P<range>[^\]]*)\]"
    r'|(?P<quoted>"[^"]*")'
    r'|(?P<word>[^\s()"\[\]]+)'
    r"|(?P<stray>[\[\]\"]))",
)
TEXT_FIELDS = {
    "TITLE": ("title",),
    "ABSTRACT": ("abstract",),
    "TITLE_ABS": ("title", "abstract"),
    "KW": ("keyword", "mesh_text"),
    "AFF": ("affiliation",),
    "JOURNAL": ("journal_text",),
}
VALUE_FIELDS = {
    "AUTH": "author",
    "EXT_ID": "id",
    "SRC": "source",
    "DOI": "doi",
    "PMCID": "pmcid",
    "PUB_TYPE": "type",
    "LANG": "language",
    "ISSN": "journal",
    "ACCESSION_ID": "registry",
}
DATE_FIELDS = {
    "FIRST_PDATE": "first_published",
    "E_PDATE": "published",
    "P_PDATE": "published",
    "PUB_YEAR": "first_published",
    "CREATION_DATE": "created",
    "FIRST_IDATE": "first_indexed",
    "UPDATE_DATE": "revised",
}
FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)


@dataclass
class _Reader:
    lexemes: list[tuple[str, str]]
    at: int = 0

    def peek(self) -> tuple[str, str] | None:
        return self.lexemes[self.at] if self.at < len(self.lexemes) else None

    def accept(self, *wanted: tuple[str, str]) -> bool:
        if self.peek() in wanted:
            self.at += 1
            return True
        return False

    def either(self) -> Node:
        node = self.both()
        while self.accept(("word", "OR")):
            node = Or(node, self.both())
        return node

    def both(self) -> Node:
        node = self.single()
        while (lexeme := self.peek()) not in {None, ("mark", ")"), ("word", "OR")}:
            if lexeme == ("word", "NOT"):
                self.at += 1
                node = But(node, self.single())
                continue
            self.accept(("word", "AND"))
            negated = self.accept(("word", "NOT"))
            right = self.single()
            node = But(node, right) if negated else And(node, right)
        return node

    def single(self) -> Node:
        if self.accept(("word", "NOT")):
            return But(Everything(), self.single())
        lexeme = self.peek()
        if lexeme is None:
            raise QuerySyntaxError("unexpected end of query")
        self.at += 1
        kind, text = lexeme
        if lexeme == ("mark", "("):
            node = self.either()
            if not self.accept(("mark", ")")):
                raise QuerySyntaxError("unbalanced parentheses")
            return node
        if kind == "field":
            return self.fielded(text.upper())
        if kind in {"quoted", "word"} and text not in {"AND", "OR"}:
            return _text(EVERY_TEXT, text)
        raise QuerySyntaxError(f"unexpected '{text}'")

    def fielded(self, name: str) -> Node:
        if self.accept(("mark", "(")):
            return self.spread(name)
        lexeme = self.peek()
        if lexeme is None or lexeme[0] not in {"quoted", "word", "range"}:
            raise QuerySyntaxError(f"{name} has no term")
        self.at += 1
        kind, text = lexeme
        if name in DATE_FIELDS:
            return _dates(DATE_FIELDS[name], text, ranged=kind == "range")
        if name in TEXT_FIELDS:
            return _text(TEXT_FIELDS[name], text)
        value = _value(name, text.strip('"'))
        return value or And(_text(EVERY_TEXT, name), _text(EVERY_TEXT, text))

    def spread(self, name: str) -> Node:
        """FIELD:(a OR b): the field goes to each term of the group."""
        depth, lexemes = 1, list[tuple[str, str]]()
        while depth:
            lexeme = self.peek()
            if lexeme is None:
                raise QuerySyntaxError("unbalanced parentheses")
            self.at += 1
            depth += {("mark", "("): 1, ("mark", ")"): -1}.get(lexeme, 0)
            if lexeme[0] == "quoted" or (lexeme[0] == "word" and lexeme[1] not in {"AND", "OR", "NOT"}):
                lexemes.append(("field", name))
            lexemes.append(lexeme)
        return _Reader(lexemes[:-1]).either()


def _value(name: str, text: str) -> Node | None:
    """A whole value of a field, or None where the service has no such field."""
    if name in VALUE_FIELDS:
        column = VALUE_FIELDS[name]
        return Exactly(column, (text.rstrip("*"),), prefix=text.endswith("*") or column == "author")
    if name == "MESH":
        return Exactly("mesh", explode(heading_for(text)))
    if name == "HAS_ABSTRACT":
        return Exactly("has", ("abstract" if text.lower() == "y" else "no abstract",))
    return None


def _text(fields: tuple[str, ...], text: str) -> Node:
    words = tuple(tokenize(text))
    if not words:
        return Nothing()
    return Words(fields, words, prefix=text.strip('"').endswith("*"))


def _dates(column: str, text: str, *, ranged: bool) -> Node:
    if not ranged:
        start, end = _days(text)
        return Span(column, start, end)
    low, separator, high = re.sub(r"\s+", " ", text).strip().partition(" TO ")
    if not separator:
        raise QuerySyntaxError(f"'{text}' is no range")
    return Span(column, _days(low)[0], _days(high)[1])


def _days(text: str) -> tuple[date, date]:
    bare = text.strip().strip('"')
    if bare == "*":
        return FIRST_DAY, LAST_DAY
    match = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", bare)
    if match is None:
        raise QuerySyntaxError(f"'{text}' is no date")
    year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    try:
        start = date(year, month or 1, day or 1)
        if day:
            return start, start
        end = date(year, 12, 31) if not month or month == 12 else date(year, month + 1, 1)
    except ValueError as error:
        raise QuerySyntaxError(f"'{text}' is no date") from error
    return start, end if end.day == 31 else date.fromordinal(end.toordinal() - 1)


def parse(text: str, _index: Index, _today: date) -> Question:
    """Read a Europe PMC query.

    Raises:
        QuerySyntaxError: unbalanced parentheses, a field without term, a date that is none.
    """
    lexemes: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = LEXEME.match(text, at)
        if match is None or match.lastgroup in {None, "stray"}:
            raise QuerySyntaxError(f"cannot read query near '{text[at : at + 20].strip()}'")
        lexemes.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    reader = _Reader(lexemes)
    node = reader.either()
    if reader.peek() is not None:
        raise QuerySyntaxError("unbalanced parentheses")
    return Question(node, text, Remarks())
