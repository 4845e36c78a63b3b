"""What pages show of screeners, second readings and alerts."""

from __future__ import annotations

import re

import pytest
from review_client import local, named

from ivigil.screening.card import Interval
from ivigil.screening.comparison import Comparison, Trial
from ivigil.store import ledger, ranked
from ivigil.surveillance.context import Context
from ivigil.surveillance.explaining import Likeness, Why
from ivigil.surveillance.reviewers import Role
from library_at_hand import NOW, keep_screener, keep_second_reading


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_screener_page_tells_why_a_challenger_lost(context: Context) -> None:
    """Its table has both losses with intervals, the difference and the last included; the curve is of held-out loss."""
    first = keep_screener(context, "v7", 0.123)
    with context.store.transaction() as session:
        ranked.promote(session, first, "first", context.clock.now())
    trial = Trial(
        "folds",
        Interval(value=0.123, low=0.1, high=0.15),
        Interval(value=0.177, low=0.14, high=0.21),
        Interval(value=0.054, low=0.02, high=0.08),
        0.31,
        0.45,
    )
    compared = Comparison("v7", "challenger", (trial,), promoted=False, why="folds: its loss may be worse")
    keep_screener(context, "v8", 0.177, comparison=compared.to_dict())
    page = local(context).get("/screener").text
    said = words_of(page)
    assert "v8 against v7 not promoted Folds: its loss may be worse" in said
    assert "Folds 0.123 [0.100, 0.150] 0.177 [0.140, 0.210] 0.054 [0.020, 0.080] 31.0 % → 45.0 %" in said
    assert 'aria-label="Held-out loss by screener: v7 0.123, elas_u4 0.211; v8 0.177, elas_u4 0.211"' in page


def test_a_second_reading_stands_beside_the_rules(context: Context) -> None:
    """The report's page names the second reader's model and words, and says where it disagrees with the rules."""
    keep_second_reading(context, 1)
    said = words_of(local(context).get("/reports/1").text)
    assert "Second reader reader-x" in said
    assert "The two readings disagree" in said
    assert "a mixed group" in said
    assert "the rules: " in said


def test_an_admin_works_the_outbox(context: Context) -> None:
    """Due alerts are delivered, channels tried and dead letters revived by buttons that others do not get."""
    admin = named(context, "ada", Role.ADMIN)
    reviewer = named(context, "grace", Role.REVIEWER)
    assert reviewer.submit("/alerts/deliver").status_code == 403
    assert "0 delivered, 0 failed, 0 given up" in admin.submit("/alerts/deliver").text
    assert admin.submit("/alerts/test").status_code == 200
    assert "0 deliveries will be tried again" in admin.submit("/alerts/revive").text


def test_a_run_names_the_kind_of_each_question(context: Context) -> None:
    """A question that has no window says when it was asked, and what of; its kind stands beside its source."""
    with context.store.transaction() as session:
        run = ledger.open_run(session, "night", as_of=NOW, now=NOW)
        ledger.open_lookup(session, run, "unpaywall", "locate doi:10.5555/1", kind=ledger.FULL_TEXTS, now=NOW)
    said = words_of(local(context).get(f"/runs/{run}").text)
    assert "Unpaywall Full texts" in said
    assert "Asked on 01 Mar 2025" in said
    assert "Question locate doi:10.5555/1" in said


def test_a_score_is_taken_apart(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report's page says what its score is made of, which of the criteria's words it has and what it reads like."""
    why = Why(
        blocks={"words": 1.25, "criteria": -0.5},
        criteria_terms=("skin", "adults"),
        nearest_included=(Likeness(2, "A cohort of forty", 0.4),),
        nearest_excluded=(Likeness(3, "A review of cohorts", 0.3),),
    )
    monkeypatch.setattr("ivigil.review.routes.report.explain_report", lambda *_: why)
    said = words_of(local(context).get("/reports/1").text)
    assert "Parts of the score Words +1.250 Criteria −0.500 It shares with the criteria: skin, adults" in said
    assert "Nearest included A cohort of forty 0.40 Nearest excluded A review of cohorts 0.30" in said
