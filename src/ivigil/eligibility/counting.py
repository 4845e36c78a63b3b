"""Counts of people with their words, and the lines of a record that speak of the authors' own patients."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ivigil.eligibility.clauses import split
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Part

FINITE = word_set("were was had received underwent got have has required needed")
# 18 received IVIG; IVIG was given to twelve; IVIG (n = 31)
_GIVEN_TO_SOME = re.compile(
    r"(?<!X)(?<!Xo)[NK][^NK1;TRBCXHLe]{0,22}[VGZ][^NK1;TXCRHe]{0,7}(?<!f)T|T[^NK1;XCRHTeP]{0,8}[GZ][^NK1;XCTRHeIP]{0,5}N|T[xhg]{0,3}k"
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people and where the words that say so stand, in the field's characters."""

    value: int
    line: Line
    start: int
    end: int


def count_of(line: Line, place: int, end: int) -> Count:
    """A count of the number at a line's item `place`, with the words up to item `end` (exclusive)."""
    tokens = line.sentence.field.tokens
    first, last = line.items[place], line.items[end - 1]
    return Count(first.value, line, tokens.starts[first.first], tokens.ends[last.last - 1])


def lines_with_treated(lines: list[Line]) -> list[Line]:
    """The clauses that count people who were given the intervention."""
    return [clause for line in lines for clause in split(line) if _GIVEN_TO_SOME.search(clause.tags)]


# "in an earlier report three were treated", "the first description was of two"
_REPORTED_BEFORE = re.compile(
    r"\b(?:earlier|previous|prior|first|original|recent|another|older|initial)\s(?:\w+\s){0,2}?"
    r"(?:reports?|publications?|papers?|descriptions?|communications?)\b",
    re.IGNORECASE,
)
_BEFORE_WORDS = word_set("earlier previous prior first original recent another older initial")
_LITERATURE = re.compile(r"[a,;][^a,;]*L")


def own_lines(lines: list[Line]) -> list[Line]:
    """The lines on the authors' own patients: not of the background, the literature or a plan.

    Where a part of a sentence is about something else, its other clauses are kept; "We describe our 19 patients and
    review 21 published papers" is kept up to "and".
    """
    own: list[Line] = []
    for line in lines:
        sentence = line.sentence
        if sentence.part is Part.BACKGROUND or (
            "N" in line.tags and sentence.says_any(_BEFORE_WORDS) and _REPORTED_BEFORE.search(sentence.text)
        ):
            continue
        if "L" not in line.tags and "H" not in line.tags:
            own.append(line)
            continue
        for clause in split(line):
            if "L" in clause.tags:
                match = _LITERATURE.search(clause.tags)
                if match is not None and "p" in clause.tags[: match.start()]:
                    own.append(replace(clause, tags=clause.tags[: match.start()], items=clause.items[: match.start()]))
                break  # what follows is of the literature too
            if "H" not in clause.tags:
                own.append(clause)
    return own
