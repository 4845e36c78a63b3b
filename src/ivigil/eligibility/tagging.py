"""Turns a sentence into a line of one-letter tags, the form that clauses and numbers are read in.

Beside the tags of `words`: N a number that may count people (K as "n = 18", 1 as "a woman"), D the population, M its
overlaps, O another condition, U a wider group, T the intervention, R another route of it, B both routes, A another
treatment, C a comparator, Y the substance as a measure, k a count in brackets behind what it counts, `, ;` themselves
and x any other word. Brackets without a count are read as lines of their own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import cache

from ivigil.eligibility.folding import Item, merge, tags_of
from ivigil.eligibility.lexicon import Match, Tokens
from ivigil.eligibility.numbers import SMALL, TENS, counts_something_else, is_number, read_number
from ivigil.eligibility.remembered import Remembered
from ivigil.eligibility.text import Field, Sentence
from ivigil.eligibility.words import DROPPED, NOT_A_PERSON_BEHIND, PAIRS, SINGULAR_PERSON, TAG_OF

__all__ = ["Item", "Line", "Terms", "tag_lines", "terms_by_token"]

_OPEN, _CLOSE = frozenset("(["), frozenset(")]")
_KEPT_MARKS = {",": ",", ";": ";", ":": ";", "/": "/", "(": "(", "[": "(", ")": ")", "]": ")"}
_SILENT = DROPPED | {"-"}
_COUNTED_IN_BRACKETS = re.compile(r"^[lxg,]{0,4}(?:K|N[xD]?P)")
# what a bare number in brackets may count: a condition, a drug, people
_COUNTABLE = frozenset("DOMUmTABRCPS")
_THINGS = re.compile(r"[a-z]{3,}(?:[^rnsui]|[^eo]r|ion)s")
_NO_PLURALS = frozenset(["does", "thus", "others", "always", "perhaps", "towards", "afterwards", "besides"])
_FEATURES = frozenset(["mechanisms", "modes", "actions", "effects", "options", "reasons", "causes"])
_OR_MORE = (["or", "more"], ["or", "fewer"], ["or", "less"])
# what people did: what follows is its object, not what was counted ("8 preferred tablets")
_DID = frozenset(["preferred", "chose", "opted", "took", "wanted", "kept", "liked"])
_COMMON_PEOPLE = frozenset(["patients", "subjects", "participants", "cases", "individuals", "recipients", "people"])


@dataclass(slots=True, eq=False)
class Line:
    """A sentence, or what stands in brackets in it, as tags; `items[i]` belongs to `tags[i]`.

    A line equals itself, and is never changed (not frozen, as an `Item` is not).
    """

    sentence: Sentence
    tags: str
    items: tuple[Item, ...]
    bracketed: bool = False

    @classmethod
    def of(cls, sentence: Sentence, items: list[Item], tags: str, *, bracketed: bool = False) -> Line:
        """A line from items and their tags, folded."""
        items, tags = merge(items, tags)
        return cls(sentence, tags, tuple(items), bracketed)


Terms = dict[int, tuple[str, int]]


def tag_lines(field: Field, terms: Terms) -> list[list[Line]]:
    """For each sentence of a text its own line, then one line for each bracket in it.

    `terms` maps a token to (tag, token after the term) for each of the protocol's terms.
    """
    parts = list(map(_PARTS.__getitem__, field.tokens.words))
    # most words play the same part everywhere: only at the others it is asked what stands there
    plain = [part[at] if part else None for at, part in enumerate(parts)]
    asked = sorted({*terms, *[at for at, part in enumerate(parts) if part is None]})
    lines: list[list[Line]] = []
    upcoming = 0
    for sentence in field.sentences:
        behind = bisect_left(asked, sentence.last, upcoming)
        lines.append(_lines(sentence, _items(sentence, terms, plain, asked[upcoming:behind])))
        upcoming = behind
    return lines


def _lines(sentence: Sentence, items: list[Item]) -> list[Line]:
    tags = tags_of(items)
    if _TARGET in tags:
        items = _without_targets(items)
        tags = tags_of(items)
    if "(" not in tags and ")" not in tags:
        return [Line.of(sentence, items, tags)]
    main, brackets = _lift_brackets(items, sentence.field.tokens)
    lines = [Line.of(sentence, main, tags_of(main))]
    lines += [Line.of(sentence, inner, tags_of(inner), bracketed=True) for inner in brackets]
    return lines


def _items(sentence: Sentence, terms: Terms, plain: list[Item | None], asked: list[int]) -> list[Item]:
    """The items of a sentence; `plain` are those of the text's words, `asked` where it is asked what stands there."""
    tokens = sentence.field.tokens
    words = tokens.words
    items: list[Item] = []
    place = sentence.first
    for at in asked:
        if at < place:
            continue
        items += filter(None, plain[place:at])
        if at in terms:
            tag, place = terms[at]
            if tag == "T" and words[place : place + 1] == ["-"] and _stands_apart(tokens, place):  # "IVIG- patients"
                tag = "C"
            items.append(Item(tag, at, place))
        else:
            place = _read(items, sentence, at, terms)
    items += filter(None, plain[place : sentence.last])
    return items


