"""Alerts: what the team is told, in which form, and how it reaches every channel once."""

from ivigil.alerts.about import study_facts
from ivigil.alerts.channels import Channel, channels_from, names_of
from ivigil.alerts.content import (
    AlertContent,
    AlertKind,
    CriterionReading,
    Found,
    Link,
    ProtocolName,
    Ranking,
    StudyFacts,
    Urgency,
    read_content,
)
from ivigil.alerts.deliver import DeliveryReport, Patience, deliver_due
from ivigil.alerts.render import Message, render, subject_line
from ivigil.store.outbox import ChannelName

__all__ = [
    "AlertContent",
    "AlertKind",
    "Channel",
    "ChannelName",
    "CriterionReading",
    "DeliveryReport",
    "Found",
    "Link",
    "Message",
    "Patience",
    "ProtocolName",
    "Ranking",
    "StudyFacts",
    "Urgency",
    "channels_from",
    "deliver_due",
    "names_of",
    "read_content",
    "render",
    "study_facts",
    "subject_line",
]
