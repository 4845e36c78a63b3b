"""Splits a line of tags into clauses: a number, a verb and a treatment belong together only within one.

"29 had muscle disease, and IVIG was used in 14" is two clauses; "46 patients, seen since 2004, were given IVIG" is one.
"""

from __future__ import annotations

from functools import lru_cache

from ivigil.eligibility.lexicon import Tokens, word_set
from ivigil.eligibility.tagging import Line

_MARKS = frozenset(",;:a")
_BREAKS = word_set("whereas while but although though")
_SUBJECTS = frozenset("NKlXp1")
_VERBS = frozenset("VGZIvn")
_AUXILIARIES = word_set("was were is are has have had did do does could")
# a drug opens a clause only as the subject of a passive: "and IVIG was used", not "methotrexate and rituximab received"
_PASSIVE_SUBJECTS = frozenset("TABRC")


@lru_cache(maxsize=32)  # few, so that the records read are not kept
def split(line: Line) -> tuple[Line, ...]:
    """The line's clauses in order; the line itself where it is one clause."""
    breaks = line.sentence.says_any(_BREAKS)
    if not breaks and _MARKS.isdisjoint(line.tags):
        return (line,)
    borders = [
        place
        for place, before in enumerate(line.tags[:-1], start=1)
        if (breaks or before in _MARKS or line.tags[place] == ";") and _opens_clause(line, place)
    ]
    if not borders:
        return (line,)
    ends = [*borders, len(line.tags)]
    return tuple(
        Line(line.sentence, line.tags[start:end], line.items[start:end], line.bracketed)
        for start, end in zip([0, *borders], ends, strict=True)
    )


def _opens_clause(line: Line, place: int) -> bool:
    if line.tags[place] == ";":
        return True
    before, tokens = line.tags[place - 1], line.sentence.field.tokens
    if before == ";" or tokens.words[line.items[place].first] in _BREAKS:
        return True
    if before not in _MARKS:
        return False
    tag = line.tags[place]
    if tag in _SUBJECTS:
        return not line.tags.startswith("oW", place + 1) and _has_verb(line, place)
    return tag in _PASSIVE_SUBJECTS and _is_passive(line, place, tokens)


def _has_verb(line: Line, place: int) -> bool:
    """Whether a verb comes before the next mark."""
    tokens = line.sentence.field.tokens
    for ahead in range(place, len(line.tags)):
        tag = line.tags[ahead]
        if ahead > place and tag in _MARKS:
            return False
        if tag in _VERBS or tokens.words[line.items[ahead].first] in _AUXILIARIES:
            return True
    return False


def _is_passive(line: Line, place: int, tokens: Tokens) -> bool:
    after = line.items[place].last
    return after < line.sentence.last and tokens.words[after] in _AUXILIARIES
