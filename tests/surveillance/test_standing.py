"""Where a report stands, by what people said of it."""

from __future__ import annotations

import pytest

from ivigil.reports.flow import Fate
from ivigil.surveillance.agreement import FULL_TEXT, TITLE_ABSTRACT
from ivigil.surveillance.standing import Word, fate_of


def said(value, *, full_text=False, reason=None):
    return Word(value, FULL_TEXT if full_text else TITLE_ABSTRACT, reason)


@pytest.mark.parametrize(
    ("words", "fate"),
    [
        ([], Fate.AWAITING_SCREENING),
        ([said("exclude")], Fate.EXCLUDED),
        ([said("include")], Fate.AWAITING_FULL_TEXT),
        ([said("maybe")], Fate.AWAITING_SCREENING),
        ([said("include"), said("exclude")], Fate.AWAITING_SCREENING),
        ([said("include"), said("include", full_text=True)], Fate.INCLUDED),
        ([said("exclude"), said("include", full_text=True)], Fate.INCLUDED),
        ([said("include"), said("exclude", full_text=True, reason="too-few")], Fate.EXCLUDED_FULL_TEXT),
        ([said("exclude", full_text=True, reason="not-retrieved")], Fate.NOT_RETRIEVED),
        ([said("include", full_text=True), said("exclude", full_text=True)], Fate.AWAITING_FULL_TEXT),
        ([said("maybe", full_text=True)], Fate.AWAITING_FULL_TEXT),
    ],
)
def test_full_text_outweighs_the_abstract_and_people_who_differ_leave_a_report_waiting(words, fate):
    """The last stage with a word on it says what became of a report; two words that differ settle nothing."""
    assert fate_of(words) is fate


def test_where_two_must_decide_one_word_settles_nothing():
    """With two reviewers a report, a single vote leaves it waiting, at either stage, and a resolution settles it."""
    assert fate_of([said("exclude")], 2) is Fate.AWAITING_SCREENING
    assert fate_of([said("exclude"), said("exclude")], 2) is Fate.EXCLUDED
    assert fate_of([said("include", full_text=True)], 2) is Fate.AWAITING_FULL_TEXT
    settled = Word("include", FULL_TEXT, id=9, resolves=True)
    assert fate_of([said("exclude", full_text=True), said("include", full_text=True), settled], 2) is Fate.INCLUDED
