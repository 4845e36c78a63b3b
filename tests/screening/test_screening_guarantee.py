import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from ivigil.errors import ScreenerError, TooFewPositives
from ivigil.screening import Guarantee, audit_sample, missed_at_most


def test_twelve_included_studies_promise_twelve_thirteenths():
    """Twelve give the lowest score as threshold, a promise of 92.3 %, surely 77.9 %, and seven are wanting."""
    told = Guarantee.of(np.arange(12.0) + 5, np.arange(20.0))
    assert told.threshold == 5
    assert told.coverage == pytest.approx(12 / 13)
    assert told.at_least == pytest.approx(0.05 ** (1 / 12))
    assert told.pool_share == pytest.approx(15 / 20)
    assert told.more_needed == 7
    for part in ("12 included", "92.3%", "77.9%", "75%", "exchangeability", "7 more"):
        assert part in told.sentence()


@pytest.mark.parametrize(("count", "place"), [(18, 0), (19, 0), (38, 0), (39, 1), (59, 2)])
def test_the_threshold_rises_only_when_95_percent_still_holds(count, place):
    """Nineteen included studies are the first to promise 95 %; from thirty-nine on one of them may be left below."""
    told = Guarantee.of(np.arange(float(count)))
    assert told.threshold == place
    assert (told.coverage >= 0.95 - 1e-12) == (count >= 19)
    assert told.more_needed == max(19 - count, 0)


def test_the_promise_is_kept_on_average():
    """For exchangeable scores the empirical coverage over many reviews is the promised one."""
    rng = np.random.default_rng(4)
    scores = rng.standard_normal((4000, 13))
    kept = [row[12] >= Guarantee.of(row[:12]).threshold for row in scores]
    assert np.mean(kept) == pytest.approx(12 / 13, abs=0.015)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=80))
def test_more_confidence_never_promises_more(scores):
    """The companion bound is below the promise, and both are shares."""
    told = Guarantee.of(scores)
    assert 0 < told.at_least < told.coverage < 1
    assert (np.array(scores) >= told.threshold).mean() >= told.coverage - 1 / len(scores)
    assert told.to_dict()["sentence"] == told.sentence()


def test_nothing_is_promised_from_nothing():
    """No included study, or a score that is no number, is an error."""
    with pytest.raises(TooFewPositives):
        Guarantee.of([])
    with pytest.raises(ScreenerError, match="finite"):
        Guarantee.of([0.1, float("nan")])


def test_an_audit_bounds_what_was_missed():
    """Sixty reports of a thousand read and none included: with 95 % confidence at most 48 are missed."""
    bound = missed_at_most(60, 0, 1000)
    assert bound == 48
    assert binom.cdf(0, 60, bound / 1000) > 0.05 > binom.cdf(0, 60, (bound + 2) / 1000)
    assert missed_at_most(60, 2, 1000) > bound
    assert missed_at_most(1000, 3, 1000) == 3
    assert missed_at_most(0, 0, 10) == 10
    with pytest.raises(ScreenerError):
        missed_at_most(5, 6, 10)


def test_an_audit_sample_is_drawn_by_the_given_generator():
    """The same generator draws the same reports, each once, in the order given."""
    ids = [f"r{at:03}" for at in range(100)]
    drawn = audit_sample(ids, 10, np.random.default_rng(1))
    assert drawn == audit_sample(ids, 10, np.random.default_rng(1))
    assert len(set(drawn)) == 10
    assert drawn == sorted(drawn)
    assert audit_sample(ids[:3], 10, np.random.default_rng(1)) == ids[:3]
