"""What lies below the threshold, looked at by chance: a random sample, read by people, bounds what is missed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ivigil.screening.guarantee import missed_at_most
from ivigil.store import judgements, library
from ivigil.surveillance.agreement import Outcome, outcome
from ivigil.surveillance.context import Context
from ivigil.surveillance.reviewing import viewpoint

SAMPLE = 60


@dataclass(frozen=True)
class Sampled:
    """A report of the sample, and what people said of it so far."""

    report_id: int
    title: str
    year: int | None
    score: float
    outcome: Outcome
    mine: str | None


@dataclass(frozen=True)
class Audit:
    """The sample, how many lie below the threshold, and how many included ones can be among them at most (95 %)."""

    sample: tuple[Sampled, ...]
    below: int
    read: int
    included: int
    at_most: int | None
    screener: str | None


def audit_below(context: Context, *, reviewer: str, count: int = SAMPLE) -> Audit:
    """The random sample of reports below the champion's threshold that the review itself has not labelled.

    The order is random and fixed by the champion and each report's number, so the sample stays the same while it is
    read, and reading it from the top down is at every moment a random sample of all of them.
    """
    with context.store.reading() as session:
        seen, _card = viewpoint(context, session, reviewer)
        champion = judgements.champion(session, context.protocol.name)
        if champion is None or seen.threshold is None:
            return Audit((), 0, 0, 0, None, None)
        labelled = judgements.labels_by_report(session)
        scores = judgements.scores_under(session, champion.id)
        standing = set(library.report_ids(session))
        below = [
            id_ for id_, score in scores.items() if score < seen.threshold and id_ not in labelled and id_ in standing
        ]
        below.sort(key=lambda id_: hashlib.sha256(f"{champion.sha256}:{id_}".encode()).digest())
        chosen = below[:count]
        rows = library.reports_by_id(session, chosen)
        decisions = judgements.standing_decisions(session, chosen)
    needed = context.protocol.screening.reviewers_per_report
    sample = tuple(
        Sampled(
            report_id=id_,
            title=rows[id_].title,
            year=rows[id_].year,
            score=scores[id_],
            outcome=outcome(decisions.get(id_, []), reviewers=needed),
            mine=next((row.value for row in reversed(decisions.get(id_, [])) if row.reviewer == reviewer), None),
        )
        for id_ in chosen
    )
    settled = [one.outcome for one in sample if one.outcome in (Outcome.INCLUDE, Outcome.EXCLUDE)]
    included = sum(one is Outcome.INCLUDE for one in settled)
    return Audit(
        sample=sample,
        below=len(below),
        read=len(settled),
        included=included,
        at_most=missed_at_most(len(settled), included, len(below)) if settled else None,
        screener=champion.version,
    )
