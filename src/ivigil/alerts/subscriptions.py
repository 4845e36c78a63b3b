"""Who is told what, and when not: every channel with its subscription, from the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from ivigil.alerts.channels import SEND_SECONDS, AppriseChannel, MailChannel, channels_from
from ivigil.alerts.content import AlertContent, AlertKind, Urgency, read_content
from ivigil.errors import AlertError, ConfigurationError
from ivigil.settings import Cadence, Recipient, Settings

ORDER = (Urgency.LOW, Urgency.NORMAL, Urgency.HIGH)


@dataclass(frozen=True)
class QuietHours:
    """A stretch of each day, by the clock of a place; it may go over midnight."""

    start: time
    end: time
    zone: ZoneInfo

    @classmethod
    def read(cls, text: str, zone: str) -> QuietHours:
        """From '22:00-07:00'."""
        start, end = (time.fromisoformat(part) for part in text.split("-"))
        return cls(start, end, ZoneInfo(zone))

    def hold(self, moment: datetime) -> bool:
        """Whether it is quiet; the first minute is, the last is not."""
        here = moment.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= here < self.end
        return here >= self.start or here < self.end


@dataclass(frozen=True)
class Subscription:
    """What one channel is told; as it stands, everything at any time, and a digest a week."""

    least: Urgency = Urgency.LOW
    kinds: frozenset[AlertKind] = frozenset()
    organ_systems: frozenset[str] = frozenset()
    digest: Cadence = "weekly"
    quiet: QuietHours | None = None
    urgent_breaks_quiet: bool = False

    def wants(self, content: AlertContent) -> bool:
        """Whether it is told of this.

        What is not known does not keep an alert away: a study whose organ systems were not read goes to everybody.
        """
        if content.digest is not None:
            return content.digest.cadence == self.digest
        if self.kinds and content.kind not in self.kinds:
            return False
        if ORDER.index(content.urgency) < ORDER.index(self.least):
            return False
        systems = set(content.study.organ_systems) if content.study else set()
        return not (self.organ_systems and systems) or bool(self.organ_systems & systems)

    def wants_stored(self, content: dict[str, Any]) -> bool:
        """Whether it wants an alert as the outbox keeps it; one that cannot be read is wanted, so that this shows."""
        try:
            return self.wants(read_content(content))
        except AlertError:
            return True

    def is_quiet(self, moment: datetime) -> bool:
        """Whether it is left alone now."""
        return self.quiet is not None and self.quiet.hold(moment)


EVERYTHING = Subscription()


@dataclass(frozen=True)
class Subscriber:
    """A channel and what it wants."""

    channel: MailChannel | AppriseChannel
    subscription: Subscription = EVERYTHING


def subscribers_from(settings: Settings, *, seconds: float = SEND_SECONDS) -> list[Subscriber]:
    """Every channel that is set, with its subscription; one that `recipients` and `notify` both name is a recipient.

    Raises:
        ConfigurationError: a URL is not one that Apprise takes, or a kind is not one of ours.
    """
    found: dict[str, Subscriber] = {}
    for number, recipient in enumerate(settings.recipients, start=1):
        place = f"recipients entry {number}"
        subscription = _subscription(recipient, place, settings.time_zone)
        for channel in channels_from([recipient.url], seconds=seconds, place=place):
            found.setdefault(channel.hash, Subscriber(channel, subscription))
    everything = Subscription(
        digest=settings.digest,
        quiet=QuietHours.read(settings.quiet_hours, settings.time_zone) if settings.quiet_hours else None,
        urgent_breaks_quiet=settings.urgent_breaks_quiet,
    )
    for channel in channels_from(settings.notify, seconds=seconds):
        found.setdefault(channel.hash, Subscriber(channel, everything))
    return list(found.values())


def _subscription(recipient: Recipient, place: str, zone: str) -> Subscription:
    known: Sequence[str] = list(AlertKind)
    unknown = next((kind for kind in recipient.kinds if kind not in known), None)
    if unknown is not None:
        raise ConfigurationError(
            f"{unknown!r} is no kind of alert", field=f"{place}: kinds", hint=f"kinds: {', '.join(known)}"
        )
    return Subscription(
        least=Urgency(recipient.urgency),
        kinds=frozenset(map(AlertKind, recipient.kinds)),
        organ_systems=frozenset(recipient.organ_systems),
        digest=recipient.digest,
        quiet=QuietHours.read(recipient.quiet_hours, zone) if recipient.quiet_hours else None,
        urgent_breaks_quiet=recipient.urgent_breaks_quiet,
    )
