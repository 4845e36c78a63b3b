"""What every source client gives: pages of records over one window, or an error; never a silent shortfall."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from ivigil.records import Record


@dataclass(frozen=True)
class Window:
    """A span of whole days, both ends included (UTC)."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"window starts {self.start} after it ends {self.end}")

    def __str__(self) -> str:
        return f"{self.start.isoformat()}..{self.end.isoformat()}"


class DateField(StrEnum):
    """Which date of a record a window speaks of."""

    PUBLISHED = "published"
    """Publication date: what the original review limited by."""
    ENTERED = "entered"
    """Day the source took the record in, or indexed it later: what a night asks for."""
    REVISED = "revised"
    """Day the source last changed the record."""


@dataclass(frozen=True)
class SearchRequest:
    """One strategy, in the source's own syntax, over one window."""

    strategy: str
    window: Window
    date_field: DateField = DateField.ENTERED

    @property
    def query_hash(self) -> str:
        """First 16 hex digits of the SHA-256 of the strategy: the same strategy has the same hash on every night."""
        return hashlib.sha256(" ".join(self.strategy.split()).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Payload:
    """The bytes of one answer as received, with every secret taken out of its address."""

    body: bytes
    media_type: str
    address: str


@dataclass(frozen=True)
class Page:
    """One fetched batch. Over a whole harvest, records + missing + rejected + deleted make up what was reported.

    `query` is the search as sent to the source; `reported` its hit count for that query. A harvest may be made of
    several queries (slices of a window), and a live index may move while it is read, so that a later page reports
    another count for the same query: the last one stands. `Tally` adds up by these rules.

    `missing` are ids that the search listed and the fetch did not return; `rejected` pairs an id with why it cannot be
    read; `deleted` are ids the source has withdrawn. `warnings` are the source's own (a phrase it dropped).
    """

    query: str
    reported: int
    records: tuple[Record, ...]
    payload: Payload
    missing: tuple[str, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    deleted: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())


@dataclass
class Tally:
    """Adds up the pages of one harvest.

    `accounted` counts each hit that came, was rejected, withdrawn, or is known to be missing.
    """

    records: int = 0
    missing: int = 0
    rejected: int = 0
    deleted: int = 0
    _reported: dict[str, int] = field(default_factory=dict)

    def add(self, page: Page) -> None:
        """Count one more page."""
        self._reported[page.query] = page.reported
        self.records += len(page.records)
        self.missing += len(page.missing)
        self.rejected += len(page.rejected)
        self.deleted += len(page.deleted)

    @property
    def reported(self) -> int:
        """Hits over all queries, each by its last word."""
        return sum(self._reported.values())

    @property
    def accounted(self) -> int:
        """Hits whose fate is known."""
        return self.records + self.missing + self.rejected + self.deleted

    @property
    def complete(self) -> bool:
        """Whether every hit is accounted for. More than reported is no loss: a record may leave a live index."""
        return bool(self._reported) and self.accounted >= self.reported


class Source(Protocol):
    """A live source. Every method raises a `SourceError` when it cannot give a whole, true answer."""

    name: str

    def harvest(self, request: SearchRequest) -> Iterator[Page]:
        """Yield every hit of the request, page by page; raise `IncompleteSearch` where counts do not add up.

        A request that matches nothing yields one page without records, so that zero is always a stated answer.
        """
        ...

    def count(self, strategy: str) -> int:
        """How many records the whole strategy matches, without any window."""
        ...

    def held(self, strategy: str, identifiers: Sequence[str]) -> frozenset[str]:
        """Which of the identifiers (in the source's own id form) the strategy returns: the canaries."""
        ...

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        """The records of these identifiers as the source has them now."""
        ...


@dataclass(frozen=True)
class DocumentIds:
    """What is known of a document that shall be found again elsewhere; `doi` is lower case, without resolver prefix."""

    doi: str | None = None
    pmid: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Reference:
    """One entry of a paper's reference list as the source gives it; `text` is its unstructured form."""

    doi: str | None = None
    pmid: str | None = None
    title: str | None = None
    first_author: str | None = None
    year: int | None = None
    text: str | None = None


class Resolver(Protocol):
    """A source that finds single documents by what is known of them: it fills in what another left out."""

    name: str

    def look_up(self, documents: Sequence[DocumentIds]) -> Iterator[Page]:
        """Yield the records found, page by page; a document it does not hold is `missing`, never an error."""
        ...


class CitationIndex(Protocol):
    """A source that knows which documents cite another."""

    name: str

    def citing(self, document: DocumentIds) -> Iterator[Page]:
        """Yield the records of every document that cites this one; pages add up as in `Source.harvest`."""
        ...


class ReferenceLists(Protocol):
    """A source that knows what a document cites."""

    name: str

    def references(self, document: DocumentIds) -> tuple[Reference, ...] | None:
        """The reference list; empty where it is not deposited, None where the source does not hold the document."""
        ...


@dataclass(frozen=True)
class OpenCopy:
    """One freely readable copy; `version` and `host` in the source's words (publishedVersion, repository)."""

    url: str
    pdf_url: str | None = None
    version: str | None = None
    licence: str | None = None
    host: str | None = None


@dataclass(frozen=True)
class FullText:
    """Where a document can be read: `status` is gold, hybrid, bronze, green or closed; `copies` begin with the best."""

    doi: str
    status: str
    copies: tuple[OpenCopy, ...] = ()


class FullTextLocator(Protocol):
    """A source that knows where documents can be read freely."""

    name: str

    def locate(self, doi: str) -> FullText | None:
        """The free copies of a document; None where the source does not know it."""
        ...
