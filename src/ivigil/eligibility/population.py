"""Who was studied: patients in whom the condition is diagnosed, not its mimics and not its neighbours."""

from __future__ import annotations

import re

from ivigil.eligibility.case import Case, quote, quote_line
from ivigil.eligibility.neighbours import (
    at_risk_only,
    compared_only,
    counts_enough,
    is_left_out,
    is_likened,
    is_mislabelled,
    neighbours_only,
)
from ivigil.eligibility.reading import Reading, Status, quote_value
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Part

# patients with systemic sclerosis; SSc patients; 14 SSc; in systemic sclerosis
_STUDIED = re.compile(
    r"[PJNK1][^;,DXeO]{0,7}[wVtoI]?[^;XeO]{0,4}D|Dx{0,2}[PJ]|[to]x{0,2}D|D[^;XOe]{0,12}[T]|T[^;XOe]{0,8}D|D[xw]{0,2}k"
)
# what it takes where the title names another condition
_DIAGNOSED = re.compile(r"[PJNK1][wVI]{1,2}x{0,3}D|Dx?[PJ]|D[xw]{0,2}k|[NK]x?D")
_OTHER_STUDIED = re.compile(r"[PJNK1][^;,]{0,5}O|Ox{0,2}P|[to]x{0,2}O|^x{0,3}O|T[^;]{0,6}O|O[^;]{0,8}T")
_LISTED = re.compile(r"[OUM][^;D]{0,5}[,a]{1,2}[^;D]{0,2}D|D[^;]{0,4}[,a]{1,2}[^;]{0,2}[OM]")
_WITHIN = re.compile(r"O[xh]{0,2}t[xP]{0,2}w?x?D")
_BESIDE = re.compile(r"O[^r;]*D")  # "dermatomyositis overlapping with it", not "versus" it
# adults with lupus, the condition or myositis
_PATIENTS_LISTED = re.compile(r"[PNl][^;XeHT]{0,8}[wtIVW][^;XeHT]{0,30}D")
_DISEASE = re.compile(
    r"^(?:diseases?|syndromes?|disorders?|[a-z]{3,}(?:itis|osis|pathy|pathies|[ae]mia|oma|penia|plegia))$"
)


def read_population(case: Case) -> Reading:
    """Find the patients' diagnosis; the title weighs most, the background least."""
    if case.criteria.population is None:
        raise ValueError("the protocol sets no population")
    lines = case.lines
    title = [line for line in lines if line.sentence.part is Part.TITLE]
    body = [line for line in lines if line.sentence.part not in {Part.TITLE, Part.BACKGROUND}]
    other_title = "O" in case.title_tags and "D" not in case.title_tags.split("O")[0] and not _of_this(case)
    if "O" in case.title_tags:
        body = [line for line in body if not is_mislabelled(case, line)]
    for only in (neighbours_only, at_risk_only, compared_only):
        if (found := only(case, body)) is not None:
            return found
    named = (None if other_title else _first(title, "D")) or _studied(body, _DIAGNOSED if other_title else _STUDIED)
    if named is not None:
        line, place = named
        return quote_line(line, place, place + 1, Status.MET) if "D" in line.tags[place] else _phrase(line, place)
    beside = _first(title, "D")
    if _BESIDE.search(case.title_tags) and beside is not None and not is_likened(*beside):
        line, place = beside
        return quote_line(line, place, place + 1, Status.UNCLEAR, "named in the title beside another condition")
    if "D" in case.abstract_tags:
        return _mentioned_only(case, title, body)
    return _unnamed(case, title, body)


def _of_this(case: Case) -> bool:
    """Whether the title's other condition is one that came with this one: "neuropathy in systemic sclerosis"."""
    return _WITHIN.search(case.title_tags) is not None


def _phrase(line: Line, place: int) -> Reading:
    match = _STUDIED.search(line.tags, place)
    return quote_line(line, place, match.end() if match else place + 1, Status.MET)


def _first(lines: list[Line], tag: str) -> tuple[Line, int] | None:
    for line in lines:
        if tag in line.tags and not is_left_out(line):
            return line, line.tags.index(tag)
    return None


