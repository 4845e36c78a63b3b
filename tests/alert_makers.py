"""Alerts to deliver, and a clock that only a test moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

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
