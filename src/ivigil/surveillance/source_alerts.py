"""Raises what the team must know of the sources themselves: lost canaries, and sources that fail. Each once."""

from __future__ import annotations

from ivigil.alerts import AlertContent, AlertKind, Urgency
from ivigil.store import Session, ledger
from ivigil.surveillance.alerting import protocol_name, raise_once
from ivigil.surveillance.canaries import CanaryOutcome
from ivigil.surveillance.context import Context
from ivigil.surveillance.health import Episode


def raise_canary_alerts(context: Context, session: Session, run_id: int, outcome: CanaryOutcome) -> int:
    """Raise an alert for each canary that the newest readable check still found; call before noting the new check."""
    before = {row.source: set(row.lost) for row in ledger.latest_canaries(session)}.get(outcome.source, set())
    raised = 0
    for identifier in outcome.lost:
        if identifier in before:
            continue
        study = outcome.studies[identifier]
        content = AlertContent(
            kind=AlertKind.CANARY_LOST,
            urgency=Urgency.HIGH,
            protocol=protocol_name(context),
            summary=f"{outcome.source} no longer returns {study.label} ({identifier}) for the review's strategy.",
            details=(
                "A known study that a strategy must return is gone from its answer.",
                "The strategy, the source or the record has changed: new studies may be missed in the same way.",
            ),
            run_id=run_id,
            as_of=context.clock.today(),
        )
        raised += raise_once(context, session, f"canary_lost:{outcome.source}:{identifier}:{run_id}", content)
    return raised


def raise_failing_alerts(context: Context, session: Session, run_id: int, found: list[Episode]) -> int:
    """Raise an alert for each episode that the team has not been told of; returns how many."""
    raised = 0
    for episode in found:
        content = AlertContent(
            kind=AlertKind.SOURCE_FAILING,
            urgency=Urgency.HIGH,
            protocol=protocol_name(context),
            summary=f"{episode.source} does not answer as it used to.",
            details=(episode.sentence, episode.consequence),
            run_id=run_id,
            as_of=context.clock.today(),
        )
        raised += raise_once(context, session, episode.key, content)
    return raised
