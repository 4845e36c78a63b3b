"""Finds the protocol's terms in tokens: all of them in one pass, the longest of each group where several fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate

from ivigil.eligibility.remembered import Remembered

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad"
_SPACES = "\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\t"
_QUOTES = "\u2018\u2019\u02bc\u00b4`"
_PLAIN = {
    "a": "\u00e0\u00e1\u00e2\u00e3\u00e4\u00e5",
    "c": "\u00e7",
    "e": "\u00e8\u00e9\u00ea\u00eb",
    "i": "\u00ec\u00ed\u00ee\u00ef",
    "n": "\u00f1",
    "o": "\u00f2\u00f3\u00f4\u00f5\u00f6\u00f8",
    "u": "\u00f9\u00fa\u00fb\u00fc",
    "-": _DASHES,
    " ": _SPACES,
    "'": _QUOTES,
    ".": "\u00b7\u2219",
}
_FOLD = {char: plain for plain, chars in _PLAIN.items() for char in chars}
_FOLDED = re.compile(f"[{''.join(_FOLD)}]")

# begins with a set of characters, for only then is a text searched at speed
_TOKEN = re.compile(
    r"(\S(?:"
    r"(?<=[a-z])[a-z]*+(?![\w'])"  # a plain word, as most are
    r"|(?<=\d)(?:\d{0,2}(?:,\d{3})+(?!\d)|\d*(?:\.\d+)+)"  # a number with thousands or decimals
    r"|(?<=\w)(?<!_)[^\W_]*(?:'[^\W_]+)?"  # a word with its apostrophe
    r"|))"  # any other mark by itself
)
_LINKS = frozenset("-/()'")
_STEPPED_OVER = _LINKS | {"."}
_KEEP_S = ("ss", "is", "us")


def lower(text: str) -> str:
    """Lower case; every character keeps its place."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few capitals lower to two characters, which would move every span behind them
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return lowered


def fold(text: str) -> str:
    """Plain dashes, spaces, quotes and letters for a text in lower case; every character keeps its place."""
    return text if text.isascii() else _FOLDED.sub(lambda match: _FOLD[match[0]], text)


def _stem(word: str) -> str:
    if word.endswith("'s"):
        return word[:-2]
    if len(word) > 2 and word[-1] == "s" and not word.endswith(_KEEP_S):
        return word[:-1]
    return word


_STEMS = Remembered(_stem)  # each word without a plural s or a possessive


