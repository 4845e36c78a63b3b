"""What a digest says, as plain data: a stretch of nights, what they brought, and how things stand."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from ivigil.alerts.text import Plain, WebAddress
from ivigil.records import Value

Count = Annotated[int, Field(ge=0)]


class ProtocolName(Value):
    """The review that is told of."""

    name: Plain
    title: Plain = ""


class Link(Value):
    """Where to go on; only web addresses."""

    label: Plain
    url: WebAddress


class DigestItem(Value):
    """One report, as a line of the digest."""

    title: Plain
    byline: Plain = ""
    verdict: Plain | None = None
    n_treated: Count | None = None
    treated: Plain = Field(default="", description="the number as people are told it: '14', 'perhaps 18, or 41'")
    rank: Annotated[int, Field(ge=1)] | None = None
    score: float | None = None
    link: Link | None = None


class SourceState(Value):
    """How far a source has been searched completely, and what is wrong with it."""

    source: Plain
    complete_through: date | None = None
    problem: Plain | None = None


class DigestContent(Value):
    """What the runs from `since` to `until` (both included) brought."""

    cadence: Literal["daily", "weekly"] = "weekly"
    since: date
    until: date
    runs: Count = Field(description="runs that were due")
    complete: Count = Field(description="of them, those that every source answered wholly")
    records_fetched: Count = 0
    new_records: Count = 0
    new_reports: Count = 0
    eligible: tuple[DigestItem, ...] = ()
    candidates: tuple[DigestItem, ...] = Field(default=(), description="the best of the other new ones")
    waiting: tuple[DigestItem, ...] = Field(default=(), description="earlier ones that the team was told of")
    decisions_due: Count = Field(default=0, description="reports told of that nobody has decided on")
    decisions_made: Count = 0
    sources: tuple[SourceState, ...] = ()
    problems: tuple[Plain, ...] = ()
    guarantee: Plain = Field(default="", description="what the ranking can promise, in one sentence")

    @property
    def nothing_new(self) -> bool:
        """No report came in."""
        return not (self.new_reports or self.eligible or self.candidates)

    @property
    def proven(self) -> bool:
        """Whether the ledger can show that what came in is all there was."""
        return self.complete == self.runs > 0 and not any(source.problem for source in self.sources)