_TARGET = "oHN"


def _without_targets(items: list[Item]) -> list[Item]:
    """A number reached "of a planned 50" is no plan: the word for it plays no part."""
    for place in range(1, len(items) - 1):
        if items[place].tag == "H" and items[place - 1].tag == "o" and items[place + 1].tag == "N":
            items[place] = replace(items[place], tag="x")
    return items


# words whose part depends on what stands beside them
_PEOPLE = frozenset(word for word, tag in TAG_OF.items() if tag in "PS")
_ARTICLES = frozenset(["a", "an", "this", "single"])
_SPECIAL = _PEOPLE | frozenset(
    [
        *_ARTICLES,
        "n",
        "may",
        "hundred",
        "dozen",
        "half",
        *SMALL,
        *TENS,
        *(first for first, _ in PAIRS),
    ]
)


# A tag's items for one word each, by their place. Items are never changed, so records share them; asked as often as
# there are words, a row answers faster than a function. Primed, for only the row of words that play no part is empty.
_Row = Remembered[int, Item]
_NO_PART: _Row = Remembered(lambda at: Item("", at, at + 1))


@cache
def _row(tag: str) -> _Row:
    row: _Row = Remembered(lambda at: Item(tag, at, at + 1))
    row[0]
    return row


def _part(word: str) -> _Row | None:
    """The row of a word or mark, empty where it plays no part; None where that depends on what stands beside it."""
    if word in _SPECIAL or word[0].isdigit():
        return None
    return _NO_PART if word in _SILENT else _row(_KEPT_MARKS.get(word) or TAG_OF.get(word, "x"))


_PARTS = Remembered(_part)


def _stands_apart(tokens: Tokens, place: int) -> bool:
    """Whether a mark touches the word before it and not the one behind: a minus sign."""
    following = place + 1
    return tokens.starts[place] == tokens.ends[place - 1] and (
        following >= len(tokens)
        or tokens.starts[following] > tokens.ends[place]
        or not tokens.words[following].isalnum()
    )


def _read(items: list[Item], sentence: Sentence, place: int, terms: Terms) -> int:
    """Add what begins at a token whose part depends on its neighbours; the token that follows it."""
    tokens, last = sentence.field.tokens, sentence.last
    words = tokens.words
    word, following = words[place], words[place + 1] if place + 1 < last else ""
    if word in _ARTICLES:
        if end := _one_person(tokens, place, last, terms):
            items.append(Item("1", place, end, 1))
        elif word not in DROPPED:
            items.append(_row("x")[place])
    elif word in _PEOPLE:
        items.append(_row("x" if following in NOT_A_PERSON_BEHIND else TAG_OF[word])[place])
    elif (word, following) in PAIRS:
        items.append(Item(PAIRS[word, following], place, place + 2))
        return place + 2
    elif word == "n" and words[place + 1 : place + 2] == ["="]:  # "n = 18" is one item, made at its number
        return place + 2
    elif (number := read_number(tokens, place, last)) is not None:
        value, after = number
        if (tag := _counted(sentence, place, after, terms)) is not None:
            items.append(Item(tag, place - 2 if tag == "K" else place, after, value))
        return after
    elif not word[0].isdigit():  # a decimal, a dose: it measures
        is_month = word == "may" and following.isdigit()
        items.append(_row("x" if is_month else TAG_OF.get(word, "x"))[place])
    return place + 1


