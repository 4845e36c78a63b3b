"""The beginning of a living review: its labels, its first screener, and what a retraining may change."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from ivigil.errors import ModelMismatch, TooFewPositives
from ivigil.protocol_file import parse_protocol
from ivigil.simulator import Simulator
from ivigil.store.tables import LabelRow, RecordRow
from ivigil.surveillance.bootstrap import Proposal, bootstrap
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.night import run_night
from ivigil.surveillance.ranking import load_champion
from ivigil.surveillance.retrain import retrain
from ivigil.surveillance.status import review_status
from review_at_work import at, held, later, settings_for

CUTOFF = date(2024, 4, 15)


def test_the_team_s_export_labels_the_review(begun: Context) -> None:
    """The review's own window gives 418 reports from two sources, all labelled by the export, and a first screener."""
    status = review_status(begun)
    assert status.counts == {"records": 836, "reports": 418, "included": 12, "labelled": 418}
    assert "From 12 included studies" in status.guarantee
    assert "92.3%" in status.guarantee
    assert list_candidates(begun) == []


def test_bootstrapping_again_changes_no_label(begun: Context, tmp_path: Path) -> None:
    """A repeated bootstrap finds what is there and labels nothing anew."""
    before = held(begun.store)
    bootstrap(begun, labels=tmp_path / "screening.csv")
    after = held(begun.store)
    for name in ("records", "reports", "labels", "alerts", "assessments"):
        assert after[name] == before[name]


def test_without_an_export_the_included_set_is_proposed_and_asked_for(tmp_path, simulator, protocol) -> None:
    """Known studies are proposed beside what reads as eligible; a refusal labels nothing, a consent everything."""
    asked: list[Proposal] = []

    def answer(consent):
        return lambda proposal: asked.append(proposal) or consent

    with at(settings_for(tmp_path, simulator), protocol, simulator, CUTOFF) as context:
        refused = bootstrap(context, confirm=answer(False))
        assert (refused.included, refused.excluded, refused.basis) == (0, 0, None)
        known = [study for study in asked[0].included if study.ground.startswith("known")]
        assert len(known) == len(protocol.verified_studies)
        assert (asked[0].published_studies, asked[0].published_patients) == (12, 266)
        taken = bootstrap(context, confirm=answer(True))
        assert taken.basis == "reconstruction"
        assert taken.included == len(asked[1].included)
        assert taken.included + taken.excluded == 418


def test_an_incomplete_search_labels_nothing(tmp_path, simulator, protocol) -> None:
    """When a source fails, the bootstrap is partial and no record is called 'not included' because it was not found."""
    with at(settings_for(tmp_path, simulator), protocol, simulator, CUTOFF) as context:
        simulator.set_faults("europepmc:error200*")
        try:
            outcome = bootstrap(context, confirm=lambda _: True)
        finally:
            simulator.set_faults("")
        assert not outcome.complete
        assert (outcome.included, outcome.excluded) == (0, 0)


def test_scores_do_not_move(begun: Context, simulator: Simulator) -> None:
    """What a candidate scored on one night it scores on every later one, bit for bit."""
    simulator.today = date(2024, 9, 1)
    run_night(later(begun, date(2024, 9, 1)))
    first = {candidate.report_id: candidate.score for candidate in list_candidates(begun)}
    simulator.today = date(2025, 6, 1)
    run_night(later(begun, date(2025, 6, 1)))
    second = {candidate.report_id: candidate for candidate in list_candidates(begun)}
    unchanged = [id_ for id_ in first if id_ in second and _texts(begun, id_) == 1]
    assert len(unchanged) > 10
    assert all(second[id_].score == first[id_] for id_ in unchanged)


def _texts(context: Context, report_id: int) -> int:
    from ivigil.surveillance.candidates import show_report

    return len(show_report(context, report_id)["scores"])


