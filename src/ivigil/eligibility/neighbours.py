"""Who is told of beside a neighbouring condition, and is not studied for this one.

Patients of a neighbour may have this condition too, come to it later, be left out for it, be taken for it or told from
it. What is said of them stands in the clause that names the condition.
"""

from __future__ import annotations

import re

from ivigil.eligibility.case import Case, quote
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.numbers import read_number
from ivigil.eligibility.reading import Reading, Status
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Part

_LEFT_OUT = re.compile(
    r"XP?[VI]{1,2}x{0,4}[ot]?x{0,2}D|D[^;NPK]{0,12}e|D[^;]{0,6}(?:XI|XxI)|e[^;]{0,6}D|X[^;,]{0,2}D|XP[^;,T]{0,3}D"
)
_NONE_HAD = re.compile(r"XP?[VI]{1,2}x{0,4}[ot]?x{0,2}D")
_COUNTED_WITH = re.compile(r"[NK1][xP]{0,3}[VIw]x{0,4}[ot]?x{0,2}D|D[xw]{0,2}k")
_COUNTED_ANYHOW = re.compile(r"[NK1][xPoWVIwv]{0,8}t?x{0,2}D|D[xw]{0,2}k")
_COUNTED_BEHIND = re.compile(r"D[xmM]{0,3}t[N1]")
_NONE = re.compile(r"X[^DNKw;]{0,12}D")
_NOBODY = frozenset(["no", "none", "neither", "nobody"])
_CRITERIA = word_set("criteria criterion classification classified classifiable diagnosis diagnosed evolved progressed")
_FULFIL = word_set("fulfil fulfill fulfilled meet met satisfy satisfied")
# "five had at first been labelled as having it": another condition, taken for this one
_MISLABELLED = re.compile(
    r"\b(?:mis(?:diagnos|label|taken|interpret|classif)\w*|(?:initially|earlier|originally|first|previously|wrongly) "
    r"(?:been )?(?:labell?ed|diagnosed|considered|regarded|thought|treated|coded)|labell?ed(?: as| with)?|"
    r"working diagnosis|referral diagnosis|(?:carried|had) (?:a|the) label of|first label|"
    r"referred (?:as|with a diagnosis)|false diagnosis|carried a diagnosis of|initial diagnosis of)\b",
)
_LIKENED = re.compile(
    r"\b(?:mistaken for|confused with|resembl\w+|different\w* (?:it )?from|differentiation (?:of \w+ )?from|"
    r"distinguish\w* (?:it )?from|mimick?\w*|reminiscent of|differential diagnos[ei]s (?:of|with)|beyond|other than)\s"
    r"(?:\w+\s){0,2}$",
)
_TREATED_OTHER = re.compile(r"T[^D]*O")
# "and comparison with it", "with it as comparator"
_COMPARED = re.compile(r"\b(?:compar(?:ison|ed) (?:with|to)|in contrast (?:with|to)|versus|vs\.?)\s(?:\w+\s){0,2}$")
_AS_COMPARATOR = re.compile(r"\)?\sas (?:an? |the )?(?:comparators?|comparison|controls?|reference)\b")
# 48 with the condition, none of whom had been given it
_UNTREATED = re.compile(r"[PN][^;]{0,8}D[^;T]{0,10}X[^;T]{0,8}[VG][^;T]{0,4}T")
_COUNTED_UNTREATED = re.compile(r"^[^T]*[NK][^;TO]*P[^;TO]{0,4}D[^T]*$")
_UNTREATED_WORDS = frozenset(["untreated", "naive"])
_AT_RISK = re.compile(
    r"\b(?:at (?:\w+ )?risk (?:of|for)|to (?:intercept|prevent|delay)|progression to|very early)\s(?:\w+\s)?$",
)
_OTHERS_LEFT_OUT = re.compile(
    r"\b(?:another|any other|an?|any|other)\s(?:\w+\s){0,2}connective tissue diseases?\b[^.;]{0,20}\b(?:was|were)\s"
    r"(?:excluded|not included|left out)\b",
)
_OUT_WORDS = word_set(
    "excluded admitted included eligible considered enrolled accepted recruited ineligible left removed"
)
_OUT = re.compile(
    r"\b(?:exclu(?:ded|ding|sion)|not (?:admitted|included|eligible|considered|enrolled|accepted|recruited)|left out|"
    r"ruled out|ineligible|kept out|set aside|omitted|removed)\b",
)
_WERE_LEFT_OUT = re.compile(
    r"[^.;]*?\b(?:was|were)\s(?:\w+ly\s)?(?:excluded|not\s(?:admitted|included|eligible|considered|enrolled|accepted|"
    r"recruited)|left out|ineligible|removed)\b",
)
_BECAME = re.compile(
    r"\b(?:evolved|progressed|converted|developed|evolution|progression|predicts?|predicted|predictors? of)\b[^.;]*$",
)
_DEFINITION = re.compile(r"^[^NKPWlIVG]*M[^NKPlIVG]*D")
_PEOPLE = frozenset("NKPJ1k")
_HAVING = frozenset(["with", "had", "having"])