def _studied(lines: list[Line], pattern: re.Pattern[str]) -> tuple[Line, int] | None:
    for line in lines:
        if (match := pattern.search(line.tags)) and not is_left_out(line) and "H" not in line.tags:
            return line, match.start()
    return None


def _mentioned_only(case: Case, title: list[Line], body: list[Line]) -> Reading:
    part = _as_a_part(case, title, body)
    if part is not None:
        return quote(part.sentence, Status.UNCLEAR, "named among others, as a part of the patients")
    other = _first(title, "O") or _other_studied(body)
    if other is not None:
        line, place = other
        return quote_line(line, place, place + 1, Status.NOT_MET, "another condition; this one is only mentioned")
    named = [line for line in case.lines if "D" in line.tags and line.sentence.part is not Part.TITLE]
    if all(is_left_out(line) for line in named):
        return quote(named[0].sentence, Status.NOT_MET, "patients with it were left out")
    line = named[0]
    return quote(line.sentence, Status.UNCLEAR, "mentioned, but not said of the patients")


def _as_a_part(case: Case, title: list[Line], body: list[Line]) -> Line | None:
    """Where it is one of several conditions: in the title's list, in the patients', or with a share of its own."""
    for line in title:
        if _LISTED.search(line.tags) and not is_left_out(line):
            return line
    names_others = "O" in case.title_tags
    for line in body:
        if not _LISTED.search(line.tags) or is_left_out(line):
            continue
        if "%" in line.sentence.text or (not names_others and _PATIENTS_LISTED.search(line.tags)):
            return line
    return next((line for line in body if "T" in case.abstract_tags and counts_enough(case, line)), None)


def _unnamed(case: Case, title: list[Line], body: list[Line]) -> Reading:  # noqa: PLR0911 - a cascade: the first case that applies decides
    population = case.criteria.population
    heading = case.has_heading(population)
    if heading is not None:
        return quote_value(case.record, "mesh", heading, Status.UNCLEAR, "named by a subject heading only")
    if (overlap := _first([*title, *body], "M")) is not None:
        line, place = overlap
        return quote_line(line, place, place + 1, Status.UNCLEAR, "a neighbouring condition; diagnoses are not said")
    other = _first(title, "O") or _other_studied(body)
    umbrella = _first([*title, *body], "U")
    if other is not None and (umbrella is None or "O" in case.title_tags or "U" not in other[0].tags):
        line, place = other
        return quote_line(line, place, place + 1, Status.NOT_MET, "another condition")
    if umbrella is None and (homonym := _homonym(case)) is not None:
        return homonym
    if umbrella is None and (named := _named_disease([*title, *body])) is not None:
        line, place = named
        return quote_line(line, place, place + 1, Status.NOT_MET, "another condition")
    if umbrella is not None:
        line, place = umbrella
        return quote_line(line, place, place + 1, Status.UNCLEAR, "a wider group that may hold it")
    if case.document.sentences and not re.search(r"[TBRy]", case.title_tags + case.abstract_tags):
        return quote(
            case.document.sentences[0], Status.NOT_MET, "the record's subject; neither it nor its text names it"
        )
    return Reading(Status.UNCLEAR, note="no condition is named")


def _homonym(case: Case) -> Reading | None:
    """The words that give the population's abbreviation another meaning."""
    for sentence in case.document.sentences:
        for match in sentence.matches("population"):
            if match.label == "homonyms":
                tokens = sentence.field.tokens
                start, end = tokens.starts[match.first], tokens.ends[match.last - 1]
                return quote(sentence, Status.NOT_MET, "the abbreviation means something else", start=start, end=end)
    return None


def _named_disease(lines: list[Line]) -> tuple[Line, int] | None:
    """A word that names a disease by its form, where no term of the protocol's does."""
    for line in lines:
        words = line.sentence.field.tokens.words
        for place, item in enumerate(line.items):
            if item.tag in "xm" and _DISEASE.search(words[item.first]):
                return line, place
    return None


def _other_studied(lines: list[Line]) -> tuple[Line, int] | None:
    for line in lines:
        if match := _OTHER_STUDIED.search(line.tags):
            return line, line.tags.index("O", match.start())
    return None
