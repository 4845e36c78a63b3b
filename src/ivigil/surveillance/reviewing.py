"""The lists people work through: one page at a time, straight from the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ivigil.eligibility.certainty import treated_words
from ivigil.errors import ConfigurationError
from ivigil.store import Session, assessed, judgements, library, listing, people, ranked
from ivigil.store.listing import Filter, Order, Tally, Viewpoint
from ivigil.store.tables import DecisionRow, ReportRow
from ivigil.store.votes import State
from ivigil.surveillance.agreement import VALUES
from ivigil.surveillance.context import Context

__all__ = ["PAGE", "Filter", "Line", "ListPage", "Order", "SavedView", "State", "list_page"]

PAGE = 50
COUNTED = (State.OPEN, State.MAYBE, State.FULL_TEXT, State.CONFLICT, State.INCLUDED, State.EXCLUDED)


@dataclass(frozen=True)
class Line:
    """One report as a list shows it. `rank` is its place among all open reports; `mine` this reviewer's last word."""

    report_id: int
    rank: int | None
    title: str
    year: int | None
    journal: str | None
    score: float | None
    above: bool | None
    verdict: str | None
    treated: str
    design: str | None
    organ_systems: tuple[str, ...]
    why: str
    sources: tuple[str, ...]
    has_abstract: bool
    mine: str | None


@dataclass(frozen=True)
class ListPage:
    """One page of a list, how long the whole list is, and what the ranking promises."""

    lines: tuple[Line, ...]
    total: int
    page: int
    pages: int
    tally: Tally
    threshold: float | None
    guarantee: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class SavedView:
    """A list's address under a name."""

    name: str
    query: str


def list_page(context: Context, wanted: Filter, *, reviewer: str, page: int = 1, size: int = PAGE) -> ListPage:
    """One page of the reports that the filter lets through, as this reviewer may see them."""
    with context.store.reading() as session:
        seen, card = viewpoint(context, session, reviewer)
        lines, total = listing.page(session, wanted, seen, size=size, offset=(page - 1) * size)
        return ListPage(
            lines=_lines(context, session, lines, seen),
            total=total,
            page=page,
            pages=max(-(-total // size), 1),
            tally=listing.tally(session, seen),
            threshold=seen.threshold,
            guarantee=promise(card),
            sources=tuple(listing.sources_held(session)),
        )


def neighbours(context: Context, wanted: Filter, report_id: int, *, reviewer: str) -> tuple[int | None, int | None]:
    """The reports before and after one in a list; once it has left the list, the list's first comes after it."""
    with context.store.reading() as session:
        seen, _card = viewpoint(context, session, reviewer)
        return listing.neighbours(session, wanted, seen, report_id)


def count_states(context: Context, *, reviewer: str) -> tuple[dict[State, int], Tally]:
    """How many reports wait, and how they were decided; with the open ones below the threshold."""
    with context.store.reading() as session:
        seen, _card = viewpoint(context, session, reviewer)
        return listing.counts_by_state(session, seen, COUNTED), listing.tally(session, seen)


def save_view(context: Context, reviewer: str, name: str, query: str) -> None:
    """Keep a list's address under a name of the reviewer's own.

    Raises:
        ConfigurationError: the name is empty or too long, or the address is.
    """
    clean = " ".join(name.split())
    if not 0 < len(clean) <= 100 or len(query) > 2000:
        raise ConfigurationError("a view needs a name of at most 100 characters", field="name")
    with context.store.transaction() as session:
        people.save_view(session, reviewer, clean, query, context.clock.wall())


def drop_view(context: Context, reviewer: str, name: str) -> None:
    """Forget a view."""
    with context.store.transaction() as session:
        people.drop_view(session, reviewer, name)


def saved_views(context: Context, reviewer: str) -> list[SavedView]:
    """A reviewer's views, by name."""
    with context.store.reading() as session:
        return [SavedView(row.name, row.query) for row in people.saved_views(session, reviewer)]


def viewpoint(context: Context, session: Session, reviewer: str) -> tuple[Viewpoint, dict[str, Any] | None]:
    """Under what lists are seen today, with the champion's card."""
    champion = ranked.champion(session, context.protocol.name)
    guarantee = (champion.card.get("guarantee") or {}) if champion else {}
    return (
        Viewpoint(
            screener_id=champion.id if champion else None,
            threshold=guarantee.get("threshold"),
            criteria_hash=context.criteria_hash,
            reviewer=reviewer,
            reviewers=context.protocol.screening.reviewers_per_report,
        ),
        champion.card if champion else None,
    )


def promise(card: dict[str, Any] | None) -> str:
    """What a screener's list can promise, in words."""
    if card is None:
        return "No screener has been trained yet, so the list is not ranked and promises nothing."
    said = (card.get("guarantee") or {}).get("sentence") or (card.get("recipe") or {}).get("statement")
    return str(said) if said else "Too few included studies are known for the list to promise anything."


def _lines(context: Context, session: Session, lines: list[listing.Line], seen: Viewpoint) -> tuple[Line, ...]:
    ids = [line.report_id for line in lines]
    readings = assessed.assessments_under(session, context.criteria_hash, ids)
    sources = library.sources_of(session, ids)
    reports = library.reports_by_id(session, ids)
    decisions = judgements.standing_decisions(session, ids)
    return tuple(
        _line(
            line,
            reports[line.report_id],
            readings[line.report_id].reading if line.report_id in readings else {},
            sources.get(line.report_id, ()),
            decisions.get(line.report_id, []),
            seen,
        )
        for line in lines
    )


def _line(
    line: listing.Line,
    report: ReportRow,
    reading: dict[str, Any],
    sources: tuple[str, ...],
    decisions: list[DecisionRow],
    seen: Viewpoint,
) -> Line:
    mine = [row.value for row in decisions if row.reviewer == seen.reviewer and row.value in VALUES]
    return Line(
        report_id=report.id,
        rank=line.rank,
        title=report.title or report.best.vernacular_title or "",
        year=report.year,
        journal=report.best.journal_abbreviation or report.best.journal,
        score=line.score,
        above=None if seen.threshold is None or line.score is None else line.score >= seen.threshold,
        verdict=reading.get("verdict"),
        treated=treated_words(reading.get("n_treated"), reading.get("treated")),
        design=reading.get("design"),
        organ_systems=tuple(reading.get("organ_systems") or ()),
        why=telling(reading),
        sources=sources,
        has_abstract=report.has_abstract,
        mine=mine[-1] if mine else None,
    )


def telling(reading: dict[str, Any]) -> str:
    """The one thing that decided a verdict, in the words that were read."""
    criteria: dict[str, dict[str, Any]] = reading.get("criteria") or {}
    wanted = {"eligible": "met", "ineligible": "not_met"}.get(str(reading.get("verdict")), "unclear")
    first = ("sample_size", "intervention") if wanted == "met" else tuple(criteria)
    for name in first:
        said = criteria.get(name)
        if said and said["status"] == wanted:
            words = said.get("phrase") or said.get("evidence") or said.get("note") or "not stated"
            return f"{name.replace('_', ' ')}: {words}"
    return ""
