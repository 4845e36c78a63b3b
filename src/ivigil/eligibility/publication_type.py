"""Whether the document is a primary study, by its types, its title's opening words and its design."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from ivigil.criteria import Design, PublicationType
from ivigil.eligibility.case import Case, quote
from ivigil.eligibility.design import is_own
from ivigil.eligibility.metadata import listed_type, marker
from ivigil.eligibility.ownership import (
    gives_to_patients,
    results_told,
    speaks_of_own,
    tells_a_result,
    tells_of_own_place,
)
from ivigil.eligibility.reading import Reading, Status, quote_value
from ivigil.eligibility.sample_size import Treated, may_be_more

_RESULTS = 2  # sentences with results: a review or a comment seldom has so many without naming whose they are
_OPENING = 4  # characters before a marker in a title: a bracket, a quotation mark
# words that also begin the title of a study: "Response to immunoglobulin", "Correction of anaemia"
_CLINICAL = frozenset(["response", "correction", "comment", "re"])
# what takes back or sets right another document, whatever patients it names
_CORRECTING = frozenset(["erratum", "errata", "corrigendum", "correction", "retraction", "expression"])
_RESPONDENTS = re.compile(
    r"\b(?:respondents?|(?:physicians|rheumatologists|dermatologists|specialists|clinicians|experts|doctors)\s(?:\w+\s){0,4}?"
    r"(?:replied|answered|responded|participated|completed))\b",
    re.IGNORECASE,
)
_SURVEY = re.compile(r"\b(?:surveys?|questionnaires?)\b", re.IGNORECASE)
_DOCTORS = (
    r"(?:physicians|rheumatologists|dermatologists|prescribers|specialists|clinicians|experts|doctors|pharmacists)"
)
_ASKED = re.compile(
    rf"\b(?:{_DOCTORS}|respondents?|centres|centers|answers|replies|items)\b|\bby \d+(?:\.\d+)?%", re.IGNORECASE
)
_DOCTORS_ASKED = re.compile(
    rf"\b(?:{_DOCTORS}|centres|centers)\b[^.;]{{0,50}}\b(?:replied|answered|responded|were invited|invited|completed)\b"
    rf"|\b(?:sent|mailed|distributed|addressed|circulated)\b[^.;]{{0,60}}"
    rf"\b(?:members(?![^.;]* patient)|heads|{_DOCTORS})\b"
    rf"|\binvited {_DOCTORS}\b",
    re.IGNORECASE,
)
# patients of a model move between states
_MODELLED = re.compile(
    r"\bmarkov\b|\btransition probabilities\b|\bdecision tree\b|\bmodelled patients?\b|\bcost-minimi[sz]ation model\b",
    re.IGNORECASE,
)
_FILES = re.compile(
    r"\b(?:charts?|medical records|files|(?:case )?(?:report|record) forms?|forms on|case notes)\b",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    r"^(?:\s*[:.\u2013\u2014\"'\u2018\u201c\u00ab(]|\s-|\s*$)|\bet al\b|\b(?:letters?|editors?|authors?)\b",
    re.IGNORECASE,
)


def read_publication_type(
    case: Case, section: PublicationType, design: Design, words: Reading | None, treated: Treated
) -> Reading:
    """Read the type; patients of the authors' own win over a review's label."""
    own = is_own(case, treated)
    if (listed := _listed(case, section, own=own)) is not None:
        return listed
    if (opening := _opening(case)) is not None:
        return opening
    if (subject := _without_patients(case)) is not None:
        return subject
    if design in section.exclude_designs and not (own and design is Design.REVIEW):
        return _of_design(case, design, words, treated)
    if case.record.publication_types:
        return quote_value(case.record, "publication_types", case.record.publication_types[0], Status.MET)
    return quote_value(case.record, "kind", case.record.kind.value, Status.MET)


def _of_design(case: Case, design: Design, words: Reading | None, treated: Treated) -> Reading:
    """What an excluded design says, where its own words name it and no results speak against them."""
    like = f"reads like a {design.value.replace('_', ' ')}"
    if words is None or (
        design is Design.CASE_REPORT and (words.field != "title" or may_be_more(case, treated.chances))
    ):
        return Reading(Status.UNCLEAR, note=like)
    if design is Design.REVIEW and words.field != "title" and results_told(case) >= _RESULTS:
        return replace(words, status=Status.UNCLEAR, note=f"{like}, and tells results")
    return replace(words, status=Status.NOT_MET, note=design.value.replace("_", " "))


def _listed(case: Case, section: PublicationType, *, own: bool) -> Reading | None:
    """What an excluded type says; a review's is unclear where patients are counted and whose they are is not said."""
    listed = listed_type(case.record, section.exclude)
    if listed is None:
        return None
    if own and listed.lower() in {name.lower() for name in section.own_cohort_wins}:
        if speaks_of_own(case) is not None:
            return None
        return quote_value(case.record, "publication_types", listed, Status.UNCLEAR, "whose patients is not said")
    if listed.lower() in {name.lower() for name in section.own_patients_tell} and tells_of_own_place(case):
        return quote_value(
            case.record, "publication_types", listed, Status.UNCLEAR, "tells of patients seen by its authors"
        )
    return quote_value(case.record, "publication_types", listed, Status.NOT_MET)


