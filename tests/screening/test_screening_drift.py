import numpy as np
import pytest

from ivigil.errors import ScreenerError
from ivigil.screening import Document
from ivigil.screening.drift import measure_drift


def stream(words, count, seed):
    rng = np.random.default_rng(seed)
    return [Document(f"{seed}-{at}", " ".join(rng.choice(words, size=12))) for at in range(count)]


OLD = [f"word{at}" for at in range(60)]
NEW = [f"novel{at}" for at in range(60)]


def test_the_same_kind_of_stream_is_no_drift():
    """Another draw of the same words and scores is not called a change."""
    rng = np.random.default_rng(0)
    told = measure_drift(
        stream(OLD, 300, 1), rng.normal(size=300), stream(OLD, 100, 2), rng.normal(size=100), threshold=1.5, rng=rng
    )
    assert told.findings == ()
    assert told.unknown_words == 0


def test_new_words_scores_and_prevalence_are_each_said():
    """Unknown words, shifted scores and a changed share above the threshold are three findings."""
    rng = np.random.default_rng(0)
    told = measure_drift(
        stream(OLD, 300, 1),
        rng.normal(size=300),
        stream(OLD[:30] + NEW, 100, 2),
        rng.normal(1, size=100),
        threshold=1.5,
        rng=rng,
    )
    assert len(told.findings) == 3
    assert 0.5 < told.unknown_words < 0.8
    assert told.vocabulary_distance > 0.5
    assert told.to_dict()["findings"] == list(told.findings)


def test_a_small_night_is_not_called_a_change():
    """Five odd documents are too few to say anything."""
    rng = np.random.default_rng(0)
    told = measure_drift(stream(OLD, 300, 1), rng.normal(size=300), stream(NEW, 5, 2), [9.0] * 5, threshold=1, rng=rng)
    assert told.findings == ()
    assert told.unknown_words == 1


def test_drift_needs_something_to_compare():
    """Without documents, or without a score for each, there is no drift to measure."""
    rng = np.random.default_rng(0)
    with pytest.raises(ScreenerError, match="needs"):
        measure_drift([], [], [], [], threshold=0, rng=rng)
    with pytest.raises(ScreenerError, match="one score"):
        measure_drift(stream(OLD, 5, 1), [1.0], stream(OLD, 5, 2), [1.0] * 5, threshold=0, rng=rng)
