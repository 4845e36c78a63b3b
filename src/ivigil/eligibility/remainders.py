"""What remains of a number once its parts are told: "62 had it alone and the rest the combination"."""

from __future__ import annotations

from collections.abc import Iterator

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.case import Case
from ivigil.eligibility.mentions import Counted, Mention
from ivigil.eligibility.number_words import NEVER_BEGAN
from ivigil.eligibility.numbers import read_number
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Sentence

_REST = frozenset(["others", "rest", "remainder", "remaining"])
_REST_OR_OTHER = _REST | {"other", "else"}
_OTHER_PEOPLE = (["patients"], ["participants"], ["subjects"], ["adults"], ["women"], ["cases"], ["individuals"])
_EVERYONE = frozenset(["everyone", "everybody", "all"])
_REACH = 2  # sentences between a number and what remains of it
_ALL = frozenset(["all", "each", "every", "everyone", "everybody"])
_EXCEPTING = frozenset(["but", "save", "except", "excepting", "bar", "barring", "minus", "apart", "exception"])
_LINKS = frozenset(["for", "from", "of", "the"])
_ALL_BEFORE = 9  # words between "all" and "but" at most
_EXCEPTED_OF = 3  # numbers before "all but one" that it may be said of
_LOST_BEHIND = 6  # words behind a number that may say so
_SECOND_BEHIND = 12  # words between two numbers taken away
_TOLD = 6  # numbers before the word that may be the whole or a part of it


def remainders(case: Case, counted: list[Counted]) -> list[Candidate]:
    """What remains where "the others" or "the rest" are told of: a number without those told between it and them.

    So does "all but one" of a number before it.
    """
    if not (case.document.says_any(_REST_OR_OTHER) or case.document.says_any(_EXCEPTING)):
        return []
    told = {id(here.sentence): here.places for here in counted}
    found: list[Candidate] = []
    recent: list[tuple[int, Mention]] = []  # with their sentences' places
    for at, lines in enumerate(case.own_sentences):
        sentence = lines[0].sentence
        places = told.get(id(sentence), [])
        of_the_rest, excepting = sentence.says_any(_REST_OR_OTHER), sentence.says_any(_EXCEPTING)
        if of_the_rest or excepting:
            near = [mention for number, mention in recent if at - number <= _REACH]
            found += _of_the_rest(lines, near, places) if of_the_rest else []
            found += _all_but(lines, near, places) if excepting else []
        recent = [*recent, *((at, mention) for mention in places)][-_TOLD:]
    return found


def _of_the_rest(lines: list[Line], near: list[Mention], places: list[Mention]) -> list[Candidate]:
    """What remains at each word for the rest, of the numbers before it."""
    sentence = lines[0].sentence
    words = sentence.field.tokens.words
    found: list[Candidate] = []
    for place in range(sentence.first, sentence.last):
        if words[place] in _REST or _are_the_other(words, place) or _is_everyone_else(words, place):
            before = [*near, *(mention for mention in places if mention.item.first < place)]
            behind = "".join(item.tag for line in lines for item in line.items if item.first > place)
            ahead = "".join(item.tag for line in lines for item in line.items if item.first < place)
            features = {f"rest T={'T' in behind}{'T' in ahead}", f"rest A={'A' in behind}{'A' in ahead}"}
            found += _left_of(before[-_TOLD:], features)
    return found


def _are_the_other(words: list[str], place: int) -> bool:
    """Whether "other" stands as in "the other patients"."""
    return words[place] == "other" and words[place - 1] == "the" and words[place + 1 : place + 2] in _OTHER_PEOPLE


def _is_everyone_else(words: list[str], place: int) -> bool:
    return words[place] == "else" and words[place - 1] in _EVERYONE


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
                named = features | {
                    "rest", f"rest parts={min(taken, 3)}", f"rest all={taken == len(parts)}",
                    f"rest of {_verb(whole)}", f"rest without {_verb(parts[-1])}", f"rest lost={_are_lost(parts)}",
                }  # fmt: skip
                said = (told[-1], told[-1])
                found.append(Candidate(left, named, said, derived=True, begins=whole))
    return found


def _verb(mention: Mention) -> str:
    """What a number's clause says its people did."""
    return next((name for name in mention.features if name.startswith("verb=") and "&" not in name), "-")


def _are_lost(parts: list[Mention]) -> bool:
    """Whether the last part is said never to have begun, as "two declined" is."""
    last = parts[-1]
    words = last.line.sentence.field.tokens.words[last.item.last : last.item.last + _LOST_BEHIND]
    return "untreated" in last.features or not NEVER_BEGAN.isdisjoint(words)


def _all_but(lines: list[Line], near: list[Mention], places: list[Mention]) -> list[Candidate]:
    """What "all but one" leaves of each of the numbers before it, the last first, and of that it names.

    "All bar three who died and two who refused" leaves it without both.
    """
    sentence = lines[0].sentence
    found: list[Candidate] = []
    for place, excepted, last in _exceptions(sentence):
        further = next((one.value for one in places if last <= one.item.first <= last + _SECOND_BEHIND), 0)
        named = next((one.item.of for one in places if one.item.first == place and one.item.of), 0)
        wholes = [*near, *(one for one in places if one.item.last <= place)][-_EXCEPTED_OF:]
        for nth, whole in enumerate(reversed(wholes)):
            told = {f"all but few nth={nth}", f"all but few T={'T' in whole.relation}{'D' in whole.condition}"}
            for taken, kinds in ((excepted, 1), (excepted + further, 2)):
                if whole.value > taken and (kinds == 1 or further):
                    features = {"all but few", f"all but kinds={kinds}", *told}
                    found.append(Candidate(whole.value - taken, features, (whole, whole), derived=True))
        if named > excepted:
            count = next(one for one in places if one.item.first == place)
            found.append(
                Candidate(named - excepted, {"all but few", "all but few of it"}, (count, count), derived=True)
            )
    return found


def _exceptions(sentence: Sentence) -> Iterator[tuple[int, int, int]]:
    """Each number that "all but" and the like take away: its token, it, and the token behind it."""
    tokens = sentence.field.tokens
    words = tokens.words
    for place in range(sentence.first, sentence.last):
        if words[place] not in _EXCEPTING or _ALL.isdisjoint(words[max(sentence.first, place - _ALL_BEFORE) : place]):
            continue
        first = place + 1
        while first < sentence.last and words[first] in _LINKS:
            first += 1
        if first == sentence.last:
            continue
        if words[first] == "a":
            yield first, 1, first + 1
        elif (number := read_number(tokens, first, sentence.last)) is not None and number[0]:
            yield first, *number
