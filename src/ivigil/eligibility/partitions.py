"""Numbers that others add up to, and the parts they are made of: "31 took part; IVIG was given to 19, albumin to 12".

A number that is the sum of its neighbours is a whole, and what its parts are told by (the treatment, the condition, a
dose) says whether it or one of them is the number treated.
"""

from __future__ import annotations

from collections import defaultdict

from ivigil.eligibility.mentions import Counted, Mention, Setting
from ivigil.eligibility.number_words import CLASSES_OF

_SMALLEST = 4  # what adds up to fewer does so by chance
_MOST_PARTS = 7
_REACH = 2  # sentences over which parts are told, and between them and their whole
_REACH_OF_TWO = 1
_TOLD_BEHIND = 6  # words behind a number that may tell a part
_DESCRIBED_BEHIND = 3


def mark_parts(counted: list[Counted], setting: Setting) -> dict[int, set[str]]:
    """Mark each number that is one of the parts of another; what is said of the wholes, by value."""
    numbers = [(at, mention) for at, here in enumerate(counted) for mention in here.places]
    wholes: dict[int, list[int]] = defaultdict(list)
    for place, (_, mention) in enumerate(numbers):
        wholes[mention.value].append(place)
        if mention.item.of:
            wholes[mention.item.of].append(place)
    said: dict[int, set[str]] = defaultdict(set)
    for first, (begin, mention) in enumerate(numbers):
        total = mention.value
        for last in range(first + 1, min(first + _MOST_PARTS, len(numbers))):
            end, part = numbers[last]
            if end - begin > _REACH:
                break
            total += part.value
            if total < _SMALLEST or total not in wholes:
                continue
            parts = [mention for _, mention in numbers[first : last + 1]]
            for place in wholes[total]:
                if not first <= place <= last:
                    away = begin - numbers[place][0] if place < first else numbers[place][0] - end
                    if away <= (_REACH if len(parts) > 2 else _REACH_OF_TWO):
                        order = "before" if place < first else "behind"
                        said[total] |= _mark(parts, order, setting)
                        said[total] |= {f"sums near={away}"}
    return said


def _mark(parts: list[Mention], order: str, setting: Setting) -> set[str]:
    """Mark the parts of a whole that stands before or behind them; what is said of the whole."""
    own = [_told_by(part) for part in parts]
    told = "".join(sorted(set("".join(own))))
    apart = parts[0].line.sentence is not parts[-1].line.sentence
    many = f"{order} {min(len(parts), 4)}"
    for part, by in zip(parts, own, strict=True):
        part.features |= {
            f"of a whole {many}", f"of a whole, told by {by}", f"of a whole, told by {by} of {told}",
            f"of a whole of {told}&{setting.key}&{'T' in by}{'D' in by}",
        }  # fmt: skip
    return {
        f"sums {many}", f"sums of {told}", f"sums of {told} {order} {apart}", f"sums of {told}&{setting.key}",
    }  # fmt: skip


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
    for mention in here.mentions:
        value, features = mention.value, mention.features
        behind = [other.value for other in here.places if other.item.first > mention.item.first]
        before = [other.value for other in here.places if other.item.first < mention.item.first]
        if value > 2 and any(sum(behind[:many]) == value for many in range(2, min(6, len(behind) + 1))):
            features |= {"whole of what follows", f"whole of what follows&{mention.relation}"}
        if len(before) > 1 and before[-2] - before[-1] == value:
            features.add("what was left")
        if any(sum(before[first:]) == value for first in range(max(0, len(before) - 4), len(before) - 1)):
            features.add("whole of what stood before")
