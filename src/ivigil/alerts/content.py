"""What an alert says, as plain data: the one document that every message is rendered from, and webhooks receive.

Its JSON schema is `AlertContent.model_json_schema()`. `schema_version` changes when a field changes its meaning or
goes; a new optional field leaves it as it is.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from ivigil.alerts.digest_content import DigestContent, Link, ProtocolName
from ivigil.alerts.text import Plain, plain
from ivigil.errors import AlertError
from ivigil.records import Value


class AlertKind(StrEnum):
    """What happened."""

    STUDY_ELIGIBLE = "study_eligible"
    STUDY_NEEDS_FULL_TEXT = "study_needs_full_text"
    STUDY_UPDATED = "study_updated"
    STUDY_CORRECTED = "study_corrected"
    STUDY_RETRACTED = "study_retracted"
    STUDY_DECIDED = "study_decided"
    STUDY_MERGED = "study_merged"
    CANARY_LOST = "canary_lost"
    SOURCE_FAILING = "source_failing"
    RUN_ABSENT = "run_absent"
    DIGEST = "digest"
    TEST = "test"


class Urgency(StrEnum):
    """How soon somebody should look."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class CriterionReading(Value):
    """One criterion as the machine read it; `evidence` is in the study's own words."""

    name: Plain
    status: Literal["met", "not_met", "unclear"]
    evidence: Plain | None = None


class Found(Value):
    """How a record was found: by which source, and in which way (search, import, watch, ...)."""

    source: Plain
    way: Plain = "search"


class StudyFacts(Value):
    """The study told of."""

    title: Plain
    journal: Plain | None = None
    published: Plain | None = Field(default=None, description="date with the precision it is known to: 2024-05-02")
    authors: Plain | None = Field(default=None, description="short: 'Rivera A, Okafor B, et al.'")
    ids: dict[str, Plain] = Field(default_factory=dict, description="pmid, doi, pmcid, registry")
    links: tuple[Link, ...] = ()
    design: Plain | None = None
    n_treated: Annotated[int, Field(ge=0)] | None = None
    organ_systems: tuple[Plain, ...] = ()
    verdict: Literal["eligible", "needs_full_text", "ineligible"] | None = None
    criteria: tuple[CriterionReading, ...] = ()
    abstract_missing: bool = False
    found: tuple[Found, ...] = ()


class Ranking(Value):
    """Where the screener puts the study among the candidates."""

    score: float | None = None
    rank: Annotated[int, Field(ge=1)] | None = None
    of: Annotated[int, Field(ge=1)] | None = Field(default=None, description="how many candidates are ranked")
    screener: Plain | None = Field(default=None, description="version of the screener that scored")


class AlertContent(Value):
    """One alert. A study's alert has `study`; one about the surveillance itself has `summary` and `details`."""

    schema_version: Literal[1] = 1
    kind: AlertKind
    urgency: Urgency = Urgency.NORMAL
    protocol: ProtocolName
    summary: Plain = Field(default="", description="one sentence: what happened; a default stands for each kind")
    details: tuple[Plain, ...] = Field(default=(), description="what changed, or what is wrong, line by line")
    study: StudyFacts | None = None
    ranking: Ranking | None = None
    digest: DigestContent | None = None
    actions: tuple[Link, ...] = Field(default=(), description="what to do next: decide, open the workspace")
    run_id: int | None = None
    as_of: date | None = None

    @property
    def as_stored(self) -> dict[str, Any]:
        """The content as the outbox keeps it."""
        return self.model_dump(mode="json", exclude_defaults=True) | {"schema_version": self.schema_version}


def read_content(stored: dict[str, Any]) -> AlertContent:
    """Content as the outbox kept it.

    Raises:
        AlertError: it was written by another version, or is not one.
    """
    try:
        return AlertContent.model_validate(stored)
    except ValidationError as error:
        raise AlertError(f"the stored alert cannot be read: {plain(str(error), 300)}") from None
