import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigil.errors import ScreenerError
from ivigil.screening.metrics import (
    METRICS,
    average_precision,
    average_time_to_discovery,
    last_positive,
    loss,
    measure,
    ndcg,
    ranked_labels,
    recall_at,
    recall_at_count,
    work_saved,
)

rankings = st.lists(st.integers(0, 1), min_size=2, max_size=60).filter(lambda labels: 0 < sum(labels) < len(labels))


def test_figures_worked_by_hand():
    """Ten documents, included at ranks 1, 3 and 8: every metric as its definition gives it on paper."""
    ranked = [1, 0, 1, 0, 0, 0, 0, 1, 0, 0]
    assert loss(ranked) == pytest.approx((0 + 1 + 5) / (3 * 7))
    assert recall_at(ranked, 0.3) == pytest.approx(2 / 3)
    assert recall_at_count(ranked, 8) == 1.0
    assert average_time_to_discovery(ranked) == 4.0
    assert average_precision(ranked) == pytest.approx((1 + 2 / 3 + 3 / 8) / 3)
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert ndcg(ranked) == pytest.approx((1 + 1 / np.log2(4) + 1 / np.log2(9)) / ideal)
    assert last_positive(ranked) == 0.8


def test_work_saved_is_taken_where_asreview_takes_it():
    """With three included, 95 % is reached at the second; random order, rounded, has it at the fifth document."""
    evenly = np.round(np.linspace(0, 3, 10)).tolist()
    assert evenly == [0, 0, 1, 1, 1, 2, 2, 2, 3, 3]
    assert work_saved([1, 0, 1, 0, 0, 0, 0, 1, 0, 0]) == pytest.approx((6 - 3) / 10)


@given(rankings)
def test_the_best_order_loses_nothing_and_the_worst_everything(labels):
    """Loss is 0 with all included first and 1 with all last; NDCG and average precision are 1 at best."""
    best = sorted(labels, reverse=True)
    assert loss(best) == 0
    assert loss(best[::-1]) == pytest.approx(1)
    assert ndcg(best) == pytest.approx(1)
    assert average_precision(best) == pytest.approx(1)


@given(rankings)
def test_a_ranking_and_its_reverse_share_the_loss(labels):
    """What one order loses its reverse wins, so random order loses a half."""
    assert loss(labels) + loss(labels[::-1]) == pytest.approx(1)


@given(rankings, st.integers(0, 2**32 - 1))
def test_moving_an_included_document_up_never_hurts(labels, seed):
    """Swapping an excluded document with an included one below it improves or keeps every metric."""
    rng = np.random.default_rng(seed)
    worse = np.array(labels)
    above = [at for at in np.flatnonzero(worse == 0) if worse[at:].any()]
    if not above:
        return
    at = rng.choice(above)
    below = rng.choice(np.flatnonzero(worse[at:] == 1)) + at
    better = worse.copy()
    better[[at, below]] = better[[below, at]]
    for name, metric in METRICS.items():
        gain = metric(better) - metric(worse)
        assert (gain <= 1e-12) if name in ("loss", "atd", "last_positive") else (gain >= -1e-12), name


def test_ties_keep_the_order_given():
    """Equal scores leave documents as they came, so a constant score is judged as the list it was given."""
    assert ranked_labels([0, 1, 0, 1], [2.0, 2.0, 2.0, 3.0]).tolist() == [1, 0, 1, 0]


def test_one_kind_of_label_cannot_be_judged():
    """A list of included documents only has no metric."""
    with pytest.raises(ScreenerError, match="only one kind"):
        measure([1, 1], [0.1, 0.2])
