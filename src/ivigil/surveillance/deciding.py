"""A person's decision on a report: appended, never edited."""

from __future__ import annotations

from ivigil.errors import ConfigurationError, NotFound
from ivigil.store import judgements, library
from ivigil.store.tables import DecisionRow
from ivigil.surveillance.context import Context

VALUES = ("include", "exclude", "maybe")
STAGES = ("title-abstract", "full-text")


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
    if reason is not None and value == "include":
        raise ConfigurationError("only an exclusion or a maybe has a reason", field="--reason")
    with context.store.transaction() as session:
        report = library.resolve_report(session, report_id)
        if report is None:
            raise NotFound(f"no report {report_id}", hint="ivigil candidates lists them")
        members = library.records_of(session, [report.id])[report.id]
        lead = next((row for row in members if row.data.key == report.best.key), members[0])
        return judgements.append_decision(
            session,
            DecisionRow(
                record_id=lead.id,
                reviewer=reviewer.strip(),
                value=value,
                stage=stage,
                reason=reason,
                note=note,
                made_at=context.clock.now(),
            ),
        )