def is_about_another(case: Case) -> bool:
    """Whether the document is an erratum, a comment or the like: what it counts is another report's."""
    section = case.criteria.publication_type
    if section is None:
        return False
    listed = listed_type(case.record, _without(section.exclude, section.own_cohort_wins))
    opening = _opening(case)
    return listed is not None or (opening is not None and opening.status is Status.NOT_MET)


@lru_cache(maxsize=16)
def _without(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    left_out = {name.lower() for name in others}
    return tuple(name for name in names if name.lower() not in left_out)


def _without_patients(case: Case) -> Reading | None:
    """The words of a title for a model or a survey of opinions, where nobody is said to have been treated."""
    if (asked := _survey_of_doctors(case)) is not None:
        return asked
    marked = marker(case, "without patients")
    if marked is None or marked[0].field.name != "title":
        return None
    if gives_to_patients(case) and not _asks_doctors(case) and not _is_modelled(case):
        return None
    sentence, start, end = marked
    return quote(sentence, Status.NOT_MET, "nobody was treated", start=start, end=end)


def _survey_of_doctors(case: Case) -> Reading | None:
    """The word of the title for a survey, where doctors were asked and nothing is told of patients or their files."""
    title, text = case.document.title, case.document.abstract.text
    match = _SURVEY.search(title.text)
    if match is None or _DOCTORS_ASKED.search(text) is None or _FILES.search(text):
        return None
    if any(tells_a_result(one) and not _ASKED.search(one.text) for one in case.document.abstract.sentences):
        return None
    sentence = next(one for one in title.sentences if one.end >= match.end())
    return quote(sentence, Status.NOT_MET, "nobody was treated", start=match.start(), end=match.end())


def _is_modelled(case: Case) -> bool:
    """Whether the patients are those of a model, and none were seen by the authors."""
    return _MODELLED.search(case.document.abstract.text) is not None and not tells_of_own_place(case)


def _asks_doctors(case: Case) -> bool:
    """Whether a questionnaire's respondents say what they do, and no patients' files were looked at beside it."""
    text = case.document.abstract.text
    return _RESPONDENTS.search(text) is not None and _FILES.search(text) is None


def _opening(case: Case) -> Reading | None:
    """The words that open a title and make it one about another document."""
    marked = marker(case, "type")
    if marked is None or marked[0].field.name != "title" or marked[1] >= _OPENING:
        return None
    sentence, start, end = marked
    text = sentence.field.text
    if text[start:end].lower().split()[0] in _CLINICAL and not _ADDRESSED.search(text[end:]):
        return None
    tells = speaks_of_own(case) is not None or results_told(case) >= _RESULTS
    if text[start:end].lower().split()[0] not in _CORRECTING and tells:
        note = "opens like a comment and tells of own patients"
        return quote(sentence, Status.UNCLEAR, note, start=start, end=end)
    return quote(sentence, Status.NOT_MET, start=start, end=end)
