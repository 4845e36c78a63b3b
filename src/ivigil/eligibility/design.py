"""How a study was made, from its publication types, title and text. Shown, never a gate by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ivigil.criteria import Design
from ivigil.eligibility.bearing import is_wished_for
from ivigil.eligibility.case import Case, quote
from ivigil.eligibility.design_model import PLAIN, WAYS, likeliest_design
from ivigil.eligibility.design_words import REVIEW_TYPES, TYPES
from ivigil.eligibility.lexicon import Match
from ivigil.eligibility.ownership import (
    gives_to_patients,
    in_a_dish,
    results_told,
    samples_the_treated,
    speaks_of_own,
    tells_a_result,
)
from ivigil.eligibility.reading import Reading, Status
from ivigil.eligibility.sample_size import Treated
from ivigil.eligibility.text import Field, Part, Sentence

# Fewer treated than this is a report of cases.
_SERIES = 5
# First found wins: what a document is, then how a study was made.
_ORDER = (
    Design.GUIDELINE,
    Design.PROTOCOL,
    Design.PRECLINICAL,
    Design.REVIEW,
    Design.RCT,
    Design.PILOT,
    Design.OPEN_LABEL,
    Design.CASE_CONTROL,
    Design.RETROSPECTIVE,
    Design.PROSPECTIVE,
    Design.CASE_REPORT,
    Design.IN_VITRO,
)
# beside patients who were treated, a bioassay or a culture is a measurement
_LABORATORY = frozenset([Design.PRECLINICAL, Design.IN_VITRO])
# "a shortage-driven protocol", "fibroblast signatures": words of a title that patients who were treated outweigh
_UNLESS_GIVEN = frozenset([Design.PROTOCOL, Design.IN_VITRO])
_IN_TITLE = (Design.GUIDELINE, Design.PROTOCOL, Design.PRECLINICAL, Design.IN_VITRO, Design.REVIEW)
_WISHED_FOR = frozenset([Design.RCT, Design.PILOT, Design.OPEN_LABEL, Design.PROSPECTIVE, Design.CASE_CONTROL])
# "a rapid infusion protocol" is a way to treat
_REGIMENS = frozenset(["infusion", "treatment", "dosing", "dose", "therapy", "rate", "tapering", "premedication"])
_MANY_RESULTS = 2  # sentences with results of people beside one that names animals
_PLURALS = frozenset(["trials", "studies", "reviews", "reports", "protocols"])


@dataclass(frozen=True, slots=True)
class Told:
    """The design that words tell of, those words where they name it, and whether a type or the title settles it."""

    design: Design
    words: Reading | None = None
    settled: bool = False


def read_design(case: Case, treated: Treated) -> tuple[Design, Reading | None]:
    """The design and the words that name it, if any: what type, title or text say, or how the whole record reads.

    The model decides only how a study of patients was made, and never for a design that the protocol excludes.
    """
    told = design_by_words(case, treated)
    design = told.design
    if not told.settled and design in WAYS:
        section = case.criteria.publication_type
        excluded = section.exclude_designs if section is not None else ()
        allowed = [way for way in WAYS if way is design or way not in excluded]
        likeliest, chance = likeliest_design(case, design, treated, allowed)
        if told.words is None or (likeliest is not Design.OTHER and chance >= PLAIN):
            design = likeliest
    return design, told.words if design is told.design else None


def design_by_words(case: Case, treated: Treated) -> Told:
    """What the publication types, the title and the text say of the design; OTHER where they say nothing."""
    types = {name.lower() for name in case.record.publication_types}
    for design, names in TYPES.items():
        if names & types:
            return Told(design, settled=True)
    own = is_own(case, treated)
    title = _titled(case)
    given = gives_to_patients(case)
    for design in _IN_TITLE:
        if design not in title or (design in _UNLESS_GIVEN and given) or _is_outweighed(case, design, treated, own=own):
            continue
        return Told(design, title[design], settled=True)
    if types & REVIEW_TYPES and not own:
        return Told(Design.REVIEW, settled=True)
    if Design.CASE_REPORT in title and (treated.value or 0) < _SERIES:
        return Told(Design.CASE_REPORT, title[Design.CASE_REPORT], settled=True)
    return _from_text(case, treated, own=own, given=given)


def _is_outweighed(case: Case, design: Design, treated: Treated, *, own: bool) -> bool:
    """Whether results of patients say more than words for a plan, a guideline, animals or a review."""
    if design is Design.REVIEW:
        return own
    if design in {Design.PROTOCOL, Design.GUIDELINE}:
        return results_told(case) > 0
    if design in _LABORATORY and samples_the_treated(case):
        return True
    if design is not Design.PRECLINICAL or not own or not gives_to_patients(case):
        return False
    return results_told(case) > 0 and _counts_treated_patients(treated)


def is_own(case: Case, treated: Treated) -> bool:
    """Whether patients are the authors' own: by their words, or because some are counted and nothing says otherwise."""
    if treated.value and not _reviews(case):
        return True
    return speaks_of_own(case) is not None


