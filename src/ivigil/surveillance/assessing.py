"""Reads the criteria of every report whose present text has not been read yet."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ivigil.eligibility import Assessment, assess
from ivigil.store import Session, assessed
from ivigil.surveillance.context import Context
from ivigil.surveillance.settled import settled_reports

ELIGIBLE, NEEDS_FULL_TEXT, INELIGIBLE = "eligible", "needs_full_text", "ineligible"


def assess_reports(context: Context, session: Session) -> int:
    """Assess what is unread and return how many of those are undecided and eligible."""
    settled = settled_reports(context, session)
    eligible = 0
    for pending in assessed.without_assessment(session, context.criteria_hash):
        assessment = assess(pending.best, context.protocol.criteria)
        assessed.save_assessment(
            session,
            pending,
            context.criteria_hash,
            verdict=str(assessment.verdict),
            reading=reading_json(assessment),
            now=context.clock.now(),
        )
        eligible += assessment.verdict == ELIGIBLE and pending.report_id not in settled
    session.flush()
    return eligible


def reading_json(assessment: Assessment) -> dict[str, Any]:
    """An assessment as plain data: what is stored, shown and printed."""
    return {
        "verdict": str(assessment.verdict),
        "criteria": {name: reading_item(reading) for name, reading in assessment.criteria.items()},
        "n_treated": assessment.n_treated,
        "design": assessment.design,
        "organ_systems": list(assessment.organ_systems),
        "reasons": list(assessment.reasons),
    }


def reading_item(reading: Any) -> dict[str, Any]:
    """One criterion's reading as plain data."""
    values = reading.model_dump(mode="json") if hasattr(reading, "model_dump") else asdict(reading)
    return {key: (str(value) if key == "status" else value) for key, value in values.items()}
