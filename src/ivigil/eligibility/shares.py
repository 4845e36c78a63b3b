"""Shares as candidates for the number treated: "45% of the 40 had IVIG", and the wholes that shares tell of."""

from __future__ import annotations

import itertools
import re
from collections import Counter

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.case import Case
from ivigil.eligibility.counting import Count
from ivigil.eligibility.mentions import NUMBERS
from ivigil.eligibility.number_words import SHARES
from ivigil.eligibility.tagging import Line

_SMALL_WHOLE = 10  # no share is said of fewer
_COUNT_WITH_SHARE = re.compile(
    r"\b(\d{1,3})\b(?:\s*(?:/\s*\d+|of\s+\d+|patients|pts|cases))?\s*[(\[;,]\s*(\d{1,2}(?:\.\d+)?)\s?%"
)
_SHARE = re.compile(
    r"(?P<percent>\d{1,3}(?:\.\d+)?)\s?(?:%|per ?cent)|\b(?P<words>"
    + "|".join(sorted(SHARES, key=len, reverse=True))
    + r")\b"
)
# a sentence without one of these, and without "%", says no share
_SHARING = frozenset(["percent", "cent", *(word for name in SHARES for word in name.replace("-", " ").split())]) - {
    "one", "two", "a", "in", "three",
}  # fmt: skip
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
    for _, group in itertools.groupby(case.own_lines, key=lambda line: id(line.sentence)):
        lines = list(group)
        if "%" in lines[0].sentence.text or lines[0].sentence.says_any(_SHARING):
            found += _shares_in(lines, wholes)
    return found


def _shares_in(lines: list[Line], wholes: list[int]) -> list[Candidate]:
    sentence, tags = lines[0].sentence, "".join(line.tags for line in lines)
    text = sentence.text
    beside = {item.value for line in lines for item in line.items if item.tag in NUMBERS}
    given = re.search(r"[VG]", tags) is not None
    found: list[Candidate] = []
    treated = "T" in tags
    for match in _SHARE.finditer(text):
        if not treated and not match["words"]:
            continue
        share = float(match["percent"]) / 100 if match["percent"] else SHARES[match["words"]]
        in_bracket = re.search(r"\d\s*\($", text[: match.start()]) is not None
        for whole in wholes:
            value = round(share * whole)
            if value:
                features = {
                    "share", f"share largest={whole == max(wholes)}", f"share beside={whole in beside}",
                    f"share words={match['words'] is not None}", f"share given={given}", f"share bracket={in_bracket}",
                    f"share even={abs(share * whole - value) < _EVEN}",
                    f"share T={treated}",
                }  # fmt: skip
                start = sentence.start + match.start()
                said = Count(value, lines[0], start, sentence.start + match.end())
                found.append(Candidate(value, features, said, derived=True))
    return found