COMPARED = "another condition; those with this one did not have the treatment"
AT_RISK = "people at risk of it; those who have it were left out"


def neighbours_only(case: Case, body: list[Line]) -> Reading | None:  # noqa: PLR0911 - the first case that applies decides
    """Where the title names a neighbouring condition or a wider group alone, and none are said to have this one.

    "None fulfilled the criteria" of it settles that, unless enough are counted with it. Of a neighbouring condition few
    are too few where every sentence that names it counts them; of a wider group the number treated tells.
    """
    if "D" in case.title_tags or ("M" not in case.title_tags and "U" not in case.title_tags):
        return None
    minimum = case.minimum
    named = [line for line in body if "D" in line.tags and not is_left_out(line) and not _defines(line)]
    counts = {line: _counted_with(line) for line in named}
    few = [line for line, count in counts.items() if count is not None and count < minimum]
    none = [line for line in body if "D" in line.tags and counts.get(line) is None and _is_denied(line)]
    if (later := _only_later(case, named)) is not None:
        return quote(later.sentence, Status.NOT_MET, "a neighbouring condition; this one came later if at all")
    if any(count is not None and count >= minimum for count in counts.values()):
        return None
    left_out = [line for line in body if _OTHERS_LEFT_OUT.search(line.sentence.lowered)]
    left_out += [line for line in body if "D" in line.tags and is_left_out(line) and _OUT.search(line.sentence.lowered)]
    people = [line for line in named if not _PEOPLE.isdisjoint(line.tags)]
    if left_out and not people and "M" in case.title_tags:
        return quote(
            left_out[0].sentence, Status.NOT_MET, "a neighbouring condition; those with this one were left out"
        )
    if none:
        return quote(none[0].sentence, Status.NOT_MET, "a neighbouring condition; nobody had this one too")
    if few and len(few) == len(named) and "M" in case.title_tags:
        return quote(few[0].sentence, Status.NOT_MET, "a neighbouring condition; fewer than wanted have this one too")
    return None


def compared_only(case: Case, body: list[Line]) -> Reading | None:
    """Where the title names this condition as what its treated condition is compared with, and none with it had it."""
    if _TREATED_OTHER.search(case.title_tags) is None:
        return None
    titled = [line for line in case.lines if line.sentence.part is Part.TITLE and "D" in line.tags]
    if not titled or not all(_is_compared(line, line.tags.rindex("D")) for line in titled):
        return None
    untreated = next((line for line in body if _are_untreated(line)), None)
    if untreated is None:
        return None
    return quote(untreated.sentence, Status.NOT_MET, COMPARED)


def at_risk_only(case: Case, body: list[Line]) -> Reading | None:
    """Where the title is of people at risk of the condition: not met where those who have it were left out."""
    titled = [line for line in case.lines if line.sentence.part is Part.TITLE and "D" in line.tags]
    if not titled or not all(_is_at_risk(line) for line in titled):
        return None
    for line in body:
        if "D" in line.tags and ((is_left_out(line) and _OUT.search(line.sentence.lowered)) or _is_denied(line)):
            return quote(line.sentence, Status.NOT_MET, AT_RISK)
    if "M" in case.title_tags + case.abstract_tags:
        return quote(titled[0].sentence, Status.UNCLEAR, "people at risk of it; diagnoses are not said")
    return None


def _are_untreated(line: Line) -> bool:
    """Whether those with the condition are said not to have had the treatment, or none at all."""
    if _UNTREATED.search(line.tags):
        return True
    return _COUNTED_UNTREATED.search(line.tags) is not None and line.sentence.says_any(_UNTREATED_WORDS)


def _is_compared(line: Line, place: int) -> bool:
    """Whether the condition is what another is compared with."""
    field, item = line.sentence.field, line.items[place]
    start, end = field.tokens.starts[item.first], field.tokens.ends[item.last - 1]
    return (
        _COMPARED.search(field.lowered, line.sentence.start, start) is not None
        or _AS_COMPARATOR.match(field.lowered, end, line.sentence.end) is not None
        or is_likened(line, place)
    )


def _is_at_risk(line: Line) -> bool:
    """Whether the condition, and no manifestation of it, is what people are at risk of."""
    place = line.tags.index("D")
    return line.tags[place + 1 : place + 2] != "m" and _is_at_risk_there(line, place)


