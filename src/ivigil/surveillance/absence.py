"""Tells the team that nothing was told because nothing ran: no complete night for too long, once per episode.

An episode begins with the last complete night and ends with the next one, so it is named by the former.
"""

from __future__ import annotations

from datetime import timedelta

from ivigil.alerts import AlertContent, AlertKind, Urgency
from ivigil.store import ledger, outbox
from ivigil.store.ledger_tables import RunRow
from ivigil.surveillance.alerting import protocol_name, raise_once
from ivigil.surveillance.context import Context

KEY = "run_absent"


def watch_absence(context: Context) -> bool:
    """Raise the alert of an episode that has become too long, take back those that are over; whether one was raised.

    A review that has not had a run of any kind is not overdue, it has not begun.
    """
    hours = context.settings.stale_after_hours
    with context.store.transaction() as session:
        last = ledger.last_complete_run(session)
        since = last or ledger.first_run(session)
        over = [
            alert.alert_id
            for alert in outbox.list_alerts(session, kind=str(AlertKind.RUN_ABSENT))
            if alert.key != _key(last)
        ]
        if over:
            outbox.withdraw(session, over)
        if since is None or context.clock.now() - since.as_of <= timedelta(hours=hours):
            return False
        newest = ledger.runs(session, limit=1)[0]
        said = f"the last was as of {last.as_of:%Y-%m-%d %H:%M} UTC" if last else "there has been none yet"
        details = [f"The newest run is number {newest.id}, {newest.status}{f': {newest.why}' if newest.why else ''}."]
        details.append("Until a night is complete, that nothing is told does not mean that nothing came.")
        content = AlertContent(
            kind=AlertKind.RUN_ABSENT,
            urgency=Urgency.HIGH,
            protocol=protocol_name(context),
            summary=f"No surveillance night has been complete for over {hours} hours; {said}.",
            details=tuple(details),
            as_of=context.clock.today(),
        )
        return raise_once(context, session, _key(last), content)


def _key(last: RunRow | None) -> str:
    return f"{KEY}:{last.id if last else 'never'}"
