"""Who was studied: patients in whom the condition is diagnosed, not its mimics and not its neighbours."""

from __future__ import annotations

import re

from ivigil.eligibility.case import Case, quote, quote_line
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.numbers import read_number
from ivigil.eligibility.reading import Reading, Status, quote_value
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Part

# patients with systemic sclerosis; SSc patients; 14 SSc; in systemic sclerosis
_STUDIED = re.compile(
    r"[PJNK1][^;,DXeO]{0,7}[wVtoI]?[^;XeO]{0,4}D|Dx{0,2}[PJ]|[to]x{0,2}D|D[^;XOe]{0,12}[T]|T[^;XOe]{0,8}D|D[xw]{0,2}k"
)
# what it takes where the title names another condition
_DIAGNOSED = re.compile(r"[PJNK1][wVI]{1,2}x{0,3}D|Dx?[PJ]|D[xw]{0,2}k|[NK]x?D")
_LEFT_OUT = re.compile(
    r"XP?[VI]{1,2}x{0,4}[ot]?x{0,2}D|D[^;NPK]{0,12}e|D[^;]{0,6}(?:XI|XxI)|e[^;]{0,6}D|X[^;,]{0,2}D|XP[^;,T]{0,3}D"
)
_NONE_HAD = re.compile(r"XP?[VI]{1,2}x{0,4}[ot]?x{0,2}D")
_OTHER_STUDIED = re.compile(r"[PJNK1][^;,]{0,5}O|Ox{0,2}P|[to]x{0,2}O|^x{0,3}O|T[^;]{0,6}O|O[^;]{0,8}T")
_LISTED = re.compile(r"[OUM][^;D]{0,5}[,a]{1,2}[^;D]{0,2}D|D[^;]{0,4}[,a]{1,2}[^;]{0,2}[OM]")
_WITHIN = re.compile(r"O[xh]{0,2}t[xP]{0,2}w?x?D")
_BESIDE = re.compile(r"O[^r;]*D")  # "dermatomyositis overlapping with it", not "versus" it
# adults with lupus, the condition or myositis
_PATIENTS_LISTED = re.compile(r"[PNl][^;XeHT]{0,8}[wtIVW][^;XeHT]{0,30}D")
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
    r"referred (?:as|with a diagnosis)|false diagnosis)\b",
    re.IGNORECASE,
)
_LIKENED = re.compile(
    r"\b(?:mistaken for|confused with|resembl\w+|different\w* (?:it )?from|differentiation (?:of \w+ )?from|"
    r"distinguish\w* (?:it )?from|mimick?\w*|reminiscent of|differential diagnos[ei]s (?:of|with)|beyond|other than)\s"
    r"(?:\w+\s){0,2}$",
    re.IGNORECASE,
)
_OTHERS_LEFT_OUT = re.compile(
    r"\b(?:another|any other|an?|any|other)\s(?:\w+\s){0,2}connective tissue diseases?\b[^.;]{0,20}\b(?:was|were)\s"
    r"(?:excluded|not included|left out)\b",
    re.IGNORECASE,
)
_OUT_WORDS = word_set("excluded admitted included eligible considered enrolled accepted recruited ineligible left")
_OUT = re.compile(
    r"\b(?:exclu(?:ded|ding|sion)|not (?:admitted|included|eligible|considered|enrolled|accepted|recruited)|left out|"
    r"ruled out|ineligible|kept out|set aside|omitted|removed)\b",
    re.IGNORECASE,
)
_WERE_LEFT_OUT = re.compile(
    r"[^.;]*?\b(?:was|were)\s(?:\w+ly\s)?(?:excluded|not\s(?:admitted|included|eligible|considered|enrolled|accepted|"
    r"recruited)|left out|ineligible)\b",
    re.IGNORECASE,
)
_BECAME = re.compile(
    r"\b(?:evolved|progressed|converted|developed|evolution|progression|predicts?|predicted|predictors? of)\b[^.;]*$",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"^[^NKPWlIVG]*M[^NKPlIVG]*D")
_HAVING = frozenset(["with", "had", "having"])
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
        body = [line for line in body if not _is_mislabelled(case, line)]
    if (neighbours := _neighbours_only(case, body)) is not None:
        return neighbours
    named = (None if other_title else _first(title, "D")) or _studied(body, _DIAGNOSED if other_title else _STUDIED)
    if named is not None:
        line, place = named
        return quote_line(line, place, place + 1, Status.MET) if "D" in line.tags[place] else _phrase(line, place)
    beside = _first(title, "D")
    if _BESIDE.search(case.title_tags) and beside is not None and not _is_likened(*beside):
        line, place = beside
        return quote_line(line, place, place + 1, Status.UNCLEAR, "named in the title beside another condition")
    if "D" in case.abstract_tags:
        return _mentioned_only(case, title, body)
    return _unnamed(case, title, body)


def _of_this(case: Case) -> bool:
    """Whether the title's other condition is one that came with this one: "neuropathy in systemic sclerosis"."""
    return _WITHIN.search(case.title_tags) is not None


