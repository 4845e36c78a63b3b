"""Titles: their forms, and how near two of them are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from ivigil.linking.normalise import number_of, plain
from ivigil.linking.vocabulary import (
    BRITISH_SPELLINGS,
    LITTLE_WORDS,
    NEGATING_HEADS,
    NOTICES,
    OPPOSED_HEADS,
    PART_WORDS,
    SERIAL,
    SPEAKING_ABOUT,
    TELLING,
)

# What databases append to a title; it says nothing of which document it is.
_NOTE = re.compile(
    r"(?:systematic |narrative |scoping )?review|\d+ refs?|letter.*|comments?.*|see comments?.*|correct(?:ed|ion)"
    r"|(?:published )?errat(?:um|a)\b.*|editorial.*|.*\btransl(?:ation)?s?\b.*|proceeding.*|article in \w+|in process"
    r"|retracted(?: article)?.*|expression of concern.*|conference abstract|meeting abstract|.*electronic resource"
    r"|english|french|german|spanish|italian|russian|chinese|japanese|polish|dutch|portuguese|turkish|danish|czech",
)
_ABSTRACT_NOTE = re.compile(r"abstract(?: no)?\W*[\s\w]*|(?:conference|meeting) abstract")
# Ovid appends notices with brackets of their own, and the original title; all of it lies behind the title.
_TAIL = re.compile(
    r"\s*(?:\[\s*(?:published |see )?(?:errat|corrigend|comment|retract|expression of concern)|<original>).*",
    re.IGNORECASE | re.DOTALL,
)
_LAST_BRACKET = re.compile(r"^(.*\S)\s*(?:\[([^\[\]]*)\]|\(([^()]*)\))[\s.]*$", re.DOTALL)
_DIGIT = re.compile(r"\d")
_WHOLE_BRACKET = re.compile(r"^\W*\[(.*)\][\s.]*$", re.DOTALL)

MIN_DISTINCTIVE_WORDS = 5
MIN_DISTINCTIVE_LETTERS = 30
MIN_LETTERS = 12  # shorter titles are the same or different
MIN_PART_WORDS = 3
MIN_LIKENESS, SIMILAR_LIKENESS = 75, 80  # percent of letters in common, in order


_PLAN = re.compile(r"\b(?:protocol|rationale|statistical analysis plan|study design|trial design|design and methods)\b")


class TitleMatch(StrEnum):
    """How near two titles are."""

    SAME = "same"  # the same letters
    NEAR = "near"  # the same words, differently spelt or set
    PART = "part"  # one is the other with a subtitle or a lead more
    SIMILAR = "similar"  # most words shared, nothing telling in the rest
    NOTICE = "notice"  # one is a notice about the other
    DIFFERENT = "different"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Title:
    """A title in its comparable forms: the main one, and a translation given beside it."""

    text: str
    compact: str
    others: tuple[str, ...]
    notices: frozenset[str]
    translated: bool
    abstract_note: bool
    serial: bool  # it may be a column's, which returns under one title
    distinctive: bool  # long enough that two documents hardly share it by chance, and no column's
    plan: bool  # it announces a study rather than reporting it

    @property
    def words(self) -> tuple[str, ...]:
        """The main form's words."""
        return tuple(self.text.split())


def read_title(text: str, vernacular: str | None = None) -> Title:
    """Bring a title into its comparable forms."""
    others, translated, abstract_note = [vernacular] if vernacular else [], False, False
    text = text.strip().strip('"')
    if "[" in text or "<" in text:
        text = _TAIL.sub("", text)
    while "]" in text or ")" in text:
        whole = _WHOLE_BRACKET.match(text)
        if whole and "]" not in whole[1]:
            text, translated = whole[1], True
            continue
        bracket = _LAST_BRACKET.match(text) if text.rstrip(" .").endswith(("]", ")")) else None
        if bracket is None:
            break
        inside = (bracket[2] or bracket[3] or "").strip().casefold().rstrip(".")
        if _ABSTRACT_NOTE.fullmatch(inside):
            abstract_note = True
        elif bracket[2] and len(inside.split()) > 3 and not _NOTE.fullmatch(inside):
            others.append(inside)
        elif not _NOTE.fullmatch(inside) and (bracket[2] is None or _DIGIT.search(inside)):
            break
        text = bracket[1]
    first, _, second = text.partition(" = ")
    if second:
        text = first
        others.append(second)
    main = plain(text)
    words = main.split()
    compact = "".join(words)
    serial = not SERIAL.isdisjoint(words)
    return Title(
        text=main,
        compact=compact,
        others=tuple(form for other in others if (form := plain(other).replace(" ", ""))),
        notices=frozenset(NOTICES[word] for word in words if word in NOTICES),
        translated=translated or bool(vernacular),
        abstract_note=abstract_note,
        serial=serial,
        distinctive=len(words) >= MIN_DISTINCTIVE_WORDS and len(compact) >= MIN_DISTINCTIVE_LETTERS and not serial,
        plan=_PLAN.search(main) is not None,
    )


