"""What is left of a number: "20 enrolled; three withdrew before any infusion"."""

from __future__ import annotations

import itertools
import re

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.mentions import Counted, Mention
from ivigil.eligibility.number_words import NEVER_BEGAN, NEVER_TREATED

_LEFT = frozenset(["said=lost", "said=others", "said=left"])
# "did not receive it", "were excluded", "had no treatment"
_UNTREATED = re.compile(r"X[^;]{0,6}[VGTi]|e|X$|X[^;]{0,3}h")
_BEFORE_WHAT = frozenset(["any", "first", "infusion", "treatment"])
_SIGNS = NEVER_BEGAN | {"before", "but"}  # one of these words, or a tag that denies, stands where some are lost
_REACH = 2  # sentences between a number and those lost of it
_WHOLES = 3  # numbers before those lost that they may be lost of


def differences(here: Counted) -> list[Candidate]:
    """What is left of a number: "all but three of these 18"."""
    if len(here.places) < 2 or not (_denies(here.tags) or not _LEFT.isdisjoint(here.mentions[0].features)):
        return []
    found: list[Candidate] = []
    for whole, part in itertools.pairwise(here.places):
        for more, fewer in ((whole, part), (part, whole)):
            if more.value > fewer.value:
                features = {
                    "difference", f"difference part={here.sentence.part}", f"difference T={'T' in here.tags}",
                    f"difference nth={min(here.number, 3)}", f"difference not={_denies(fewer.line.tags)}",
                    f"difference order={more is whole}", f"difference p1={f'^{fewer.line.tags}'[fewer.place]}",
                }  # fmt: skip
                found.append(Candidate(more.value - fewer.value, features, (whole, part), derived=True))
    return found


def losses(counted: list[Counted]) -> list[Candidate]:
    """Mark those who never began, and list what is left of the numbers before them without them."""
    found: list[Candidate] = []
    wholes: list[tuple[int, Mention]] = []  # with their sentences' places
    for at, here in enumerate(counted):
        words = here.words
        if not _denies(here.tags) and _SIGNS.isdisjoint(words):
            wholes += [(at, mention) for mention in here.places]
            continue
        lost: list[Mention] = []
        for mention, _, end in here.stretches():
            if not (told := _told_untreated(mention, end)):
                wholes.append((at, mention))
                continue
            mention.features.add("untreated")
            lost.append(mention)
            for before, whole in wholes[-_WHOLES:]:
                if at - before <= _REACH:
                    found += _without(whole, lost, told | {f"less near={at - before}"})
    return found


def _denies(tags: str) -> bool:
    return "X" in tags or "e" in tags


def _told_untreated(mention: Mention, end: int) -> set[str]:
    """How the words behind a number, up to token `end`, say that these people never began; empty where they do not."""
    line, words = mention.line, mention.line.sentence.field.tokens.words[mention.item.last : end]
    tags = "".join(item.tag for item in line.items[mention.place + 1 :] if item.first < end)
    denied, before = _UNTREATED.search(tags) is not None, "before" in words
    if not denied and NEVER_BEGAN.isdisjoint(words) and not (before and not _BEFORE_WHAT.isdisjoint(words)):
        return set()
    return {
        f"less never={not NEVER_TREATED.isdisjoint(words)}", f"less before={before}", f"less X={denied}",
        f"less e={'e' in tags}",
    }  # fmt: skip


def _without(whole: Mention, lost: list[Mention], told: set[str]) -> list[Candidate]:
    """A number without those last told as lost, and without all that the sentence has told of so far."""
    last = lost[-1]
    if whole.value <= last.value:
        return []
    told = told | {f"less T={'T' in whole.relation}"}
    said = (whole, last) if whole.line.sentence is last.line.sentence else (last, last)
    found = [Candidate(whole.value - last.value, told | {"less one"}, said, derived=True, begins=whole)]
    if len(lost) > 1 and whole.value > (total := sum(mention.value for mention in lost)):
        found.append(Candidate(whole.value - total, told | {"less several"}, said, derived=True, begins=whole))
    return found
