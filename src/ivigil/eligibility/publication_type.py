"""Whether the document is a primary study, by its types, its title's opening words and its design."""

from __future__ import annotations

from ivigil.criteria import Design, PublicationType
from ivigil.eligibility.case import Case, quote
from ivigil.eligibility.metadata import listed_type, marker
from ivigil.eligibility.reading import Reading, Status, quote_value
from ivigil.eligibility.sample_size import Treated

_OPENING = 4  # characters before a marker in a title: a bracket, a quotation mark


def read_publication_type(
    case: Case, section: PublicationType, design: Design, words: Reading | None, treated: Treated
) -> Reading:
    """Read the type; an own cohort of the wanted size wins over a review's label."""
    record = case.record
    minimum = case.criteria.sample_size.minimum if case.criteria.sample_size else 1
    own_cohort = treated.value is not None and treated.value >= minimum
    listed = listed_type(record, section.exclude)
    if listed is not None and own_cohort and listed.lower() in {name.lower() for name in section.own_cohort_wins}:
        listed = None
    if listed is not None:
        return quote_value(record, "publication_types", listed, Status.NOT_MET)
    marked = marker(case, "type")
    if marked is not None and marked[0].field.name == "title" and marked[1] < _OPENING:
        return quote(marked[0], Status.NOT_MET, start=marked[1], end=marked[2])
    if design in section.exclude_designs and not (own_cohort and design is Design.REVIEW):
        if words is not None:
            return quote_words(words, design)
        return Reading(Status.UNCLEAR, note=f"reads like a {design.value.replace('_', ' ')}")
    if record.publication_types:
        return quote_value(record, "publication_types", record.publication_types[0], Status.MET)
    return quote_value(record, "kind", record.kind.value, Status.MET)


def is_about_another(case: Case) -> bool:
    """Whether the document is an erratum, a comment or the like: what it counts is another report's."""
    section = case.criteria.publication_type
    if section is None:
        return False
    wins = {name.lower() for name in section.own_cohort_wins}
    listed = listed_type(case.record, tuple(name for name in section.exclude if name.lower() not in wins))
    marked = marker(case, "type")
    return listed is not None or (marked is not None and marked[0].field.name == "title" and marked[1] < _OPENING)


def quote_words(words: Reading, design: Design) -> Reading:
    """The design's own words as the reason."""
    return Reading(
        Status.NOT_MET,
        words.evidence,
        words.field,
        words.start,
        words.end,
        design.value.replace("_", " "),
        words.phrase,
    )
