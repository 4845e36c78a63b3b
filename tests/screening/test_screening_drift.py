import numpy as np
import pytest

from ivigil.errors import ScreenerError
from ivigil.screening import Document
from ivigil.screening.drift import Stream, measure_drift


def stream(words, count, seed, *, mean=0.0, eligible=0):
    rng = np.random.default_rng(seed)
    documents = [Document(f"{seed}-{at}", " ".join(rng.choice(words, size=12))) for at in range(count)]
    return Stream(documents, rng.normal(mean, size=count), [at < eligible for at in range(count)])


def drift(reference, later, threshold=1.5):
    return measure_drift(reference, later, threshold=threshold, rng=np.random.default_rng(0))


OLD = [f"word{at}" for at in range(60)]
NEW = [f"novel{at}" for at in range(60)]


def test_the_same_kind_of_stream_is_no_drift():
    """Another draw of the same words, scores and readings is not called a change."""
    told = drift(stream(OLD, 300, 1, eligible=9), stream(OLD, 100, 2, eligible=3))
    assert told.findings == ()
    assert told.unknown_words == 0
    assert (told.eligible_share, told.eligible_share_before) == (0.03, 0.03)


def test_new_words_scores_and_prevalence_are_each_said():
    """Unknown words, shifted scores, and changed shares above the threshold and read as eligible are four findings."""
    told = drift(stream(OLD, 300, 1, eligible=9), stream(OLD[:30] + NEW, 100, 2, mean=1, eligible=30))
    assert len(told.findings) == 4
    assert 0.5 < told.unknown_words < 0.8
    assert told.vocabulary_distance > 0.5
    assert told.to_dict()["findings"] == list(told.findings)


def test_readings_alone_may_drift():
    """A stream that reads eligible far more often is said, though words and scores are the same."""
    (finding,) = drift(stream(OLD, 300, 1, eligible=9), stream(OLD, 100, 2, eligible=30)).findings
    assert "read as eligible" in finding


def test_a_small_night_is_not_called_a_change():
    """Five odd documents are too few to say anything."""
    told = drift(stream(OLD, 300, 1), stream(NEW, 5, 2, mean=9), threshold=1)
    assert told.findings == ()
    assert told.unknown_words == 1


def test_drift_needs_something_to_compare():
    """Without documents, or without scores and readings, there is no drift to measure."""
    nothing = Stream([], [], [])
    with pytest.raises(ScreenerError, match="two documents"):
        drift(nothing, nothing)
    with pytest.raises(ScreenerError, match="scores and readings"):
        drift(stream(OLD, 5, 1), Stream(stream(OLD, 5, 2).documents, [], []))
