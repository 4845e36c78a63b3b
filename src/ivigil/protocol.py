"""The review's protocol: its question, window, strategies, criteria and known studies, as plain data."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from ivigil.criteria import Criteria
from ivigil.records import Value

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$")]


class PublishedCounts(Value):
    """What the published review counted; records as its abstract states them."""

    records: Annotated[int, Field(ge=0)] | None = None
    included_studies: Annotated[int, Field(ge=0)] | None = None
    patients: Annotated[int, Field(ge=0)] | None = None


class StrategyBasis(StrEnum):
    """Whose the search strategies are."""

    ORIGINAL = "original"
    RECONSTRUCTION = "reconstruction"


class Review(Value):
    """The review that is kept alive."""

    name: Slug
    title: Text
    question: str = ""
    criteria_text: str = Field(default="", description="the criteria in two sentences, for ranking before labels exist")
    start: date
    cutoff: date
    pmid: str | None = None
    doi: str | None = None
    strategy_basis: StrategyBasis = StrategyBasis.ORIGINAL
    published: PublishedCounts = PublishedCounts()

    @model_validator(mode="after")
    def _window_is_ordered(self) -> Self:
        if self.start > self.cutoff:
            raise ValueError(f"start {self.start} lies after cutoff {self.cutoff}")
        return self


class StudyStatus(StrEnum):
    """Whether a study's identifiers were confirmed."""

    VERIFIED = "verified"
    LEAD = "lead"


class KnownStudy(Value):
    """A study of the review's included set. Only verified ones are labels and canaries; a lead waits for a source."""

    status: StudyStatus
    pmid: Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,8}$")] | None = None
    doi: str | None = None
    title: str | None = None
    first_author: str | None = None
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    journal: str | None = None
    design: str | None = None
    registration: Annotated[str, StringConstraints(pattern=r"^NCT\d{8}$")] | None = Field(
        default=None, description="by which ClinicalTrials.gov should return it"
    )
    n_treated: Annotated[int, Field(ge=0)] | None = None
    canary: bool = Field(default=True, description="false where no strategy can be expected to return it")
    held_by: tuple[str, ...] = Field(
        default=(), description="sources that surely hold it, beside those that its identifiers name"
    )
    note: str | None = None

    @field_validator("doi")
    @classmethod
    def _is_a_doi(cls, value: str | None) -> str | None:
        if value is None:
            return None
        bare = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", value.strip(), flags=re.IGNORECASE).lower()
        if not re.fullmatch(r"10\.\d{4,9}/\S+", bare):
            raise ValueError(f"{value!r} is not a DOI")
        return bare

    @model_validator(mode="after")
    def _can_be_recognised(self) -> Self:
        if self.status is StudyStatus.VERIFIED and not (self.pmid or self.doi):
            raise ValueError("a verified study needs a pmid or a doi")
        if self.status is StudyStatus.LEAD and not (self.pmid or self.doi or self.title):
            raise ValueError("a lead needs a pmid, a doi or a title")
        return self

    @property
    def label(self) -> str:
        """How a person would name it: 'Poelman 2015', else its identifier."""
        named = " ".join(str(part) for part in (self.first_author, self.year) if part)
        return named or self.title or self.pmid or self.doi or ""


class ExclusionReason(Value):
    """A reason a reviewer may give for excluding a report."""

    code: Slug
    label: Text


class Trial(Value):
    """A registration to keep an eye on."""

    id: Text
    note: str | None = None


class AlertRule(Value):
    """When the team is told."""

    needs_full_text_above_threshold: bool = Field(
        default=True, description="also alert on an unclear report that the screener ranks like an included one"
    )


class Screening(Value):
    """How people screen, and when the screener learns from it."""

    reviewers_per_report: Annotated[int, Field(ge=1, le=2)] = Field(
        default=1,
        description="2: two decide independently, neither sees the other's word before both have given theirs",
    )
    retrain_after_decisions: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="retrain once so many decisions were made since the last training"
    )
    retrain_every_days: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="retrain so many days after the last training, if anything was judged meanwhile"
    )


class UpdateTriggers(Value):
    """When the published review should be updated, settled before the new evidence is known. None leaves one out."""

    new_studies: Annotated[int, Field(ge=1)] | None = Field(default=None, description="so many new studies")
    new_patients_share: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="new patients over those of the published version: 0.2 for a fifth"
    )
    new_randomised_trial: bool = Field(default=True, description="any new randomised trial")


class Protocol(Value):
    """One living review. See `ivigil protocol new` for every field with its meaning."""

    review: Review
    strategies: dict[Slug, Text]
    criteria: Criteria = Criteria()
    exclusion_reasons: tuple[ExclusionReason, ...] = ()
    known_studies: tuple[KnownStudy, ...] = ()
    trials: tuple[Trial, ...] = ()
    alerts: AlertRule = AlertRule()
    screening: Screening = Screening()
    update: UpdateTriggers = UpdateTriggers()

    @field_validator("strategies")
    @classmethod
    def _has_a_strategy(cls, value: dict[str, str]) -> dict[str, str]:
        if not value:
            raise ValueError("at least one source needs a strategy")
        return {source: " ".join(text.split()) for source, text in value.items()}

    @model_validator(mode="after")
    def _has_no_doubles(self) -> Self:
        for what, values in (
            ("exclusion_reasons: code", [reason.code for reason in self.exclusion_reasons]),
            ("known_studies: pmid", [study.pmid for study in self.known_studies if study.pmid]),
            ("known_studies: doi", [study.doi for study in self.known_studies if study.doi]),
        ):
            double = next((value for value in values if values.count(value) > 1), None)
            if double is not None:
                raise ValueError(f"{what} {double} is given twice")
        return self

    @property
    def name(self) -> str:
        """The review's short name; also its folder under models/."""
        return self.review.name

    @property
    def verified_studies(self) -> tuple[KnownStudy, ...]:
        """Known included studies whose identifiers were confirmed: labels and canaries."""
        return tuple(study for study in self.known_studies if study.status is StudyStatus.VERIFIED)

    @property
    def leads(self) -> tuple[KnownStudy, ...]:
        """Studies from memory or inference; never labels until a source confirms them."""
        return tuple(study for study in self.known_studies if study.status is StudyStatus.LEAD)
