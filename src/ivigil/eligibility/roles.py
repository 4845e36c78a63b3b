"""What a mention of the intervention says where it stands: given, kept out, earlier, planned, in a dish."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from ivigil.eligibility.bearing import (
    began_it,
    had_ended,
    is_general,
    is_in_a_dish,
    is_instead,
    is_of_before_and_after,
    is_wished_for,
    keeps_out,
)
from ivigil.eligibility.counting import FINITE
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.numbers import is_number
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Part


class Mention(StrEnum):
    """What a mention of the intervention says."""

    GIVEN = "given"
    NAMED = "named without saying that it was given"
    BACKGROUND = "background"
    BEFORE = "given before the study"
    PLANNED = "planned, or one day possible"
    RESCUE = "allowed if needed, or given as replacement or prophylaxis"
    NEGATED = "not given"
    NOBODY = "given to nobody"
    FAILED = "had failed before the study"
    KEPT_OFF = "kept off it during the study"
    CONCOMITANT = "kept on beside what was studied"
    LABORATORY = "used in the laboratory"


_NEGATED = re.compile(
    r"X[lPdDoW]{0,4}[Vx]{0,3}[VGZ]{1,2}[xwt]{0,3}T|X[lPDoW]{1,4}[Vx]{0,4}G[xwty]{0,4}T|(?<!r)Xx?T|X[wn]T|"
    r"T[^;,X]{0,3}X[xV]{0,2}[VGZd]|Te|XP[^;,]{0,6}[VG]{1,2}[xw]{0,2}T|^P[VGnw]{1,3}T[^;NKk,I]{0,10}e"
)
_BEFORE = re.compile(r"u[^;VGZ]{0,3}T|u[xA]{0,2}[hi][^;]{0,40}T")
_RESCUE = re.compile(r"s[^;NK]{0,18}T|T[^;]{0,6}[sd]")
_GIVEN = re.compile(r"[VGZn][^;XHe]{0,9}T|T[^;XHe]{0,9}[VGZ]|[NK][^;XHe]{0,10}T|T[^;X]{0,5}k|[tw]x?T|T[xh]{0,3}[to]")
_PLAN = re.compile(r"H[^;]{0,8}T|(?<![PW]xG)(?<![PW]G)T[^;]{0,8}H")
# "No participant was given IVIG", "none on IVIG", but not "no patient on IVIG died"
_NOBODY = re.compile(r"X[olx]{0,2}D?P[^;TCO]{0,9}T|X[noVGZxW]{1,4}T")
_NARROWED = re.compile(r"[ighNKq]")
_UNTIL_THEN = frozenset(["before", "previously", "earlier", "hitherto", "beforehand", "prior", "previous"])
_DETERMINERS = frozenset(["no", "none", "neither", "nobody"])
_PREPOSITIONS = frozenset(["in", "among", "by", "of", "for", "with", "to"])
_CONCOMITANT = word_set("stable background concomitant concurrent")
_LABORATORY = word_set(
    """
    served sera elisa culture cultures slices supernatant vivo assay fibroblast keratinocytes organoid
    vitro neutralized neutralised neutralizes neutralises neutralizing neutralising incubated incubation preincubated
    fibroblasts cultured abolished inhibited strips supernatants cells
    """
)


@lru_cache(maxsize=16)  # few, so that the records read are not kept
def mention_of(line: Line) -> Mention:  # noqa: C901, PLR0911 - a cascade: the first case that applies decides
    """Judge the mentions of the intervention in one line."""
    tags = line.tags.replace("B", "T")
    sentence = line.sentence
    in_laboratory = sentence.says_any(_LABORATORY) and not (line.bracketed and is_of_before_and_after(sentence))
    if (in_laboratory and ("P" not in tags or "vitro" in sentence.vocabulary)) or (
        "T" in line.tags and is_in_a_dish(line, line.tags.index("T"))
    ):
        return Mention.LABORATORY
    if _is_of_nobody(line, tags):
        return Mention.NOBODY
    if began_it(sentence):
        return Mention.GIVEN
    # the tags that a pattern cannot do without are looked for first
    if (("X" in tags or "e" in tags) and _NEGATED.search(tags)) or ("T" in tags and keeps_out(line, tags.index("T"))):
        return Mention.NEGATED
    if ("u" in tags and _BEFORE.search(tags)) or ("T" in tags and had_ended(line)):
        return Mention.BEFORE
    if ("s" in tags or "d" in tags) and _RESCUE.search(tags):
        return Mention.RESCUE
    if _is_concomitant(line, tags):
        return Mention.CONCOMITANT
    if sentence.part is Part.TITLE:
        return Mention.BACKGROUND if "L" in tags else Mention.NAMED
    planned = "H" in tags and _PLAN.search(tags) is not None
    if planned or _is_to_come(line, tags) or ("N" not in tags and is_wished_for(sentence)):
        return Mention.PLANNED
    if sentence.part is Part.BACKGROUND or "L" in tags or _is_in_passing(line, tags):
        return Mention.BACKGROUND
    return Mention.GIVEN if _GIVEN.search(tags) else Mention.NAMED


def _is_in_passing(line: Line, tags: str) -> bool:
    """Whether it is the subject of a general truth, or what something else could stand in for."""
    place = tags.find("T")
    return place >= 0 and (is_general(line, place) or is_instead(line, place))


def _is_of_nobody(line: Line, tags: str) -> bool:
    match = _NOBODY.search(tags) if "X" in tags else None
    if match is None:
        return False
    words = line.sentence.field.tokens.words
    items = line.items[match.start() : match.end()]
    if line.sentence.first < items[0].first and words[items[0].first - 1] in _PREPOSITIONS:
        return False  # "in none of those on IVIG" tells what became of them
    if words[items[0].first] not in _DETERMINERS or (words[items[0].first] == "no" and "P" not in match[0]):
        return False  # "no consensus on IVIG" says nothing of patients
    if "n" in match[0]:  # "renal crisis in seven, none on IVIG" tells of those seven
        return not any(is_number(word) for word in words[line.sentence.first : items[0].first])
    return not FINITE.isdisjoint(words[items[0].first : items[-1].last])


def _is_concomitant(line: Line, tags: str) -> bool:
    """Whether it stands as "on stable IVIG", a treatment beside the one that was studied."""
    if "T" not in tags:
        return False
    place = line.items[tags.index("T")].first
    before = line.sentence.field.tokens.words[max(0, place - 2) : place]
    return ":" not in before and not _CONCOMITANT.isdisjoint(before)


_AHEAD_OF = frozenset(["before", "awaiting", "prior"])
_TO_COME = re.compile(
    r"\b(?:before|awaiting|prior to)\s(?:(?:a|the|their|any|his|her)\s)?(?:first|starting|start of)\s*$"
)


def _is_to_come(line: Line, tags: str) -> bool:
    """Whether it stands as "before their first IVIG": the study ended where the treatment began."""
    if "T" not in tags or not line.sentence.says_any(_AHEAD_OF):
        return False
    field = line.sentence.field
    start = field.tokens.starts[line.items[tags.index("T")].first]
    return _TO_COME.search(field.text, max(0, start - 40), start) is not None


def is_of_a_part(kind: Mention, line: Line) -> bool:
    """Whether it was given to nobody in some way only: "before", "after month 12", "none of the comparison group"."""
    match = _NOBODY.search(line.tags) if kind is Mention.NOBODY else None
    if match is None:
        return False
    words, first = line.sentence.field.tokens.words, line.items[match.start()].first
    return (
        line.tags[match.end() : match.end() + 1] not in {"", ","}
        or _NARROWED.search(match[0]) is not None
        or not _UNTIL_THEN.isdisjoint(words[first : line.items[-1].last])
        or any(is_number(word) for word in words[line.sentence.first : first])  # "of the 12 without uptake none"
    )