def _is_at_risk_there(line: Line, place: int) -> bool:
    field = line.sentence.field
    start = field.tokens.starts[line.items[place].first]
    return _AT_RISK.search(field.lowered, line.sentence.start, start) is not None


def is_left_out(line: Line) -> bool:
    """Whether those with the condition are said not to have been let in."""
    if _LEFT_OUT.search(line.tags):
        return True
    field, place = line.sentence.field, line.tags.find("D")
    if place < 0 or not line.sentence.says_any(_OUT_WORDS):
        return False
    end = field.tokens.ends[line.items[place].last - 1]
    match = _WERE_LEFT_OUT.match(field.lowered, end, line.sentence.end)
    return match is not None and not any(
        item.tag in "NKP" and field.tokens.starts[item.first] < match.end() for item in line.items[place + 1 :]
    )


def _only_later(case: Case, named: list[Line]) -> Line | None:
    """Where a study of a neighbouring condition, not of the treatment, tells of this one only as what some came to."""
    of_neighbour = "M" in case.title_tags and not re.search(r"[TBy]", case.title_tags)
    return named[0] if of_neighbour and named and all(map(_came_to, named)) else None


def _came_to(line: Line) -> bool:
    """Whether it is what patients came to have: "nine evolved to it"."""
    field, place = line.sentence.field, line.tags.find("D")
    start = field.tokens.starts[line.items[place].first]
    return _BECAME.search(field.lowered, line.sentence.start, start) is not None


def _counted_with(line: Line) -> int | None:
    """The most that a sentence counts with the condition: "two later satisfied its criteria", "its overlap in two"."""
    patterns = (_COUNTED_BEHIND, _COUNTED_ANYHOW)
    counts = [
        _value(line, match)
        for pattern in patterns
        for match in pattern.finditer(line.tags)
        if not _is_at_risk_there(line, match.start() + match[0].index("D"))
    ]
    return max(counts, default=None)


def _value(line: Line, match: re.Match[str]) -> int:
    """The number that a match begins or ends with."""
    return line.items[match.end() - 1 if match[0].startswith("D") else match.start()].value


def _is_denied(line: Line) -> bool:
    """Whether nobody is said to have the condition by its criteria, or to have come to it."""
    words = line.sentence.field.tokens.words
    for match in _NONE.finditer(line.tags):
        first, last = line.items[match.start()].first, line.items[match.end() - 1].first
        if words[first] in _NOBODY and (_NONE_HAD.search(match[0]) or not _CRITERIA.isdisjoint(words[first:last])):
            return True
        between = set(words[first:last])
        if words[first] == "not" and not _FULFIL.isdisjoint(between) and not _CRITERIA.isdisjoint(between):
            return True
    return False


def _defines(line: Line) -> bool:
    """Whether a sentence says what a neighbouring condition is: "it combines features of lupus and this one"."""
    return _DEFINITION.search(line.tags) is not None


def is_mislabelled(case: Case, line: Line) -> bool:
    """Whether the title is of another condition, and a sentence says who was taken to have this one, or is like it."""
    titled = re.search(r"^[^D]*O", case.title_tags)
    if titled is None or not _is_titled_alone(case):
        return False
    if _MISLABELLED.search(line.sentence.lowered):
        return True
    return "D" in line.tags and is_likened(line, line.tags.index("D"))


def _is_titled_alone(case: Case) -> bool:
    """Whether the title names this condition not at all, or as what the other one is told from."""
    titled = [line for line in case.lines if line.sentence.part is Part.TITLE and "D" in line.tags]
    return all(is_likened(line, line.tags.index("D")) for line in titled)


def is_likened(line: Line, place: int) -> bool:
    """Whether the condition is named as what another is taken for, or told from: "differentiation from it"."""
    field = line.sentence.field
    start = field.tokens.starts[line.items[place].first]
    return _LIKENED.search(field.lowered, line.sentence.start, start) is not None


def counts_enough(case: Case, line: Line) -> bool:
    """Whether enough people are counted as having it, whole or part: "25 with myositis and eight with it"."""
    if "D" not in line.tags or is_left_out(line) or is_mislabelled(case, line):
        return False
    minimum = case.minimum
    counted = (*_COUNTED_WITH.finditer(line.tags), *_COUNTED_BEHIND.finditer(line.tags))
    if any(_value(line, match) >= minimum for match in counted):
        return True
    tokens, first = line.sentence.field.tokens, line.sentence.first
    return any(
        (number := read_number(tokens, item.first - 2, item.first)) is not None and number[0] >= minimum
        for item in line.items
        if item.tag == "D" and item.first - 2 >= first and tokens.words[item.first - 1] in _HAVING
    )