def _neighbours_only(case: Case, body: list[Line]) -> Reading | None:  # noqa: PLR0911 - the first case that applies decides
    """Where the title names a neighbouring condition or a wider group alone, and none are said to have this one.

    "None fulfilled the criteria" of it settles that, unless enough are counted with it. Of a neighbouring condition few
    are too few where every sentence that names it counts them; of a wider group the number treated tells.
    """
    if "D" in case.title_tags or re.search(r"[MU]", case.title_tags) is None:
        return None
    minimum = case.minimum
    named = [line for line in body if "D" in line.tags and not _is_left_out(line) and not _defines(line)]
    counts = {line: _counted_with(line) for line in named}
    few = [line for line, count in counts.items() if count is not None and count < minimum]
    none = [line for line in body if "D" in line.tags and counts.get(line) is None and _is_denied(line)]
    if (later := _only_later(case, named)) is not None:
        return quote(later.sentence, Status.NOT_MET, "a neighbouring condition; this one came later if at all")
    if any(count is not None and count >= minimum for count in counts.values()):
        return None
    left_out = [line for line in body if _OTHERS_LEFT_OUT.search(line.sentence.text)]
    left_out += [line for line in body if "D" in line.tags and _is_left_out(line) and _OUT.search(line.sentence.text)]
    if left_out and not named and "M" in case.title_tags:
        return quote(
            left_out[0].sentence, Status.NOT_MET, "a neighbouring condition; those with this one were left out"
        )
    if none:
        return quote(none[0].sentence, Status.NOT_MET, "a neighbouring condition; nobody had this one too")
    if few and len(few) == len(named) and "M" in case.title_tags:
        return quote(few[0].sentence, Status.NOT_MET, "a neighbouring condition; fewer than wanted have this one too")
    return None


def _is_left_out(line: Line) -> bool:
    """Whether those with the condition are said not to have been let in."""
    if _LEFT_OUT.search(line.tags):
        return True
    field, place = line.sentence.field, line.tags.find("D")
    if place < 0 or not line.sentence.says_any(_OUT_WORDS):
        return False
    end = field.tokens.ends[line.items[place].last - 1]
    match = _WERE_LEFT_OUT.match(field.text, end, line.sentence.end)
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
    return _BECAME.search(field.text, line.sentence.start, start) is not None


def _counted_with(line: Line) -> int | None:
    """The most that a sentence counts with the condition: "two later satisfied its criteria", "its overlap in two"."""
    patterns = (_COUNTED_BEHIND, _COUNTED_ANYHOW)
    counts = [_value(line, match) for pattern in patterns for match in pattern.finditer(line.tags)]
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


def _phrase(line: Line, place: int) -> Reading:
    match = _STUDIED.search(line.tags, place)
    return quote_line(line, place, match.end() if match else place + 1, Status.MET)


def _first(lines: list[Line], tag: str) -> tuple[Line, int] | None:
    for line in lines:
        if tag in line.tags and not _is_left_out(line):
            return line, line.tags.index(tag)
    return None


def _studied(lines: list[Line], pattern: re.Pattern[str]) -> tuple[Line, int] | None:
    for line in lines:
        if (match := pattern.search(line.tags)) and not _is_left_out(line) and "H" not in line.tags:
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
    if all(_is_left_out(line) for line in named):
        return quote(named[0].sentence, Status.NOT_MET, "patients with it were left out")
    line = named[0]
    return quote(line.sentence, Status.UNCLEAR, "mentioned, but not said of the patients")


def _as_a_part(case: Case, title: list[Line], body: list[Line]) -> Line | None:
    """Where it is one of several conditions: in the title's list, in the patients', or with a share of its own."""
    for line in title:
        if _LISTED.search(line.tags) and not _is_left_out(line):
            return line
    names_others = "O" in case.title_tags
    for line in body:
        if not _LISTED.search(line.tags) or _is_left_out(line):
            continue
        if "%" in line.sentence.text or (not names_others and _PATIENTS_LISTED.search(line.tags)):
            return line
    return next((line for line in body if "T" in case.abstract_tags and _counts_enough(case, line)), None)


def _is_mislabelled(case: Case, line: Line) -> bool:
    """Whether the title is of another condition, and a sentence says who was taken to have this one, or is like it."""
    titled = re.search(r"^[^D]*O", case.title_tags)
    if titled is None or not _is_titled_alone(case):
        return False
    if _MISLABELLED.search(line.sentence.text):
        return True
    return "D" in line.tags and _is_likened(line, line.tags.index("D"))


def _is_titled_alone(case: Case) -> bool:
    """Whether the title names this condition not at all, or as what the other one is told from."""
    titled = [line for line in case.lines if line.sentence.part is Part.TITLE and "D" in line.tags]
    return all(_is_likened(line, line.tags.index("D")) for line in titled)


def _is_likened(line: Line, place: int) -> bool:
    """Whether the condition is named as what another is taken for, or told from: "differentiation from it"."""
    field = line.sentence.field
    start = field.tokens.starts[line.items[place].first]
    return _LIKENED.search(field.text, line.sentence.start, start) is not None


def _counts_enough(case: Case, line: Line) -> bool:
    """Whether enough people are counted as having it, whole or part: "25 with myositis and eight with it"."""
    if "D" not in line.tags or _is_left_out(line) or _is_mislabelled(case, line):
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
