"""Where reports stand with their reviewers, worked out in the database for lists of any length.

For one report `surveillance/agreement.py` has the same rules in Python; a test holds the two together.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Select, and_, case, func, or_, select

from ivigil.store.judgements import EXCLUDE, FULL_TEXT, INCLUDE, MAYBE, TITLE_ABSTRACT, UNDO
from ivigil.store.tables import DecisionRow, LabelRow, RecordRow, ReportRow

CONFLICT = "conflict"


class State(StrEnum):
    """Where reports stand with their reviewers."""

    OPEN = "open"
    MAYBE = "maybe"
    FULL_TEXT = "full-text"
    CONFLICT = "conflict"
    INCLUDED = "included"
    EXCLUDED = "excluded"
    MINE = "mine"
    ALL = "all"


@cache
def _standing() -> CTE:
    """(report_id, reviewer, stage, value, id, settled): each reviewer's newest decision at a stage, not undone.

    `settled` is the number of the stage's newest resolution.
    """
    undone = select(DecisionRow.undoes).where(DecisionRow.undoes.is_not(None))
    said = (
        select(
            RecordRow.report_id,
            DecisionRow.id,
            DecisionRow.reviewer,
            DecisionRow.stage,
            DecisionRow.value,
            DecisionRow.resolves,
            func.row_number()
            .over(
                partition_by=(RecordRow.report_id, DecisionRow.reviewer, DecisionRow.stage),
                order_by=DecisionRow.id.desc(),
            )
            .label("age"),
        )
        .join(RecordRow, RecordRow.id == DecisionRow.record_id)
        .where(RecordRow.report_id.is_not(None), DecisionRow.value != UNDO, DecisionRow.id.not_in(undone))
        .cte("said")
    )
    settled = func.max(case((said.c.resolves, said.c.id))).over(partition_by=(said.c.report_id, said.c.stage))
    return (
        select(said.c.report_id, said.c.reviewer, said.c.stage, said.c.value, said.c.id, settled.label("settled"))
        .where(said.c.age == 1)
        .cte("standing")
    )


@cache
def _votes() -> CTE:
    """(report_id, stage, includes, excludes, maybes, resolved) over the decisions that count."""
    standing = _standing()

    def count(value: str) -> ColumnElement[int]:
        return func.sum(case((standing.c.value == value, 1), else_=0))

    return (
        select(
            standing.c.report_id,
            standing.c.stage,
            count(INCLUDE).label("includes"),
            count(EXCLUDE).label("excludes"),
            count(MAYBE).label("maybes"),
            func.max(standing.c.settled).label("resolved"),
        )
        .where(or_(standing.c.settled.is_(None), standing.c.id >= standing.c.settled))
        .group_by(standing.c.report_id, standing.c.stage)
        .cte("votes")
    )


def _is_open(reviewer: str, reviewers: int) -> ColumnElement[bool]:
    """No review label, nothing said by this reviewer, and fewer people have decided than have to."""
    labelled = select(RecordRow.report_id).join(LabelRow, LabelRow.record_id == RecordRow.id)
    labelled = labelled.where(RecordRow.report_id.is_not(None))
    standing = _standing()
    if reviewers == 1:
        taken: Select[Any] | CompoundSelect[Any] = select(standing.c.report_id)
    else:
        here = standing.c.stage == TITLE_ABSTRACT
        enough = (
            select(standing.c.report_id)
            .where(here)
            .group_by(standing.c.report_id)
            .having(
                or_(
                    func.count() >= reviewers,
                    func.sum(case((standing.c.reviewer == reviewer, 1), else_=0)) > 0,
                )
            )
        )
        taken = enough.union(select(standing.c.report_id).where(~here))
    return and_(ReportRow.id.not_in(labelled), ReportRow.id.not_in(taken))


def stands(state: State, reviewer: str, reviewers: int) -> ColumnElement[bool]:
    """Whether a report stands so, as this reviewer sees it where `reviewers` have to decide."""
    if state is State.OPEN:
        return _is_open(reviewer, reviewers)
    if state is State.ALL:
        return ReportRow.id.is_not(None)
    if state in (State.MINE, State.MAYBE):
        return _said(state, reviewer, reviewers)
    return _decided(state, reviewers)


def _said(state: State, reviewer: str, reviewers: int) -> ColumnElement[bool]:
    """Decided by this reviewer; or left at a maybe: by them, or by anybody where one decision is enough."""
    standing, votes = _standing(), _votes()
    mine = select(standing.c.report_id).where(standing.c.reviewer == reviewer)
    if state is State.MINE:
        return ReportRow.id.in_(mine)
    if reviewers > 1:
        return ReportRow.id.in_(mine.where(standing.c.value == MAYBE))
    voted = select(votes.c.report_id).where(votes.c.includes + votes.c.excludes > 0)
    unsure = select(votes.c.report_id).where(votes.c.maybes > 0)
    return and_(ReportRow.id.in_(unsure), ReportRow.id.not_in(voted))


def _decided(state: State, reviewers: int) -> ColumnElement[bool]:
    """What the votes come to: by the full text where anybody voted on it, else by title and abstract."""
    votes = _votes()
    wins = {
        INCLUDE: _wins(votes.c.includes, votes.c.excludes, votes, reviewers),
        EXCLUDE: _wins(votes.c.excludes, votes.c.includes, votes, reviewers),
        CONFLICT: and_(votes.c.includes > 0, votes.c.excludes > 0),
    }
    at_full = votes.c.stage == FULL_TEXT
    read = select(votes.c.report_id).where(at_full, votes.c.includes + votes.c.excludes > 0)
    last = or_(at_full, votes.c.report_id.not_in(read))
    if state is State.FULL_TEXT:
        passed = select(votes.c.report_id).where(~at_full, wins[INCLUDE])
        settled = select(votes.c.report_id).where(at_full, or_(*wins.values()))
        return and_(ReportRow.id.in_(passed), ReportRow.id.not_in(settled))
    if state is State.CONFLICT:
        return ReportRow.id.in_(select(votes.c.report_id).where(wins[CONFLICT], last))
    value = INCLUDE if state is State.INCLUDED else EXCLUDE
    decided = select(votes.c.report_id).where(wins[value], last)
    spoken = select(votes.c.report_id).where(or_(*wins.values()), last)
    return or_(ReportRow.id.in_(decided), and_(_labelled_as(state), ReportRow.id.not_in(spoken)))


def _wins(mine: ColumnElement[int], other: ColumnElement[int], votes: CTE, reviewers: int) -> ColumnElement[bool]:
    return and_(mine > 0, other == 0, or_(votes.c.resolved.is_not(None), mine >= reviewers))


def _labelled_as(state: State) -> ColumnElement[bool]:
    labelled = select(RecordRow.report_id).join(LabelRow, LabelRow.record_id == RecordRow.id)
    labelled = labelled.where(RecordRow.report_id.is_not(None))
    included = labelled.where(LabelRow.included)
    if state is State.INCLUDED:
        return ReportRow.id.in_(included)
    return and_(ReportRow.id.in_(labelled), ReportRow.id.not_in(included))