def match_titles(a: Title, b: Title) -> TitleMatch:
    """How near two titles are. Symmetric."""
    if not a.compact or not b.compact:
        return TitleMatch.MISSING
    if a.compact == b.compact or _same_other_form(a, b):
        return TitleMatch.SAME
    if min(len(a.compact), len(b.compact)) < MIN_LETTERS:
        return TitleMatch.DIFFERENT
    shorter, longer = (a, b) if len(a.compact) <= len(b.compact) else (b, a)
    part = (shorter.compact in longer.compact) and _is_part(shorter.words, longer.words)
    likeness = fuzz.ratio(a.text, b.text, score_cutoff=MIN_LIKENESS)
    if not part and not likeness:
        return TitleMatch.DIFFERENT
    if a.notices != b.notices or (part and _spoken_about(shorter.words, longer.words)):
        return TitleMatch.NOTICE if part else TitleMatch.DIFFERENT
    return _match_words(a.words, b.words, part=part, similar=likeness >= SIMILAR_LIKENESS)


def _same_other_form(a: Title, b: Title) -> bool:
    """Whether a translation given beside one title is the other's title, or both have one translation."""
    return bool(a.others or b.others) and not {a.compact, *a.others}.isdisjoint({b.compact, *b.others})


def _match_words(a: tuple[str, ...], b: tuple[str, ...], *, part: bool, similar: bool) -> TitleMatch:
    """How near two titles are by the words that they do not share."""
    only_a, only_b = _differing(a, b)
    if "".join(only_a) == "".join(only_b):
        return TitleMatch.NEAR
    if part:
        return TitleMatch.PART if TELLING.isdisjoint((*only_a, *only_b)) else TitleMatch.SIMILAR
    if _numbers(only_a) != _numbers(only_b):
        return TitleMatch.DIFFERENT
    only_a, only_b = _without_spellings(only_a, only_b)
    if "".join(only_a) == "".join(only_b):
        return TitleMatch.NEAR
    if not similar or TELLING.intersection(only_a) != TELLING.intersection(only_b) or _opposed(only_a, only_b):
        return TitleMatch.DIFFERENT
    return TitleMatch.SIMILAR


def _is_part(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether the shorter leads or ends the longer, and what is left is more than the number of a part."""
    size, extra = len(shorter), len(longer) - len(shorter)
    if size < MIN_PART_WORDS or extra < 1:
        return False
    if longer[:size] == shorter:
        return not _numbers_a_part(longer[size : size + 2])
    return longer[extra:] == shorter and not _numbers_a_part(longer[:extra])


def _spoken_about(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether what stands next to the shorter title says that it is spoken about: 'discussion on', 'response to'."""
    size, extra = len(shorter), len(longer) - len(shorter)
    beside = longer[size : size + 1] if longer[:size] == shorter else longer[max(extra - 3, 0) : extra]
    return not SPEAKING_ABOUT.isdisjoint(beside)


def _numbers_a_part(words: tuple[str, ...]) -> bool:
    """Whether these words begin with a number, or count the parts of a series."""
    return bool(number_of(words[0])) or any(
        word in PART_WORDS and number_of(following) for word, following in pairwise(words)
    )


def _differing(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Words of each that the other lacks, in their order, articles and the like apart."""
    count_a, count_b = Counter(a), Counter(b)
    return _beyond(a, count_a - count_b), _beyond(b, count_b - count_a)


def _beyond(words: tuple[str, ...], more: Counter[str]) -> list[str]:
    found = []
    for word in words:
        if more[word] > 0:
            more[word] -= 1
            if word not in LITTLE_WORDS:
                found.append(word)
    return found


def _numbers(words: list[str]) -> list[str]:
    """The numbers among these words, however written, as one comparable list."""
    numbers = [number for word in words if (number := number_of(word))]
    return sorted(numbers)


def _without_spellings(a: list[str], b: list[str]) -> tuple[list[str], list[str]]:
    """Take out pairs of words that differ only in spelling or ending."""
    left = list(b)
    kept = []
    for word in a:
        twin = next((other for other in left if _same_word(word, other)), None)
        if twin is None:
            kept.append(word)
        else:
            left.remove(twin)
    return kept, left


def _same_word(a: str, b: str) -> bool:
    if a.removesuffix("s") == b.removesuffix("s"):
        return True
    if min(len(a), len(b)) < 5 or a in TELLING or b in TELLING or _opposite(a, b):
        return False
    # Two letters would already make pantoprazole of lansoprazole, and prednisone of prednisolone.
    return OSA.distance(_folded(a), _folded(b), score_cutoff=1) <= 1


def _folded(word: str) -> str:
    """British and American spellings in one."""
    for british, american in BRITISH_SPELLINGS:
        word = word.replace(british, american)
    return word


def _opposed(a: list[str], b: list[str]) -> bool:
    return any(_opposite(x, y) for x in a for y in b)


def _opposite(a: str, b: str) -> bool:
    """Whether one word is the other turned about by its head: hypo-/hyper-, in-/ex-, un-, non-, pre-/post-."""
    for head, other in OPPOSED_HEADS:
        for x, y in ((a, b), (b, a)):
            if x.startswith(head) and y.startswith(other) and x[len(head) :] == y[len(other) :]:
                return True
    shorter, longer = sorted((a, b), key=len)
    return any(longer == head + shorter for head in NEGATING_HEADS)
