"""Reads the criteria of every report whose present text has not been read yet, or by another reader than today's."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from ivigil.eligibility import Assessment, assess, close_look, reader_with
from ivigil.eligibility.second_reader import set_beside
from ivigil.store import Session, assessed
from ivigil.surveillance.context import Context
from ivigil.surveillance.settled import settled_reports

log = logging.getLogger(__name__)

ELIGIBLE, NEEDS_FULL_TEXT, INELIGIBLE = "eligible", "needs_full_text", "ineligible"


def assess_reports(context: Context, session: Session) -> int:
    """Assess what today's reader has not read; returns how many undecided reports are eligible by that and were not."""
    settled = settled_reports(context, session)
    close = close_look(context.settings.embedding_model)
    reader = reader_with(close)
    unread = assessed.without_assessment(session, context.criteria_hash, reader)
    held = assessed.assessments_under(session, context.criteria_hash, [pending.report_id for pending in unread])
    now = context.clock.now()
    eligible = changed = 0
    for pending in unread:
        reading = reading_json(assess(pending.best, context.protocol.criteria, close))
        row = held.get(pending.report_id)
        before = row.verdict if row is not None else None
        if row is None:
            assessed.save_assessment(session, pending, context.criteria_hash, reader, reading=reading, now=now)
        else:
            second = row.reading.get("second_reading")
            reading = set_beside(reading, second) if second else reading
            changed += assessed.supersede(session, row, reader, reading=reading, now=now)
        eligible += reading["verdict"] == ELIGIBLE != before and pending.report_id not in settled
    session.flush()
    if held:
        log.info("read anew by another reader", extra={"reports": len(held), "changed": changed, "reader": reader})
    return eligible


def reading_json(assessment: Assessment) -> dict[str, Any]:
    """An assessment as plain data: what is stored, shown and printed."""
    return {
        "verdict": str(assessment.verdict),
        "criteria": {name: reading_item(reading) for name, reading in assessment.criteria.items()},
        "n_treated": assessment.n_treated,
        "n_treated_chance": assessment.n_treated_chance,
        "treated": assessment.treated,
        "design": assessment.design,
        "organ_systems": list(assessment.organ_systems),
        "reasons": list(assessment.reasons),
    }


def reading_item(reading: Any) -> dict[str, Any]:
    """One criterion's reading as plain data."""
    values = reading.model_dump(mode="json") if hasattr(reading, "model_dump") else asdict(reading)
    return {key: (str(value) if key == "status" else value) for key, value in values.items()}