def _counted(sentence: Sentence, place: int, after: int, terms: Terms) -> str | None:
    """The tag of a number that may count people; None where it counts or measures something else."""
    tokens, first, last = sentence.field.tokens, sentence.first, sentence.last
    words = tokens.words
    if counts_something_else(tokens, place, after, first, last):
        return None
    if place - 2 >= first and words[place - 1] == "=" and words[place - 2] == "n":
        return "K"
    return None if _counts_things(tokens, after, last, terms) else "N"


def _counts_things(tokens: Tokens, after: int, last: int, terms: Terms) -> bool:
    """Whether what follows a number is a thing: "three monthly courses", "12 tertiary centres", "2 claims".

    Looks past two words; a plural that names no doer ("starters") and no people ("Italians") is a thing. Behind one of
    the protocol's terms only an administration or what is no person is: "312 IVIG infusions", not "12 IVIG patients".
    """
    if after in terms:
        behind = terms[after][1]
        return behind < last and TAG_OF.get(tokens.words[behind]) in {"E", "i"}
    following = tokens.words[after : min(after + 5, last)]
    if following[:1] == ["of"] and not _FEATURES.isdisjoint(following):  # "one of the putative mechanisms of it"
        return True
    if following[1:2] == ["-"] and is_number(following[0]):  # "one five-day course"
        return True
    if following[:2] in _OR_MORE:  # "two or more claims"
        after += 2
    return _names_a_thing(tokens, after, last, terms)


def _names_a_thing(tokens: Tokens, after: int, last: int, terms: Terms) -> bool:
    """Whether one of the next three words is a thing, before any that is none."""
    for ahead in range(after, min(after + 3, last)):
        word = tokens.words[ahead]
        tag = TAG_OF.get(word, "x")
        if tag in "Ei":
            return True
        if tag != "x" or word in _DID or ahead in terms or not word[0].isalpha():
            return False
        if ahead < after + 2 and _THINGS.fullmatch(word) and word not in _NO_PLURALS:
            return True
    return False


def _one_person(tokens: Tokens, place: int, last: int, terms: Terms) -> int | None:
    """The token after "a 47-year-old woman", "a patient": None where the article leads to no single person."""
    end = min(place + 8, last)
    if SINGULAR_PERSON.isdisjoint(tokens.words[place + 1 : end]):
        return None
    for ahead in range(place + 1, end):
        word = tokens.words[ahead]
        if word in SINGULAR_PERSON:
            following = tokens.words[ahead + 1] if ahead + 1 < last else ""
            return None if following in NOT_A_PERSON_BEHIND else ahead + 1
        if ahead in terms or word.isdigit() or word == "-" or word in {"year", "old", "years"}:
            continue
        if TAG_OF.get(word, "x") != "x" or ahead > place + 5:
            return None
    return None


def _lift_brackets(items: list[Item], tokens: Tokens) -> tuple[list[Item], list[list[Item]]]:
    """Take brackets out of the line; a count in one stays behind as k."""
    main: list[Item] = []
    brackets: list[list[Item]] = []
    depth = 0
    inner: list[Item] = []
    for item in items:
        if item.tag == "(":
            depth += 1
            if depth == 1:
                inner = []
            continue
        if item.tag == ")":
            depth = max(0, depth - 1)
            if depth == 0 and inner:
                if (counted := _count_in(inner, tokens, main[-1:])) is not None:
                    main.append(counted)
                brackets.append(inner)
                inner = []
            continue
        (inner if depth else main).append(item)
    if inner:  # never closed: it was not a bracket
        main += inner
    return main, brackets


def _count_in(inner: list[Item], tokens: Tokens, before: list[Item]) -> Item | None:
    tags = tags_of(inner)
    if tags == "N" and before and before[0].tag in _COUNTABLE:  # pemphigus (14)
        return replace(inner[0], tag="k")
    match = _COUNTED_IN_BRACKETS.match(tags)
    if match is None:
        return None
    number = next(item for item in inner if item.tag in "NK")
    noun = inner[match.end() - 1]
    if noun.tag == "P" and tokens.words[noun.first] not in _COMMON_PEOPLE:
        return None
    return replace(number, tag="k")


def terms_by_token(matches: list[tuple[Match, str]]) -> Terms:
    """Matches with their tags, looked up by first token; the longer of two that begin together."""
    terms: Terms = {}
    for match, tag in matches:
        if match.first not in terms or terms[match.first][1] < match.last:
            terms[match.first] = (tag, match.last)
    return terms