def _reviews(case: Case) -> bool:
    """Whether a record reads as a review: a search is told of, or its title, type or text call it one, two of them."""
    if "search" in case.document.abstract.found:
        return True
    signs = (
        not REVIEW_TYPES.isdisjoint(name.lower() for name in case.record.publication_types),
        Design.REVIEW in _titled(case),
        Design.REVIEW in _written(case),
    )
    return sum(signs) > 1


def _from_text(case: Case, treated: Treated, *, own: bool, given: bool) -> Told:
    few = treated.value in range(1, _SERIES) and not treated.of_several
    found = {**_written(case), **_found(case.document.title, "design")}
    for design in _ORDER:
        if design not in found or _is_outweighed(case, design, treated, own=own):
            continue
        if design in _LABORATORY and (given or (treated.value and design is Design.IN_VITRO and _are_people(treated))):
            continue
        if design is Design.PRECLINICAL and (_counts_treated_patients(treated) or _names_animals_in_passing(case)):
            continue
        if design is Design.CASE_REPORT and treated.value is not None and not few:
            continue
        if design in {Design.RETROSPECTIVE, Design.PROSPECTIVE} and few:
            return Told(Design.CASE_REPORT)
        in_title = design is Design.CASE_REPORT and found[design].field == "title"
        return Told(design, found[design], settled=in_title)
    if few:
        return Told(Design.CASE_REPORT)
    return Told(Design.RETROSPECTIVE if own and _looks_back(case) else Design.OTHER)


_BACKWARD = re.compile(
    r"\b(?:(?:19|20)\d\d\s?(?:-|\u2013|to|and|until|through)\s?(?:[a-z]+\s)?(?:\d{1,2},?\s)?(?:19|20)\d\d"
    r"|since (?:[a-z]+\s)?(?:19|20)\d\d|observational|real[- ](?:world|life)|experience|looked back"
    r"|were (?:retrieved|gathered|extracted))\b",
)


def _are_people(treated: Treated) -> bool:
    """Whether the number's own sentence does not speak of cells and serum in a dish."""
    return treated.count is None or not in_a_dish(treated.count.line.sentence)


def _counts_treated_patients(treated: Treated) -> bool:
    """Whether the number's own sentence names patients, the condition and the treatment: animals are an assay then."""
    return treated.count is not None and {"P", "D", "T"} <= set(treated.count.line.tags)


def _names_animals_in_passing(case: Case) -> bool:
    """Whether one sentence of the abstract names animals and others tell what became of the authors' own patients."""
    document = case.document
    naming = [
        sentence
        for field in (document.title, document.abstract)
        for sentence, match in _matches(field, "design")
        if match.label == Design.PRECLINICAL
    ]
    passing = naming[0]
    if passing.part is Part.TITLE or any(one is not passing for one in naming) or speaks_of_own(case) is None:
        return False
    return sum(tells_a_result(one) for one in document.sentences if one is not passing) >= _MANY_RESULTS


def _looks_back(case: Case) -> bool:
    """Whether past years or an experience are named: patients of "2008 to 2019" were gathered later."""
    return any(
        sentence.part is not Part.BACKGROUND and _BACKWARD.search(sentence.lowered)
        for sentence in case.document.sentences
    )


@lru_cache(maxsize=1)
def _titled(case: Case) -> dict[Design, Reading]:
    """The words of the title that say what a document is."""
    return _found(case.document.title, "title design")


@lru_cache(maxsize=1)
def _written(case: Case) -> dict[Design, Reading]:
    """The words of the abstract that name a design."""
    return _found(case.document.abstract, "design")


def _found(field: Field, group: str) -> dict[Design, Reading]:
    """The first words for each design in a field; the background and other people's trials do not count."""
    found: dict[Design, Reading] = {}
    for sentence, match in _matches(field, group):
        tokens = field.tokens
        if match.label is Design.PROTOCOL and tokens.words[match.first - 1] in _REGIMENS:
            continue
        if tokens.words[match.last - 1] in _PLURALS or (match.label in _WISHED_FOR and is_wished_for(sentence)):
            continue
        found.setdefault(
            Design(match.label),
            quote(sentence, Status.MET, start=tokens.starts[match.first], end=tokens.ends[match.last - 1]),
        )
    return found


def _matches(field: Field, group: str) -> Iterator[tuple[Sentence, Match]]:
    for sentence in field.sentences:
        if sentence.part is not Part.BACKGROUND:
            for match in sentence.matches(group):
                yield sentence, match
