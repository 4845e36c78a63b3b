import hashlib

import numpy as np
import pytest

from ivigil.screening import Document, FusionScreener, load_encoder
from ivigil.screening.encoders import CachedEncoder
from timing import cpu_seconds

WORDS_IN_AN_ABSTRACT = 220


class WideEncoder:
    """A vector of MiniLM's width for each text, drawn from its hash."""

    identity = "wide/384"

    def encode(self, texts):
        drawn = [
            np.random.default_rng(list(hashlib.sha256(text.encode()).digest())).standard_normal(384) for text in texts
        ]
        return np.array([row / np.linalg.norm(row) for row in drawn], dtype=np.float32).reshape(-1, 384)


@pytest.fixture(scope="module")
def long_documents():
    """468 records with abstracts of usual length, of a vocabulary as wide as a review's."""
    rng = np.random.default_rng(0)
    shares = 1 / np.arange(1, 8001)
    words = np.array([f"{a}{b}" for a in ("trial", "dose", "skin", "lung", "serum") for b in range(1600)])

    def text(length):
        return " ".join(rng.choice(words, length, p=shares / shares.sum()))

    return [Document(str(at), text(14), text(WORDS_IN_AN_ABSTRACT)) for at in range(468)]


def test_training_on_418_records_with_kept_embeddings_takes_under_five_seconds(long_documents, criteria, tmp_path):
    """Twelve included, 406 not, everything but the sentence vectors made anew."""
    known, labels = long_documents[:418], np.array([1] * 12 + [0] * 406)
    passed = np.maximum(labels, np.arange(418) % 9 == 0)
    encoder = CachedEncoder(WideEncoder(), tmp_path)
    encoder.encode([text for one in known for text in (one.text, one.title)])
    options = {"criteria_text": criteria, "passed": passed}
    assert cpu_seconds(lambda: FusionScreener(encoder).fit(known, labels, **options), tries=1) < 5


def test_a_night_of_fifty_is_scored_in_under_five_seconds(long_documents, review, criteria, tmp_path):
    """Fifty abstracts never seen before, encoded and scored, beside the loading of model and encoder."""
    documents, labels = review
    screener = FusionScreener(load_encoder(cache=tmp_path)).fit(documents, labels, criteria_text=criteria)
    assert cpu_seconds(lambda: screener.score(long_documents[418:]), tries=1) < 5
