"""Registered trials, notices and canaries: what is watched, and when the team hears of it."""

from __future__ import annotations

import io
from datetime import date

import pytest
from rich.console import Console

from ivigil.cli.source_tables import print_overview
from ivigil.cli.tables import print_status
from ivigil.records import AbstractSection, PartialDate, Record, RecordKind, Relation, TrialState
from ivigil.sources.registry import Ability
from ivigil.sources.retraction import standing
from ivigil.surveillance.canaries import askable_studies
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.delivering import list_alerts
from ivigil.surveillance.night import run_night
from ivigil.surveillance.source_overview import overview
from ivigil.surveillance.status import review_status
from ivigil.surveillance.watching import notices
from surveillance_fakes import Memory, fake_protocol, on, record, serve

TRIAL = '\n[[trials]]\nid = "NCT00000001"\nnote = "the one trial we wait for"\n'
NAMED = "PMID:50000001"
KNOWN = '\n[[known_studies]]\nstatus = "verified"\npmid = "50000001"\nfirst_author = "Known"\nyear = 2024\n'


def registration(status: str, results: PartialDate | None = None, **values: object) -> Record:
    return Record(
        source="clinicaltrials",
        source_id="NCT00000001",
        kind=RecordKind.REGISTRATION,
        title="Immunoglobulin against placebo in a condition of weavers",
        registry_ids=("NCT00000001",),
        trial=TrialState(status=status, results_posted=results, **values),
    )


@pytest.fixture
def registry(monkeypatch) -> Memory:
    registry = Memory(name="clinicaltrials", holdings=[registration("RECRUITING")])
    serve(monkeypatch, Memory(), registry, abilities=frozenset({Ability.SEARCH}))
    return registry


def test_a_change_of_a_watched_trial_is_told_of_once(tmp_path, registry) -> None:
    """The first reading is the baseline; a new status and posted results each raise one alert, and nothing else."""
    protocol = fake_protocol("memory", more=TRIAL)
    posted = PartialDate(year=2024, month=1, day=22)
    readings = [
        registration("RECRUITING"),
        registration("RECRUITING", enrolment=30),
        registration("TERMINATED", why_stopped="Too few weavers"),
        registration("TERMINATED", why_stopped="Too few weavers"),
        registration("TERMINATED", posted, why_stopped="Too few weavers"),
        registration("TERMINATED", posted, why_stopped="Too few weavers"),
    ]
    told = []
    for day, reading in enumerate(readings, start=10):
        registry.holdings = [reading]
        with on(tmp_path, protocol, date(2024, 1, day), sources=("memory", "clinicaltrials")) as context:
            told.append(run_night(context).alerts)
            alerts = [alert for alert in list_alerts(context) if alert["kind"] == "trial_changed"]
    assert told == [0, 0, 1, 0, 1, 0]
    assert sorted(alert["content"]["summary"] for alert in alerts) == [
        "NCT00000001: results were posted on 2024-01-22.",
        "NCT00000001: the trial is now terminated (Too few weavers); before it was recruiting.",
    ]


def test_a_registry_that_is_not_enabled_is_not_asked(tmp_path, registry) -> None:
    """Trials in the protocol do not by themselves send anything to the registry."""
    with on(tmp_path, fake_protocol("memory", more=TRIAL), date(2024, 1, 10)) as context:
        assert run_night(context).status == "complete"
    assert registry.asked == []


def test_notices_are_looked_up_where_they_are_collected(tmp_path, monkeypatch) -> None:
    """An included study's DOI is asked at the collector of notices; its answer stands beside the study's own record."""
    known = record(1, doi="10.5555/known.1", abstract=(AbstractSection(text="Seven weavers improved."),))
    collected = known.model_copy(
        update={"source": "crossref", "source_id": "10.5555/known.1", "pmid": None,
                "relations": (Relation(kind="RetractionIn", doi="10.5555/notice", note="retraction, publisher"),)}
    )  # fmt: skip
    serve(monkeypatch, Memory(holdings=[known]), abilities=frozenset({Ability.SEARCH}))
    collector = Memory(name="crossref", holdings=[collected])
    serve(monkeypatch, collector, abilities=frozenset({Ability.RESOLVE}))
    with on(tmp_path, fake_protocol("memory"), date(2024, 1, 10), sources=("memory", "crossref")) as context:
        run_night(context)
        (report,) = {row["report_id"] for row in _candidates(context)}
        decide(context, report, "include", reviewer="ada")
    with on(tmp_path, fake_protocol("memory"), date(2024, 1, 11), sources=("memory", "crossref")) as context:
        summary = run_night(context)
        assert summary.watched["new"] == 1
        assert [alert["kind"] for alert in list_alerts(context)].count("study_retracted") == 1
    restored = collected.model_copy(update={"relations": (*collected.relations, relation("ReinstatementIn"))})
    collector.holdings = [restored]
    with on(tmp_path, fake_protocol("memory"), date(2024, 1, 12), sources=("memory", "crossref")) as context:
        run_night(context)
        assert "taken back" in str(list_alerts(context)), list_alerts(context)
    assert collector.times("look_up") == 2  # once a night since it was included


def _candidates(context):
    from ivigil.surveillance.candidates import list_candidates

    return [candidate.as_json() for candidate in list_candidates(context)]


def relation(kind: str, note: str | None = None) -> Relation:
    return Relation(kind=kind, doi="10.5555/notice", note=note)


