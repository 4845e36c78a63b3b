"""The second way in: what cites the included studies, and what systematic reviews list."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, select

from ivigil.records import AbstractSection, Record
from ivigil.sources.base import Reference
from ivigil.store import ledger
from ivigil.store.ledger_tables import LeaseRow
from ivigil.store.tables import RecordRow
from ivigil.surveillance.candidates import list_candidates, show_report
from ivigil.surveillance.chasing import reads_as_review
from ivigil.surveillance.night import run_night
from review_at_work import Killed, held, kill_at_commit
from surveillance_fakes import Memory, fake_protocol, on, record, serve

KNOWN = """
[[known_studies]]
status = "verified"
pmid = "50000001"
"""
REVIEW = record(
    2,
    title="Immunoglobulin for everybody: a systematic review",
    publication_types=("Systematic Review",),
    abstract=(AbstractSection(text="We looked."),),
)
CITING = [record(number, source="memory") for number in (21, 22, 23)]
LISTED = record(31, doi="10.5555/listed.31")


@pytest.fixture
def memory(monkeypatch) -> Memory:
    memory = Memory(
        holdings=[record(1), REVIEW],
        cited_by={"50000001": CITING},
        cites={
            "50000002": (
                Reference(doi="10.5555/listed.31"),
                Reference(pmid="50000001"),
                Reference(text="A thesis that nobody can look up."),
                Reference(doi="10.5555/nowhere"),
            )
        },
        elsewhere=[LISTED],
    )
    serve(monkeypatch, memory)
    return memory


def ways(context) -> dict[str, str]:
    with context.store.transaction() as session:
        return {row.source_id: row.way for row in session.scalars(select(RecordRow))}


def test_what_cites_an_included_study_comes_in_and_says_by_which_way(tmp_path, memory) -> None:
    """Citing records are held, linked and listed as candidates; each says what it cites, in `show` too."""
    with on(tmp_path, fake_protocol("memory", more=KNOWN), date(2024, 1, 20)) as context:
        summary = run_night(context)
        assert summary.status == "complete"
        assert {id_: way for id_, way in ways(context).items() if id_ in {"21", "22", "23"}} == dict.fromkeys(
            ("21", "22", "23"), "cites pmid:50000001"
        )
        assert summary.as_json()["chased"]["citing"] == 3
        listed = {candidate.best.source_id: candidate for candidate in list_candidates(context)}
        shown = show_report(context, listed["21"].report_id)
        assert shown["records"][0]["way"] == "cites pmid:50000001"
        assert listed["21"].as_json()["ways"] == ["cites pmid:50000001"]
        with context.store.transaction() as session:
            rows = [row for row in ledger.searches_of(session, summary.run_id) if row.kind == "citations"]
        assert [(row.strategy, row.reported, row.fetched, row.complete) for row in rows] == [
            ("cites pmid:50000001", 3, 3, True)
        ]


def test_the_list_of_a_new_review_is_read_once(tmp_path, memory) -> None:
    """What a review lists and the library lacks is looked up the night after the review came, and never again."""
    for day in (20, 21, 22):
        with on(tmp_path, fake_protocol("memory", more=KNOWN), date(2024, 1, day)) as context:
            summary = run_night(context)
            assert summary.status == "complete"
    assert memory.times("references") == 1
    with on(tmp_path, fake_protocol("memory", more=KNOWN), date(2024, 1, 23)) as context:
        assert ways(context)["31"] == "reference_of pmid:50000002"
    asked = [about for what, about in memory.asked if what == "look_up" and "listed" in about]
    assert asked == ["10.5555/listed.31,10.5555/nowhere"]


def test_each_document_is_asked_about_once_a_week(tmp_path, memory) -> None:
    """Citations are asked for weekly; a failure is asked again the next night and leaves the night complete."""
    asked = []
    for day in (20, 21, 26, 27, 28):
        memory.fails = {"citing"} if day == 27 else set()
        with on(tmp_path, fake_protocol("memory", more=KNOWN), date(2024, 1, day)) as context:
            before = memory.times("citing")
            summary = run_night(context)
            asked.append(memory.times("citing") - before)
            assert summary.status == "complete"
            assert bool(summary.notes) == (day == 27)
    assert asked == [1, 0, 0, 1, 1]


def test_a_review_on_another_question_is_not_read(tmp_path, memory) -> None:
    """Only reviews whose population and intervention may be the review's own are mined."""
    more = KNOWN + '\n[criteria.population]\nlabel = "gout"\nterms = ["gout"]\nother_conditions = ["immunoglobulin"]\n'
    for day in (20, 21):
        with on(tmp_path, fake_protocol("memory", more=more), date(2024, 1, day)) as context:
            run_night(context)
    assert memory.times("references") == 0


@pytest.mark.parametrize("commit", range(3, 24, 4))
def test_a_chase_killed_anywhere_is_made_good(tmp_path, memory, commit: int) -> None:
    """Killed at any commit, two later nights hold what two undisturbed ones hold."""
    states = []
    for name, number in (("whole", 10_000), ("killed", commit)):
        protocol = fake_protocol("memory", more=KNOWN)
        with on(tmp_path / name, protocol, date(2024, 1, 20)) as context:
            run_night(context)
        with on(tmp_path / name, protocol, date(2024, 1, 28)) as context:
            try:
                run_night(kill_at_commit(context, number))
            except Killed:
                with context.store.transaction() as session:
                    session.execute(delete(LeaseRow))
            run_night(context)
            states.append((held(context.store), ways(context)))
    assert states[0] == states[1]


@pytest.mark.parametrize(
    ("title", "types", "is_review"),
    [
        ("Immunoglobulin in scleroderma: a systematic review", (), True),
        ("A systematic literature review of everything", (), True),
        ("Immunoglobulin: meta-analysis of trials", (), True),
        ("Immunoglobulin in scleroderma", ("Meta-Analysis",), True),
        ("Systemic sclerosis treated with immunoglobulin", ("Journal Article",), False),
        ("A narrative review", ("Review",), False),
    ],
)
def test_systematic_reviews_are_told_by_type_or_title(title, types, is_review) -> None:
    """Publication types and titles tell a systematic review; a narrative one has no list to rely on."""
    assert reads_as_review(Record(source="x", source_id="1", title=title, publication_types=types)) is is_review
