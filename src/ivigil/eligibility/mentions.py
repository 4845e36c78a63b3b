"""Numbers of people as they stand in a record, each with what its clause and its sentence say of it.

What is said is named by short features, such as `verb=treated` or `rel=T>` (the treatment stands behind the number),
which `number_model` weighs. The letters are those of `tagging`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ivigil.eligibility.case import Case
from ivigil.eligibility.clauses import split
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.number_words import CLASSES_OF, TELLING
from ivigil.eligibility.remembered import Remembered
from ivigil.eligibility.tagging import Item, Line
from ivigil.eligibility.text import Part, Sentence
from ivigil.eligibility.weights import named

NUMBERS = frozenset("NKk1")
_FAR, _BACK = 14, 12  # items of a clause looked at behind a number, and before it
_STOP = re.compile(r"[NKk;]")
_IN_SENTENCE = [(tag, f"s:{tag}") for tag in "TDOUMCARXLHe"]
_IN_CLAUSE = "TDOUCARXLHeIVGZbzgPhvju"
_BEHIND = {tag: f"ca:{tag}" for tag in _IN_CLAUSE}
_BEFORE = {tag: f"cb:{tag}" for tag in _IN_CLAUSE}
_CLASS_BEFORE, _CLASS_NEXT, _CLASS_BEHIND = (
    {word: [f"{side}={name}" for name in names] for word, names in CLASSES_OF.items()} for side in ("pc", "nc1", "nc2")
)
_SAID = {name: f"said={name}" for name in TELLING}
_TOLD_BY = {word: told for word, names in CLASSES_OF.items() if (told := TELLING.intersection(names))}
_VERBS = {word: next(name for name in CLASSES_OF[word] if name in TELLING) for word in _TOLD_BY}
_FLOWING = frozenset(["screened", "left"])  # with these a sentence follows people from stage to stage
_GIVEN = re.compile(r"[VGZ]")
_OTHER_FIRST = re.compile(r"[CA].*T")
_TREATMENT_FIRST = re.compile(r"T.*[CA]")
_OTHER_LAST = re.compile(r"[CA][^T]*$")
_CONDITION_NEXT = re.compile(r"[^OUM]{0,5}D")
_CONDITION_BEFORE = re.compile(r"D[^OUM]{0,3}$")
_NEIGHBOUR_NEXT = re.compile(r"[^D]{0,5}[OUM]")
_NEIGHBOUR_BEFORE = re.compile(r"[OUM][^D]{0,3}$")
_OTHERS = frozenset("OUM")
_HAD = frozenset(["had", "have", "would"])
_PRESCRIBED = word_set("prescribed used administered offered given recommended tried employed")
_ROUTE_NEXT = re.compile(r"[^RT]*([RT])")


@dataclass(frozen=True)
class Setting:
    """What kind of record the numbers stand in."""

    mixed: bool  # the treated have several conditions
    compared: bool  # the treatment has an arm of its own
    all_treated: bool  # the record is about people who all received it
    routes: bool  # other routes are named
    young: bool  # the young are named

    @cached_property
    def key(self) -> str:
        """The first two, as a part of a feature's name."""
        return ("m" if self.mixed else "s") + ("c" if self.compared else "")


@dataclass(slots=True, eq=False)
class Mention:
    """A number at its place, with its features."""

    item: Item
    line: Line
    place: int
    value: int  # what it counts to
    relation: str = "-"
    condition: str = "-"
    dosed: bool = False  # told by a dose
    features: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Counted:
    """A sentence's numbers, first to last, and its lines; `number` is its place among the sentences with numbers.

    `places` holds each number of several people once.
    """

    sentence: Sentence
    words: list[str]
    lines: list[Line]
    tags: str
    number: int
    mentions: list[Mention]
    places: list[Mention]

    def stretches(self) -> Iterator[tuple[Mention, int, int]]:
        """Each of `places` with where its own words may begin and end: behind the number before it, at the next."""
        begin, ends = self.sentence.first, [mention.item.first for mention in self.places] + [self.sentence.last]
        for mention, end in zip(self.places, ends[1:], strict=True):
            yield mention, begin, end
            begin = mention.item.last


