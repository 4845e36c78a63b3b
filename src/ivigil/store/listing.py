"""Lists of reports, filtered, searched, ordered and cut to a page in the database, however many reports there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from ivigil.linking.normalise import plain
from ivigil.store.tables import AssessmentRow, RecordRow, ReportRow, ScoreRow
from ivigil.store.votes import State, stands


class Order(StrEnum):
    """What a list is ordered by."""

    SCORE = "score"
    NEWEST = "newest"
    YEAR = "year"
    TITLE = "title"


@dataclass(frozen=True)
class Filter:
    """What a list shows; an empty field filters nothing."""

    state: State = State.OPEN
    verdicts: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    has_abstract: bool | None = None
    above_threshold: bool | None = None
    text: str = ""
    order: Order = Order.SCORE


@dataclass(frozen=True)
class Viewpoint:
    """Under what a list is seen: the champion and its threshold, the criteria, who looks, how many have to decide."""

    screener_id: int | None
    threshold: float | None
    criteria_hash: str
    reviewer: str
    reviewers: int = 1


@dataclass(frozen=True)
class Line:
    """One report of a list. `rank` is its place among all open reports, None for one that is not open."""

    report_id: int
    rank: int | None
    score: float | None


@dataclass(frozen=True)
class Tally:
    """How many reports are open, and how many of these lie below the threshold."""

    open: int
    below: int


def page(session: Session, wanted: Filter, seen: Viewpoint, *, size: int, offset: int) -> tuple[list[Line], int]:
    """The lines of one page, and how many lines all pages have."""
    query = _matching(wanted, seen)
    columns = query.selected_columns
    total = func.count().over().label("total")
    rows = session.execute(
        query.add_columns(total).order_by(*_order(wanted.order, columns)).limit(size).offset(offset)
    ).all()
    if not rows and offset:
        return [], session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return [Line(row.id, row.rank, row.score) for row in rows], rows[0].total if rows else 0


def neighbours(session: Session, wanted: Filter, seen: Viewpoint, report_id: int) -> tuple[int | None, int | None]:
    """The reports before and after one in a list; without it in the list, the list's first comes after it."""
    query = _matching(wanted, seen)
    ids = list(session.scalars(query.order_by(*_order(wanted.order, query.selected_columns))))
    if report_id not in ids:
        return None, ids[0] if ids else None
    at = ids.index(report_id)
    return (ids[at - 1] if at else None), (ids[at + 1] if at + 1 < len(ids) else None)


def tally(session: Session, seen: Viewpoint) -> Tally:
    """Open reports, and those of them below the threshold."""
    below = func.sum(case((_below(seen), 1), else_=0)) if seen.threshold is not None else None
    query = _scored(select(func.count(), *([] if below is None else [below])).select_from(ReportRow), seen)
    counted = session.execute(query.where(*_standing_and(seen, State.OPEN))).one()
    return Tally(open=counted[0], below=int(counted[1] or 0) if below is not None else 0)


def counts_by_state(session: Session, seen: Viewpoint, states: Sequence[State]) -> dict[State, int]:
    """How many reports stand in each of these states."""
    found = {}
    for state in states:
        query = select(func.count()).select_from(ReportRow).where(*_standing_and(seen, state))
        found[state] = session.scalar(query) or 0
    return found


def sources_held(session: Session) -> list[str]:
    """The sources that any record is from, by name."""
    return list(session.scalars(select(RecordRow.source).distinct().order_by(RecordRow.source)))


def _matching(wanted: Filter, seen: Viewpoint) -> Select[Any]:
    """(id, rank, score, year, title, created_at) of what the filter lets through, in no order."""
    ranked = _ranks(seen) if wanted.state is State.OPEN else None
    rank = ranked.c.rank if ranked is not None else None
    query = _scored(
        select(
            ReportRow.id,
            (func.coalesce(rank, None) if rank is not None else func.nullif(1, 1)).label("rank"),
            (ScoreRow.score if seen.screener_id is not None else func.nullif(1.0, 1.0)).label("score"),
            ReportRow.year,
            ReportRow.title,
            ReportRow.created_at,
        ).select_from(ReportRow),
        seen,
    )
    query = query.outerjoin(
        AssessmentRow,
        and_(
            AssessmentRow.report_id == ReportRow.id,
            AssessmentRow.criteria_hash == seen.criteria_hash,
            AssessmentRow.text_hash == ReportRow.text_hash,
        ),
    )
    if ranked is not None:
        query = query.join(ranked, ranked.c.id == ReportRow.id)
    else:
        query = query.where(*_standing_and(seen, wanted.state))
    return query.where(*_conditions(wanted, seen))


def _conditions(wanted: Filter, seen: Viewpoint) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.verdicts:
        found.append(AssessmentRow.verdict.in_(wanted.verdicts))
    if wanted.designs:
        found.append(AssessmentRow.reading["design"].as_string().in_(wanted.designs))
    if wanted.systems:
        systems = AssessmentRow.reading["organ_systems"].as_string()
        found.append(or_(*(systems.contains(f'"{system}"', autoescape=True) for system in wanted.systems)))
    if wanted.sources:
        found.append(exists().where(RecordRow.report_id == ReportRow.id, RecordRow.source.in_(wanted.sources)))
    if wanted.year_from is not None:
        found.append(ReportRow.year >= wanted.year_from)
    if wanted.year_to is not None:
        found.append(ReportRow.year <= wanted.year_to)
    if wanted.has_abstract is not None:
        found.append(ReportRow.has_abstract == wanted.has_abstract)
    if wanted.above_threshold is not None and seen.threshold is not None:
        found.append(~_below(seen) if wanted.above_threshold else _below(seen))
    found += [ReportRow.words.contains(word, autoescape=True) for word in plain(wanted.text).split()]
    return found


def _standing_and(seen: Viewpoint, state: State) -> tuple[ColumnElement[bool], ...]:
    return ReportRow.merged_into.is_(None), stands(state, seen.reviewer, seen.reviewers)


def _order(order: Order, columns: Any) -> list[ColumnElement[Any]]:
    by_score = [columns.score.desc().nulls_last(), columns.year.desc().nulls_last(), columns.id.asc()]
    return {
        Order.SCORE: by_score,
        Order.NEWEST: [columns.created_at.desc(), *by_score],
        Order.YEAR: [columns.year.desc().nulls_last(), *by_score],
        Order.TITLE: [func.lower(columns.title).asc(), columns.id.asc()],
    }[order]


def _ranks(seen: Viewpoint) -> CTE:
    """(id, rank) of every open report, by falling score."""
    score = ScoreRow.score if seen.screener_id is not None else func.nullif(1.0, 1.0)
    place = func.row_number().over(
        order_by=(score.desc().nulls_last(), ReportRow.year.desc().nulls_last(), ReportRow.id.asc())
    )
    query = _scored(select(ReportRow.id, place.label("rank")).select_from(ReportRow), seen)
    return query.where(*_standing_and(seen, State.OPEN)).cte("ranked")


def _scored(query: Select[Any], seen: Viewpoint) -> Select[Any]:
    if seen.screener_id is None:
        return query
    return query.outerjoin(
        ScoreRow,
        and_(
            ScoreRow.report_id == ReportRow.id,
            ScoreRow.screener_id == seen.screener_id,
            ScoreRow.text_hash == ReportRow.text_hash,
        ),
    )


def _below(seen: Viewpoint) -> ColumnElement[bool]:
    return or_(ScoreRow.score.is_(None), ScoreRow.score < seen.threshold)
