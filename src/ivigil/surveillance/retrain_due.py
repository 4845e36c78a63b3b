"""Whether it is time to retrain: after so many judgements, or so many days, as the protocol says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivigil.protocol import Screening
from ivigil.screening.base import MINIMUM_POSITIVES
from ivigil.store import judgements, ranked
from ivigil.surveillance.context import Context
from ivigil.surveillance.training import labels_of


@dataclass(frozen=True)
class SinceTraining:
    """What happened since a screener was last trained, promoted or not."""

    version: str
    trained_at: datetime
    decisions: int
    labels: int


def retrain_due(context: Context) -> str | None:
    """Why a retraining is due, in a sentence; None while it is not, or while too little is included to train on.

    A challenger that lost counts as a training: what it had learned from is not tried again every night.
    """
    with context.store.reading() as session:
        screeners = ranked.screeners(session, context.protocol.name)
        if not screeners or sum(labels_of(context, session).values()) < MINIMUM_POSITIVES:
            return None
        newest = screeners[-1]
        decisions, labels = judgements.judged_since(session, newest.trained_at)
    since = SinceTraining(newest.version, newest.trained_at, decisions, labels)
    return why_due(context.protocol.screening, since, context.clock.now())


def why_due(rule: Screening, since: SinceTraining, now: datetime) -> str | None:
    """The rule applied. A schedule alone does not retrain: without a new judgement the same screener would come out."""
    judged = f"{since.decisions} decisions and {since.labels} labels since {since.version} was trained"
    if rule.retrain_after_decisions is not None and since.decisions >= rule.retrain_after_decisions:
        return f"{judged}; {rule.retrain_after_decisions} decisions are waited for"
    days = rule.retrain_every_days
    if days is not None and now - since.trained_at >= timedelta(days=days) and since.decisions + since.labels:
        return f"{judged}, {(now - since.trained_at).days} days ago; it is done every {days} days"
    return None
