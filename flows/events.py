"""What a night tells Prefect, as events that automations may listen for: see flows/README.md.

Each event is about the review (`ivigil.review.<name>`); one about a study has the study's alert as its payload. An
event is a hint, sent at most once and kept nowhere by us; what must arrive goes through the outbox.
"""

from __future__ import annotations

from prefect.events import emit_event

from ivigil.surveillance.context import Context
from ivigil.surveillance.delivering import alerts_of_run
from ivigil.surveillance.night import NightSummary

TOLD = ("study_", "canary_lost", "source_failing")
"""How the kinds of alert begin that are events too."""


def event_name(kind: str) -> str:
    """'study_needs_full_text' as 'ivigil.study.needs-full-text', 'canary_lost' as 'ivigil.canary.lost'."""
    subject, _, what = kind.partition("_")
    return f"ivigil.{subject}.{what.replace('_', '-')}"


def emit_night(context: Context, summary: NightSummary) -> list[str]:
    """Emit how the run ended, and each alert that it raised; returns the names of the events Prefect took."""
    resource = {
        "prefect.resource.id": f"ivigil.review.{context.protocol.name}",
        "prefect.resource.name": context.protocol.review.title,
    }
    ended = {
        "run_id": summary.run_id,
        "why": summary.why,
        "new_records": summary.new_records,
        "new_reports": summary.new_reports,
        "eligible": summary.eligible,
        "alerts": summary.alerts,
    }
    completed = "completed" if summary.status == "complete" else summary.status
    told = [alert for alert in alerts_of_run(context, summary.run_id) if alert["kind"].startswith(TOLD)]
    events = [(f"ivigil.run.{completed}", ended), *((event_name(alert["kind"]), alert) for alert in told)]
    sent = [emit_event(name, resource=resource, payload=payload) for name, payload in events]
    return [event.event for event in sent if event is not None]
