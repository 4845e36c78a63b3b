from typing import ClassVar

import numpy as np
import pytest

from ivigil.errors import ScreenerError, TooFewPositives
from ivigil.screening import ElasU4, FusionScreener, Guarantee, out_of_fold_scores
from ivigil.screening.base import Explanation
from ivigil.screening.card import Interval
from ivigil.screening.comparison import (
    UNKNOWN,
    Contender,
    PromotionRule,
    Trial,
    compare,
    forward_splits,
    shares_above,
    verdict,
)
from ivigil.screening.folds import grouped_folds


def test_folds_never_part_a_group(review):
    """Reports of one study are held out together, and every record is held out once."""
    _, labels = review
    groups = [f"s{at // 2}" for at in range(len(labels))]
    held = []
    for train, out in grouped_folds(labels, groups, seed=1):
        assert not {groups[at] for at in train} & {groups[at] for at in out}
        held += out.tolist()
    assert sorted(held) == list(range(len(labels)))


def test_one_study_alone_cannot_be_held_out(review):
    """Twelve reports of a single study are one study: nothing is left to learn from."""
    _, labels = review
    groups = ["the one" if label else str(at) for at, label in enumerate(labels)]
    with pytest.raises(TooFewPositives):
        list(grouped_folds(labels, groups))


def test_out_of_fold_scores_are_not_those_of_training(review):
    """Held-out included records score lower than the same records in training."""
    documents, labels = review
    held_out = out_of_fold_scores(ElasU4, documents, labels)
    trained_on = ElasU4().fit(documents, labels).score(documents)
    assert held_out[labels == 1].mean() < trained_on[labels == 1].mean()
    assert np.isfinite(held_out).all()


def test_a_screener_holds_out_of_fold_scores_for_the_guarantee(review, criteria, encoder):
    """Training leaves one held-out score a record, from which a threshold follows."""
    documents, labels = review
    screener = FusionScreener(encoder).fit(documents, labels, criteria_text=criteria)
    assert screener.held_out_scores.shape == labels.shape
    told = Guarantee.of(screener.held_out_scores[labels == 1], screener.score(documents))
    assert told.positives == 12
    assert screener.held_out_scores[labels == 1].mean() > screener.held_out_scores[labels == 0].mean()


def test_shuffled_labels_are_not_promoted(review_maker):
    """A challenger whose labels were shuffled loses to the champion."""
    documents, labels = review_maker(included=14, excluded=70)
    shuffled = np.random.default_rng(2).permutation(labels)
    told = compare(Contender("old", ElasU4, labels), Contender("new", ElasU4, shuffled), documents, labels, seeds=(0,))
    assert not told.promoted
    assert "loss" in told.why


def test_shuffled_labels_are_not_promoted_even_when_taken_for_truth(review_maker):
    """When the shuffled labels are the only truth nobody can rank them, and the champion stays."""
    documents, labels = review_maker(included=14, excluded=70)
    shuffled = np.random.default_rng(2).permutation(labels)
    told = compare(
        Contender("old", ElasU4, labels), Contender("new", ElasU4, shuffled), documents, shuffled, seeds=(0, 1)
    )
    assert not told.promoted


def test_more_labels_are_promoted(review_maker):
    """A champion that knew six included records gives way to a challenger that knows twenty."""
    documents, labels = review_maker(included=24, excluded=120)
    known = labels.copy()
    known[6:24] = UNKNOWN
    known[60:] = UNKNOWN
    told = compare(
        Contender("old", ElasU4, known),
        Contender("new", ElasU4, labels),
        documents,
        labels,
        order=np.random.default_rng(0).permutation(len(labels)).tolist(),
        seeds=(0,),
    )
    assert told.promoted, told.why
    assert {trial.name for trial in told.trials} == {"folds", "forward in time"}
    page = told.to_markdown()
    assert "**Promoted**" in page
    assert told.to_dict()["trials"][0]["difference"]["value"] == told.trials[0].difference.value


class Fixed:
    """Ranks by a number in the title, whatever it was trained on; fitted copies note what they were given."""

    name = "fixed"
    seen: ClassVar[list[list[str]]] = []

    def fit(self, documents, labels, **_):
        self.seen.append([document.id for document in documents])
        return self

    def score(self, documents):
        return np.array([float(document.title.split()[-1]) for document in documents])

    def describe(self):
        return {"name": self.name}

    def explain(self, document):
        return Explanation(0.0)

    def state(self):
        return {}


def test_a_contender_learns_only_from_what_it_knew(review):
    """Records whose label a contender did not know are never in its training."""
    documents, labels = review
    Fixed.seen.clear()
    known = labels.copy()
    known[30:] = UNKNOWN
    compare(Contender("a", Fixed, known), Contender("b", Fixed, known), documents, labels, seeds=(0,))
    assert {name for seen in Fixed.seen for name in seen} <= {f"r{at}" for at in range(30)}


def test_the_same_screener_is_not_worse_than_itself(review):
    """Equal rankings differ by exactly nothing."""
    documents, labels = review
    same = compare(Contender("a", ElasU4, labels), Contender("b", ElasU4, labels), documents, labels, seeds=(0,))
    assert same.trials[0].difference == Interval(value=0, low=0, high=0)
    assert same.promoted


def test_labels_must_fit_the_documents(review):
    """A contender with too few labels is refused."""
    documents, labels = review
    with pytest.raises(ScreenerError, match="short: 5 labels"):
        compare(Contender("short", ElasU4, labels[:5]), Contender("b", ElasU4, labels), documents, labels)


def trial(difference=(0.0, 0.0, 0.0), challenger=(0.1, 0.05, 0.2), last=(0.3, 0.3)):
    def interval(numbers):
        return Interval(value=numbers[0], low=numbers[1], high=numbers[2])

    return Trial("folds", interval((0.1, 0.05, 0.2)), interval(challenger), interval(difference), *last)


@pytest.mark.parametrize(
    ("held", "promoted", "why"),
    [
        (trial(), True, "not worse"),
        (trial(difference=(-0.02, -0.03, 0.009)), True, "not worse"),
        (trial(difference=(-0.02, -0.06, 0.02)), False, "may be worse"),
        (trial(last=(0.3, 0.33)), False, "last included record"),
        (trial(challenger=(0.4, 0.3, 0.5)), False, "random order"),
    ],
)
def test_promotion_needs_loss_and_last_record(held, promoted, why):
    """A better mean does not buy a later last record, and a doubtful loss is not 'not worse'."""
    verdict_given, reason = verdict([held], PromotionRule())
    assert verdict_given is promoted
    assert why in reason


def test_one_failed_trial_is_enough():
    """Every trial must agree."""
    assert not verdict([trial(), trial(last=(0.1, 0.5))], PromotionRule())[0]


def test_time_is_never_turned_around():
    """Training rows precede ranked rows, and a study on both sides is not ranked."""
    labels = np.array([1, 0, 0, 1] * 10)
    order = np.arange(40.0)
    groups = [f"g{at}" for at in range(40)]
    groups[39] = groups[0]
    splits = list(forward_splits(labels, order, groups))
    assert splits
    for earlier, later in splits:
        assert order[earlier].max() < order[later].min()
        assert 39 not in later


def test_shares_above_are_the_loss_by_record():
    """Their mean is the loss, ties counted half."""
    shares = shares_above(np.array([1, 0, 1, 0, 0]), np.array([0.9, 0.5, 0.5, 0.7, 0.1]))
    assert shares.tolist() == [0.0, 0.5]