def read_mentions(case: Case, setting: Setting) -> list[Counted]:
    """Every sentence of a record that counts people."""
    own = {id(line.sentence) for line in case.own_lines}
    counted: list[Counted] = []
    seen: set[int] = set()
    number = in_results = 0
    for lines in case.sentences:
        sentence, tags = lines[0].sentence, "".join([line.tags for line in lines])
        if NUMBERS.isdisjoint(tags) or (id(sentence) not in own and sentence.part is not Part.TITLE):
            continue
        words = sentence.field.tokens.words[sentence.first : sentence.last]
        gave = sentence.says_any(_PRESCRIBED)
        mentions = [
            Mention(item, line, place, item.value)
            for line in lines
            for place, item in enumerate(line.items)
            if item.tag in NUMBERS and item.value > 0 and not (gave and _gave(line, item))
        ]
        if not mentions:
            continue
        if len(lines) > 1:
            mentions.sort(key=lambda mention: mention.item.first)
        places = _once_each(mentions)
        if places and sentence.part not in {Part.TITLE, Part.BACKGROUND}:
            number += 1
            in_results += sentence.part is Part.RESULTS
        here = Counted(sentence, words, lines, tags, number, mentions, places)
        common, said = _of_sentence(here, setting, in_results)
        placed = {mention.item.first: at for at, mention in enumerate(places)}
        flows = not said.isdisjoint(_FLOWING) or "e" in tags or "z" in tags
        for mention in mentions:
            mention.features |= common
            if mention.item.tag != "1":
                _add_place(mention, placed[mention.item.first], len(places), len(seen), flows=flows)
            _add_words(mention, sentence)
            _add_clause(mention, setting)
            if mention.value > 1:
                seen.add(mention.value)
            if mention.item.of:
                seen.add(mention.item.of)
        counted.append(here)
    return counted


def _once_each(mentions: list[Mention]) -> list[Mention]:
    """The numbers of a sentence, each once: one in brackets stands in its own line and, as k, in the line around it."""
    counted: dict[int, Mention] = {}
    for mention in mentions:
        if mention.item.tag != "1" and (mention.item.first not in counted or not mention.line.bracketed):
            counted[mention.item.first] = mention
    return list(counted.values())


def _gave(line: Line, item: Item) -> bool:
    """Whether those who are counted gave the treatment instead of having it: "64 had prescribed IVIG"."""
    behind = line.sentence.field.tokens.words[item.last : item.last + 3]
    return not _HAD.isdisjoint(behind) and any(
        one in _HAD and other in _PRESCRIBED for one, other in itertools.pairwise(behind)
    )


def _of_sentence(here: Counted, setting: Setting, in_results: int) -> tuple[set[str], set[str]]:
    sentence, tags = here.sentence, here.tags
    said = set[str]().union(*[_TOLD_BY[word] for word in sentence.vocabulary & _TOLD_BY.keys()])
    features = {f"part={sentence.part}", *[_SAID[name] for name in said]}
    features.update([name for tag, name in _IN_SENTENCE if tag in tags])
    if sentence.part is not Part.TITLE:
        features |= {f"nth={min(here.number, 4)}", f"nth={min(here.number, 2)}&{setting.all_treated}"}
    if sentence.part is Part.RESULTS:
        features.add(f"result={min(in_results, 3)}")
    return features, said


def _add_place(mention: Mention, at: int, many: int, seen: int, *, flows: bool) -> None:
    where = "first" if at == 0 else "last" if at == many - 1 else "middle"
    mention.features |= _place_names(where, min(seen, 4), alone=many == 1, flows=flows)


@lru_cache(maxsize=1 << 6)
def _place_names(where: str, seen: int, *, alone: bool, flows: bool) -> frozenset[str]:
    """Features of a number's place among those of its sentence."""
    features = {f"place={'only' if alone else where}", f"after={seen}"}
    return named(features | {f"flow={where}"} if flows else features)


def _add_words(mention: Mention, sentence: Sentence) -> None:
    place, item, features = mention.place, mention.item, mention.features
    features |= _NEIGHBOURS[f"^^{mention.line.tags}$$"[place : place + 5]]
    if mention.line.bracketed:
        features.add("bracketed")
    words = sentence.field.tokens.words
    if item.first > sentence.first:
        features.add(f"pw={words[item.first - 1]}")
    if item.last < sentence.last:
        features.add(f"nw={words[item.last]}")
        features.update(_CLASS_NEXT.get(words[item.last], ()))
    for word in words[max(sentence.first, item.first - 3) : item.first]:
        if word in _CLASS_BEFORE:
            features.update(_CLASS_BEFORE[word])
    for word in words[item.last + 1 : min(sentence.last, item.last + 3)]:
        if word in _CLASS_BEHIND:
            features.update(_CLASS_BEHIND[word])


