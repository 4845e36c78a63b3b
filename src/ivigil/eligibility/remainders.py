"""What remains of a number once its parts are told: "62 had it alone and the rest the combination"."""

from __future__ import annotations

import itertools
import re

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.case import Case
from ivigil.eligibility.mentions import Counted, Mention
from ivigil.eligibility.tagging import Line

_REST = frozenset(["others", "rest", "remainder", "remaining"])
_REACH = 2  # sentences between a number and what remains of it
_EXCEPT = re.compile(
    r"\b(?:all|each|every(?:one|body)?)\b(?:\s\w+){0,4}?,?\s(?:but|save|except(?:ing|\sfor)?|apart\sfrom|"
    r"(?:with|bar)\sthe\sexception\sof)\s(?:(one|a)|(two)|(three))\b",
    re.IGNORECASE,
)
_EXCEPTING = frozenset(["but", "save", "except", "excepting", "apart", "exception"])
_EXCEPTED_OF = 3  # numbers before "all but one" that it may be said of
_TOLD = 6  # numbers before the word that may be the whole or a part of it


def remainders(case: Case, counted: list[Counted]) -> list[Candidate]:
    """What remains where "the others" or "the rest" are told of: a number without those told between it and them.

    So does "all but one" of a number before it.
    """
    told = {id(here.sentence): here.places for here in counted}
    found: list[Candidate] = []
    recent: list[tuple[int, Mention]] = []  # with their sentences' places
    for at, (_, group) in enumerate(itertools.groupby(case.own_lines, key=lambda line: id(line.sentence))):
        lines = list(group)
        sentence = lines[0].sentence
        places = told.get(id(sentence), [])
        near = [mention for number, mention in recent if at - number <= _REACH]
        if sentence.says_any(_REST):
            found += _of_the_rest(lines, near, places)
        if sentence.says_any(_EXCEPTING) and (excepted := _EXCEPT.search(sentence.text)) is not None:
            found += _all_but([*near, *places][-_EXCEPTED_OF:], excepted.lastindex or 1)
        recent = [*recent, *((at, mention) for mention in places)][-_TOLD:]
    return found


def _of_the_rest(lines: list[Line], near: list[Mention], places: list[Mention]) -> list[Candidate]:
    """What remains at each word for the rest, of the numbers before it."""
    sentence = lines[0].sentence
    words = sentence.field.tokens.words
    found: list[Candidate] = []
    for place in range(sentence.first, sentence.last):
        if words[place] in _REST:
            before = [*near, *(mention for mention in places if mention.item.first < place)]
            behind = "".join(item.tag for line in lines for item in line.items if item.first > place)
            ahead = "".join(item.tag for line in lines for item in line.items if item.first < place)
            features = {f"rest T={'T' in behind}{'T' in ahead}", f"rest A={'A' in behind}{'A' in ahead}"}
            found += _left_of(before[-_TOLD:], features)
    return found


def _left_of(told: list[Mention], features: set[str]) -> list[Candidate]:
    """Each number without all told behind it, and without the last alone."""
    found: list[Candidate] = []
    for at, whole in enumerate(told[:-1]):
        if whole.line.sentence.field is not told[-1].line.sentence.field:
            continue
        parts = told[at + 1 :]
        for taken in {len(parts), 1}:
            left = whole.value - sum(mention.value for mention in parts[-taken:])
            if left > 0:
                named = features | {"rest", f"rest parts={min(taken, 3)}", f"rest all={taken == len(parts)}"}
                said = (told[-1], told[-1])
                found.append(Candidate(left, named, said, derived=True, begins=whole))
    return found


def _all_but(wholes: list[Mention], excepted: int) -> list[Candidate]:
    """What "all but one" leaves of each of the numbers before it, the last first."""
    return [
        Candidate(
            whole.value - excepted,
            {"all but few", f"all but few nth={nth}", f"all but few T={'T' in whole.relation}"},
            (whole, whole),
            derived=True,
        )
        for nth, whole in enumerate(reversed(wholes))
        if whole.value > excepted
    ]
