"""Folds what counts the same people into one number: "18 of 52", "seven women and two men", "three groups of eight"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace


@dataclass(slots=True, eq=False)
class Item:
    """One tag with its tokens; `value` is a number's value, `of` the whole it is a part of ("18 of 52").

    Never changed, and yet not frozen: one is made for every word, and a frozen one takes three times as long.
    """

    tag: str
    first: int
    last: int
    value: int = 0
    of: int | None = None


_OF = re.compile(r"(?P<n>N)o{1,2}W?x?(?P<of>N)")
_PART = re.compile(r"(?P<n>[NK])/(?P<of>N)")
_SEXES = re.compile(r"N(?:x?)S(?:(?:[a,r]{1,2}|xw)Nx?S)+")
_SITES = re.compile(r"N[xD]?P[tf]x{1,3}[a,]{1,2}N[xD]?P?[tf]x{1,3}")
_SUBSETS = re.compile(r"N[xP]{0,3}w?x?D(?:[a,]{1,2}N[xP]{0,3}w?x?D)+")
_GROUPS = re.compile(r"NgoN")
_KINDS = re.compile(r"Nx(?:,Nx)?,?aNx[Pj]")
_BREAKDOWN = re.compile(
    r"N[^N;TCAJXbe]{0,8}[PS][^N;TCAJXbe]{0,6}(?:N[^NPVGZTCARJXbueh;]{0,5}[a,/]{1,2}x{0,2}){1,3}"
    r"N(?![xtl]{0,4}[TCARJX])(?!x{0,2}[GVZX])"
)
_FOLDED = {"S": "P", "j": "x"}  # tags that only the folding of kinds tells apart
_REPLACED = frozenset([*_FOLDED, "/"])
_CHILDREN = re.compile(r"[a,]{1,2}N[xD]?J")


def tags_of(items: list[Item]) -> str:
    """The tags of some items as a string."""
    return "".join([item.tag for item in items])


def merge(items: list[Item], tags: str) -> tuple[list[Item], str]:
    """Fold "18 of 52" and "seven women and two men" into one number; women and men are people from here on.

    Gives the items with their tags, as it takes them.
    """
    if tags.count("N") + tags.count("K") > 1:
        items = _fold_numbers(items)
        tags = tags_of(items)
    while "J" in tags and (match := _CHILDREN.search(tags)):
        items = [*items[: match.start()], *items[match.end() :]]
        tags = tags_of(items)
    if not _REPLACED.isdisjoint(tags):
        items = [
            Item(_FOLDED[item.tag], item.first, item.last) if item.tag in _FOLDED else item
            for item in items
            if item.tag != "/"
        ]
        tags = tags_of(items)
    return items, tags


def _fold_numbers(items: list[Item]) -> list[Item]:
    """Fold what takes two numbers or more."""
    items = _fold_parts(items, _OF)
    items = _fold_parts(items, _PART)
    tags = tags_of(items)
    while match := _GROUPS.search(tags):  # "three groups of eight"
        groups, each = items[match.start()], items[match.end() - 1]
        product = Item("N", groups.first, each.last, groups.value * each.value)
        items = [*items[: match.start()], product, *items[match.end() :]]
        tags = tags_of(items)
    while match := _SEXES.search(tags):
        group = items[match.start() : match.end()]
        numbers = [item for item in group if item.tag == "N"]
        total = Item("N", group[0].first, group[-1].last, sum(item.value for item in numbers))
        items[match.start() : match.end()] = [total, replace(group[-1], tag="P")]
        tags = tags_of(items)
    # "twelve patients in Leeds and nine in Lund"; "13 complete and three partial responders"
    while match := _apart(_SITES, tags, items) or _apart(_KINDS, tags, items):
        group = items[match.start() : match.end()]
        total = Item("N", group[0].first, group[-1].last, sum(item.value for item in group if item.tag == "N"))
        items[match.start() : match.end()] = [total, replace(group[-1], tag="P")]
        tags = tags_of(items)
    for match in _BREAKDOWN.finditer(tags):
        whole, *parts = [place for place in range(match.start(), match.end()) if tags[place] == "N"]
        if items[whole].value == sum(items[place].value for place in parts):  # "7 women, 5 limited and 2 diffuse"
            for place in parts:
                items[place] = replace(items[place], tag="x")
    tags = tags_of(items)
    while match := _SUBSETS.search(tags):
        group = items[match.start() : match.end()]
        total = Item("N", group[0].first, group[-1].last, sum(item.value for item in group if item.tag == "N"))
        people = Item("P", group[0].first, group[0].last)
        joint = Item("w", group[0].first, group[0].last)
        items[match.start() : match.end()] = [total, people, joint, group[-1]]
        tags = tags_of(items)
    return items


def _apart(pattern: re.Pattern[str], tags: str, items: list[Item]) -> re.Match[str] | None:
    """The first match whose numbers are of different people: not "14 of 19 at entry and 8 of 17 at six months"."""
    for match in pattern.finditer(tags):
        group = items[match.start() : match.end()]
        if not any(item.of for item in group):
            return match
    return None


def _fold_parts(items: list[Item], pattern: re.Pattern[str]) -> list[Item]:
    tags = tags_of(items)
    while match := pattern.search(tags):
        part, whole = items[match.start("n")], items[match.start("of")]
        if part.value > whole.value:  # "12 of 10" is no part; keep both, unlinked
            tags = tags[: match.start("n")] + "#" + tags[match.start("n") + 1 :]
            continue
        folded = replace(part, tag="N", last=whole.last, of=whole.value)
        items = [*items[: match.start()], folded, *items[match.end() :]]
        tags = tags_of(items)
    return items
