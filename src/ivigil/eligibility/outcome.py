"""What was measured under the intervention, and in which organ systems."""

from __future__ import annotations

import re

from ivigil.eligibility.case import Case, quote
from ivigil.eligibility.lexicon import Match
from ivigil.eligibility.reading import Reading, Status
from ivigil.eligibility.roles import Mention, mention_of
from ivigil.eligibility.sample_size import is_mixed
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Part, Sentence

_REPORTING = frozenset({Part.RESULTS, Part.CONCLUSIONS, Part.BODY, Part.METHODS, Part.OBJECTIVE})
# a condition's own name ("overlap myositis") is no outcome
_NAMES = frozenset({"mimics", "overlaps", "other_conditions"})
# "14 had the condition, 50 vasculitis": who they were, not what became of them
_COMPOSITION = re.compile(
    r"[NK][xPW]{0,3}[wVt]?x{0,4}D[^;]{0,12}[OUm]|[OUm][^;]{0,12}[NK][xPW]{0,3}[wVt]?x{0,4}D|U|Dx?k|NVD|[OUm]N[,a]|Dt?N"
)
_LIST = re.compile(r"A[^;]{0,8}[,a][xNnt]{0,4}T|T[^;]{0,6}[,a]x{0,3}A|T[^;]{0,4}k?,[^;]{0,6}A")


_MEASURED = (
    "available|recorded|measured|collected|assessed|reported here|ascertained|examined|evaluated|the subject|captured"
)
_RESULTS = r"(?:outcomes?(?: data)?|clinical data|efficacy data|response data|results of (?:the )?treatment)\b"
_UNMEASURED = re.compile(
    rf"\b{_RESULTS}[^.;,]{{0,40}}\b(?:not|never|could not be)\s(?:\w+\s)?(?:{_MEASURED})\b|"
    rf"\bno (?:\w+\s){{0,2}}{_RESULTS}[^.;,]{{0,30}}\b(?:was|were)\s(?:{_MEASURED})\b",
)
_MEASURES, _DENYING = frozenset(["outcome", "outcomes", "data", "results"]), frozenset(["not", "never", "no"])

# why they were treated, and who they were, not what became of them
_REASONS = re.compile(r"\bindications?\b|\breasons? (?:for|was|were)\b")
_REASON_BEFORE = re.compile(
    r"\b(?:for|because of|due to|owing to|history of|diagnosis of|complicated by)\s(?:[\w/]+[\s,-]+){0,5}$",
)
_AIM_BEFORE = re.compile(
    r"\b(?:for|on|improves?|(?:treatment|management|effects?|regression|improvement|healing|resolution|recovery) "
    r"of)\s(?:[\w-]+\s){0,2}$",
)
# "age, sex and CK were similar in both groups"
_DEMOGRAPHIC = re.compile(r"\b(?:age|sex)\b")
# without one of these in a sentence it speaks of neither
_REASON_WORDS = frozenset(["indication", "indications", "reason", "reasons", "age", "sex"])
_ALIKE = re.compile(r"\b(?:differ|similar|comparable|balanced|distribut\w+)\b")
_PREDICTORS = re.compile(
    r"\b(?:predict\w*|(?:associated|related) (?:with|to)|multivaria\w+|odds ratio|hazard ratio)\b|\b[oh]r \d",
)
_GROUPS = 3
_RATE_IN = re.compile(r"%(?:\s?\([^)]*\))?\s(?:in|for|among)\s(?:the\s)?$")


def read_outcome(case: Case) -> tuple[Reading, tuple[str, ...]]:
    """The reading, and the organ systems in which something was measured, in the protocol's order."""
    sentences = [sentence for sentence in case.document.sentences if sentence.part in _REPORTING]
    systems = _systems(case, sentences)
    absent = next((sentence for sentence in sentences if _says_nothing_measured(sentence)), None)
    if absent is not None and not _systems(case, [sentence for sentence in sentences if sentence is not absent]):
        return quote(absent, Status.NOT_MET, "nothing was measured"), ()
    result = _result_sentence(case, sentences)
    if result is None:
        return Reading(Status.UNCLEAR, note="no measured result is named"), systems
    sentence, start, end = result
    if is_mixed(case) and not _result_for_population(case):
        return quote(
            sentence, Status.UNCLEAR, "results are pooled over several conditions", start=start, end=end
        ), systems
    if _only_listed(case):
        return quote(sentence, Status.UNCLEAR, "named among other treatments without a result of its own"), systems
    return quote(sentence, Status.MET, start=start, end=end), systems


def _says_nothing_measured(sentence: Sentence) -> bool:
    """Whether a sentence says so by a phrase of the protocol, or as "no outcome of it was recorded"."""
    if any(match.label == "absent" for match in sentence.matches("outcome")):
        return True
    named = sentence.says_any(_MEASURES) and sentence.says_any(_DENYING)
    return named and _UNMEASURED.search(sentence.lowered) is not None


def _systems(case: Case, sentences: list[Sentence]) -> tuple[str, ...]:
    """The systems of which something was measured, or an involvement changed or was the aim of the treatment."""
    if not case.criteria.organ_systems:
        return ()
    found = {match.label for sentence in case.document.title.sentences for match in _aims(sentence)}
    pairs = _paired(case)
    for sentence in sentences:
        if not sentence.found:
            continue
        measures, involved = sentence.matches("system"), sentence.matches("involvement")
        paired = [system for system in pairs if _pair(sentence, system)]
        if not (measures or involved or paired) or _says_who_they_were(sentence):
            continue
        found |= {match.label for match in measures if not _names_patients(sentence, match)}
        if involved and _is_result(sentence):
            found |= {match.label for match in _involved(sentence, measures)}
        found |= set(paired)
    found = found or _named_in(case.document.title.sentences) or _named_in(sentences)
    return tuple(name for name in case.criteria.organ_systems if name in found)


