"""Counting by record and by pair."""

from __future__ import annotations

import pytest

from ivigil.linking.metrics import Counts, count_pairs, count_records

IDS = list("abcdefgh")
KNOWN = [["a", "b", "c"], ["d", "e"]]


def test_perfect_clusters_have_no_errors():
    """What is found as known leaves nothing false, by record and by pair."""
    assert count_records(IDS, KNOWN, KNOWN) == Counts(tp=3, fp=0, fn=0, tn=5)
    assert count_pairs(IDS, KNOWN, KNOWN) == Counts(tp=4, fp=0, fn=0, tn=24)


def test_missed_duplicate_is_a_false_negative():
    """One record that should have gone and stayed counts once by record, and once for each pair it is in."""
    assert count_records(IDS, KNOWN, [["a", "b"], ["d", "e"]]) == Counts(tp=2, fp=0, fn=1, tn=5)
    assert count_pairs(IDS, KNOWN, [["a", "b"], ["d", "e"]]) == Counts(tp=2, fp=0, fn=2, tn=24)


def test_lost_single_is_a_false_positive():
    """A record without a duplicate that goes is lost."""
    found = [*KNOWN, ["f", "g"]]
    assert count_records(IDS, KNOWN, found) == Counts(tp=3, fp=1, fn=0, tn=4)
    assert count_pairs(IDS, KNOWN, found).fp == 1


def test_two_sets_in_one_lose_one_record_and_many_pairs():
    """Joining two known sets loses one document by record; by pair every false claim shows."""
    merged = [["a", "b", "c", "d", "e"]]
    assert count_records(IDS, KNOWN, merged) == Counts(tp=3, fp=1, fn=0, tn=4)
    assert count_pairs(IDS, KNOWN, merged).fp == 6


def test_rates_follow_their_definitions():
    """Sensitivity, specificity, precision and F1 are ratios of the counts, None where there is nothing to divide by."""
    counts = Counts(tp=8, fp=2, fn=4, tn=6)
    assert counts.sensitivity == pytest.approx(8 / 12)
    assert counts.specificity == pytest.approx(6 / 8)
    assert counts.precision == pytest.approx(8 / 10)
    assert counts.f1 == pytest.approx(16 / 22)
    assert Counts(0, 0, 0, 5).sensitivity is None
    assert Counts(0, 0, 0, 5).precision is None
