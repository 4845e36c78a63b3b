"""Numbers that others add up to, and the parts they are made of: "31 took part; IVIG was given to 19, albumin to 12".

A number that is the sum of its neighbours is a whole, and what its parts are told by (the treatment, the condition, a
dose) says whether it or one of them is the number treated.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from ivigil.eligibility.mentions import Counted, Mention, Setting
from ivigil.eligibility.number_words import CLASSES_OF
from ivigil.eligibility.weights import named

_SMALLEST = 4  # what adds up to fewer does so by chance
_MOST_PARTS = 7
_REACH = 2  # sentences over which parts are told, and between them and their whole
_REACH_OF_TWO = 1
_MANY_PARTS = 4  # so many and more are told of alike
_AWAY = [f"sums near={away}" for away in range(_REACH + 1)]
_ADDED_BEHIND, _ADDED_BEFORE = 5, 4  # neighbours in a sentence that are added up
_TOLD_BEHIND = 6  # words behind a number that may tell a part
_DESCRIBED_BEHIND = 3


def mark_parts(counted: list[Counted], setting: Setting) -> dict[int, set[str]]:
    """Mark each number that is one of the parts of another; what is said of the wholes, by value."""
    numbers = [(at, mention) for at, here in enumerate(counted) for mention in here.places]
    said: dict[int, set[str]] = defaultdict(set)
    told: dict[int, str] = {}  # by place
    for whole, parts, order, away in _partitions(numbers):
        for place in parts:
            if place not in told:
                told[place] = _told_by(numbers[place][1])
        together = "".join(sorted({tag for place in parts for tag in told[place]}))
        many = min(len(parts), _MANY_PARTS)
        for place in parts:
            numbers[place][1].features.update(_part_names(order, many, told[place], together, setting.key))
        apart = numbers[parts[0]][0] != numbers[parts[-1]][0]
        said[whole] |= _whole_names(order, many, together, setting.key, apart=apart)
        said[whole].add(_AWAY[away])
    return said


def _partitions(numbers: list[tuple[int, Mention]]) -> Iterator[tuple[int, range, str, int]]:
    """Each number that neighbours add up to, their places, whether it stands before them, and how many sentences away.

    `numbers` are all of a record, with the places of their sentences.
    """
    wholes: dict[int, list[int]] = defaultdict(list)
    for place, (_, mention) in enumerate(numbers):
        wholes[mention.value].append(place)
        if mention.item.of:
            wholes[mention.item.of].append(place)
    for first, (begin, mention) in enumerate(numbers):
        total = mention.value
        for last, (end, part) in enumerate(numbers[first + 1 : first + _MOST_PARTS], first + 1):
            if end - begin > _REACH:
                break
            total += part.value
            if total not in wholes or total < _SMALLEST:
                continue
            reach = _REACH if last - first > 1 else _REACH_OF_TWO
            for place in wholes[total]:
                if place < first and begin - numbers[place][0] <= reach:
                    yield total, range(first, last + 1), "before", begin - numbers[place][0]
                elif place > last and numbers[place][0] - end <= reach:
                    yield total, range(first, last + 1), "behind", numbers[place][0] - end


@lru_cache(maxsize=1 << 10)
def _part_names(order: str, many: int, by: str, told: str, key: str) -> frozenset[str]:
    """What is said of a part that is told by `by`, of a whole whose parts are told by all of `told`."""
    return named([
        f"of a whole {order} {many}", f"of a whole, told by {by}", f"of a whole, told by {by} of {told}",
        f"of a whole of {told}&{key}&{'T' in by}{'D' in by}",
    ])  # fmt: skip


@lru_cache(maxsize=1 << 10)
def _whole_names(order: str, many: int, told: str, key: str, *, apart: bool) -> frozenset[str]:
    """What is said of a number whose parts are told by `told`, in one sentence or apart."""
    return named([
        f"sums {order} {many}", f"sums of {told}", f"sums of {told} {order} {apart}", f"sums of {told}&{key}",
    ])  # fmt: skip


def _told_by(mention: Mention) -> str:
    """What a part is told by, as tags: a condition (D, O), a treatment (T, C), a route (R), a dose (i), a trait (S)."""
    told = ""
    if mention.condition not in {"D~", "-"}:
        told += "D" if "D" in mention.condition else "O"
    if mention.relation != "-":
        told += "T" if "T" in mention.relation else "C"
    if "route=R" in mention.features:
        told += "R"
    words = mention.line.sentence.field.tokens.words[mention.item.last : mention.item.last + _TOLD_BEHIND]
    if "kg" in words:
        told += "i"
    if any("described" in CLASSES_OF.get(word, ()) for word in words[:_DESCRIBED_BEHIND]):
        told += "S"
    return told


def mark_parts_in(here: Counted) -> None:
    """Mark the numbers that others of the sentence add up to: "twelve (nine limited, three diffuse)"."""
    if len(here.places) < 3:
        return
    values = [mention.value for mention in here.places]
    firsts = [mention.item.first for mention in here.places]
    for mention in here.mentions:
        value, features = mention.value, mention.features
        before, behind = bisect_left(firsts, mention.item.first), bisect_right(firsts, mention.item.first)
        if value > 2 and _add_up(values[behind : behind + _ADDED_BEHIND], value):
            features |= {"whole of what follows", f"whole of what follows&{mention.relation}"}
        if before > 1 and values[before - 2] - values[before - 1] == value:
            features.add("what was left")
        if _add_up(values[max(0, before - _ADDED_BEFORE) : before][::-1], value):
            features.add("whole of what stood before")


def _add_up(values: list[int], whole: int) -> bool:
    """Whether the first two or more of some numbers make the whole."""
    total = 0
    for many, value in enumerate(values):
        total += value
        if total >= whole:
            return many > 0 and total == whole
    return False
