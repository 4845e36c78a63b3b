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
    TRIAL_CHANGED = "trial_changed"
    CANARY_LOST = "canary_lost"
    SOURCE_FAILING = "source_failing"
    RUN_ABSENT = "run_absent"
    DIGEST = "digest"
    TEST = "test"


Verdict = Literal["eligible", "needs_full_text", "ineligible"]


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


class SecondReading(Value):
    """What the optional second reader, a language model, made of the same text."""

    model: Plain
    verdict: Verdict
    criteria: tuple[CriterionReading, ...] = ()
    agrees: bool = Field(description="whether its verdict is the rules' own")


class Change(Value):
    """What is different from what the team was told before."""

    what: Plain
    before: Plain | None = None
    after: Plain | None = None


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
    n_treated_chance: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None, description="how likely the number is the right one; null where nothing was said of that"
    )
    treated: Plain = Field(default="", description="the number as people are told it: '14', 'perhaps 18, or 41'")
    organ_systems: tuple[Plain, ...] = ()
    verdict: Verdict | None = None
    criteria: tuple[CriterionReading, ...] = ()
    second_reading: SecondReading | None = None
    abstract_missing: bool = False
    full_text: bool = Field(default=False, description="whether a source says where the full text is free to read")
    notices: tuple[Plain, ...] = Field(default=(), description="retracted, concern, corrected: what its sources say")
    reports: Annotated[int, Field(ge=1)] = Field(default=1, description="how many reports of the study are held")
    found: tuple[Found, ...] = ()


class Term(Value):
    """A word of the text, and how far it moved the score."""

    term: Plain
    weight: float


class Neighbour(Value):
    """An included study that reads much like this one."""

    title: Plain
    likeness: float = Field(description="cosine, 0 to 1")


class Ranking(Value):
    """Where the screener puts the study among the candidates, and what it saw."""

    score: float | None = None
    rank: Annotated[int, Field(ge=1)] | None = None
    of: Annotated[int, Field(ge=1)] | None = Field(default=None, description="how many candidates are ranked")
    screener: Plain | None = Field(default=None, description="version of the screener that scored")
    threshold: float | None = Field(default=None, description="the calibrated score from which a report is alerted on")
    terms_for: tuple[Term, ...] = ()
    terms_against: tuple[Term, ...] = ()
    nearest: Neighbour | None = Field(default=None, description="the included study it is most like")


class AlertContent(Value):
    """One alert. A study's alert has `study`; one about the surveillance itself has `summary` and `details`."""

    schema_version: Literal[1] = 1
    kind: AlertKind
    urgency: Urgency = Urgency.NORMAL
    protocol: ProtocolName
    summary: Plain = Field(default="", description="one sentence: what happened; a default stands for each kind")
    details: tuple[Plain, ...] = Field(default=(), description="what is wrong, or where it is said, line by line")
    changes: tuple[Change, ...] = Field(default=(), description="what differs from what was told before")
    study: StudyFacts | None = None
    ranking: Ranking | None = None
    digest: DigestContent | None = None
    actions: tuple[Link, ...] = Field(default=(), description="what to do next: decide, open the workspace")
    report_id: int | None = Field(default=None, description="the report, as `ivigil show` takes it")
    thread: Plain | None = Field(default=None, description="the same for all that is told of one study")
    replies_to: Plain | None = Field(default=None, description="id of the message that first told of the study")
    joins: tuple[Plain, ...] = Field(default=(), description="threads of other studies that go on in this one")
    decision: Literal["include", "exclude", "open"] | None = Field(default=None, description="what people have decided")
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
