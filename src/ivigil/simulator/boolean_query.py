"""Words, phrases, brackets and three operators: the language of services whose searches name no fields."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivigil.simulator.index import tokenize
from ivigil.simulator.query import And, But, Node, Nothing, Or, QuerySyntaxError, Words

LEXEME = re.compile(r'\s*(?P<token>[()|+]|"[^"]*"(?:~\d+)?|-(?=[\w"(])|[^\s()"|+]+|")')


@dataclass(frozen=True)
class Dialect:
    """The signs for both, either and without, and the fields that are searched; words side by side are both."""

    both: str
    either: str
    without: str
    fields: tuple[str, ...] = ("title", "abstract")


@dataclass
class _Reader:
    dialect: Dialect
    lexemes: list[str]
    at: int = 0

    def peek(self) -> str | None:
        return self.lexemes[self.at] if self.at < len(self.lexemes) else None

    def accept(self, wanted: str) -> bool:
        if self.peek() == wanted:
            self.at += 1
            return True
        return False

    def any_of(self) -> Node:
        node = self.all_of()
        while self.accept(self.dialect.either):
            node = Or(node, self.all_of())
        return node

    def all_of(self) -> Node:
        node = self.single()
        while self.peek() not in {None, ")", self.dialect.either}:
            self.accept(self.dialect.both)
            negated = self.accept(self.dialect.without)
            right = self.single()
            node = But(node, right) if negated else And(node, right)
        return node

    def single(self) -> Node:
        lexeme = self.peek()
        if lexeme is None or lexeme in {")", '"', self.dialect.both, self.dialect.either, self.dialect.without}:
            raise QuerySyntaxError(f"a word was expected, not {lexeme or 'the end'}")
        self.at += 1
        if lexeme == "(":
            node = self.any_of()
            if not self.accept(")"):
                raise QuerySyntaxError("unbalanced parentheses")
            return node
        words = tuple(tokenize(lexeme.partition("~")[0]))
        return Words(self.dialect.fields, words, prefix=lexeme.endswith("*")) if words else Nothing()


def parse_boolean(text: str, dialect: Dialect) -> Node:
    """Read a search.

    Raises:
        QuerySyntaxError: brackets or quotation marks that do not pair, an operator without a word.
    """
    reader = _Reader(dialect, [match["token"] for match in LEXEME.finditer(text)])
    node = reader.any_of()
    if reader.peek() is not None:
        raise QuerySyntaxError("unbalanced parentheses")
    return node
