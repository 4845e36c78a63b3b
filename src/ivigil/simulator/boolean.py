"""Boolean expressions of a service's syntax, read into the tree of `query`.

A dialect gives its lexemes, the order in which its operators bind, and what a single term means within a field.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import date

from ivigil.simulator.index import tokenize
from ivigil.simulator.query import And, But, Everything, Node, Nothing, Or, QuerySyntaxError, Question, Remarks, Words

FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)
Lexeme = tuple[str, str]
"""Kind and text. Operators are of kind `operator`, round brackets of kind `mark`."""
JOINS: Mapping[str, Callable[[Node, Node], Node]] = {"AND": And, "OR": Or, "NOT": But, "AND NOT": But}


def lex(text: str, pattern: re.Pattern[str]) -> list[Lexeme]:
    """Cut a question into lexemes, named by the pattern's groups.

    Raises:
        QuerySyntaxError: something that is no lexeme.
    """
    lexemes: list[Lexeme] = []
    at = 0
    while text[at:].strip():
        match = pattern.match(text, at)
        if match is None or match.lastgroup is None:
            raise QuerySyntaxError(f"cannot read '{text[at : at + 20]}'")
        lexemes.append((match.lastgroup, " ".join(match[match.lastgroup].split())))
        at = match.end()
    return lexemes


def words(fields: tuple[str, ...], text: str) -> Node:
    """Words side by side in one of the fields; a star at the end cuts the last one short."""
    bare = text.strip("\"'{}")
    tokens = tuple(tokenize(bare))
    return Words(fields, tokens, prefix=bare.endswith("*")) if tokens else Nothing()


def understood(node: Node, text: str) -> Question:
    """A question that was read whole, with nothing to remark."""
    return Question(node, text, Remarks())


class Reader(ABC):
    """Reads lexemes by descent; `field` is the one that terms are in at the moment.

    `order` names the operators from the one that binds least; terms side by side are joined by AND.
    """

    order: tuple[str, ...] = ("OR", "AND", "NOT")

    def __init__(self, lexemes: list[Lexeme], field: str) -> None:
        self.lexemes, self.field, self.at = lexemes, field, 0

    def read(self) -> Node:
        """The whole expression.

        Raises:
            QuerySyntaxError: it is none.
        """
        node = self.expression()
        if (rest := self.peek()) is not None:
            raise QuerySyntaxError(f"unexpected '{rest[1]}'")
        return node

    def peek(self, ahead: int = 0) -> Lexeme | None:
        """The lexeme to come."""
        return self.lexemes[self.at + ahead] if self.at + ahead < len(self.lexemes) else None

    def accept(self, kind: str, text: str | None = None) -> str | None:
        """Take the next lexeme if it is such a one, and give its text."""
        lexeme = self.peek()
        if lexeme is None or lexeme[0] != kind or (text is not None and lexeme[1].upper() != text):
            return None
        self.at += 1
        return lexeme[1]

    def expression(self, level: int = 0) -> Node:
        """Operands joined by the operators from this level on."""
        if level == len(self.order):
            return self.operand()
        operator = self.order[level]
        node = self.expression(level + 1)
        while self.accept("operator", operator) or (operator == "AND" and self._begins_operand()):
            node = JOINS[operator](node, self.expression(level + 1))
        return node

    def _begins_operand(self) -> bool:
        lexeme = self.peek()
        return lexeme is not None and lexeme[0] != "operator" and lexeme != ("mark", ")")

    def operand(self) -> Node:
        """A group, a negation, or a term of the dialect."""
        if self.accept("mark", "("):
            return self.group()
        if self.accept("operator", "NOT"):
            return But(Everything(), self.operand())
        lexeme = self.peek()
        if lexeme is None or lexeme[0] in {"operator", "mark"}:
            raise QuerySyntaxError(f"a term is due before '{lexeme[1] if lexeme else 'the end'}'")
        self.at += 1
        return self.term(*lexeme)

    def group(self) -> Node:
        """What stands up to the closing bracket."""
        node = self.expression()
        if not self.accept("mark", ")"):
            raise QuerySyntaxError("unbalanced parentheses")
        return node

    def within(self, field: str, read: Callable[[], Node]) -> Node:
        """What `read` gives, its terms in this field."""
        before, self.field = self.field, field
        try:
            return read()
        finally:
            self.field = before

    @abstractmethod
    def term(self, kind: str, text: str) -> Node:
        """What one lexeme means within the present field."""
