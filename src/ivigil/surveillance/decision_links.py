"""The links of a message that lead to a decision: signed, expiring, and harmless to whoever only opens them.

A link names the report, the decision it proposes and whom it was sent to. Opening it decides nothing, since mail
scanners follow links: the workspace shows what would be decided and asks for a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ivigil.errors import NotFound, TokenRefused
from ivigil.store import links as linked
from ivigil.surveillance.agreement import VALUES
from ivigil.surveillance.context import Context
from ivigil.surveillance.signing import signer

PURPOSE = "decide"
LASTS = timedelta(days=30)


@dataclass(frozen=True)
class DecisionLink:
    """What a link proposes: a decision on the report that holds `record_id`, to the one it was sent to."""

    report_id: int
    record_id: int
    decision: str
    recipient: str


def decision_link(context: Context, record_id: int, decision: str, *, recipient: str) -> str | None:
    """The address that proposes a decision on a record's report; None where the workspace has no public address.

    Args:
        context: the review.
        record_id: the report's leading record, which stays when reports are joined or split.
        decision: 'include', 'exclude' or 'maybe'.
        recipient: whom the message goes to; shown on the page as who was asked.
    """
    if decision not in VALUES:
        raise ValueError(f"{decision!r} is not one of {', '.join(VALUES)}")
    if context.settings.public_url is None:
        return None
    token = signer(context, PURPOSE).sign([record_id, decision, recipient])
    return f"{context.settings.public_url}/{PURPOSE}/{token}"


def read_decision_link(context: Context, token: str) -> DecisionLink:
    """What a link's token proposes, and the report it is about today.

    Raises:
        TokenRefused: it is forged, cut, or older than 30 days.
        NotFound: the report it is about is no longer held.
    """
    match signer(context, PURPOSE).read(token, lasts=LASTS):
        case [int(record_id), str(decision), str(recipient)] if decision in VALUES:
            pass
        case _:
            raise TokenRefused("this link proposes nothing that can be decided")
    with context.store.transaction() as session:
        row = linked.records_by_id(session, [record_id]).get(record_id)
        report_id = row.report_id if row else None
    if report_id is None:
        raise NotFound("the report that this link is about is no longer held")
    return DecisionLink(report_id, record_id, decision, recipient)
