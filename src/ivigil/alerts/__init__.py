"""Alerts: what the team is told, in which form, and how it reaches every channel once."""

from ivigil.alerts.about import study_facts
from ivigil.alerts.changes import changes_between
from ivigil.alerts.channels import Channel, channels_from, names_of
from ivigil.alerts.content import (
    AlertContent,
    AlertKind,
    Change,
    CriterionReading,
    Found,
    Neighbour,
    Ranking,
    SecondReading,
    StudyFacts,
    Term,
    Urgency,
    read_content,
)
from ivigil.alerts.deliver import DeliveryReport, Patience, deliver_due, message_id_of, message_of
from ivigil.alerts.digest import digest_html, digest_markdown, digest_sentence, digest_text
from ivigil.alerts.digest_content import DigestContent, DigestItem, Link, ProtocolName, SourceState
from ivigil.alerts.feed import atom_feed
from ivigil.alerts.heartbeat import beat
from ivigil.alerts.render import AlertDocument, Message, render, subject_line
from ivigil.alerts.subscriptions import EVERYTHING, QuietHours, Subscriber, Subscription, subscribers_from
from ivigil.store.outbox import ChannelName

__all__ = [
    "EVERYTHING",
    "AlertContent",
    "AlertDocument",
    "AlertKind",
    "Change",
    "Channel",
    "ChannelName",
    "CriterionReading",
    "DeliveryReport",
    "DigestContent",
    "DigestItem",
    "Found",
    "Link",
    "Message",
    "Neighbour",
    "Patience",
    "ProtocolName",
    "QuietHours",
    "Ranking",
    "SecondReading",
    "SourceState",
    "StudyFacts",
    "Subscriber",
    "Subscription",
    "Term",
    "Urgency",
    "atom_feed",
    "beat",
    "changes_between",
    "channels_from",
    "deliver_due",
    "digest_html",
    "digest_markdown",
    "digest_sentence",
    "digest_text",
    "message_id_of",
    "message_of",
    "names_of",
    "read_content",
    "render",
    "study_facts",
    "subject_line",
    "subscribers_from",
]
