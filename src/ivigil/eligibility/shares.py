"""Shares as candidates for the number treated: "45% of the 40 had IVIG", and the wholes that shares tell of."""

from __future__ import annotations

import re
from collections import Counter

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.case import Case
from ivigil.eligibility.counting import Count
from ivigil.eligibility.mentions import NUMBERS, Counted
from ivigil.eligibility.number_words import SHARES
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Sentence

_SMALL_WHOLE = 10  # no share is said of fewer
_COUNT_WITH_SHARE = re.compile(
    r"\b(\d{1,3})\b(?:\s*(?:/\s*\d+|of\s+\d+|patients|pts|cases))?\s*[(\[;,]\s*(\d{1,2}(?:\.\d+)?)\s?%"
)
_SHARE = re.compile(
    r"(?P<percent>\d{1,3}(?:\.\d+)?)\s?(?:%|per ?cent)|\b(?P<words>"
    + "|".join(sorted(SHARES, key=len, reverse=True))
    + r")\b"
)
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


def said_shares(counted: list[Counted], direct: set[int]) -> list[Candidate]:
    """Shares of a whole where the treatment is named: "45% of the 40 had IVIG", "half of whom"."""
    wholes = [whole for whole in direct if whole >= _SMALL_WHOLE]
    if not wholes:
        return []
    found: list[Candidate] = []
    for here in counted:
        if "T" in here.tags:
            line = here.lines[0]
            found += _shares_in(here.sentence, line, here, wholes)
    return found


def _shares_in(sentence: Sentence, line: Line, here: Counted, wholes: list[int]) -> list[Candidate]:
    text = sentence.text
    beside = {item.value for part in here.lines for item in part.items if item.tag in NUMBERS}
    given = re.search(r"[VG]", here.tags) is not None
    found: list[Candidate] = []
    for match in _SHARE.finditer(text):
        share = float(match["percent"]) / 100 if match["percent"] else SHARES[match["words"]]
        in_bracket = re.search(r"\d\s*\($", text[: match.start()]) is not None
        for whole in wholes:
            value = round(share * whole)
            if value:
                features = {
                    "share", f"share largest={whole == max(wholes)}", f"share beside={whole in beside}",
                    f"share words={match['words'] is not None}", f"share given={given}", f"share bracket={in_bracket}",
                    f"share even={abs(share * whole - value) < _EVEN}",
                }  # fmt: skip
                start = sentence.start + match.start()
                said = Count(value, line, start, sentence.start + match.end())
                found.append(Candidate(value, features, said, derived=True))
    return found
