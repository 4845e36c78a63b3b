"""PubMed's query syntax: tagged terms, phrases, truncation, ranges; operators run from left to right.

Sources: PubMed help (search field tags, Boolean operators, phrase index) and the recorded answers. A quoted phrase that
is not in the phrase index is dropped with a warning, so that AND grows wider: a trap real strategies fall into.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from ivigil.simulator.index import Index, tokenize
from ivigil.simulator.query import (
    EVERY_TEXT,
    TITLE_ABSTRACT,
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
    evaluate,
)
from ivigil.simulator.vocabulary import STOP_WORDS, explode, explode_type, heading_for

LEXEME = re.compile(
    r'\s*(?:(?P<quoted>"[^"]*")|\[(?P<tag>[^\]]*)\]|(?P<mark>[()])|(?P<colon>:)|(?P<word>[^\s()\[\]":]+))'
)
FEWEST_BEFORE_STAR = 4
FURTHEST = date(3000, 12, 31)

_DATES = {
    "Date - Publication": ("published", "dp", "pdat", "publication date", "date of publication"),
    "Date - Create": ("created", "crdt", "create date"),
    "Date - Entry": ("entrez", "edat", "entry date"),
    "Date - MeSH": ("indexed", "mhda", "mesh date"),
    "Date - Modification": ("revised", "mdat", "lr", "modification date"),
}
_TEXTS = {
    "Title/Abstract": (TITLE_ABSTRACT, "tiab"),
    "Title": (("title",), "ti", "titl"),
    "Abstract": (("abstract",), "ab"),
    "Other Term": (("keyword",), "ot"),
    "Text Word": ((*TITLE_ABSTRACT, "mesh_text"), "tw", "text word"),
    "Affiliation": (("affiliation",), "ad"),
    "All Fields": (EVERY_TEXT, "all", "all fields"),
}
_VALUES = {
    "MeSH Terms": ("mesh", "mesh", "mh"),
    "MeSH Terms:noexp": ("mesh", "mesh:noexp", "mh:noexp"),
    "MeSH Major Topic": ("majr", "majr"),
    "MeSH Subheading": ("qualifier", "sh", "subheading"),
    "Publication Type": ("type", "pt", "ptyp"),
    "Language": ("language", "la", "lang"),
    "Author": ("author", "au", "auth", "1au"),
    "Journal": ("journal", "ta", "jour"),
    "UID": ("id", "pmid", "uid"),
    "Article Identifier": ("doi", "aid", "doi", "lid"),
    "Secondary Source ID": ("registry", "si"),
    "Subset": ("subset", "sb"),
    "Filter": ("filter", "filter", "filt"),
}
DATE_TAGS = {tag: (name, v[0]) for name, v in _DATES.items() for tag in (name.lower(), *v[1:])}
TEXT_TAGS = {tag: (name, v[0]) for name, v in _TEXTS.items() for tag in (name.lower(), *map(str, v[1:]))}
VALUE_TAGS = {tag: (name, v[0]) for name, v in _VALUES.items() for tag in (name.lower(), *v[1:])}
LANGUAGES = {"english": "eng", "french": "fre", "german": "ger", "japanese": "jpn", "spanish": "spa", "italian": "ita",
             "chinese": "chi", "russian": "rus", "polish": "pol", "portuguese": "por", "turkish": "tur"}  # fmt: skip


@dataclass(frozen=True)
class _Term:
    text: str
    quoted: bool
    tag: str | None


@dataclass
class _Reader:
    """Recursive descent over the lexemes; gathers remarks on its way."""

    index: Index
    today: date
    lexemes: list[tuple[str, str]]
    at: int = 0
    remarks: Remarks = field(default_factory=Remarks)

    def peek(self) -> tuple[str, str] | None:
        return self.lexemes[self.at] if self.at < len(self.lexemes) else None

    def take(self) -> tuple[str, str]:
        lexeme = self.peek()
        if lexeme is None:
            raise QuerySyntaxError("Search Backend failed: unexpected end of query")
        self.at += 1
        return lexeme

    def expression(self) -> tuple[Node, str] | None:
        answer = self.operand()
        while (lexeme := self.peek()) is not None and lexeme != ("mark", ")"):
            operator = "AND"
            if lexeme in {("word", "AND"), ("word", "OR"), ("word", "NOT")}:
                operator = self.take()[1]
            answer = _join(operator, answer, self.operand())
        return answer

    def operand(self) -> tuple[Node, str] | None:
        lexeme = self.peek()
        if lexeme == ("mark", "("):
            self.take()
            inner = self.expression()
            if self.peek() != ("mark", ")"):
                raise QuerySyntaxError("Search Backend failed: unbalanced parentheses in query")
            self.take()
            return (inner[0], f"({inner[1]})") if inner else None
        if lexeme is None or lexeme[0] in {"mark", "tag", "colon"} or lexeme[1] in {"AND", "OR", "NOT"}:
            seen = f"'{lexeme[1]}'" if lexeme else "end of query"
            raise QuerySyntaxError(f"Search Backend failed: a search term was expected before {seen}")
        first = self.term()
        if self.peek() == ("colon", ":"):
            self.take()
            return self.range(first, self.term())
        return self.meaning(first)

    def term(self) -> _Term:
        kind, text = self.take()
        if kind not in {"quoted", "word"}:
            raise QuerySyntaxError(f"Search Backend failed: unexpected '{text}' in query")
        if kind == "word":
            words = [text]
            while (lexeme := self.peek()) and lexeme[0] == "word" and lexeme[1] not in {"AND", "OR", "NOT"}:
                words.append(self.take()[1])
            text = " ".join(words)
        tag = None
        if (lexeme := self.peek()) and lexeme[0] == "tag":
            tag = " ".join(self.take()[1].lower().split())
        return _Term(text.strip('"'), kind == "quoted", tag)

    def range(self, first: _Term, last: _Term) -> tuple[Node, str]:
        tag = last.tag or first.tag
        if tag not in DATE_TAGS:
            raise QuerySyntaxError(f"Search Backend failed: a range needs a date field, not [{tag or 'All Fields'}]")
        name, column = DATE_TAGS[tag]
        start, end = self.days(first.text)[0], self.days(last.text)[1]
        return Span(column, start, end), f"{first.text}:{last.text}[{name}]"

    def days(self, text: str) -> tuple[date, date]:
        """First and last day a date can mean: a year, a month, a day, or 'last N days'."""
        relative = re.fullmatch(r"last (\d+) (day|month|year)s?", text.strip().lower())
        if relative:
            length = int(relative[1]) * {"day": 1, "month": 30, "year": 365}[relative[2]]
            return self.today - timedelta(days=length), FURTHEST
        match = re.fullmatch(r"(\d{4})(?:[/-](\d{1,2})(?:[/-](\d{1,2}))?)?", text.strip())
        if match is None:
            raise QuerySyntaxError(f"Search Backend failed: invalid date '{text}'")
        year, month, day = (int(part) if part else None for part in match.groups())
        try:
            start = date(year or 1, month or 1, day or 1)
        except ValueError as error:
            raise QuerySyntaxError(f"Search Backend failed: invalid date '{text}'") from error
        if day:
            return start, start
        following = date(start.year, start.month + 1, 1) if month and month < 12 else date(start.year + 1, 1, 1)
        return start, following - timedelta(days=1)

    def meaning(self, term: _Term) -> tuple[Node, str] | None:
        tag = term.tag or "all fields"
        if tag in DATE_TAGS:
            name, column = DATE_TAGS[tag]
            return Span(column, *self.days(term.text)), f"{term.text}[{name}]"
        if tag in VALUE_TAGS:
            return self.value(term, *VALUE_TAGS[tag])
        if tag not in TEXT_TAGS:
            self.remarks.fields_not_found.append(term.tag or "")
            tag = "all fields"
        name, columns = TEXT_TAGS[tag]
        return self.text(term, name, tuple(columns))

    def value(self, term: _Term, name: str, column: str) -> tuple[Node, str]:
        text, prefix = term.text.strip(), term.text.endswith("*")
        shown = f'"{text.lower()}"[{name}]'
        if column in {"subset", "filter"}:
            node: Node = _SUBSETS.get(text.lower(), Nothing())
        elif column in {"mesh", "majr"}:
            heading = heading_for(text)
            node = Exactly(column, (heading,) if name.endswith("noexp") else explode(heading))
        elif column == "type":
            node = Exactly(column, explode_type(text))
        elif column == "language":
            node = Exactly(column, (LANGUAGES.get(text.lower(), text),))
        else:
            node = Exactly(column, (text.rstrip("*"),), prefix=prefix or (column == "author" and not term.quoted))
        if isinstance(node, Nothing) or (isinstance(node, Exactly) and not evaluate(node, self.index)):
            self.remarks.phrases_not_found.append(f"{text}[{term.tag}]")
        return node, shown

    def text(self, term: _Term, name: str, columns: tuple[str, ...]) -> tuple[Node, str] | None:
        prefix = term.text.endswith("*")
        words = tuple(tokenize(term.text))
        if not words:
            self.remarks.phrases_not_found.append(term.text)
            return Nothing(), f"({term.text}[{name}])"
        too_short = prefix and len(words[0]) < FEWEST_BEFORE_STAR
        if len(words) == 1 and (too_short or words[0] in STOP_WORDS):
            self.remarks.ignored.append(term.text)
            return None
        star = "*" if prefix else ""
        phrase = Words(columns, words, prefix=prefix)
        if len(words) == 1 or term.quoted or prefix:
            if evaluate(phrase, self.index):
                return phrase, f'"{" ".join(words)}{star}"[{name}]'
            if term.quoted and len(words) > 1:
                self.remarks.quoted_not_found.append(f'"{term.text}"' + (f"[{term.tag}]" if term.tag else ""))
                return None
            self.remarks.phrases_not_found.append(term.text)
            return Nothing(), f"({term.text}[{name}])"
        return self.mapped(words, phrase, name, tagged=term.tag is not None)

    def mapped(self, words: tuple[str, ...], phrase: Words, name: str, *, tagged: bool) -> tuple[Node, str] | None:
        """Unquoted words: the phrase where a field is named and knows it, else each word, or the heading they name."""
        if tagged and evaluate(phrase, self.index):
            return phrase, f'"{" ".join(words)}"[{name}]'
        answer: tuple[Node, str] | None = None
        for word in words:
            if word in STOP_WORDS:
                continue
            node: Node = Words(phrase.fields, (word,))
            if not evaluate(node, self.index):
                self.remarks.phrases_not_found.append(word)
            answer = _join("AND", answer, (node, f'"{word}"[{name}]'))
        heading = heading_for(" ".join(words))
        if not tagged and answer and (rows := Exactly("mesh", explode(heading))) and evaluate(rows, self.index):
            answer = _join("OR", (rows, f'"{heading.lower()}"[MeSH Terms]'), (answer[0], f"({answer[1]})"))
            return (answer[0], f"({answer[1]})") if answer else None
        return answer


_SUBSETS: dict[str, Node] = {
    "all": Everything(),
    "pubmed": Everything(),
    "medline": Exactly("has", ("mesh",)),
    "has abstract": Exactly("has", ("abstract",)),
    "hasabstract": Exactly("has", ("abstract",)),
    "english": Exactly("language", ("eng",)),
}


def _join(operator: str, left: tuple[Node, str] | None, right: tuple[Node, str] | None) -> tuple[Node, str] | None:
    """Combine two operands; one that was dropped leaves the other alone."""
    if left is None or right is None:
        return left or right
    node: Node
    match operator:
        case "AND":
            node = And(left[0], right[0])
        case "OR":
            node = Or(left[0], right[0])
        case _:
            node = But(left[0], right[0])
    return node, f"{left[1]} {operator} {right[1]}"


def parse(text: str, index: Index, today: date) -> Question:
    """Read a PubMed query.

    Raises:
        QuerySyntaxError: unbalanced parentheses, an operator without operand, a date that is none.
    """
    lexemes: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = LEXEME.match(text, at)
        if match is None or match.lastgroup is None:
            raise QuerySyntaxError(f"Search Backend failed: cannot read query near '{text[at : at + 20].strip()}'")
        lexemes.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    reader = _Reader(index, today, lexemes)
    answer = reader.expression()
    if reader.peek() is not None:
        raise QuerySyntaxError("Search Backend failed: unbalanced parentheses in query")
    node, translation = answer or (Nothing(), "")
    return Question(node, translation, reader.remarks)
