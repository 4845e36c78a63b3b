"""What a night says to the outside when it is closed."""

from __future__ import annotations

from ivigil.alerts import beat
from ivigil.store import ledger
from ivigil.surveillance.context import Context


def send_heartbeat(context: Context, status: str) -> bool | None:
    """Tell the monitor that a night was complete, or, where that is wanted, that it was not.

    Returns whether the monitor took it; None where there is nothing to tell.
    """
    settings = context.settings
    failed = status != ledger.COMPLETE
    if settings.heartbeat_url is None or (failed and not settings.heartbeat_failures):
        return None
    return beat(settings.heartbeat_url, failed=failed)
