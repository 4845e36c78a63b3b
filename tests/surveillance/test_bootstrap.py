"""The beginning of a living review: its labels, its first screener, and what a retraining may change."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from ivigil.errors import ModelMismatch, TooFewPositives
from ivigil.protocol_file import parse_protocol
from ivigil.settings import Settings, SourceSettings
from ivigil.simulator import Simulator
from ivigil.store.tables import LabelRow, RecordRow
from ivigil.surveillance.bootstrap import bootstrap
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.night import run_night
from ivigil.surveillance.ranking import load_champion
from ivigil.surveillance.reconstructing import Proposal, ProposedStudy
from ivigil.surveillance.retrain import retrain
from ivigil.surveillance.status import review_status
from review_at_work import at, held, later, settings_for

CUTOFF, PUBLISHED = date(2024, 4, 15), date(2024, 7, 1)


@pytest.fixture
def with_crossref(tmp_path: Path, simulator: Simulator) -> Settings:
    """Settings of a review that may ask Crossref too."""
    settings = settings_for(tmp_path, simulator)
    reached = settings.source | {"crossref": SourceSettings(base_url=simulator.base_url("crossref"))}
    return settings.model_copy(update={"sources": (*settings.sources, "crossref"), "source": reached})


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
    """Without a reference list known studies are proposed beside what reads as eligible, and the proposal says why so;
    a refusal labels nothing, a consent everything.
    """
    asked: list[Proposal] = []

    def answer(consent):
        return lambda proposal: asked.append(proposal) or consent

    with at(settings_for(tmp_path, simulator), protocol, simulator, CUTOFF) as context:
        refused = bootstrap(context, confirm=answer(False))
        assert (refused.included, refused.excluded, refused.basis) == (0, 0, None)
        assert "reconstruction" in refused.as_json()
        assert refused.as_json()["reconstruction"] is None
        known = [study for study in asked[0].included if study.ground.startswith("known")]
        assert len(known) == len(protocol.verified_studies)
        agreement = asked[0].agreement
        assert (agreement.published_studies, agreement.published_patients) == (12, 266)
        assert agreement.how == "known studies + reads as eligible"
        assert "no enabled source knows reference lists" in (asked[0].why_not or "")
        taken = bootstrap(context, confirm=answer(True))
        assert taken.basis == "reconstruction"
        assert taken.included == len(asked[1].included)
        assert taken.included + taken.excluded == 418


def pmid_of(context: Context, study: ProposedStudy) -> str:
    with context.store.transaction() as session:
        return session.get_one(RecordRow, study.record_id).pmid or ""


def test_the_review_s_reference_list_gives_the_included_set(tmp_path, simulator, protocol, with_crossref) -> None:
    """Of 53 deposited references, the twelve that the searches hold and the criteria do not rule out are proposed; the
    card, the outcome and a repeat say by which way it was and how far the counts agree.
    """
    asked: list[Proposal] = []
    with at(with_crossref, protocol, simulator, PUBLISHED) as context:
        outcome = bootstrap(context, confirm=lambda proposal: asked.append(proposal) or True)
        assert {pmid_of(context, study) for study in asked[0].included} == {
            pmid for pmid, label in simulator.labels().items() if label.included
        }
        assert (asked[0].listed, asked[0].excluded, asked[0].why_not) == (53, 406, None)
        assert 20 < asked[0].held < 53
        said = outcome.as_json()["labels"]
        assert (said["included"], said["excluded"], said["basis"]) == (12, 406, "reconstruction")
        assert said["how"] == "reference list (Crossref) ∩ searches ∩ criteria"
        assert (said["studies"], said["published_studies"], said["published_patients"]) == (12, 12, 266)
        assert said["patients"] == sum(study.n_treated or 0 for study in asked[0].included)
        unsaid = [study for study in asked[0].included if study.n_treated is None]
        truth = sum(label.n_treated for label in simulator.labels().values() if label.included)
        named = [simulator.labels()[pmid_of(context, study)].n_treated for study in unsaid]
        assert said["without_number"] == len(unsaid) == 2
        assert said["patients"] == truth - sum(named)
        assert outcome.screener is not None
        assert outcome.screener.card["label_basis"].startswith(
            "reconstruction, by reference list (Crossref) ∩ searches ∩ criteria: 12 studies (12 published)"
        )
        again = bootstrap(context, confirm=lambda _: pytest.fail("nothing is left to confirm"))
        assert again.reconstruction == outcome.reconstruction


def test_a_failing_reference_list_leaves_the_other_way(tmp_path, simulator, protocol, with_crossref) -> None:
    """Where the list cannot be had the proposal rests on what reads as eligible, and names the failure."""
    asked: list[Proposal] = []
    with at(with_crossref, protocol, simulator, PUBLISHED) as context:
        simulator.set_faults("crossref:404*")
        try:
            outcome = bootstrap(context, confirm=lambda proposal: asked.append(proposal) or False)
        finally:
            simulator.set_faults("")
        assert outcome.complete
        assert outcome.basis is None
        assert asked[0].agreement.how == "known studies + reads as eligible"
        assert (asked[0].why_not or "").startswith("crossref: ")


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
