"""The registry of screeners, the monthly audit and the explanations, on a review at work."""

from __future__ import annotations

from datetime import date

import pytest

from ivigil.errors import ConfigurationError, ModelMismatch, NotFound
from ivigil.screening import FusionScreener
from ivigil.screening.recipe import SHIPPED
from ivigil.simulator import Simulator
from ivigil.store import ranked
from ivigil.surveillance import training
from ivigil.surveillance.audit import audit_below
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.explaining import explain_report
from ivigil.surveillance.night import run_night
from ivigil.surveillance.ranking import load_champion, score_reports
from ivigil.surveillance.retrain import retrain
from ivigil.surveillance.screeners import list_promotions, list_screeners, roll_back
from ivigil.surveillance.training import labelled_reports, passed_of
from review_at_work import held, later
from timing import cpu_seconds

DAY = date(2025, 6, 1)


@pytest.fixture
def watched(begun: Context, simulator: Simulator) -> Context:
    """The review after one night in June 2025, with undecided reports."""
    simulator.today = DAY
    night = later(begun, DAY)
    run_night(night)
    return night


def decide_as_read(context: Context) -> None:
    for candidate in list_candidates(context):
        if candidate.verdict in ("eligible", "ineligible"):
            value = "include" if candidate.verdict == "eligible" else "exclude"
            decide(context, candidate.report_id, value, reviewer="ada")


def test_the_champion_is_the_fusion_and_its_card_stands_beside_the_baseline(begun: Context) -> None:
    """The shipped recipe trains the first screener; its card tells its held-out loss beside elas_u4's."""
    (only,) = list_screeners(begun)
    assert (only.version, only.champion, only.card["recipe"]["name"]) == ("v1", True, "fusion")
    loss = next(row for row in only.card["metrics"] if row["metric"] == "loss")
    assert 0 <= loss["model"]["low"] <= loss["model"]["value"] <= loss["model"]["high"] < 0.5
    assert loss["baseline"]["value"] < 0.5
    assert list_promotions(begun)[0].why


def test_a_winner_is_promoted_and_a_rollback_restores_every_score(watched: Context) -> None:
    """A challenger that knows more takes over; going back brings back each score, bit for bit, and both are kept."""
    before = {one.report_id: one.score for one in list_candidates(watched)}
    decide_as_read(watched)
    outcome = retrain(watched)
    assert outcome.promoted, outcome.why
    comparison = list_screeners(watched)[0].card["comparison"]
    assert comparison["promoted"] is True
    assert {trial["name"] for trial in comparison["trials"]} >= {"folds"}
    with watched.store.transaction() as session:
        kept = dict(scores_by(session, "v2"))
    roll_back(watched, "v1", reviewer="ada")
    with watched.store.transaction() as session:
        assert {id_: score for id_, score in scores_by(session, "v1").items() if id_ in before} == before
        assert scores_by(session, "v2") == kept
    assert [one.version for one in list_screeners(watched) if one.champion] == ["v1"]
    assert score_reports(watched) == 0


