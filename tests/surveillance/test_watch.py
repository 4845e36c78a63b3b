"""What the team is told beside new studies: lost canaries, retractions and corrections, each once."""

from __future__ import annotations

from collections import Counter
from datetime import date

from ivigil.protocol import KnownStudy, StudyStatus
from ivigil.surveillance.delivering import list_alerts
from ivigil.surveillance.night import run_night
from ivigil.surveillance.status import review_status
from review_at_work import at, settings_for


def test_a_lost_canary_is_told_once_and_makes_the_review_unhealthy(tmp_path, simulator, protocol) -> None:
    """A known study that no strategy returns raises one alert a source, not one a night, and status fails."""
    ghost = KnownStudy(status=StudyStatus.VERIFIED, pmid="99999999", first_author="Ghost", year=2020)
    haunted = protocol.model_copy(update={"known_studies": (*protocol.known_studies, ghost)})
    configured = settings_for(tmp_path, simulator)
    for night in (date(2024, 5, 1), date(2024, 5, 2)):
        with at(configured, haunted, simulator, night) as context:
            summary = run_night(context)
            assert summary.as_json()["canaries"]["lost"] == ["99999999", "MED/99999999"]
            status = review_status(context)
            assert not status.healthy
            assert any("99999999" in problem for problem in status.problems)
            told = [alert for alert in list_alerts(context) if alert["kind"] == "canary_lost"]
            assert len(told) == 2


def test_a_canary_that_could_not_be_asked_for_is_not_called_lost(tmp_path, simulator, protocol) -> None:
    """When a source does not answer, its canaries are unknown: the run is partial, and no loss is reported."""
    with at(settings_for(tmp_path, simulator), protocol, simulator, date(2024, 5, 1)) as context:
        simulator.set_faults("pubmed:503*")
        try:
            summary = run_night(context)
        finally:
            simulator.set_faults("")
        canaries = summary.as_json()["canaries"]
        assert summary.status == "partial"
        assert canaries["lost"] == []
        assert "23910617" in canaries["unknown"]
        assert not [alert for alert in list_alerts(context) if alert["kind"] == "canary_lost"]


def test_a_retraction_reaches_the_team(tmp_path, simulator, protocol) -> None:
    """A study that was told of and is retracted later is told of again, once, and no study is announced twice."""
    configured = settings_for(tmp_path, simulator)
    for night in (date(2024, 9, 1), date(2025, 6, 1), date(2026, 6, 1), date(2026, 6, 2)):
        with at(configured, protocol, simulator, night) as context:
            run_night(context)
            alerts = list_alerts(context)
    kinds = Counter(alert["kind"] for alert in alerts)
    assert kinds["study_retracted"] == 1
    announced = Counter(alert["study_id"] for alert in alerts if alert["kind"] == "study_eligible")
    assert set(announced.values()) == {1}
