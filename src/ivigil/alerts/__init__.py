"""Alerts: what the team is told, in which form, and how it reaches every channel once."""

from ivigil.alerts.about import study_facts
from ivigil.alerts.channels import Channel, channels_from, names_of
from ivigil.alerts.content import (
    AlertContent,
    AlertKind,
    CriterionReading,
    Found,
    Ranking,
    StudyFacts,
    Urgency,
    read_content,
)
from ivigil.alerts.deliver import DeliveryReport, Patience, deliver_due, message_of
from ivigil.alerts.digest import digest_html, digest_markdown, digest_sentence, digest_text
from ivigil.alerts.digest_content import DigestContent, DigestItem, Link, ProtocolName, SourceState
from ivigil.alerts.feed import atom_feed
from ivigil.alerts.render import AlertDocument, Message, render, subject_line
from ivigil.store.outbox import ChannelName

__all__ = [
    "AlertContent",
    "AlertDocument",
    "AlertKind",
    "Channel",
    "ChannelName",
    "CriterionReading",
    "DeliveryReport",
    "DigestContent",
    "DigestItem",
    "Found",
    "Link",
    "Message",
    "Patience",
    "ProtocolName",
    "Ranking",
    "SourceState",
    "StudyFacts",
    "Urgency",
    "atom_feed",
    "channels_from",
    "deliver_due",
    "digest_html",
    "digest_markdown",
    "digest_sentence",
    "digest_text",
    "message_of",
    "names_of",
    "read_content",
    "render",
    "study_facts",
    "subject_line",
]
