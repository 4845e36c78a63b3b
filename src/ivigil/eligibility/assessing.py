"""Reads a record against every criterion of a protocol and weighs them into a verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ivigil.criteria import Criteria, Design
from ivigil.eligibility.adults import read_adults
from ivigil.eligibility.case import Case
from ivigil.eligibility.certainty import chance_of, say_treated
from ivigil.eligibility.close_look import CloseLook
from ivigil.eligibility.design import read_design
from ivigil.eligibility.intervention import read_intervention
from ivigil.eligibility.likeness import LIKE, likeness, likeness_at_most
from ivigil.eligibility.metadata import read_date, read_full_text, read_language
from ivigil.eligibility.neighbours import AT_RISK, COMPARED
from ivigil.eligibility.outcome import read_outcome
from ivigil.eligibility.population import read_population
from ivigil.eligibility.publication_type import is_about_another, read_publication_type
from ivigil.eligibility.reading import Assessment, Reading, Status, Verdict
from ivigil.eligibility.roles import Mention
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
# what a likeness can weigh: it knows nothing of ages, of outcomes, and of what a catalogue's fields say
_WEIGHED = frozenset(["population", "intervention", "sample_size", "publication_type"])
# what is said too plainly to be doubted
_PLAINLY = (Mention.LABORATORY, Mention.KEPT_OFF, Mention.FAILED, COMPARED, AT_RISK)
# a number so likely by the words is not looked at again
PLAIN_ENOUGH = 0.9
_LIKELY_TOO_FEW = 0.5
DOUBT = "the record as a whole reads like an eligible one"
_WITHOUT_PATIENTS = frozenset({Design.PROTOCOL, Design.GUIDELINE, Design.PRECLINICAL, Design.IN_VITRO})


@dataclass(frozen=True, slots=True)
class CriteriaRead:
    """What the criteria of a record say, each by its own rule."""

    readings: dict[str, Reading]
    treated: Treated
    design: Design
    systems: tuple[str, ...]


def assess(record: Record, criteria: Criteria, close: CloseLook | None = None) -> Assessment:
    """Read each criterion that the protocol sets, with the words that say so, and weigh them.

    Ineligible only where a criterion is not met on explicit words, there is an abstract, and the record as a whole does
    not read like an eligible one; eligible where all are met; in between the full text is needed. Where the number
    treated is all that is open, `close` looks at it again.
    """
    case = Case.of(record, criteria)
    read = read_criteria(case)
    if close is not None and leaves_number_open(read, case.minimum):
        read = read_criteria(case, close)
    if excluded_by_words(case, read) and likeness_at_most(case) >= LIKE:
        by_words = count_treated(case)
        if likeness(case, by_words) >= LIKE:
            read = _doubted(case, read, read.treated if read.treated.chances else by_words)
    return Assessment(
        verdict=weigh(read.readings, has_abstract=case.has_abstract),
        criteria=read.readings,
        n_treated=read.treated.value,
        n_treated_chance=chance_of(read.treated.value, read.treated.chances),
        treated=say_treated(read.treated.value, read.treated.chances),
        design=read.design,
        organ_systems=read.systems,
        reasons=tuple(reason(name, reading) for name, reading in read.readings.items() if _is_telling(name, reading)),
    )


def leaves_number_open(read: CriteriaRead, minimum: int) -> bool:
    """Whether the number treated could be another or may be too few, and nothing else excludes the record."""
    excluding = {name for name, reading in read.readings.items() if reading.status is Status.NOT_MET}
    treated = read.treated
    if not excluding <= {"sample_size"} or not treated.chances:
        return False
    return max(treated.chances.values()) < PLAIN_ENOUGH or treated.below(minimum) >= _LIKELY_TOO_FEW


def read_criteria(case: Case, close: CloseLook | None = None) -> CriteriaRead:
    """Read every criterion that the protocol sets by its own rule, the number treated with a close look if given."""
    criteria = case.criteria
    treated, found = _count(case, close)
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
    return CriteriaRead(readings, treated, design, systems)


def excluded_by_words(case: Case, read: CriteriaRead) -> bool:
    """Whether nothing but words excludes a record that names condition and intervention, and is no work on cells.

    Words of title and abstract, that is, or a publication type that own patients outweigh. Cells are counted by the
    patients who gave them, so that such work reads like an eligible study without being one.
    """
    not_met = [name for name, reading in read.readings.items() if reading.status is Status.NOT_MET]
    tags = case.title_tags + case.abstract_tags
    if not not_met or not case.has_abstract or "D" not in tags or re.search(r"[TBRy]", tags) is None:
        return False
    if read.design is Design.IN_VITRO or is_about_another(case):
        return False
    return all(_is_of_words(case, name, read.readings[name]) for name in not_met)


def _is_of_words(case: Case, name: str, reading: Reading) -> bool:
    if name not in _WEIGHED or any(plain in reading.note for plain in _PLAINLY):
        return False
    section = case.criteria.publication_type
    if reading.field == "publication_types" and section is not None:
        return reading.phrase.lower() in {own.lower() for own in section.own_cohort_wins}
    return reading.field in {"title", "abstract"}


def _doubted(case: Case, read: CriteriaRead, treated: Treated) -> CriteriaRead:
    """The same readings, those that exclude in doubt; the number is read where it is plain who the treated were."""
    readings = {
        name: replace(reading, status=Status.UNCLEAR, note="; ".join(filter(None, [reading.note, DOUBT])))
        if reading.status is Status.NOT_MET
        else reading
        for name, reading in read.readings.items()
    }
    if _leaves_open_who(read.readings):
        treated = read.treated
    elif "sample_size" in readings and read.readings["sample_size"].status is Status.UNCLEAR:
        sample_size = read_sample_size(case, treated)
        if sample_size.status is not Status.NOT_MET:
            readings["sample_size"] = sample_size
    return CriteriaRead(readings, treated, read.design, read.systems)


def _leaves_open_who(readings: dict[str, Reading]) -> bool:
    """Whether it is in doubt who the treated were: of another condition, or children among adults."""
    of_another = "population" in readings and readings["population"].status is Status.NOT_MET
    return of_another or ("adults" in readings and readings["adults"].status is not Status.MET)


def _count(case: Case, close: CloseLook | None) -> tuple[Treated, dict[str, Reading]]:
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
    treated = Treated(None, note=against) if against else count_treated(case, close)
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
