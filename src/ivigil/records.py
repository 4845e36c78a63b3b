"""What one source says about one document, as plain immutable data.

A `Record` keeps everything a reviewer or a rule needs and nothing of the wire it came over. Two records are the same
version of the same thing when their `content_hash` agrees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Value(BaseModel):
    """Base of every immutable value: unknown fields are refused, so a misspelt one cannot pass unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatePrecision(StrEnum):
    """How much of a date its source gave."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


class PartialDate(Value):
    """A date with the precision its source gave; `text` keeps the source's own words where they say more.

    A season or a range ("2010 Sep-Oct", "1998 Dec-1999 Jan") is kept as its first month with `text` set.
    """

    year: Annotated[int, Field(ge=1, le=9999)]
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    text: str | None = None

    @model_validator(mode="after")
    def _is_a_real_date(self) -> Self:
        if self.day is not None and self.month is None:
            raise ValueError("a day needs a month")
        if self.day is not None and self.month is not None:
            date(self.year, self.month, self.day)
        return self

    @property
    def precision(self) -> DatePrecision:
        """Year, month or day: the finest part that is known."""
        if self.day is not None:
            return DatePrecision.DAY
        return DatePrecision.MONTH if self.month is not None else DatePrecision.YEAR

    @property
    def earliest(self) -> date:
        """The first day this date can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day this date can mean."""
        if self.day is not None and self.month is not None:
            return date(self.year, self.month, self.day)
        month = self.month or 12
        following = date(self.year + month // 12, month % 12 + 1, 1) if self.year < 9999 else date(9999, 12, 31)
        return date.fromordinal(following.toordinal() - 1) if self.year < 9999 else following

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)


class AbstractSection(Value):
    """One labelled part of an abstract; an unstructured abstract is one section without a label."""

    text: str
    label: str | None = None
    category: str | None = None


class OtherAbstract(Value):
    """An abstract in another language or of another kind (plain-language summary, publisher's)."""

    language: str
    sections: tuple[AbstractSection, ...]
    kind: str | None = None


class Author(Value):
    """A person, or a group in `collective`; never both."""

    last_name: str | None = None
    fore_name: str | None = None
    initials: str | None = None
    suffix: str | None = None
    collective: str | None = None
    orcid: str | None = None
    affiliations: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """'Surname AB' or the group's name."""
        if self.collective:
            return self.collective
        given = self.initials or self.fore_name
        return " ".join(part for part in (self.last_name, given, self.suffix) if part)


class MeshHeading(Value):
    """A subject heading; `major` is true when it or one of its qualifiers is a major topic."""

    descriptor: str
    ui: str | None = None
    major: bool = False
    qualifiers: tuple[str, ...] = ()


class Relation(Value):
    """A link the source states to another document (RetractionIn, ErratumIn, CommentOn, published-as, cites, ...)."""

    kind: str
    pmid: str | None = None
    doi: str | None = None
    note: str | None = None


class TrialState(Value):
    """How far a registered trial is, as its registry says."""

    status: str = Field(description="overall status in the registry's own word: RECRUITING, COMPLETED, UNKNOWN, ...")
    why_stopped: str | None = None
    started: PartialDate | None = None
    completed: PartialDate | None = Field(default=None, description="of the study; in the future where it is a plan")
    results_posted: PartialDate | None = Field(default=None, description="first posting; None: not yet")
    updated: PartialDate | None = Field(default=None, description="when the registration last changed")
    enrolment: int | None = None
    enrolment_is_actual: bool | None = Field(default=None, description="false where it is a plan; None: not said")


class RecordKind(StrEnum):
    """What sort of document the record describes."""

    ARTICLE = "article"
    PREPRINT = "preprint"
    CONFERENCE_ABSTRACT = "conference_abstract"
    REGISTRATION = "registration"
    BOOK = "book"
    OTHER = "other"


class Record(Value):
    """What one source says about one document. Identified by (`source`, `source_id`, `version`)."""

    source: str
    source_id: str
    version: str = "1"
    kind: RecordKind = RecordKind.ARTICLE

    title: str = ""
    vernacular_title: str | None = None
    abstract: tuple[AbstractSection, ...] = ()
    other_abstracts: tuple[OtherAbstract, ...] = ()
    authors: tuple[Author, ...] = ()
    journal: str | None = None
    journal_abbreviation: str | None = None
    issns: tuple[str, ...] = ()
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None

    published: PartialDate | None = Field(default=None, description="date of the issue")
    electronic: PartialDate | None = Field(default=None, description="date of electronic publication")
    entered: date | None = Field(default=None, description="day the source created the record (CRDT)")
    indexed: date | None = Field(default=None, description="day subject headings were added (MHDA)")
    revised: date | None = Field(default=None, description="day the source last revised the record (LR)")

    languages: tuple[str, ...] = Field(default=(), description="ISO 639-2/B codes, lower case: eng, fre, jpn")
    publication_types: tuple[str, ...] = ()
    mesh: tuple[MeshHeading, ...] = ()
    keywords: tuple[str, ...] = ()

    pmid: str | None = None
    doi: str | None = Field(default=None, description="lower case, without resolver prefix")
    pmcid: str | None = Field(default=None, description="with its PMC prefix")
    registry_ids: tuple[str, ...] = Field(default=(), description="trial registrations: NCT..., ISRCTN..., EudraCT")
    other_ids: tuple[tuple[str, str], ...] = Field(default=(), description="(kind, value), e.g. ('pii', 'S0049...')")
    relations: tuple[Relation, ...] = ()
    trial: TrialState | None = Field(default=None, description="for a registration")
    url: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """(source, source id, version)."""
        return (self.source, self.source_id, self.version)

    @cached_property
    def abstract_text(self) -> str:
        """The whole abstract; a labelled section is led by its label and a colon, sections are parted by a newline."""
        return "\n".join(f"{part.label}: {part.text}" if part.label else part.text for part in self.abstract)

    @property
    def first_published(self) -> PartialDate | None:
        """The earlier of electronic and issue date; the date eligibility is read by."""
        dates = [when for when in (self.electronic, self.published) if when is not None]
        return min(dates, key=lambda when: (when.earliest, when.latest), default=None)

    @property
    def year(self) -> int | None:
        """Year of the issue, else of electronic publication."""
        when = self.published or self.electronic
        return when.year if when else None

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As in pydantic; what was worked out from the old values is worked out anew."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("abstract_text", "content_hash"):
            copied.__dict__.pop(name, None)
        return copied

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) over every field; equal exactly when nothing the source says has changed."""
        return hashlib.sha256(self.model_dump_json(exclude_defaults=True).encode()).hexdigest()