def _told_by_neighbours(tags: str) -> frozenset[str]:
    """Features of a tag, the third, with the two before it and the two behind it."""
    before, behind = tags[:2], tags[3:]
    return named([
        f"tag={tags[2]}", f"p1={before[1]}", f"p2={before[0]}", f"pp={before}",
        f"n1={behind[0]}", f"n2={behind[1]}", f"nn={behind}",
    ])  # fmt: skip


_NEIGHBOURS = Remembered(_told_by_neighbours)


def _add_clause(mention: Mention, setting: Setting) -> None:
    line, place = mention.line, mention.place
    first, last = _clause(line, place)
    nearest, farthest = max(first, place - _BACK), min(last, place + _FAR)
    stop = _STOP.search(line.tags, place + 1, farthest)
    end = stop.start() if stop else farthest
    before, behind = line.tags[nearest:place], line.tags[place + 1 : end]
    if stop := _STOP.search(before[::-1]):
        before = before[len(before) - stop.start() :]
    verb = _verb(line, place + 1, end)
    features = mention.features
    mention.relation, mention.condition, given, around = _around(before, behind)
    features |= around
    features |= _bearings(verb, mention.relation, mention.condition, setting.key, given=given)
    if setting.routes:
        route = _ROUTE_NEXT.match(behind)
        features.add(f"route={route[1] if route else '-'}")
    if setting.young:
        words = line.sentence.field.tokens.words[mention.item.last : mention.item.last + 4]
        named = {name for word in words for name in CLASSES_OF.get(word, ()) if name in {"adult", "young"}}
        features.add(f"age={'/'.join(sorted(named))}")
    if mention.item.of:
        features |= {"part", f"part&{verb}"}


@lru_cache(maxsize=1 << 13)
def _around(before: str, behind: str) -> tuple[str, str, bool, frozenset[str]]:
    """How treatment and condition stand around a number, whether it is said to be given, and what else stands there."""
    relation = _relation(before, behind)
    given = _GIVEN.search(behind if "T>" in relation else before if "<T" in relation else "")
    features = [_BEHIND[tag] for tag in behind if tag in _BEHIND]
    features += [_BEFORE[tag] for tag in before if tag in _BEFORE]
    return relation, _condition(before, behind), given is not None, named(features)


@lru_cache(maxsize=1 << 12)
def _bearings(verb: str, relation: str, condition: str, key: str, *, given: bool) -> frozenset[str]:
    """Features of what a clause says its people did, and of where treatment and condition stand."""
    features = {
        f"verb={verb}", f"verb={verb}&{key}", f"rel={relation}", f"rel={relation}&{key}",
        f"rel={relation}&{'G' if given else '-'}", f"rel={relation}&{verb}", f"cond={condition}",
        f"cond={condition}&{key}",
    }  # fmt: skip
    return named(features | {f"mixed:{condition}&{relation}"} if key.startswith("m") else features)


def _clause(line: Line, place: int) -> tuple[int, int]:
    """Where the clause around an item begins and ends in its line."""
    first, clauses = 0, split(line)
    for clause in clauses if len(clauses) > 1 else ():
        if place < first + len(clause.tags):
            return first, first + len(clause.tags)
        first += len(clause.tags)
    return 0, len(line.tags)


def _verb(line: Line, first: int, last: int) -> str:
    """What the clause says its people did, as a class of words; "-" where it says nothing known."""
    words = line.sentence.field.tokens.words
    for item in line.items[first:last]:
        for word in words[item.first : item.last]:
            if word in _VERBS:
                return _VERBS[word]
    return "-"


def _relation(before: str, behind: str) -> str:
    """Where the treatment (T) and a comparator or another treatment (C) stand, seen from the number."""
    relation = ""
    other = "C" in behind or "A" in behind
    if "T" in behind and not (other and _OTHER_FIRST.search(behind)):
        relation += "T>"
    if "T" in before:
        relation += "<T"
    if other and not _TREATMENT_FIRST.search(behind):
        relation += "C>"
    if ("C" in before or "A" in before) and _OTHER_LAST.search(before):
        relation += "<C"
    return relation or "-"


def _condition(before: str, behind: str) -> str:
    """Where the condition (D) and its neighbours (O) stand, seen from the number."""
    condition = ""
    if "D" in behind:
        condition = "D>" if _CONDITION_NEXT.match(behind) else "D~"
    if "D" in before and _CONDITION_BEFORE.search(before):
        condition += "<D"
    if not _OTHERS.isdisjoint(behind) and _NEIGHBOUR_NEXT.match(behind):
        condition += "O>"
    if not _OTHERS.isdisjoint(before) and _NEIGHBOUR_BEFORE.search(before):
        condition += "<O"
    return condition or "-"
