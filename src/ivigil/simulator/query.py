"""Boolean questions as a tree, and their answer over an index. The two services' syntaxes both parse into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from ivigil.simulator.index import Index

TITLE_ABSTRACT = ("title", "abstract", "keyword")
EVERY_TEXT = (*TITLE_ABSTRACT, "mesh_text", "journal_text", "author_text", "affiliation")


class QuerySyntaxError(Exception):
    """The question cannot be read; the message is what the service would say."""


@dataclass(frozen=True)
class Words:
    """Words side by side in one of the text fields; the last may be cut short (`prefix`)."""

    fields: tuple[str, ...]
    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True)
class Exactly:
    """A whole value of a field, any of several."""

    field: str
    values: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True)
class Span:
    """A date between two days, both included."""

    field: str
    first: date
    last: date


@dataclass(frozen=True)
class Everything:
    """All records."""


@dataclass(frozen=True)
class Nothing:
    """No record: a term the index does not know."""


@dataclass(frozen=True)
class And:
    """Both."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Or:
    """Either."""

    left: Node
    right: Node


@dataclass(frozen=True)
class But:
    """The left without the right (NOT)."""

    left: Node
    right: Node


Node = Words | Exactly | Span | Everything | Nothing | And | Or | But


def evaluate(node: Node, index: Index) -> set[int]:  # noqa: PLR0911 - one answer for each kind of node
    """Rows of the index that answer the question. The set is the caller's own."""
    match node:
        case And(left, right):
            return evaluate(left, index) & evaluate(right, index)
        case Or(left, right):
            return evaluate(left, index) | evaluate(right, index)
        case But(left, right):
            return evaluate(left, index) - evaluate(right, index)
        case Words(fields, words, prefix):
            return index.phrase(fields, words, prefix=prefix)
        case Exactly(name, values, prefix):
            return {row for value in values for row in index.value(name, value, prefix=prefix)}
        case Span(name, first, last):
            return index.span(name, first, last)
        case Everything():
            return index.rows()
        case Nothing():
            return set()


@dataclass
class Remarks:
    """What a service says about the question beside its answer."""

    phrases_not_found: list[str] = field(default_factory=list)
    fields_not_found: list[str] = field(default_factory=list)
    quoted_not_found: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Question:
    """A question as the service understood it."""

    node: Node
    translation: str
    remarks: Remarks


Parser = Callable[[str, Index, date], Question]
