"""Thin records are filled in beside what was said, never over it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ivigil.records import AbstractSection, RecordKind, Relation
from ivigil.sources.registry import Ability
from ivigil.store.tables import RecordRow
from ivigil.surveillance.candidates import list_candidates, show_report
from ivigil.surveillance.night import run_night
from surveillance_fakes import Memory, fake_protocol, on, record, serve

DAY = date(2024, 1, 20)
TITLE = "Infusions of pooled immunoglobulin in a cohort of weavers from the northern valleys"
RESOLVES = frozenset({Ability.RESOLVE})


def whole(number: int = 900, **values: object):
    said = {"title": TITLE, "doi": "10.5555/thin.1", "abstract": (AbstractSection(text="Seven weavers improved."),)}
    return record(number, source="helper", **(said | values))


@pytest.fixture
def memory(monkeypatch) -> Memory:
    thin = record(1, title=TITLE, doi="10.5555/thin.1", pmid=None)
    memory = Memory(holdings=[thin])
    serve(monkeypatch, memory, abilities=frozenset({Ability.SEARCH}))
    return memory


def helper(monkeypatch, *holdings, name: str = "helper") -> Memory:
    found = Memory(name=name, holdings=list(holdings))
    serve(monkeypatch, found, abilities=RESOLVES)
    return found


def test_a_thin_record_is_filled_in_from_elsewhere(tmp_path, monkeypatch, memory) -> None:
    """The other source's record stands beside the thin one in one report, which shows its abstract and who gave it."""
    helper(monkeypatch, whole())
    with on(tmp_path, fake_protocol("memory"), DAY, sources=("memory", "helper")) as context:
        summary = run_night(context)
        (candidate,) = list_candidates(context)
        shown = show_report(context, candidate.report_id)
        assert candidate.best.abstract_text == "Seven weavers improved."
        assert shown["provenance"]["abstract"] == "helper:900"
        assert [(row["source"], row["way"]) for row in shown["records"]] == [
            ("memory", "search"),
            ("helper", "enrichment"),
        ]
        assert summary.as_json()["enriched"] == {"asked": 1, "found": 1, "new": 1, "changed": 0, "errors": []}
        with context.store.transaction() as session:
            own = session.scalars(select(RecordRow).where(RecordRow.source == "memory")).one()
            assert own.data == memory.holdings[0]


def test_what_is_of_another_paper_is_left_out(tmp_path, monkeypatch, memory) -> None:
    """An answer that linking does not join with what was asked for is not taken in, and the ledger counts it."""
    helper(monkeypatch, whole(doi="10.5555/thin.1", title="Bridges over cold rivers: load tests", pmid="77"))
    with on(tmp_path, fake_protocol("memory"), DAY, sources=("memory", "helper")) as context:
        summary = run_night(context)
        assert summary.as_json()["enriched"]["found"] == 0
        assert len(list_candidates(context)) == 1


def test_a_source_that_knew_nothing_is_asked_again_after_a_month(tmp_path, monkeypatch, memory) -> None:
    """Nothing found is remembered for thirty days; a failure is not."""
    other = helper(monkeypatch)
    asked = []
    for day, fails in (("01-20", True), ("01-21", False), ("01-22", False), ("02-19", False), ("02-20", False)):
        other.fails = {"look_up"} if fails else set()
        with on(
            tmp_path, fake_protocol("memory"), date.fromisoformat(f"2024-{day}"), sources=("memory", "helper")
        ) as at:
            before = other.times("look_up")
            assert run_night(at).status == "complete"
            asked.append(other.times("look_up") - before)
    assert asked == [1, 1, 0, 0, 1]


def test_a_service_that_is_not_named_is_not_asked(tmp_path, monkeypatch, memory) -> None:
    """Only sources in IVIGIL_SOURCES are ever asked anything."""
    other = helper(monkeypatch, whole())
    with on(tmp_path, fake_protocol("memory"), DAY) as context:
        run_night(context)
    assert other.asked == []


def test_a_preprint_finds_its_article(tmp_path, monkeypatch) -> None:
    """The server says under which DOI a preprint was published; the article is looked up and joins its study."""
    preprint = record(
        5, title=TITLE, doi="10.1101/2024.01.01.1", pmid=None, kind=RecordKind.PREPRINT,
        abstract=(AbstractSection(text="Seven weavers."),),
    )  # fmt: skip
    memory = Memory(holdings=[preprint])
    serve(monkeypatch, memory, abilities=frozenset({Ability.SEARCH}))
    published = preprint.model_copy(
        update={"source": "rxiv", "relations": (Relation(kind="PublishedAs", doi="10.5555/article.5"),)}
    )
    helper(monkeypatch, published, name="rxiv")
    helper(monkeypatch, whole(doi="10.5555/article.5"))
    for day in (20, 21):
        with on(tmp_path, fake_protocol("memory"), date(2024, 1, day), sources=("memory", "rxiv", "helper")) as context:
            run_night(context)
    with context.store.transaction() as session:
        rows = {row.source: row for row in session.scalars(select(RecordRow))}
        assert set(rows) == {"memory", "rxiv", "helper"}
        assert rows["rxiv"].report_id == rows["memory"].report_id
        assert rows["helper"].way == "enrichment"
