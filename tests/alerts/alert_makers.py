"""Alerts to deliver, a clock that only a test moves, and what the sinks remember."""

from __future__ import annotations

import email
import email.policy
import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from aiosmtpd.controller import Controller
from pydantic import SecretStr

from ivigil.alerts import (
    AlertContent,
    AlertKind,
    CriterionReading,
    Found,
    Link,
    ProtocolName,
    Ranking,
    StudyFacts,
    Urgency,
    names_of,
)
from ivigil.store import Store, outbox

START = datetime(2024, 6, 1, 3, 0, tzinfo=UTC)
PASSWORD = "hunter2-mail-password"
TOKEN = "tok-3f9a7c51b2"
STATES = (
    AlertKind.STUDY_ELIGIBLE,
    AlertKind.STUDY_UPDATED,
    AlertKind.STUDY_RETRACTED,
    AlertKind.STUDY_DECIDED,
    AlertKind.STUDY_MERGED,
)


class Clock:
    """Time that only a test moves."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def pass_(self, **amount: float) -> None:
        self.time += timedelta(**amount)


@dataclass
class MailSink:
    """What a mail server took; `answer` is what it says to the next ones."""

    port: int = 0
    answer: str = "250 taken"
    received: list[email.message.EmailMessage] = field(default_factory=list)
    server: Controller | None = None

    def start(self) -> None:
        self.server = Controller(self, hostname="127.0.0.1", port=self.port)
        self.server.start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.received.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer

    def url(self, *recipients: str, password: str = "") -> SecretStr:
        account = f"reviewer:{password}@" if password else ""
        to = "/".join(recipients)
        return SecretStr(f"mailto://{account}127.0.0.1:{self.port}/{to}?from=ivigil@example.org&mode=insecure")

    @property
    def shown(self) -> list[str]:
        """Message-IDs as a mail program shows them: each once."""
        return list(dict.fromkeys(str(mail["Message-ID"]) for mail in self.received))


@dataclass
class WebSink:
    """What a webhook took; `answer` is its status, None lets the caller hang until the test ends."""

    port: int = 0
    answer: int | None = 204
    received: list[dict] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    tried: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, options: str = "") -> SecretStr:
        return SecretStr(f"json://127.0.0.1:{self.port}/hooks/{TOKEN}{options}")

    @property
    def shown(self) -> list[str]:
        """Alert ids as a receiver that honours the idempotency key shows them: each once."""
        return list(dict.fromkeys(document["alert"]["id"] for document in self.received))


def study(**values: object) -> StudyFacts:
    facts: dict[str, object] = {
        "title": "Monthly intravenous immunoglobulin in diffuse systemic sclerosis: an open-label study",
        "journal": "J Imaginary Rheumatol",
        "published": "2024-05-02",
        "authors": "Arden K, Bell O, et al.",
        "ids": {"pmid": "39000001", "doi": "10.5555/x.1"},
        "links": (Link(label="doi:10.5555/x.1", url="https://doi.org/10.5555/x.1"),),
        "design": "open_label",
        "n_treated": 14,
        "organ_systems": ("cutaneous", "respiratory"),
        "verdict": "eligible",
        "criteria": (
            CriterionReading(name="population", status="met", evidence="Fourteen adults with diffuse disease."),
            CriterionReading(name="sample_size", status="met", evidence="Fourteen adults"),
            CriterionReading(name="language", status="unclear"),
        ),
        "found": (Found(source="pubmed"), Found(source="europepmc")),
    }
    return StudyFacts(**(facts | values))


def content(kind: AlertKind = AlertKind.STUDY_ELIGIBLE, **values: object) -> AlertContent:
    given: dict[str, object] = {
        "kind": kind,
        "urgency": Urgency.HIGH,
        "protocol": ProtocolName(name="ivig-ssc", title="IVIG in systemic sclerosis"),
        "study": study(),
        "ranking": Ranking(score=1.25, rank=3, of=214, screener="v1"),
        "run_id": 12,
        "as_of": date(2024, 6, 1),
    }
    return AlertContent(**(given | values))


def draft(key: str = "study_eligible:1", **values: object) -> outbox.AlertDraft:
    said = content(**values)
    return outbox.AlertDraft(key, str(said.kind), str(said.urgency), said.as_stored)


def raise_(store: Store, channels: list, now: datetime, *keys: str) -> None:
    with store.transaction() as session:
        for key in keys:
            outbox.raise_alert(session, draft(key), names_of(channels), now)


def states(store: Store) -> dict[tuple[str, str], str]:
    """(alert key, channel) -> state of its delivery."""
    with store.transaction() as session:
        return {
            (alert.key, delivery.channel): delivery.state
            for alert in outbox.list_alerts(session)
            for delivery in alert.deliveries
        }
