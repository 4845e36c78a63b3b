"""A person's decision on a report: appended, never edited; an undo and a resolution are rows of their own."""

from __future__ import annotations

from ivigil.errors import ConfigurationError, NotFound
from ivigil.store import Session, judgements, library
from ivigil.store.judgements import EXCLUDE, INCLUDE
from ivigil.store.tables import DecisionRow
from ivigil.surveillance.agreement import STAGES, VALUES, Outcome, outcome_at
from ivigil.surveillance.context import Context
from ivigil.surveillance.study_decisions import tell_decision

__all__ = ["STAGES", "VALUES", "decide", "decision_row", "leading_record", "resolve", "undo"]


def decide(
    context: Context,
    report_id: int,
    value: str,
    *,
    reviewer: str,
    reason: str | None = None,
    stage: str = STAGES[0],
    note: str | None = None,
) -> int:
    """Append a decision and return its id.

    The decision hangs on the report's leading record, so that it follows that record if the report is ever split.

    Raises:
        ConfigurationError: value, stage or reason is not one of the protocol's.
        NotFound: no such report.
    """
    _check(context, value, stage=stage, reviewer=reviewer, reason=reason)
    with context.store.transaction() as session:
        lead = leading_record(session, report_id)
        row = decision_row(context, lead, value, reviewer=reviewer, reason=reason, stage=stage, note=note)
        return _append(context, session, lead.report_id, row)


def resolve(
    context: Context,
    report_id: int,
    value: str,
    *,
    reviewer: str,
    stage: str,
    reason: str | None = None,
    note: str | None = None,
) -> int:
    """Settle a stage that reviewers disagree on; their own decisions stay readable. Returns the decision's id.

    Raises:
        ConfigurationError: there is no conflict, the value settles nothing, or it is not one of the protocol's.
        NotFound: no such report.
    """
    _check(context, value, stage=stage, reviewer=reviewer, reason=reason)
    if value not in (INCLUDE, EXCLUDE):
        raise ConfigurationError(f"a conflict is settled by {INCLUDE} or {EXCLUDE}, not by {value}", field="decision")
    with context.store.transaction() as session:
        lead = leading_record(session, report_id)
        held = judgements.standing_decisions(session, [lead.report_id])[lead.report_id]
        if outcome_at(held, stage) is not Outcome.CONFLICT:
            raise ConfigurationError(f"nobody disagrees on report {lead.report_id} at {stage}", field="decision")
        row = decision_row(context, lead, value, reviewer=reviewer, reason=reason, stage=stage, note=note)
        row.resolves = True
        return _append(context, session, lead.report_id, row)


def undo(context: Context, decision_id: int, *, reviewer: str) -> int:
    """Take one's own decision back: what one had said before stands again. Returns the id of the row that says so.

    Raises:
        ConfigurationError: it is another's decision, or undone already.
        NotFound: no such decision.
    """
    with context.store.transaction() as session:
        row = judgements.decision(session, decision_id)
        if row is None or row.undoes is not None:
            raise NotFound(f"no decision {decision_id}")
        if row.reviewer != reviewer.strip():
            raise ConfigurationError(
                f"decision {decision_id} is not yours: decide yourself beside it", field="decision"
            )
        undo_id = judgements.append_undo(session, row, context.clock.now())
        report_id = judgements.report_of_record(session, row.record_id)
        if report_id is not None:
            tell_decision(context, session, report_id, undo_id)
        return undo_id


def _append(context: Context, session: Session, report_id: int, row: DecisionRow) -> int:
    """Write a decision and tell of it: the message is there exactly when the decision is."""
    decision_id = judgements.append_decision(session, row)
    tell_decision(context, session, report_id, decision_id)
    return decision_id


def _check(context: Context, value: str, *, stage: str, reviewer: str, reason: str | None) -> None:
    if value not in VALUES:
        raise ConfigurationError(f"{value!r} is not one of {', '.join(VALUES)}", field="decision")
    if stage not in STAGES:
        raise ConfigurationError(f"{stage!r} is not one of {', '.join(STAGES)}", field="--stage")
    if not reviewer.strip():
        raise ConfigurationError("a decision needs the name of who made it", field="--reviewer")
    codes = [known.code for known in context.protocol.exclusion_reasons]
    if reason is not None and codes and reason not in codes:
        raise ConfigurationError(
            f"{reason!r} is not a reason of this protocol", field="--reason", hint=f"reasons: {', '.join(codes)}"
        )
    if reason is not None and value == INCLUDE:
        raise ConfigurationError("only an exclusion or a maybe has a reason", field="--reason")


def leading_record(session: Session, report_id: int) -> judgements.Lead:
    """The record that judgements on a report hang on.

    Raises:
        NotFound: no such report.
    """
    report = library.resolve_report(session, report_id)
    if report is None:
        raise NotFound(f"no report {report_id}", hint="ivigil candidates lists them")
    members = library.records_of(session, [report.id])[report.id]
    lead = next((row for row in members if row.data.key == report.best.key), members[0])
    return judgements.Lead(record_id=lead.id, report_id=report.id)


def decision_row(
    context: Context,
    lead: judgements.Lead,
    value: str,
    *,
    reviewer: str,
    reason: str | None,
    stage: str,
    note: str | None,
) -> DecisionRow:
    """A decision of now, not yet in the store."""
    return DecisionRow(
        record_id=lead.record_id,
        reviewer=reviewer.strip(),
        value=value,
        stage=stage,
        reason=reason,
        note=note.strip() or None if note else None,
        made_at=context.clock.now(),
    )