def _named_in(sentences: list[Sentence]) -> set[str]:
    """Every system named at all: what is left to go by where no result of one is told."""
    return {
        match.label
        for sentence in sentences
        for match in sentence.matches("system") + sentence.matches("involvement")
        if not _names_patients(sentence, match)
    }


def _aims(title: Sentence) -> list[Match]:
    """What a title says was treated: "for digital ulcers", "treatment of myopathy"; not "in patients with" it."""
    field = title.field
    return [
        match
        for match in title.matches("involvement") + title.matches("system")
        if not _names_patients(title, match)
        and _AIM_BEFORE.search(field.lowered, title.start, field.tokens.starts[match.first])
    ]


def _is_result(sentence: Sentence) -> bool:
    changes = any(match.label == "result" for match in sentence.matches("outcome"))
    return changes and _PREDICTORS.search(sentence.lowered) is None


def _involved(sentence: Sentence, measures: list[Match]) -> list[Match]:
    """Involvements that are no part of a measure's name, and not the reason for a treatment."""
    field = sentence.field
    return [
        match
        for match in sentence.matches("involvement")
        if not any(measure.first <= match.first and match.last <= measure.last for measure in measures)
        and not _names_patients(sentence, match)
        and not _REASON_BEFORE.search(field.lowered, sentence.start, field.tokens.starts[match.first])
    ]


def _says_who_they_were(sentence: Sentence) -> bool:
    """Whether a sentence gives indications, or likens groups before treatment."""
    if not sentence.says_any(_REASON_WORDS):
        return False
    text = sentence.lowered
    return bool(_REASONS.search(text) or (_DEMOGRAPHIC.search(text) and _ALIKE.search(text)))


def _paired(case: Case) -> list[str]:
    """The systems of which a subject or its change is named somewhere."""
    return [system for system in case.criteria.organ_systems if f"pair {system}" in case.labels]


def _pair(sentence: Sentence, system: str) -> list[Match]:
    """A system's subject and its change where one sentence holds both: "prednisolone ... stopped"."""
    matches = sentence.matches(f"pair {system}")
    return matches if len(matches) > 1 and {match.label for match in matches} == {"subject", "change"} else []


def _names_patients(sentence: Sentence, match: Match) -> bool:
    """Whether a match is a part of the patients' diagnosis: "SSc-myositis", "myositis overlap", "overlap myositis"."""
    words = sentence.field.tokens.words
    if match.last < len(words) and words[match.last] == "overlap":
        return True
    names = sentence.matches("population")
    if any(name.label in _NAMES and name.first <= match.first and match.last <= name.last for name in names):
        return True
    joined = match.first > 1 and words[match.first - 1] == "-"
    return joined and any(name.last == match.first - 1 for name in names)


def _result_sentence(case: Case, sentences: list[Sentence]) -> tuple[Sentence, int, int] | None:
    best: tuple[int, Sentence, Match] | None = None
    pairs = _paired(case)
    for sentence in sentences:
        if not sentence.found:
            continue
        systems = sentence.matches("system") + sentence.matches("involvement")
        for system in pairs:
            systems = systems or _pair(sentence, system)
        results = [m for m in sentence.matches("outcome") if m.label == "result"] if case.criteria.outcome else []
        if not (systems or results):
            continue
        weight = 2 * bool(systems and results) + bool(results) + (sentence.part is Part.RESULTS)
        if best is None or weight > best[0]:
            best = (weight, sentence, (systems or results)[0])
    if best is None:
        return None
    tokens, match = best[1].field.tokens, best[2]
    return best[1], tokens.starts[match.first], tokens.ends[match.last - 1]


def _result_for_population(case: Case) -> bool:
    for line in case.lines:
        sentence = line.sentence
        if sentence.part is Part.TITLE or "D" not in line.tags:
            continue
        if _has_a_rate(line):
            return True
        if _COMPOSITION.search(line.tags):
            continue
        if any(m.label == "result" for m in sentence.matches("outcome")) or _names_system(sentence):
            return True
    return False


def _names_system(sentence: Sentence) -> bool:
    return bool(sentence.matches("system") or sentence.matches("involvement"))


def _has_a_rate(line: Line) -> bool:
    """Whether a share is said of the population apart: "6% (1 of 16) in systemic sclerosis"."""
    field = line.sentence.field
    starts = [field.tokens.starts[item.first] for item in line.items if item.tag == "D"]
    return any(_RATE_IN.search(field.text, max(line.sentence.start, start - 40), start) for start in starts)


def _by_group(sentence: Sentence) -> bool:
    """Whether a sentence gives one result for each of several treatments."""
    return "respectively" in sentence.text or sentence.text.count("%") > _GROUPS


def _only_listed(case: Case) -> bool:
    """Whether the intervention is only ever one of several drugs in a list."""
    if "T" in case.title_tags or any(_by_group(sentence) for sentence in case.document.abstract.sentences):
        return False
    lines = [line for line in case.lines if "T" in line.tags and mention_of(line) in {Mention.GIVEN, Mention.NAMED}]
    return bool(lines) and all(line.tags.count("A") > 1 and _LIST.search(line.tags) for line in lines)
