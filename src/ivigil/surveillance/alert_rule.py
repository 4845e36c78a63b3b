"""When a study is told of, and how urgently: the verdict on its criteria and the screener's rank, together. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ivigil.alerts import AlertKind, Ranking, Urgency
from ivigil.protocol import AlertRule
from ivigil.surveillance.assessing import ELIGIBLE, NEEDS_FULL_TEXT

NEAR_THE_TOP = 10
"""Ranks within which an unclear report is worth somebody's evening rather than the digest."""


@dataclass(frozen=True)
class Call:
    """That a study is told of, and how."""

    kind: AlertKind
    urgency: Urgency


def call_for(verdict: str, statuses: Collection[str], place: Ranking, rule: AlertRule) -> Call | None:
    """Whether and how a report that nobody has decided on is told of.

    Eligible always: urgently, unless the screener has a calibrated threshold and puts it below. Needing its full text
    only at or above that threshold and while no criterion speaks against it: the likelier, the more urgently. One that
    the rules read as eligible and a second reader does not is told of wherever it ranks. The rest waits in the ranked
    list, where everything is.

    Args:
        verdict: 'eligible', 'needs_full_text' or 'ineligible'.
        statuses: those of its criteria.
        place: its score and rank, and the threshold.
        rule: the protocol's.
    """
    likely = place.threshold is not None and place.score is not None and place.score >= place.threshold
    if verdict == ELIGIBLE:
        doubted = place.threshold is not None and not likely
        return Call(AlertKind.STUDY_ELIGIBLE, Urgency.NORMAL if doubted else Urgency.HIGH)
    if verdict == NEEDS_FULL_TEXT and set(statuses) == {"met"}:
        return Call(AlertKind.STUDY_NEEDS_FULL_TEXT, Urgency.NORMAL)
    if verdict != NEEDS_FULL_TEXT or not rule.needs_full_text_above_threshold or not likely or "not_met" in statuses:
        return None
    near = place.rank is not None and place.rank <= NEAR_THE_TOP
    return Call(AlertKind.STUDY_NEEDS_FULL_TEXT, Urgency.NORMAL if near else Urgency.LOW)
