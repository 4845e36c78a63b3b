"""What lies below the threshold: each month a random sample is read by people, which bounds what is missed there.

The sample is drawn once a month, from a generator seeded by protocol and month, and kept as it was drawn, so that
neither a new night nor a retraining changes what the team is asked to read.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ivigil.screening.guarantee import CONFIDENCE, audit_sample, missed_at_most
from ivigil.store import Session, judgements, library, ranked
from ivigil.store.tables import AuditRow
from ivigil.surveillance.agreement import Outcome, outcome
from ivigil.surveillance.context import Context
from ivigil.surveillance.reviewing import viewpoint
from ivigil.surveillance.settled import settled_reports

SAMPLE = 60
"""Reports a month: when none of them is included, at most one in twenty of what lies below is."""


@dataclass(frozen=True)
class Sampled:
    """A report of the sample, and what people said of it so far; `score` is None where its text has changed since."""

    report_id: int
    title: str
    year: int | None
    score: float | None
    outcome: Outcome
    mine: str | None


@dataclass(frozen=True)
class Audit:
    """The sample, how many lay below the threshold, and how many included ones can be among them at most (95 %)."""

    sample: tuple[Sampled, ...]
    below: int
    read: int
    included: int
    at_most: int | None
    screener: str | None
    month: str

    @property
    def sentence(self) -> str:
        """What the audit says so far."""
        if self.screener is None:
            return "There is no threshold yet, so nothing lies below it: train a screener first."
        if not self.sample:
            return f"Audit of {self.month}: no report lay below the threshold."
        read = f"Audit of {self.month}: {self.read} of {len(self.sample)} sampled reports are read"
        if self.at_most is None:
            return f"{read}; until some are, nothing is known of the {self.below} below the threshold."
        return (
            f"{read}, {self.included} of them included: with {CONFIDENCE:.0%} confidence at most {self.at_most} of the "
            f"{self.below} reports below the threshold are."
        )

    def as_json(self) -> dict[str, Any]:
        """The audit as `ivigil audit --json` prints it."""
        return {**asdict(self), "sampled": len(self.sample), "sentence": self.sentence}


def audit_below(context: Context, *, reviewer: str = "", count: int = SAMPLE) -> Audit:
    """This month's random sample of undecided reports below the champion's threshold, drawn now if it was not yet.

    Its order is random too: reading it from the top down is at every moment a random sample of all that lay below.
    """
    month = f"{context.clock.now():%Y-%m}"
    with context.store.transaction() as session:
        row = ranked.audit_of(session, context.protocol.name, month) or _draw(context, session, month, count)
        if row is None:
            return Audit((), 0, 0, 0, None, None, month)
        screener = next(one for one in ranked.screeners(session, context.protocol.name) if one.id == row.screener_id)
        scores = ranked.scores_under(session, screener.id)
        standing = [library.resolve_report(session, id_) for id_ in row.report_ids]
        reports = [report for report in standing if report is not None]
        decisions = judgements.standing_decisions(session, [report.id for report in reports])
        below = row.below
    needed = context.protocol.screening.reviewers_per_report
    sample = tuple(
        Sampled(
            report_id=report.id,
            title=report.title,
            year=report.year,
            score=scores.get(report.id),
            outcome=outcome(decisions.get(report.id, []), reviewers=needed),
            mine=next((one.value for one in reversed(decisions.get(report.id, [])) if one.reviewer == reviewer), None),
        )
        for report in reports
    )
    settled = [one.outcome for one in sample if one.outcome in (Outcome.INCLUDE, Outcome.EXCLUDE)]
    included = sum(one is Outcome.INCLUDE for one in settled)
    return Audit(
        sample=sample,
        below=below,
        read=len(settled),
        included=included,
        at_most=missed_at_most(len(settled), included, below) if settled else None,
        screener=screener.version,
        month=month,
    )


def _draw(context: Context, session: Session, month: str, count: int) -> AuditRow | None:
    """Draw and keep a month's sample; None while the champion has no threshold."""
    seen, _card = viewpoint(context, session, "")
    if seen.screener_id is None or seen.threshold is None:
        return None
    standing = set(library.report_ids(session)) - settled_reports(context, session)
    scores = ranked.scores_under(session, seen.screener_id)
    below = sorted(id_ for id_, score in scores.items() if score < seen.threshold and id_ in standing)
    seed = hashlib.sha256(f"{context.protocol.name} {month}".encode()).digest()[:8]
    rng = np.random.default_rng(int.from_bytes(seed))
    drawn = rng.permutation(audit_sample(below, count, rng))
    row = AuditRow(
        protocol=context.protocol.name,
        month=month,
        screener_id=seen.screener_id,
        threshold=seen.threshold,
        below=len(below),
        report_ids=[int(id_) for id_ in drawn],
        drawn_at=context.clock.now(),
    )
    ranked.keep_audit(session, row)
    return row
