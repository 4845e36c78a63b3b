"""Shares as candidates for the number treated: "45% of the 40 had IVIG", and the wholes that shares tell of."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.case import Case
from ivigil.eligibility.counting import Count
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.mentions import NUMBERS, Counted
from ivigil.eligibility.number_words import SHARES
from ivigil.eligibility.numbers import SMALL, TENS
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Document, Sentence

_SMALL_WHOLE = 10  # no share is said of fewer
_MOST_WHOLE = 300  # a larger one fits any share
# begins with a set of characters, as all patterns here that a whole text is searched for: only so it is fast
_COUNT_WITH_SHARE = re.compile(
    r"(\d(?<!\w\d)\d{0,2})\b(?:\s*(?:/\s*\d+|of\s+\d+|patients|pts|cases))?\s*[(\[;,]\s*(\d{1,2}(?:\.\d+)?)\s?%"
)
_SHARE = re.compile(
    # for a text in lower case, which is searched faster
    r"(?P<percent>\d{1,3}(?:\.\d+)?)\s?(?:%|per ?cent)|"
    rf"\b(?P<tens>{'|'.join(TENS)})(?:[- ](?P<ones>{'|'.join(word for word, one in SMALL.items() if 0 < one < 10)}))?"
    r"\sper ?cent\b|\b(?P<words>"
    + "|".join(sorted((name.replace(" ", "[- ]") for name in SHARES), key=len, reverse=True))
    + r")\b",
)
_PERCENT = re.compile(r"(?P<percent>\d{1,3}(?:\.\d+)?)\s?(?:%|per ?cent)")
# a sentence without one of these says no share in words, but for "one in four"
_FRACTIONS = word_set(
    "percent cent half third thirds quarter quarters fourth fourths fifth fifths sixth evenly equally equal"
)
_ONE_IN, _SO_MANY = frozenset(["one", "two"]), word_set("three four five six eight ten")
# "of the 21", "of these 20", "of our 60 patients"
_OF_WHICH = re.compile(r"\s(?:of\s)?(?:the|these|those|our|all)?\s?$")
_GIVEN_BEHIND, _OTHER_BEHIND = re.compile(r"[^;NKTCA]*T"), re.compile(r"[^;NKTCA]*[CA]")
_GIVEN_BEFORE = re.compile(r"T[^;NKTCA]{0,8}$")
_IN_BRACKET = re.compile(r"\d\s*\($")
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
            off = 0.5 * 10**-decimals + 1e-9
            least = max(part, int(100 * part / (percent + off)))
            most = min(120 * part / percent, 100 * part / (percent - off) if percent > off else math.inf, _MOST_WHOLE)
            for whole in range(least, min(int(most) + 2, _MOST_WHOLE)):
                if abs(100 * part / whole - percent) <= off:
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


Shares = dict[int, list[re.Match[str]]]  # of the sentences that say any, by identity


def find_shares(case: Case) -> Shares:
    """Every share that the record says; where each stands is the same in its sentence's text."""
    document = case.document
    if "%" not in document.abstract.text and "%" not in document.title.text and not _says_in_words(document):
        return {}
    return {id(sentence): found for sentence in document.sentences if (found := _shares_of(sentence))}


def _shares_of(sentence: Sentence) -> list[re.Match[str]]:
    if _says_in_words(sentence):
        return list(_SHARE.finditer(sentence.lowered))
    return list(_PERCENT.finditer(sentence.lowered)) if "%" in sentence.text else []


def _says_in_words(text: Sentence | Document) -> bool:
    """Whether a share may be said in words."""
    return text.says_any(_FRACTIONS) or (text.says_any(_ONE_IN) and text.says_any(_SO_MANY))


def said_shares(case: Case, direct: set[int], shares: Shares) -> list[Candidate]:
    """Shares of a whole where the treatment is named, or in words: "45% of the 40 had IVIG", "half of whom"."""
    wholes = [whole for whole in direct if whole >= _SMALL_WHOLE]
    if not wholes or not shares:
        return []
    return [
        candidate
        for at, lines in enumerate(case.own_sentences)
        if (said := shares.get(id(lines[0].sentence)))
        for candidate in _shares_in(lines, said, wholes, _last_told(case.own_sentences[:at]))
    ]


def _last_told(sentences: list[list[Line]]) -> int:
    """The last number of some sentences, 0 where they have none."""
    numbers = (item.value for lines in reversed(sentences) for item in reversed(lines[0].items) if item.tag in _COUNTS)
    return next(numbers, 0)


def mark_wholes(here: Counted, shares: Shares) -> None:
    """Mark the numbers of a sentence that a share is said of: "half of the 28", "96 persons, of whom a quarter"."""
    sentence = here.sentence
    starts = sentence.field.tokens.starts
    for match in shares.get(id(sentence), ()):
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


def _shares_in(lines: list[Line], shares: list[re.Match[str]], wholes: list[int], told: int) -> list[Candidate]:
    sentence, tags = lines[0].sentence, "".join([line.tags for line in lines])
    beside = {item.value for line in lines for item in line.items if item.tag in NUMBERS}
    given, treated, largest = "V" in tags or "G" in tags, "T" in tags, max(wholes)
    found: list[Candidate] = []
    for match in shares:
        in_words = match["percent"] is None
        if not treated and not in_words:
            continue
        share = _share_of(match)
        start, end = sentence.start + match.start(), sentence.start + match.end()
        in_bracket = _IN_BRACKET.search(sentence.text, 0, match.start()) is not None
        around = _said_around(lines[0], start, end)
        of_which, before = _wholes_of(lines[0], start, end, told)
        common = around | {
            "share", f"share words={in_words}", f"share given={given}", f"share bracket={in_bracket}",
            f"share T={treated}",
        }  # fmt: skip
        for whole in wholes:
            value = round(share * whole)
            if value:
                how = "of it" if whole == of_which else "of the last" if whole == before else "of another"
                features = common | {
                    f"share largest={whole == largest}", f"share beside={whole in beside}",
                    f"share even={abs(share * whole - value) < _EVEN}", f"share {how}",
                    *[f"{name}&{how}" for name in around],
                }  # fmt: skip
                found.append(Candidate(value, features, Count(value, lines[0], start, end), derived=True))
    return found


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
    behind = bisect_left(line.items, end, key=lambda item: starts[item.first])
    before = bisect_left(line.items, start, hi=behind, key=lambda item: starts[item.first])
    rel = "T" if _GIVEN_BEHIND.match(line.tags, behind) else "C" if _OTHER_BEHIND.match(line.tags, behind) else "-"
    earlier = "T" if _GIVEN_BEFORE.search(line.tags, 0, before) else "-"
    return {f"share rel={earlier}{rel}", f"share done={_FINITE_BEHIND.match(line.tags, behind) is not None}{rel}"}


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