@pytest.mark.parametrize(
    ("relations", "types", "retracted"),
    [
        ([relation("RetractionIn")], (), True),
        ([], ("Retracted Publication",), True),
        ([relation("RetractionOf")], ("Retraction Notice",), False),
        ([relation("RetractionIn"), relation("ReinstatementIn")], (), False),
        ([relation("ReinstatementIn")], ("Retracted Publication",), False),
        (
            [
                relation("RetractionIn", "retraction, 2020-01-02"),
                relation("ReinstatementIn", "reinstatement, 2021-03-04"),
            ],
            (),
            False,
        ),
        (
            [
                relation("RetractionIn", "retraction, 2022-01-02"),
                relation("ReinstatementIn", "reinstatement, 2021-03-04"),
            ],
            (),
            True,
        ),
    ],
)
def test_a_reinstatement_cancels_a_retraction(relations, types, retracted) -> None:
    """The later word holds; notices are not retracted themselves."""
    one = Record(source="x", source_id="1", title="t", relations=tuple(relations), publication_types=types)
    assert standing(one).retracted is retracted
    assert ("retracted" in {what for what, _ in notices(one)}) is retracted


def test_a_reinstatement_in_one_source_cancels_what_another_says() -> None:
    """PubMed may call a paper retracted for long after Crossref has its reinstatement."""
    marked = Record(source="pubmed", source_id="1", title="t", publication_types=("Retracted Publication",))
    restored = Record(source="crossref", source_id="2", title="t", relations=(relation("ReinstatementIn"),))
    assert [what for what, _ in notices(marked)] == ["retracted"]
    assert notices(marked, [marked, restored]) == []


def expected(context: Context) -> frozenset[str]:
    with context.store.reading() as session:
        return askable_studies(context, session, "memory").expected


def test_a_source_must_return_again_what_it_returned_once(tmp_path, monkeypatch) -> None:
    """Where nobody knows a source's holdings, a known study is a canary from the night on which a search brought it."""
    memory = Memory(holdings=[record(1), record(2)])
    serve(monkeypatch, memory)
    protocol = fake_protocol("memory", more=KNOWN)
    with on(tmp_path, protocol, date(2024, 1, 10)) as context:
        assert expected(context) == frozenset()
        run_night(context)
        assert expected(context) == {"1"}
        assert review_status(context).healthy
    memory.holdings = [record(2)]
    alerts = []
    for day in (11, 12):
        with on(tmp_path, protocol, date(2024, 1, day)) as context:
            summary = run_night(context)
            alerts.append(summary.alerts)
            assert summary.as_json()["canaries"]["lost"] == ["1"]
            assert not review_status(context).healthy
    assert alerts == [1, 0]


def test_what_a_source_was_never_seen_to_hold_is_no_alarm(tmp_path, monkeypatch) -> None:
    """A study that an index never returned is shown as unconfirmed; once it has come it must come again."""
    index = Memory(name="scopus", holdings=[record(2, source="scopus")])
    serve(monkeypatch, index)
    protocol = fake_protocol("scopus", more=KNOWN)
    known = record(1, source="scopus", entered=date(2020, 1, 1)).model_copy(update={"source_id": NAMED})
    seen = []
    for day, is_held in ((10, False), (11, False), (12, True), (13, False), (14, False)):
        index.holdings = [record(2, source="scopus"), *([known] if is_held else [])]
        with on(tmp_path, protocol, date(2024, 1, day)) as context:
            summary = run_night(context)
            canaries, status = summary.as_json()["canaries"], review_status(context)
            assert status.canaries["unconfirmed"] == canaries["unconfirmed"]
            seen.append((canaries["expected"], canaries["lost"], canaries["unconfirmed"], summary.alerts))
            assert status.healthy == (not canaries["lost"])
            console = Console(width=100, record=True, file=io.StringIO())
            print_overview(console, overview(context))
            print_status(console, status)
            words = " ".join(console.export_text().split())
            assert (f"scopus has not yet returned {NAMED}" in words) == (day < 12)
            assert ("1 of the known studies never yet returned" in words) == (day < 12)
    assert seen == [
        ([], [], [NAMED], 0),
        ([], [], [NAMED], 0),
        ([NAMED], [], [], 0),
        ([NAMED], [NAMED], [], 1),
        ([NAMED], [NAMED], [], 0),
    ]


def test_what_the_protocol_says_a_source_holds_must_come_the_first_night(tmp_path, monkeypatch) -> None:
    """A study that the protocol calls held by a source is an alarm there from the first night on."""
    serve(monkeypatch, Memory(name="scopus", holdings=[record(2, source="scopus")]))
    protocol = fake_protocol("scopus", more=f'{KNOWN}held_by = ["scopus"]\n')
    with on(tmp_path, protocol, date(2024, 1, 10)) as context:
        summary = run_night(context)
        assert summary.as_json()["canaries"]["lost"] == [NAMED]
        assert summary.alerts == 1
        assert not review_status(context).healthy


def test_a_silent_source_confirms_and_loses_nothing(tmp_path, monkeypatch) -> None:
    """A night on which the canaries cannot be asked for changes nothing of what a source is known to hold."""
    index = Memory(name="scopus", holdings=[record(2, source="scopus")])
    serve(monkeypatch, index)
    index.fails = {"held"}
    with on(tmp_path, fake_protocol("scopus", more=KNOWN), date(2024, 1, 10)) as context:
        summary = run_night(context)
        assert summary.status == "partial"
        assert summary.as_json()["canaries"]["unconfirmed"] == [NAMED]
        assert review_status(context).canaries == {"expected": [], "lost": [], "unconfirmed": []}
