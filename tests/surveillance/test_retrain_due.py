"""When a retraining is due by the protocol's rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigil.protocol import Screening
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide, undo
from ivigil.surveillance.night import run_night
from ivigil.surveillance.retrain import retrain
from ivigil.surveillance.retrain_due import SinceTraining, retrain_due, why_due
from library_at_hand import NOW, library_of, paper
from review_at_work import later

RULE = Screening(retrain_after_decisions=10, retrain_every_days=30)


@pytest.mark.parametrize(
    ("rule", "days", "decisions", "labels", "due"),
    [
        (RULE, 1, 9, 0, None),
        (RULE, 1, 10, 0, "10 decisions are waited for"),
        (RULE, 29, 1, 5, None),
        (RULE, 30, 1, 0, "every 30 days"),
        (RULE, 30, 0, 1, "every 30 days"),
        (RULE, 300, 0, 0, None),
        (Screening(), 300, 500, 500, None),
        (Screening(retrain_every_days=30), 1, 500, 500, None),
    ],
)
def test_the_rule(rule: Screening, days: int, decisions: int, labels: int, due: str | None) -> None:
    """Enough decisions, or enough days with anything judged in them; without a rule never."""
    said = why_due(rule, SinceTraining("v3", NOW - timedelta(days=days), decisions, labels), NOW)
    assert said is None if due is None else due in (said or "")


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 90), st.integers(1, 20))
def test_more_judgements_never_make_it_less_due(decisions: int, labels: int, days: int, more: int) -> None:
    """What is due stays due when more is decided."""
    since = SinceTraining("v1", NOW - timedelta(days=days), decisions, labels)
    if why_due(RULE, since, NOW):
        assert why_due(RULE, replace(since, decisions=decisions + more), NOW)


def test_decisions_make_it_due_and_a_training_ends_it(begun: Context, simulator) -> None:
    """Ten standing decisions make a retraining due, one taken back does not count; after it nothing is due, promoted
    or not.
    """
    simulator.today = date(2025, 6, 1)
    night = later(begun, date(2025, 6, 1))
    run_night(night)
    assert retrain_due(night) is None
    found = list_candidates(night)[:10]
    made = [
        decide(night, one.report_id, "include" if one.verdict == "eligible" else "exclude", reviewer="ada")
        for one in found
    ]
    assert "10 decisions and 0 labels since v1" in (retrain_due(night) or "")
    undo(night, made[-1], reviewer="ada")
    assert "every 30 days" in (retrain_due(night) or "")
    outcome = retrain(later(begun, date(2025, 6, 2)))
    assert outcome.challenger == "v2"
    assert retrain_due(later(begun, date(2025, 6, 3))) is None
    assert outcome.page.startswith("# challenger against v1")
    assert "| held out |" in outcome.page


def test_nothing_is_due_while_too_little_is_included(tmp_path: Path) -> None:
    """With fewer included reports than a screener needs a retraining could only fail, so none is due."""
    with library_of(tmp_path, [paper(number) for number in range(1, 14)]) as held:
        context = Context(
            held.settings,
            held.protocol.model_copy(update={"screening": RULE}),
            held.store,
            Clock(fixed=NOW + timedelta(days=1)),
            held.session,
        )
        for candidate in list_candidates(context, 12):
            decide(context, candidate.report_id, "exclude", reviewer="ada")
        assert retrain_due(context) is None