def test_a_worse_recipe_does_not_take_the_place_of_a_better(begun: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The champion is compared by its own recipe, so that an upgrade for the worse is refused on equal labels."""
    worse = SHIPPED.weighted(dict.fromkeys(SHIPPED.weights, 0.0) | {"words": 0.01, "elsewhere": 1.0})
    monkeypatch.setattr(training, "screener_maker", lambda *_: lambda: FusionScreener(None, worse))
    outcome = retrain(begun)
    assert not outcome.promoted
    for trial in outcome.metrics["trials"]:
        assert trial["champion_loss"]["value"] < trial["challenger_loss"]["value"] - 0.1
    assert [one.version for one in list_screeners(begun) if one.champion] == ["v1"]


def test_a_champion_that_cannot_be_made_again_does_not_stop_a_retraining(watched: Context) -> None:
    """Where its file is gone, its labels are compared under the shipped recipe, for retraining is the way out."""
    (watched.screener_folder / "v1" / "screener.skops").unlink()
    assert retrain(watched).challenger == "v2"


def scores_by(session, version):
    row = ranked.screener(session, "ivig-ssc", version)
    return ranked.scores_under(session, row.id)


def test_a_rollback_refuses_what_is_not_there_or_not_whole(watched: Context) -> None:
    """An unknown version, the champion itself and a changed file are refused, and the champion stays."""
    with pytest.raises(NotFound):
        roll_back(watched, "v9", reviewer="ada")
    with pytest.raises(ConfigurationError):
        roll_back(watched, "v1", reviewer="ada")
    decide_as_read(watched)
    retrain(watched)
    champion = load_champion(watched)
    assert champion is not None
    other = "v1" if champion[0].version == "v2" else "v2"
    file = watched.screener_folder / other / "screener.skops"
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(ModelMismatch):
        roll_back(watched, other, reviewer="ada")
    again = load_champion(watched)
    assert again is not None
    assert again[0].version == champion[0].version


def test_a_month_has_one_audit_and_reading_it_bounds_what_was_missed(watched: Context) -> None:
    """The sample lies below the threshold, stays as drawn after decisions and retraining, and each reading tightens."""
    first = audit_below(watched, count=5)
    champion = load_champion(watched)
    assert champion is not None
    threshold = champion[0].card["guarantee"]["threshold"]
    assert 0 < len(first.sample) <= 5
    assert all(one.score is not None and one.score < threshold for one in first.sample)
    assert (first.read, first.at_most) == (0, None)
    for one in first.sample:
        decide(watched, one.report_id, "exclude", reviewer="ada")
    retrain(watched)
    after = audit_below(watched, reviewer="ada")
    assert [one.report_id for one in after.sample] == [one.report_id for one in first.sample]
    assert (after.read, after.included, after.below) == (len(first.sample), 0, first.below)
    assert after.at_most is not None
    assert after.at_most < first.below
    assert after.sample[0].mine == "exclude"
    assert "95%" in after.sentence
    assert after.as_json()["at_most"] == after.at_most
    following = audit_below(later(watched, date(2025, 7, 2)))
    assert following.month == "2025-07"
    assert not {one.report_id for one in following.sample} & {one.report_id for one in first.sample}


def test_an_explanation_adds_up_and_names_reports(watched: Context) -> None:
    """Blocks sum to the stored score; neighbours are labelled reports of the library, with their titles."""
    best = list_candidates(watched)[0]
    told = explain_report(watched, best.report_id)
    assert sum(told.blocks.values()) == pytest.approx(best.score)
    assert told.terms_for
    assert told.nearest_included
    assert all(one.title for one in told.nearest_included + told.nearest_excluded)
    with pytest.raises(NotFound):
        explain_report(watched, 10**6)


def test_an_explanation_is_fast_enough_for_a_page(watched: Context) -> None:
    """Twenty listed candidates are explained in two seconds of processor time, the model loaded once."""
    listed = list_candidates(watched, 20)
    explain_report(watched, listed[0].report_id)
    assert cpu_seconds(lambda: [explain_report(watched, one.report_id) for one in listed]) < 2
    assert not any(explain_report(watched, one.report_id).unknown for one in listed)


def test_first_stage_decisions_are_learned_from(watched: Context) -> None:
    """Who passed title and abstract is known from either stage's decisions, and reaches the screener and its card."""
    near, far, *_ = (one.report_id for one in list_candidates(watched))
    decide(watched, near, "include", reviewer="ada")
    decide(watched, near, "exclude", reviewer="ada", stage="full-text")
    decide(watched, far, "exclude", reviewer="ada")
    with watched.store.transaction() as session:
        passed = passed_of(watched, session)
        labelled = labelled_reports(watched, session)
    assert (passed[near], passed[far]) == (True, False)
    assert labelled.passed is not None
    assert sum(labelled.passed) == 13
    retrain(watched)
    assert list_screeners(watched)[0].card["labels"] == {"included": 12, "excluded": 408, "passed_title_abstract": 13}


def test_nothing_moves_a_held_score_across_a_restart(watched: Context) -> None:
    """Scored again from the model file, every report has the score in the store, bit for bit."""
    champion = load_champion(watched)
    assert champion is not None
    before = held(watched.store)["scores"]
    from ivigil.surveillance.training import document_of

    for one in list_candidates(watched, 20):
        assert float(champion[1].score([document_of(one.best, one.report_id)])[0]) == one.score
    assert held(watched.store)["scores"] == before
