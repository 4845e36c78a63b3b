"""A review's eligibility criteria as plain data: everything the reader in `eligibility/` needs, and nothing in code.

Every section is optional. A criterion whose section is absent is not read and takes no part in the verdict; without
both `population` and `intervention` no record can be called eligible, only ineligible or in need of its full text.

Terms are words or phrases. Case, plural `s`, hyphens and dashes do not matter, and a word that ends in `*` stands for
every word that begins so: `"gamma globulin"` also means "gamma-globulins", `"scleroderm*"` also "sclerodermatous".
Abbreviations are terms that carry meaning only in company: see `Population.abbreviations`.
"""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ivigil.records import RecordKind, Value


class Design(StrEnum):
    """How a study was made; described and shown, never a gate by itself."""

    RCT = "rct"
    PILOT = "pilot"
    OPEN_LABEL = "open_label"
    RETROSPECTIVE = "retrospective"
    PROSPECTIVE = "prospective"
    CASE_CONTROL = "case_control"
    CASE_REPORT = "case_report"
    REVIEW = "review"
    PROTOCOL = "protocol"
    GUIDELINE = "guideline"
    PRECLINICAL = "preclinical"
    IN_VITRO = "in_vitro"
    OTHER = "other"


def _is_a_term(value: str) -> str:
    if any("*" in word[:-1] for word in value.split()):
        raise ValueError(f"{value!r}: a * may only end a word")
    if not any(char.isalnum() for char in value):
        raise ValueError(f"{value!r} holds no word")
    return value


Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_is_a_term)]
Terms = tuple[Term, ...]
SystemName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Section(Value):
    """Base of every criterion; `note` keeps a rule settled in advance, with its reason."""

    note: str = ""


class Population(Section):
    """Who is studied."""

    label: str = Field(default="", description="what the condition is called on screen")
    terms: Annotated[Terms, Field(min_length=1)]
    abbreviations: Terms = Field(default=(), description="count only beside one of `terms` or `company`")
    company: Terms = Field(default=(), description="words that make an abbreviation credible in the same record")
    homonyms: Terms = Field(default=(), description="what an abbreviation means elsewhere; voids the abbreviations")
    mimics: Terms = Field(default=(), description="longer names that hold a term, or look like it, and are not it")
    signs: Terms = Field(
        default=(), description="longer names that hold a term and are no diagnosis: an antibody, a pattern"
    )
    overlaps: Terms = Field(default=(), description="neighbours that count only where `terms` are diagnosed as well")
    other_conditions: Terms = Field(default=(), description="named conditions that are not this one")
    manifestations: Terms = Field(default=(), description="may be a part of this condition, or a condition by itself")
    umbrellas: Terms = Field(default=(), description="wider groups that may hold this condition unnamed")
    mesh: tuple[str, ...] = ()


class Intervention(Section):
    """What was given."""

    label: str = Field(default="", description="what the intervention is called on screen")
    terms: Annotated[Terms, Field(min_length=1)]
    brands: Terms = ()
    generic: Terms = Field(default=(), description="mean the intervention only as a treatment, not as a measure")
    route_words: Terms = Field(default=(), description="say the right route of a `generic` name beside them")
    other_route_words: Terms = Field(default=(), description="say another route of a `generic` name beside them")
    other_routes: Terms = Field(default=(), description="the same substance by another route or form")
    measures: Terms = Field(default=(), description="the substance as something measured")
    false_friends: Terms = Field(default=(), description="names that hold or resemble a term and are something else")
    comparators: Terms = Field(default=(), description="what a control group is given")
    other_treatments: Terms = Field(default=(), description="other drugs a population of this kind is given")
    mesh: tuple[str, ...] = ()


class SampleSize(Section):
    """How many own adult patients of the population received the intervention."""

    minimum: Annotated[int, Field(ge=1)]


class Adults(Section):
    """How old they were, in years."""

    minimum_age: Annotated[int, Field(ge=0, le=120)] = 18
    tolerated_age: Annotated[int, Field(ge=0, le=120)] = Field(
        default=18, description="patients from this age on do not spoil a group of adults"
    )
    assumed: bool = Field(default=True, description="the population is adult unless a record says otherwise")
    terms: Terms = ("adult", "elderly")
    paediatric_terms: Terms = ("child", "children", "paediatric*", "pediatric*", "juvenile", "adolescent")
    mesh: tuple[str, ...] = ("Adult", "Middle Aged", "Aged", "Aged, 80 and over", "Young Adult")
    paediatric_mesh: tuple[str, ...] = ("Child", "Adolescent", "Infant", "Child, Preschool", "Infant, Newborn")

    @model_validator(mode="after")
    def _ages_are_ordered(self) -> Self:
        if self.tolerated_age > self.minimum_age:
            raise ValueError(f"tolerated_age {self.tolerated_age} lies above minimum_age {self.minimum_age}")
        return self


class Outcome(Section):
    """What was measured, beside the terms of the organ systems."""

    terms: Terms = Field(default=(), description="words of a measured result that belong to no organ system")
    absent: Terms = Field(default=(), description="phrases that say nothing was measured")


class OrganSystem(Section):
    """One group of outcomes: a term names it, or a subject and a change in one sentence ("prednisone ... tapered")."""

    terms: Annotated[Terms, Field(min_length=1)]
    involvement: Terms = Field(
        default=(), description="may say who the patients are or why they were treated: count only beside a result"
    )
    subjects: Terms = ()
    changes: Terms = ()


class Language(Section):
    """Languages of the full text, as ISO 639-2/B codes."""

    accept: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")], ...], Field(min_length=1)]


class FullText(Section):
    """Which documents are no full text by their kind."""

    exclude_kinds: tuple[RecordKind, ...] = (RecordKind.CONFERENCE_ABSTRACT, RecordKind.REGISTRATION)
    exclude_types: tuple[str, ...] = ()
    markers: Terms = Field(default=(), description="words in a title or abstract that say so")


class PublicationType(Section):
    """Which documents are no primary study."""

    exclude: tuple[str, ...] = ()
    exclude_designs: tuple[Design, ...] = ()
    own_cohort_wins: tuple[str, ...] = Field(
        default=(), description="excluded types that a cohort of the authors' own, large enough, brings back"
    )
    own_patients_tell: tuple[str, ...] = Field(
        default=(), description="excluded types that go to a person where the authors tell what became of own patients"
    )
    markers: Terms = Field(default=(), description="opening words of a title that say so (erratum, reply)")
    without_patients: Terms = Field(
        default=(), description="words of a title that tell of nobody treated, unless the abstract does (Markov model)"
    )


class Published(Section):
    """When; the earlier of electronic and issue date counts."""

    earliest: date


class Criteria(Value):
    """Every criterion of one review."""

    population: Population | None = None
    intervention: Intervention | None = None
    sample_size: SampleSize | None = None
    adults: Adults | None = None
    outcome: Outcome | None = None
    organ_systems: dict[SystemName, OrganSystem] = Field(default_factory=dict)
    language: Language | None = None
    full_text: FullText | None = None
    publication_type: PublicationType | None = None
    date: Published | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over every criterion: what a compiled reader is kept under."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)
