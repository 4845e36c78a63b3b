"""Reads a record against every criterion of a protocol and weighs them into a verdict."""

from __future__ import annotations

from ivigil.criteria import Criteria, Design
from ivigil.eligibility.adults import read_adults
from ivigil.eligibility.case import Case
from ivigil.eligibility.certainty import chance_of, say_treated
from ivigil.eligibility.design import read_design
from ivigil.eligibility.intervention import Mention, read_intervention
from ivigil.eligibility.metadata import read_date, read_full_text, read_language
from ivigil.eligibility.outcome import read_outcome
from ivigil.eligibility.population import read_population
from ivigil.eligibility.publication_type import is_about_another, read_publication_type
from ivigil.eligibility.reading import Assessment, Reading, Status, Verdict
from ivigil.eligibility.sample_size import Treated, count_treated, read_sample_size
from ivigil.records import Record

NAMES = (
    "population",
    "intervention",
    "sample_size",
    "adults",
    "outcome",
    "language",
    "full_text",
    "publication_type",
    "date",
)
_WITHOUT_PATIENTS = frozenset({Design.PROTOCOL, Design.GUIDELINE, Design.PRECLINICAL, Design.IN_VITRO})


def assess(record: Record, criteria: Criteria) -> Assessment:
    """Read each criterion that the protocol sets, with the words that say so, and weigh them.

    Ineligible only where a criterion is not met on explicit words and there is an abstract; eligible where all are met;
    in between the full text is needed.
    """
    case = Case.of(record, criteria)
    treated, found = _count(case)
    design, words = read_design(case, treated)
    if design in _WITHOUT_PATIENTS:
        treated = Treated(None, note=f"a {design.value.replace('_', ' ')} has no patients treated")
    found["outcome"], systems = read_outcome(case)
    if criteria.sample_size is not None:
        found["sample_size"] = read_sample_size(case, treated)
    if criteria.publication_type is not None:
        found["publication_type"] = read_publication_type(case, criteria.publication_type, design, words, treated)
    _read_fields(case, found)
    readings = {name: found[name] for name in NAMES if name in found and _is_set(criteria, name)}
    return Assessment(
        verdict=weigh(readings, has_abstract=case.has_abstract),
        criteria=readings,
        n_treated=treated.value,
        n_treated_chance=chance_of(treated.value, treated.chances),
        treated=say_treated(treated.value, treated.chances),
        design=design,
        organ_systems=systems,
        reasons=tuple(reason(name, reading) for name, reading in readings.items() if _is_telling(name, reading)),
    )


def _count(case: Case) -> tuple[Treated, dict[str, Reading]]:
    """The number treated, unless the condition, the treatment, the age or the kind of document speaks against it."""
    criteria = case.criteria
    against = "the patients of another report" if is_about_another(case) else ""
    found: dict[str, Reading] = {}
    if criteria.population is not None:
        found["population"] = read_population(case)
        if found["population"].status is Status.NOT_MET:
            against = "the patients have another condition"
    if criteria.intervention is not None:
        found["intervention"] = read_intervention(case)
        if found["intervention"].status is Status.NOT_MET:
            against = "the intervention was not given"
        elif Mention.NOBODY in found["intervention"].note:
            against = "nobody is said to have received it"
    treated = Treated(None, note=against) if against else count_treated(case)
    if criteria.adults is not None:
        adults = found["adults"] = read_adults(case, treated)
        if adults.status is not Status.MET and treated.value is not None and adults.field:
            treated = Treated(None, note=adults.note or "not adults")
    return treated, found


def _read_fields(case: Case, found: dict[str, Reading]) -> None:
    criteria = case.criteria
    if criteria.language is not None:
        found["language"] = read_language(case.record, criteria.language)
    if criteria.full_text is not None:
        found["full_text"] = read_full_text(case, criteria.full_text)
    if criteria.date is not None:
        found["date"] = read_date(case.record, criteria.date)


def _is_set(criteria: Criteria, name: str) -> bool:
    return getattr(criteria, name) is not None or (name == "outcome" and bool(criteria.organ_systems))


def weigh(readings: dict[str, Reading], *, has_abstract: bool) -> Verdict:
    """The verdict over the readings. Without population and intervention nothing can be called eligible."""
    statuses = {reading.status for reading in readings.values()}
    if Status.NOT_MET in statuses and has_abstract:
        return Verdict.INELIGIBLE
    if statuses == {Status.MET} and has_abstract and {"population", "intervention"} <= readings.keys():
        return Verdict.ELIGIBLE
    return Verdict.NEEDS_FULL_TEXT


def reason(name: str, reading: Reading) -> str:
    """One short line for the screen: "sample_size: '18 received IVIG' (18 treated)"."""
    words = f"'{reading.phrase or reading.evidence}'" if reading.evidence else ""
    note = f"({reading.note})" if words and reading.note else reading.note
    lead = {Status.MET: "", Status.NOT_MET: "not met, ", Status.UNCLEAR: "unclear, "}[reading.status]
    return f"{name.replace('_', ' ')}: {lead}{' '.join(part for part in (words, note) if part)}"


def _is_telling(name: str, reading: Reading) -> bool:
    return reading.status is not Status.MET or name in {"population", "intervention", "sample_size", "outcome"}
