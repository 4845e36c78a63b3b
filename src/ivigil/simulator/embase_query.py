"""The query syntax of embase.com: 'a phrase':ti,ab, (a OR b):ti, 'a heading'/exp, [2003-2024]/py, [01-02-2024]/sd."""

from __future__ import annotations

import re
from datetime import date, datetime

from ivigil.simulator.boolean import LAST_DAY, Lexeme, Reader, lex, understood, words
from ivigil.simulator.index import Index
from ivigil.simulator.query import EVERY_TEXT, Exactly, Node, QuerySyntaxError, Question, Span
from ivigil.simulator.vocabulary import explode, heading_for

LEXEME = re.compile(
    r"\s*(?:(?P<limit>\[[^\]]*\]/[a-z]+)"
    r"|(?P<fields>:[a-z]+(?:,[a-z]+)*)"
    r"|(?P<heading>/(?:exp|de)(?:/mj)?)"
    r"|(?P<operator>AND\b|OR\b|NOT\b)"
    r"|(?P<mark>[()])"
    r"|(?P<quoted>'[^']*'|\"[^\"]*\")"
    r"|(?P<word>[^\s()'\":/\[\]]+))",
    re.IGNORECASE,
)
COLUMNS = {"ti": ("title",), "ab": ("abstract",), "kw": ("keyword",), "tt": ("title",), "de": ("mesh_text",)}


class _Reader(Reader):
    def operand(self) -> Node:
        if self.peek() == ("mark", "(") and (after := self._after_group()) is not None and after[0] == "fields":
            node = self.within(after[1], super().operand)
            self.accept("fields")
            return node
        return super().operand()

    def _after_group(self) -> Lexeme | None:
        """What follows the bracket that closes the group to come."""
        depth = 0
        for ahead in range(len(self.lexemes) - self.at):
            lexeme = self.peek(ahead)
            depth += {("mark", "("): 1, ("mark", ")"): -1}.get(lexeme or ("", ""), 0)
            if not depth:
                return self.peek(ahead + 1)
        return None

    def term(self, kind: str, text: str) -> Node:
        if kind == "limit":
            return _limit(text)
        if kind not in {"quoted", "word"}:
            raise QuerySyntaxError(f"unexpected '{text}'")
        if self.accept("heading"):
            return Exactly("mesh", explode(heading_for(text.strip("'\""))))
        named = self.accept("fields") or self.field
        if not named:
            return words(EVERY_TEXT, text)
        columns = (column for name in named.lstrip(":").split(",") for column in COLUMNS.get(name.lower(), ()))
        return words(tuple(dict.fromkeys(columns)), text)


def _limit(text: str) -> Node:
    match = re.fullmatch(r"\[([^\]]*)\]/([a-z]+)", text, re.IGNORECASE)
    inside, name = (match[1], match[2].lower()) if match else (text, "")
    try:
        if name == "sd":
            return Span("first_indexed", datetime.strptime(inside, "%d-%m-%Y").date(), LAST_DAY)  # noqa: DTZ007 - a day
        if name == "py":
            first, _, last = inside.partition("-")
            return Span("published", date(int(first), 1, 1), date(int(last or first), 12, 31))
    except ValueError as error:
        raise QuerySyntaxError(f"'{text}' is no date") from error
    raise QuerySyntaxError(f"'{text}' is no limit")


def parse(text: str, _index: Index, _today: date) -> Question:
    """Read a query of embase.com.

    Raises:
        QuerySyntaxError: unbalanced parentheses, an unknown limit, a date that is none.
    """
    return understood(_Reader(lex(text, LEXEME), "").read(), text)
