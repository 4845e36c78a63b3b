"""Which reports wait for nobody: the review labelled them, or as many have decided as have to."""

from __future__ import annotations

from collections.abc import Sequence

from ivigil.store import Session, judgements
from ivigil.surveillance.agreement import has_left
from ivigil.surveillance.context import Context


def settled_reports(context: Context, session: Session) -> set[int]:
    """Reports with a label of the review's own, or decided on by as many as have to."""
    return set(judgements.labels_by_report(session)) | decided_reports(context, session)


def decided_reports(context: Context, session: Session, report_ids: Sequence[int] | None = None) -> set[int]:
    """Those of the reports (by default all) that have left the list by the rule of `agreement.has_left`."""
    reviewers = context.protocol.screening.reviewers_per_report
    standing = judgements.standing_decisions(session, report_ids)
    return {report_id for report_id, said in standing.items() if has_left(said, reviewers=reviewers)}
