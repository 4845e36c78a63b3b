"""How something becomes an alert: once under its key, to those who want it, in the transaction of its cause."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ivigil.alerts import AlertContent, AlertKind, ProtocolName, Urgency, names_of, subscribers_from
from ivigil.store import Session, outbox
from ivigil.store.tables import RecordRow
from ivigil.surveillance.context import Context


@dataclass(frozen=True)
class Raising:
    """One pass that raises alerts: the review, the transaction of their cause, and the run that brought them about."""

    context: Context
    session: Session
    run_id: int | None = None

    def once(self, key: str, content: AlertContent, record: RecordRow | None = None) -> bool:
        """Raise an alert to all that want it unless its key has been told of before; returns whether it is new."""
        return raise_once(self.context, self.session, key, content, record)

    def content(self, kind: AlertKind, urgency: Urgency = Urgency.NORMAL) -> AlertContent:
        """What every alert of this pass says; the rest is for `model_copy`."""
        return AlertContent(
            kind=kind,
            urgency=urgency,
            protocol=protocol_name(self.context),
            run_id=self.run_id,
            as_of=self.context.clock.today(),
        )


def protocol_name(context: Context) -> ProtocolName:
    """The review as alerts name it."""
    return ProtocolName(name=context.protocol.name, title=context.protocol.review.title)


def raise_once(
    context: Context,
    session: Session,
    key: str,
    content: AlertContent,
    record: RecordRow | None = None,
    *,
    audience: Collection[str] | None = None,
    adoptable: bool = True,
) -> bool:
    """Put an alert into the outbox unless its key has been told of before; returns whether it is new.

    Args:
        context: the review.
        session: the transaction of what caused it.
        key: what makes it this alert; a second one of that key is none.
        content: what it says.
        record: the record it is about: its report's oldest, so that a later one changes nothing.
        audience: hashes of the only channels that are told, and never another; by default, all that want it.
        adoptable: whether channels that are set later are told too.
    """
    told = [
        subscriber.channel
        for subscriber in subscribers_from(context.settings)
        if subscriber.subscription.wants(content) and (audience is None or subscriber.channel.hash in audience)
    ]
    draft = outbox.AlertDraft(
        key=key,
        kind=str(content.kind),
        urgency=str(content.urgency),
        content=content.as_stored,
        record_id=record.id if record else None,
        run_id=content.run_id,
        adoptable=adoptable and audience is None,
    )
    return outbox.raise_alert(session, draft, names_of(told), context.clock.now()) is not None
