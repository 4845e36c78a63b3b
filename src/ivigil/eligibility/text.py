"""A record's title and abstract as sentences with the part of the abstract they stand in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from ivigil.eligibility.lexicon import Lexicon, Match, Tokens, lower, word_set
from ivigil.records import AbstractSection, Record


class Part(StrEnum):
    """The part of a report that a sentence belongs to; BODY where nothing says which."""

    TITLE = "title"
    BACKGROUND = "background"
    OBJECTIVE = "objective"
    METHODS = "methods"
    RESULTS = "results"
    CONCLUSIONS = "conclusions"
    BODY = "body"


_HEADINGS = {
    Part.BACKGROUND: "background|introduction|context|rationale|importance|significance|background and purpose",
    Part.OBJECTIVE: "objectives?|aims?|purpose|goals?|hypothesis|background and (?:aims?|objectives?)|"
    "aims? and objectives?|aim of the study|objective of the study|background/(?:objectives?|aims?)|"
    "introduction and objectives?",
    Part.METHODS: "methods?|materials? and methods?|patients? and methods?|design|study design|setting|patients?|"
    "participants?|interventions?|methodology|design and methods?|subjects? and methods?|main outcome measures?|"
    "measurements?|outcome measures?|experimental design|study selection|data sources?|data extraction|"
    "methods and analysis|patients/methods|subjects|methods/design|design, setting and participants|"
    "study design and methods?",
    Part.RESULTS: "results?|findings?|main results?|case reports?|cases?|case presentation|case description|"
    "results and discussion|observations?|main findings",
    Part.CONCLUSIONS: "conclusions?|discussion|interpretation|implications|summary|comment|"
    "conclusions? and relevance|significance and innovations?|ethics and dissemination|limitations?",
}
_HEADINGS = {part: words.replace(" and ", " (?:and|&) ") for part, words in _HEADINGS.items()}
_HEADING = {part: re.compile(rf"(?:{words})", re.IGNORECASE) for part, words in _HEADINGS.items()}
# for a text in lower case, and begun by a set of characters: only so is it searched at speed; a stop at its end may
# begin the next
_INLINE = re.compile(
    r"[\n.!?)\]](?:(?<=\n)| )(?P<label>"
    + "|".join(_HEADINGS.values())
    + r")\s?(?::|(?=\.\s[a-z])|[-\u2013\u2014](?=\s))"
)
# a label that is none of these still ends what stands before a study's own part
_OTHER_LABEL = re.compile(r"[.!?)\]]\s(?=[A-Z][\w/-]*(?: [\w/&-]+){0,3}:\s)")
_BEFORE_THE_STUDY = frozenset([Part.BACKGROUND, Part.OBJECTIVE])
_NEW_LINE = re.compile(r"\n\s*")
_CATEGORIES = {part.name: part for part in Part}
_ABBREVIATIONS = word_set(
    """
    vs eg ie al approx fig figs no nos ref refs dr prof resp incl ca cf st pts pt min max med prev sup suppl
    """
)
# What is longer is no abstract and no sentence: the rest of a text is not read, a sentence is cut.
_LONGEST_TEXT = 60_000
_LONGEST_SENTENCE = 300
_CLOSERS = frozenset(")]\"'")
_SMALL_FIRST = ("mRSS", "dcSS", "lcSS")
_ENDINGS = _CLOSERS | frozenset(".?!")


@dataclass(slots=True)
class Text:
    """One text of a record: its tokens and the terms found in it.

    It does not know its sentences, which know it: without that circle a record read is freed at once.
    """

    name: str
    text: str
    lowered: str  # the text in lower case, which is searched faster
    tokens: Tokens
    found: dict[str, list[Match]]


@dataclass(slots=True)
class Sentence:
    """A stretch of tokens `first` to `last` (exclusive) of a field, with its characters and the terms found in it."""

    field: Text
    part: Part
    first: int
    last: int
    start: int
    end: int
    text: str
    vocabulary: frozenset[str]  # its (folded) words
    found: dict[str, list[Match]]

    @property
    def lowered(self) -> str:
        """Its text in lower case; every character keeps its place."""
        return self.field.lowered[self.start : self.end]

    def matches(self, group: str) -> list[Match]:
        """The terms of one group that lie in this sentence."""
        return self.found.get(group) or []

    def says_any(self, words: frozenset[str]) -> bool:
        """Whether one of these (folded) words stands in it: what a costlier pattern cannot do without."""
        return not words.isdisjoint(self.vocabulary)


@dataclass(slots=True)
class Field(Text):
    """A text with its sentences."""

    sentences: list[Sentence]
    vocabulary: frozenset[str]  # its (folded) words

    @classmethod
    def read(cls, name: str, text: str, parts: list[tuple[int, Part]], lexicon: Lexicon) -> Field:
        """Tokenise, find terms, split; `parts` are (character from which it holds, part), in order."""
        lowered = lower(text)
        tokens = Tokens.of_lowered(lowered[:_LONGEST_TEXT])
        found = lexicon.find(tokens)
        sentences = list(_split(Text(name, text, lowered, tokens, found), parts))
        _share_out(found, sentences)
        return cls(name, text, lowered, tokens, found, sentences, frozenset(tokens.words))


@dataclass(slots=True)
class Document:
    """A record as it is read."""

    record: Record
    title: Field
    abstract: Field
    sentences: list[Sentence]  # of both, the title's first

    def says_any(self, words: frozenset[str]) -> bool:
        """Whether one of these (folded) words stands in it: what no sentence need be asked for otherwise."""
        return not (words.isdisjoint(self.title.vocabulary) and words.isdisjoint(self.abstract.vocabulary))


def read_document(record: Record, lexicon: Lexicon) -> Document:
    """Break a record's title and abstract down."""
    title = Field.read("title", record.title, [(0, Part.TITLE)], lexicon)
    abstract = Field.read("abstract", record.abstract_text, _parts(record.abstract), lexicon)
    return Document(record, title, abstract, [*title.sentences, *abstract.sentences])


