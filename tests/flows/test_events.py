"""Events: what a night tells Prefect, as Prefect takes it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from prefect.events import Event
from prefect.events.clients import AssertingEventsClient
from prefect.events.schemas.automations import AutomationCore
from prefect.events.utilities import EventsWorker

import events
from ivigil.alerts import AlertKind
from ivigil.store import ledger
from ivigil.surveillance.alerting import Raising, raise_once
from ivigil.surveillance.night import NightSummary
from library_at_hand import NOW, library_of, paper

FLOWS = Path(events.__file__).parent


@dataclass
class Recorder:
    """Stands where Prefect's worker hands events to a server; `emit_event` itself is Prefect's, with all its checks."""

    client_type: type[AssertingEventsClient] = AssertingEventsClient
    sent: list[Event] = field(default_factory=list)

    def send(self, event: Event) -> None:
        self.sent.append(event)


@pytest.fixture
def recorded(monkeypatch) -> list[Event]:
    recorder = Recorder()
    monkeypatch.setattr("prefect.events.utilities.should_emit_events", lambda: True)
    monkeypatch.setattr(EventsWorker, "instance", classmethod(lambda _cls, *_args: recorder))
    return recorder.sent


def test_a_night_emits_how_it_ended_and_what_it_raised(tmp_path: Path, recorded) -> None:
    """The run's end and each alert of this run are events about the review, with the alert as payload."""
    with library_of(tmp_path, [paper(1)]) as context:
        with context.store.transaction() as session:
            run = ledger.open_run(session, "night", as_of=NOW, now=NOW)
            at = Raising(context, session, run)
            for kind in (AlertKind.STUDY_NEEDS_FULL_TEXT, AlertKind.CANARY_LOST, AlertKind.DIGEST):
                raise_once(context, session, str(kind), at.content(kind))
            raise_once(context, session, "other", Raising(context, session).content(AlertKind.STUDY_ELIGIBLE))
        sent = events.emit_night(context, NightSummary(run, "partial", None, eligible=1, why="pubmed: 503"))
        assert sent == ["ivigil.run.partial", "ivigil.canary.lost", "ivigil.study.needs-full-text"]
    assert [event.event for event in recorded] == sent
    assert {event.resource.id for event in recorded} == {"ivigil.review.ivig-ssc"}
    assert recorded[0].payload["why"] == "pubmed: 503"
    assert recorded[1].payload["kind"] == "canary_lost"


def test_without_a_server_nothing_is_emitted(tmp_path: Path, monkeypatch) -> None:
    """Where Prefect has nowhere to send events, a night goes on without them."""
    monkeypatch.setattr("prefect.events.utilities.should_emit_events", lambda: False)
    with library_of(tmp_path, [paper(1)]) as context:
        assert events.emit_night(context, NightSummary(1, "complete", None)) == []


def test_the_example_automations_are_what_prefect_takes() -> None:
    """Each example is a valid automation, and listens for events that are emitted."""
    known = {events.event_name(str(kind)) for kind in AlertKind} | {
        f"ivigil.run.{end}" for end in ("completed", "partial", "failed")
    }
    made = [
        AutomationCore.model_validate(item)
        for item in yaml.safe_load((FLOWS / "automation.yaml").read_text())["automations"]
    ]
    assert len(made) == 2
    for automation in made:
        assert set(automation.trigger.expect) <= known
    told = (FLOWS / "README.md").read_text()
    assert set(re.findall(r"`(ivigil\.[a-z]+\.[a-z-]+)`", told)) - {"ivigil.review.ivig-ssc"} <= known