def word_set(words: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(words.split())


@dataclass(slots=True)
class Tokens:
    """A text's tokens side by side: folded word and span in the text."""

    words: list[str]
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> Tokens:
        """Tokenise a text."""
        return cls.of_lowered(lower(text))

    @classmethod
    def of_lowered(cls, text: str) -> Tokens:
        """Tokenise a text that is in lower case."""
        pieces = _TOKEN.split(fold(text))  # what lies between tokens, and tokens, by turns
        borders = list(accumulate(map(len, pieces)))
        return cls(pieces[1::2], borders[:-1:2], borders[1::2])

    def __len__(self) -> int:
        return len(self.words)


@dataclass(slots=True)
class Match:
    """A term found: the class it belongs to, and its first token and the token after its last.

    Never changed, and yet not frozen: many are made, and a frozen one takes three times as long.
    """

    label: str
    first: int
    last: int


@dataclass(slots=True, eq=False)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    prefixes: dict[str, _Node] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    openings: tuple[str, ...] = ()

    def open_prefix(self, prefix: str) -> _Node:
        """The node behind a word that begins so."""
        node = self.prefixes.setdefault(prefix, _Node())
        self.openings = tuple(self.prefixes)
        return node


_NOTHING: frozenset[str] = frozenset()
_ANYTHING = frozenset("*")  # known by being itself
_MOST_AFTER = 1 << 10  # words remembered of those behind a word


@dataclass(slots=True, eq=False)
class _State:
    """Where terms stand after some words: which end here, and which words they may go on with."""

    nodes: tuple[_Node, ...]
    labels: tuple[tuple[str, str], ...]  # group and class of the terms that end here
    followed_by: frozenset[str]  # stems; anything, where a term may end here or go on with a part of a word
    goes_on: bool  # some term does
    after: Remembered[str, _State | None]  # where a word leads to; None where no term goes on with it

    @classmethod
    def of(cls, nodes: tuple[_Node, ...], after: Callable[[tuple[_Node, ...], str], _State | None]) -> _State:
        ending = {group: label for node in reversed(nodes) for group, label in node.labels.items()}  # the first holds
        anything = any(node.labels or node.prefixes for node in nodes)
        return cls(
            nodes,
            tuple(ending.items()),
            _ANYTHING if anything else _STEPPED_OVER.union(*(node.words for node in nodes)),
            any(node.words or node.prefixes for node in nodes),
            Remembered(partial(after, nodes), _MOST_AFTER),
        )


class Lexicon:
    """Terms in groups of classes. Within a group matches do not overlap: the longest from the left wins."""

    def __init__(self, groups: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        self.groups = tuple(groups)
        self._root = _Node()
        for group, classes in groups.items():
            for label, terms in classes.items():
                for term in terms:
                    self._add(term, group, label)
        self._states: dict[tuple[_Node, ...], _State] = {}
        # words recur, over all records
        self._opened = Remembered(partial(self._after, (self._root,)))
        self._followed_by = Remembered(self._behind)

    def _add(self, term: str, group: str, label: str) -> None:
        node = self._root
        for part in term.split():
            tokens = [word for word in Tokens.of(part.rstrip("*")).words if word.isalnum() or len(word) > 1]
            for place, word in enumerate(tokens):
                is_prefix = part.endswith("*") and place == len(tokens) - 1
                node = node.open_prefix(word) if is_prefix else node.words.setdefault(_STEMS[word], _Node())
        node.labels.setdefault(group, label)

    def find(self, tokens: Tokens) -> dict[str, list[Match]]:
        """Every match by group, in the order of the text; a group without one is left out."""
        found: dict[str, list[Match]] = {}
        words, final = tokens.words, len(tokens) - 1
        followed_by = map(self._followed_by.__getitem__, words)
        for first, followed in [(at, followed) for at, followed in enumerate(followed_by) if followed]:
            # most often the word behind shows that it is no term after all
            if followed is not _ANYTHING and (first == final or _STEMS[words[first + 1]] not in followed):
                continue
            for group, (label, last) in self._longest(self._opened[words[first]], words, first).items():
                earlier = found.setdefault(group, [])
                if not earlier or first >= earlier[-1].last:
                    earlier.append(Match(label, first, last))
        return found

    def _behind(self, word: str) -> frozenset[str]:
        """The stems that a term which begins with a word may go on with."""
        state = self._opened[word]
        return _NOTHING if state is None else state.followed_by

    def _longest(self, state: _State | None, words: Sequence[str], first: int) -> dict[str, tuple[str, int]]:
        """The longest term of each group that begins at a token, as its class and the token after its last.

        `state` is where the token's word leads to.
        """
        longest: dict[str, tuple[str, int]] = {}
        place, count = first, len(words)
        while state is not None:
            place += 1
            for group, label in state.labels:
                longest[group] = label, place
            if not state.goes_on:
                break
            if place < count and words[place] in _STEPPED_OVER:
                place = _next_word(words, place)
            if place == count:
                break
            state = state.after[words[place]]
        return longest

    def _after(self, nodes: tuple[_Node, ...], word: str) -> _State | None:
        stemmed = _STEMS[word]
        following = tuple(after for node in nodes for after in _following(node, word, stemmed))
        return self._state(following) if following else None

    def _state(self, nodes: tuple[_Node, ...]) -> _State:
        if nodes not in self._states:
            self._states[nodes] = _State.of(nodes, self._after)
        return self._states[nodes]


def _following(node: _Node, word: str, stemmed: str) -> list[_Node]:
    nodes = [node.words[stemmed]] if stemmed in node.words else []
    if node.prefixes and word.startswith(node.openings):
        nodes += [after for prefix, after in node.prefixes.items() if word.startswith(prefix)]
    return nodes


def _next_word(words: Sequence[str], place: int) -> int:
    """Step over what may stand inside a term: hyphens, slashes, brackets, and the point of a one-letter word."""
    while place < len(words) and (
        words[place] in _LINKS or (words[place] == "." and place and len(words[place - 1]) == 1)
    ):
        place += 1
    return place