@lru_cache(maxsize=1 << 10)
def part_of_label(label: str | None, category: str | None = None) -> Part:
    """The part that an abstract's own label names; its category decides where the label is not a known one."""
    for part, pattern in _HEADING.items():
        if label and pattern.fullmatch(label.strip().rstrip(":.")):
            return part
    return _CATEGORIES.get((category or "").upper(), Part.BODY)


def _parts(sections: tuple[AbstractSection, ...]) -> list[tuple[int, Part]]:
    """The parts by the character from which each holds.

    A background that no other label ends is none: such an abstract is labelled at its head only.
    """
    parts = list(_labelled(sections))
    if {part for _, part in parts} <= {Part.BACKGROUND, Part.BODY}:
        return [(place, Part.BODY) for place, _ in parts]
    return parts


def _labelled(sections: tuple[AbstractSection, ...]) -> Iterator[tuple[int, Part]]:
    place = 0
    for section in sections:
        lead = len(section.label) + 2 if section.label else 0
        part = part_of_label(section.label, section.category)
        yield place, part
        labelled = dict(_inline(section.text)) if part is Part.BODY else {}
        for border in sorted({*labelled, *(match.end() for match in _NEW_LINE.finditer(section.text))}):
            part = labelled.get(border, part)
            yield place + lead + border, part
        place += lead + len(section.text) + 1


def _inline(text: str) -> Iterator[tuple[int, Part]]:
    """The labels that stand in a running text, where they begin."""
    known = {match.start("label") - 1: part_of_label(match["label"]) for match in _INLINE.finditer(f"\n{lower(text)}")}
    part = Part.BODY
    for border in sorted({*known, *(match.end() for match in _OTHER_LABEL.finditer(text))} if known else ()):
        if border in known or part in _BEFORE_THE_STUDY:
            part = known.get(border, Part.BODY)
            yield border, part


def _share_out(found: dict[str, list[Match]], sentences: list[Sentence]) -> None:
    """Give every term to the sentence that it begins in."""
    for group, matches in found.items():
        upcoming = iter(sentences)
        sentence = next(upcoming)
        for match in matches:
            while sentence.last <= match.first:
                sentence = next(upcoming)
            sentence.found.setdefault(group, []).append(match)


def _split(field: Text, parts: list[tuple[int, Part]]) -> Iterator[Sentence]:
    tokens, text = field.tokens, field.text
    borders = [place for place, _ in parts]
    first = 0
    for last in _sentence_ends(tokens, text, borders):
        for cut in (*range(first + _LONGEST_SENTENCE, last, _LONGEST_SENTENCE), last):
            start, end = tokens.starts[first], tokens.ends[cut - 1]
            part = parts[max(0, bisect_right(borders, start) - 1)][1] if parts else Part.BODY
            vocabulary = frozenset(tokens.words[first:cut])
            yield Sentence(field, part, first, cut, start, end, text[start:end], vocabulary, {})
            first = cut


def _sentence_ends(tokens: Tokens, text: str, borders: list[int]) -> list[int]:
    """The token behind each sentence, in order; a border of a part ends one too."""
    ends = {bisect_left(tokens.starts, border) for border in borders}
    ends.update([
        place + 1
        for place, word in enumerate(tokens.words[:-1])
        if word in _ENDINGS and _ends_sentence(tokens, place, text)
    ])  # fmt: skip
    return sorted({*ends, len(tokens)} - {0})


def _ends_sentence(tokens: Tokens, place: int, text: str) -> bool:
    word, following = tokens.words[place], place + 1
    if word in _CLOSERS and place and tokens.words[place - 1] in ".?!":
        return _opens(tokens, following, text)
    if word not in ".?!" or tokens.starts[following] == tokens.ends[place]:
        return False
    if word == "." and place:
        before = tokens.words[place - 1]
        if before in _ABBREVIATIONS or (
            len(before) == 1 and before.isalpha() and not _opens_with_word(tokens, following, text)
        ):
            return False
    return _opens(tokens, following, text)


def _opens(tokens: Tokens, place: int, text: str) -> bool:
    start = tokens.starts[place]
    return not text[start].islower() or tokens.words[place] in {"p", "d"} or text.startswith(_SMALL_FIRST, start)


def _opens_with_word(tokens: Tokens, place: int, text: str) -> bool:
    return text[tokens.starts[place]].isupper() and len(tokens.words[place]) > 3
