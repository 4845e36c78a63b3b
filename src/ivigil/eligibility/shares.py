"""Shares as candidates for the number treated: "45% of the 40 had IVIG", and the wholes that shares tell of."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from functools import lru_cache

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.case import Case
from ivigil.eligibility.counting import Count
from ivigil.eligibility.lexicon import lower
from ivigil.eligibility.mentions import NUMBERS, Counted
from ivigil.eligibility.number_words import SHARES
from ivigil.eligibility.numbers import SMALL, TENS
from ivigil.eligibility.tagging import Line

_SMALL_WHOLE = 10  # no share is said of fewer
_COUNT_WITH_SHARE = re.compile(
    r"\b(\d{1,3})\b(?:\s*(?:/\s*\d+|of\s+\d+|patients|pts|cases))?\s*[(\[;,]\s*(\d{1,2}(?:\.\d+)?)\s?%"
)
_SHARE = re.compile(
    # for a text in lower case, which is searched faster
    r"(?P<percent>\d{1,3}(?:\.\d+)?)\s?(?:%|per ?cent)|"
    rf"\b(?P<tens>{'|'.join(TENS)})(?:[- ](?P<ones>{'|'.join(word for word, one in SMALL.items() if 0 < one < 10)}))?"
    r"\sper ?cent\b|\b(?P<words>"
    + "|".join(sorted((name.replace(" ", "[- ]") for name in SHARES), key=len, reverse=True))
    + r")\b",
)
# a sentence without one of these, and without "%", says no share
_SHARING = frozenset(["percent", "cent", *(word for name in SHARES for word in name.split())]) - {
    "one", "two", "a", "in", "three",
}  # fmt: skip
# "of the 21", "of these 20", "of our 60 patients"
_OF_WHICH = re.compile(r"\s(?:of\s)?(?:the|these|those|our|all)?\s?$")
_GIVEN_BEHIND, _OTHER_BEHIND = re.compile(r"[^;NKTCA]*T"), re.compile(r"[^;NKTCA]*[CA]")
_GIVEN_BEFORE = re.compile(r"T[^;NKTCA]{0,8}$")
_FINITE_BEHIND = re.compile(r"[^;NKTCA]{0,3}[VGZ]")
_COUNTS = frozenset("NKk")
_EVEN = 0.12  # how near a share of a whole must come to a whole number


def fit_shares(text: str) -> Counter[int]:
    """How many of the counts with percentages fit each whole: "12 (63.2%)" fits 19."""
    fits: Counter[int] = Counter()
    if "%" not in text:
        return fits
    for match in _COUNT_WITH_SHARE.finditer(text):
        part, percent = int(match[1]), float(match[2])
        decimals = len(match[2].partition(".")[2])
        if part and percent:
            for whole in range(part, min(int(120 * part / percent) + 2, 300)):
                if abs(100 * part / whole - percent) <= 0.5 * 10**-decimals + 1e-9:
                    fits[whole] += 1
    return fits


def unsaid_wholes(case: Case, fits: Counter[int], direct: set[int]) -> list[Candidate]:
    """Wholes that no number names, and that two counts with their shares agree on."""
    line = next((line for line in case.own_lines if "T" in line.tags), None)
    if line is None:
        return []
    start, end = line.sentence.start, line.sentence.end
    return [
        Candidate(whole, {"unsaid whole", f"unsaid whole={min(many, 3)}"}, Count(whole, line, start, end), derived=True)
        for whole, many in fits.items()
        if many > 1 and whole not in direct
    ]


def said_shares(case: Case, direct: set[int]) -> list[Candidate]:
    """Shares of a whole where the treatment is named, or in words: "45% of the 40 had IVIG", "half of whom"."""
    wholes = [whole for whole in direct if whole >= _SMALL_WHOLE]
    if not wholes:
        return []
    found: list[Candidate] = []
    told = 0  # the last number of the sentences before
    for _, group in itertools.groupby(case.own_lines, key=lambda line: id(line.sentence)):
        lines = list(group)
        if "%" in lines[0].sentence.text or lines[0].sentence.says_any(_SHARING):
            found += _shares_in(lines, wholes, told)
        told = next((item.value for item in reversed(lines[0].items) if item.tag in _COUNTS), told)
    return found


def mark_wholes(here: Counted) -> None:
    """Mark the numbers of a sentence that a share is said of: "half of the 28", "96 persons, of whom a quarter"."""
    sentence = here.sentence
    if "%" not in sentence.text and not sentence.says_any(_SHARING):
        return
    starts = sentence.field.tokens.starts
    for match in _shares_of(sentence.text):
        start, end = sentence.start + match.start(), sentence.start + match.end()
        around = _said_around(here.lines[0], start, end)
        before = None
        for mention in here.places:
            at = starts[mention.item.first]
            if at < start:
                before = mention
            elif at >= end:
                if _OF_WHICH.fullmatch(sentence.field.text, end, at):
                    mention.features |= {"a share of it", *(f"of it, {name}" for name in around)}
                    before = None
                break
        if before is not None:
            before.features |= {f"a share behind it, {name}" for name in around}


def _shares_in(lines: list[Line], wholes: list[int], told: int) -> list[Candidate]:
    sentence, tags = lines[0].sentence, "".join(line.tags for line in lines)
    text = sentence.text
    beside = {item.value for line in lines for item in line.items if item.tag in NUMBERS}
    given = re.search(r"[VG]", tags) is not None
    found: list[Candidate] = []
    treated = "T" in tags
    for match in _shares_of(text):
        in_words = match["percent"] is None
        if not treated and not in_words:
            continue
        share = _share_of(match)
        in_bracket = re.search(r"\d\s*\($", text[: match.start()]) is not None
        around = _said_around(lines[0], sentence.start + match.start(), sentence.start + match.end())
        of_which, before = _wholes_of(lines[0], sentence.start + match.start(), sentence.start + match.end(), told)
        for whole in wholes:
            value = round(share * whole)
            if value:
                how = "of it" if whole == of_which else "of the last" if whole == before else "of another"
                features = around | {
                    "share", f"share largest={whole == max(wholes)}", f"share beside={whole in beside}",
                    f"share words={in_words}", f"share given={given}", f"share bracket={in_bracket}",
                    f"share even={abs(share * whole - value) < _EVEN}", f"share T={treated}",
                    f"share {how}", *(f"{name}&{how}" for name in around),
                }  # fmt: skip
                start = sentence.start + match.start()
                said = Count(value, lines[0], start, sentence.start + match.end())
                found.append(Candidate(value, features, said, derived=True))
    return found


@lru_cache(maxsize=16)  # asked of a sentence by its numbers and by its candidates
def _shares_of(text: str) -> list[re.Match[str]]:
    """Every share that a sentence says; where each stands is the same in its text."""
    return list(_SHARE.finditer(lower(text)))


def _share_of(match: re.Match[str]) -> float:
    """The share that a match says, of one."""
    if match["percent"]:
        return float(match["percent"]) / 100
    if match["tens"]:
        return (TENS[match["tens"]] + SMALL.get(match["ones"] or "", 0)) / 100
    return SHARES[match["words"].replace("-", " ")]


def _said_around(line: Line, start: int, end: int) -> set[str]:
    """Whether the treatment, or another, stands behind a share or before it, and what was done with the share."""
    starts = line.sentence.field.tokens.starts
    behind = "".join([item.tag for item in line.items if starts[item.first] >= end])
    before = "".join([item.tag for item in line.items if starts[item.first] < start])
    rel = "T" if _GIVEN_BEHIND.match(behind) else "C" if _OTHER_BEHIND.match(behind) else "-"
    earlier = "T" if _GIVEN_BEFORE.search(before) else "-"
    return {f"share rel={earlier}{rel}", f"share done={_FINITE_BEHIND.match(behind) is not None}{rel}"}


def _wholes_of(line: Line, start: int, end: int, told: int) -> tuple[int, int]:
    """The number that a share is said to be of, if any, and the last number before it."""
    field = line.sentence.field
    of_which, before = 0, told
    for item in line.items:
        if item.tag not in _COUNTS:
            continue
        at = field.tokens.starts[item.first]
        if at < start:
            before = item.value
        elif at >= end:
            if _OF_WHICH.fullmatch(field.text, end, at):
                of_which = item.value
            break
    return of_which, before
