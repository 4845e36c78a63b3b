"""What several people's decisions come to, and how well they agree. Pure: decisions in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist
from typing import Protocol

from ivigil.store.judgements import EXCLUDE, FULL_TEXT, INCLUDE, MAYBE, TITLE_ABSTRACT

__all__ = [
    "EXCLUDE", "FULL_TEXT", "INCLUDE", "MAYBE", "STAGES", "TITLE_ABSTRACT", "VALUES", "Decided", "Kappa", "Outcome",
    "cohen_kappa", "has_left", "outcome", "outcome_at",
]  # fmt: skip

VALUES = (INCLUDE, EXCLUDE, MAYBE)
STAGES = (TITLE_ABSTRACT, FULL_TEXT)
_NORMAL_95 = NormalDist().inv_cdf(0.975)


class Decided(Protocol):
    """A decision that stands: a reviewer's newest at its stage, not undone."""

    @property
    def id(self) -> int:
        """Its number; a later decision has a higher one."""
        ...

    @property
    def stage(self) -> str:
        """Title and abstract, or full text."""
        ...

    @property
    def value(self) -> str:
        """Include, exclude or maybe."""
        ...

    @property
    def resolves(self) -> bool:
        """Whether it settles a conflict."""
        ...


class Outcome(StrEnum):
    """What the decisions on a report at one stage come to."""

    OPEN = "open"
    INCLUDE = "include"
    EXCLUDE = "exclude"
    CONFLICT = "conflict"


def outcome_at(decisions: Iterable[Decided], stage: str, *, reviewers: int = 1) -> Outcome:
    """The outcome at one stage, where `reviewers` have to decide.

    A maybe is no vote: the stage waits. Votes that differ are a conflict, whoever voted last, until a decision
    resolves it; what is decided after that resolution counts with it, so that it can be called into question again.
    """
    here = [decision for decision in decisions if decision.stage == stage]
    resolution = max((decision.id for decision in here if decision.resolves), default=None)
    counted = [decision for decision in here if resolution is None or decision.id >= resolution]
    votes = [decision.value for decision in counted if decision.value in (INCLUDE, EXCLUDE)]
    if len(set(votes)) > 1:
        return Outcome.CONFLICT
    if votes and (resolution is not None or len(votes) >= reviewers):
        return Outcome(votes[0])
    return Outcome.OPEN


def outcome(decisions: Sequence[Decided], *, reviewers: int = 1) -> Outcome:
    """The outcome over both stages: a report whose full text somebody voted on is judged by its full text."""
    read = any(decision.stage == FULL_TEXT and decision.value != MAYBE for decision in decisions)
    return outcome_at(decisions, FULL_TEXT if read else TITLE_ABSTRACT, reviewers=reviewers)


def has_left(decisions: Sequence[Decided], *, reviewers: int = 1) -> bool:
    """Whether a report has left the list: at anybody's first word, or where several decide, once it is settled."""
    if reviewers == 1:
        return bool(decisions)
    return outcome(decisions, reviewers=reviewers) in (Outcome.INCLUDE, Outcome.EXCLUDE)


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa of two reviewers with its 95 % interval; `value` is None where chance alone explains everything."""

    pairs: int
    observed: float
    expected: float
    value: float | None
    low: float | None
    high: float | None


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> Kappa | None:
    """Agreement of two reviewers beyond chance; None without a report that both decided on.

    kappa = (po - pe) / (1 - pe), with po the share of equal decisions and pe the share expected from each reviewer's
    own totals (Cohen 1960, Educ Psychol Meas 20:37). The interval is kappa +- 1.96 standard errors, with the
    large-sample error for kappa not zero (Fleiss, Cohen and Everitt 1969, Psychol Bull 72:323), cut at -1 and 1.
    """
    count = len(pairs)
    if count == 0:
        return None
    values = sorted({value for pair in pairs for value in pair})
    cell = {
        (first, second): sum(pair == (first, second) for pair in pairs) / count for first in values for second in values
    }
    rows = {value: sum(cell[value, other] for other in values) for value in values}
    columns = {value: sum(cell[other, value] for other in values) for value in values}
    observed = sum(cell[value, value] for value in values)
    expected = sum(rows[value] * columns[value] for value in values)
    if expected == 1:
        return Kappa(count, observed, expected, None, None, None)
    kappa = (observed - expected) / (1 - expected)
    agreeing = sum(cell[v, v] * ((1 - expected) - (rows[v] + columns[v]) * (1 - observed)) ** 2 for v in values)
    differing = (1 - observed) ** 2 * sum(
        cell[first, second] * (columns[first] + rows[second]) ** 2
        for first in values
        for second in values
        if first != second
    )
    last = (observed * expected - 2 * expected + observed) ** 2
    variance = max(agreeing + differing - last, 0) / (count * (1 - expected) ** 4)
    reach = _NORMAL_95 * sqrt(variance)
    return Kappa(count, observed, expected, kappa, max(kappa - reach, -1), min(kappa + reach, 1))
