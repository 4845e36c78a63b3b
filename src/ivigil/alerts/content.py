"""What an alert says, as plain data: the one document that every message is rendered from, and webhooks receive.

Its JSON schema is `AlertContent.model_json_schema()`. `schema_version` changes when a field changes its meaning or
goes; a new optional field leaves it as it is.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ivigil.errors import AlertError
from ivigil.records import Value

# Text from outside can steer a terminal or turn the reading direction of a whole message.
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KEPT = frozenset({"\u200c", "\u200d"})  # joiners: part of how some scripts are written
LONGEST = 2000
LONGEST_URL = 2000


def plain(text: str, longest: int = LONGEST) -> str:
    """Text on one line, without control or direction characters, cut at `longest` characters."""
    kept = "".join(
        char if char in _KEPT or unicodedata.category(char) not in _STEERING else " " if char.isspace() else ""
        for char in text
    )
    line = " ".join(kept.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _is_a_web_address(value: str) -> str:
    if len(value) > LONGEST_URL or not re.fullmatch(r"https?://[^\s<>\"'\\\x00-\x20\x7f]+", value):
        raise ValueError("is not an http(s) address")
    return value


Plain = Annotated[str, AfterValidator(plain)]
WebAddress = Annotated[str, AfterValidator(_is_a_web_address)]


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
    TEST = "test"


class Urgency(StrEnum):
    """How soon somebody should look."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class ProtocolName(Value):
    """The review that is told of."""

    name: Plain
    title: Plain = ""


class Link(Value):
    """Where to go on; only web addresses."""

    label: Plain
    url: WebAddress


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
    except ValueError as error:
        raise AlertError(f"the stored alert cannot be read: {plain(str(error), 300)}") from None
