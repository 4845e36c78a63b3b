"""What reviewers disagree on, and how well they agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from ivigil.store import judgements, library
from ivigil.store.judgements import EXCLUDE, INCLUDE, TITLE_ABSTRACT
from ivigil.store.tables import DecisionRow
from ivigil.surveillance.agreement import STAGES, Kappa, Outcome, cohen_kappa, outcome_at
from ivigil.surveillance.context import Context


@dataclass(frozen=True)
class Word:
    """What one reviewer said."""

    reviewer: str
    value: str
    reason: str | None
    note: str | None


@dataclass(frozen=True)
class Conflict:
    """A report on which reviewers disagree at a stage."""

    report_id: int
    title: str
    year: int | None
    stage: str
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Agreement:
    """How well two reviewers agree at a stage, over the reports that both voted on."""

    first: str
    second: str
    stage: str
    kappa: Kappa


def list_conflicts(context: Context) -> list[Conflict]:
    """Unresolved conflicts, the oldest report first."""
    needed = context.protocol.screening.reviewers_per_report
    with context.store.reading() as session:
        standing = judgements.standing_decisions(session)
        disputed = [
            (report_id, stage)
            for report_id, decisions in sorted(standing.items())
            for stage in STAGES
            if outcome_at(decisions, stage, reviewers=needed) is Outcome.CONFLICT
            and not (stage == TITLE_ABSTRACT and _was_read(decisions))
        ]
        rows = library.reports_by_id(session, sorted({report_id for report_id, _stage in disputed}))
        return [
            Conflict(
                report_id=report_id,
                title=rows[report_id].title,
                year=rows[report_id].year,
                stage=stage,
                words=tuple(
                    Word(row.reviewer, row.value, row.reason, row.note)
                    for row in standing[report_id]
                    if row.stage == stage
                ),
            )
            for report_id, stage in disputed
        ]


def list_agreement(context: Context) -> list[Agreement]:
    """Cohen's kappa of every two reviewers who voted on the same reports, by stage.

    Their own votes count, as they stood before anything was resolved.
    """
    with context.store.reading() as session:
        standing = judgements.standing_decisions(session, resolutions=False)
    votes: dict[str, dict[int, dict[str, str]]] = {stage: {} for stage in STAGES}
    for report_id, decisions in standing.items():
        for row in decisions:
            if row.value in (INCLUDE, EXCLUDE):
                votes[row.stage].setdefault(report_id, {})[row.reviewer] = row.value
    found = []
    for stage, by_report in votes.items():
        people = sorted({name for said in by_report.values() for name in said})
        for first, second in combinations(people, 2):
            pairs = [(said[first], said[second]) for said in by_report.values() if first in said and second in said]
            kappa = cohen_kappa(pairs)
            if kappa is not None:
                found.append(Agreement(first, second, stage, kappa))
    return found


def _was_read(decisions: Iterable[DecisionRow]) -> bool:
    """Whether anybody voted on the full text, which then decides."""
    return any(row.stage != TITLE_ABSTRACT and row.value in (INCLUDE, EXCLUDE) for row in decisions)