def test_retraining_learns_from_decisions(begun: Context, simulator: Simulator) -> None:
    """A challenger that learned from decisions is measured against the champion and takes its place if it wins."""
    simulator.today = date(2025, 6, 1)
    night = later(begun, date(2025, 6, 1))
    run_night(night)
    for candidate in list_candidates(night):
        if candidate.verdict == "eligible":
            decide(night, candidate.report_id, "include", reviewer="first")
        elif candidate.verdict == "ineligible":
            decide(night, candidate.report_id, "exclude", reviewer="first")
    outcome = retrain(night)
    assert (outcome.champion, outcome.challenger) == ("v1", "v2")
    assert {trial["name"] for trial in outcome.metrics["trials"]} >= {"folds"}
    champion = load_champion(night)
    assert champion is not None
    assert champion[0].version == ("v2" if outcome.promoted else "v1")
    assert champion[0].card["labels"]["included"] > 12 or not outcome.promoted


def test_retraining_on_shuffled_labels_is_refused(begun: Context) -> None:
    """A challenger that has learned noise is kept for inspection and not promoted; every score stays."""
    before = held(begun.store)["scores"]
    with begun.store.transaction() as session:
        rows = list(session.scalars(select(LabelRow).order_by(LabelRow.id)))
        values = [row.included for row in rows]
        random.Random(7).shuffle(values)
        for row, value in zip(rows, values, strict=True):
            row.included = value
    outcome = retrain(later(begun, date(2024, 5, 1)))
    assert not outcome.promoted
    assert "random" in outcome.why
    champion = load_champion(begun)
    assert champion is not None
    assert champion[0].version == "v1"
    assert held(begun.store)["scores"] == before


def test_retraining_without_labels_is_refused(tmp_path, simulator, protocol) -> None:
    """With nothing included there is nothing to learn, and the error says what to do."""
    with at(settings_for(tmp_path, simulator), protocol, simulator, CUTOFF) as context:
        with pytest.raises(TooFewPositives) as caught:
            retrain(context)
        assert "--labels" in (caught.value.hint or "")


def test_a_changed_model_file_is_refused(begun: Context) -> None:
    """A champion whose file is not what the store knows is refused, not used."""
    file = begun.screener_folder / "v1" / "screener.skops"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelMismatch):
        load_champion(begun)


LEAST = """\
[review]
name = "everything"
title = "Everything a folder of PubMed XML holds"
start = 1990-01-01
cutoff = 2016-01-01
[strategies]
pubmed = "all[sb]"
[criteria.sample_size]
minimum = 5
"""


def test_the_least_protocol_runs_a_night(tmp_path, simulator) -> None:
    """A protocol with one criterion and no terms searches, ranks and reads without an error."""
    protocol = parse_protocol(LEAST, Path("least.toml"))
    with at(settings_for(tmp_path, simulator, sources=("pubmed",)), protocol, simulator, date(2016, 3, 1)) as context:
        summary = run_night(context)
        assert summary.status == "complete"
        assert summary.new_reports > 0
        assert summary.eligible == 0


def test_real_citations_are_harvested_over_the_wire(tmp_path, shared) -> None:
    """A file of 604 real citations comes in whole through the E-utilities wire; its withdrawn citation does not."""
    protocol = parse_protocol(LEAST.replace("2016-01-01", "2000-01-01"), Path("least.toml"))
    corpus = shared / "data" / "pubmed" / "medline16n0902.xml.gz"
    with Simulator(corpus=corpus, rate_limit=False) as simulator:
        day = date(2026, 1, 1)
        with at(settings_for(tmp_path, simulator, sources=("pubmed",)), protocol, simulator, day) as context:
            summary = run_night(context)
            search = summary.sources[0].search
            assert (summary.status, search.reported, search.fetched, summary.new_records) == ("complete", 604, 604, 604)
            with context.store.transaction() as session:
                assert len(session.scalars(select(RecordRow.pmid).distinct()).all()) == 604
