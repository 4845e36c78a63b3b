"""A small review written for these tests, and an encoder that needs no model."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import pytest

from ivigil.screening import Document

CRITERIA = "Trials of light therapy for winter depression in adults."
DRUGS = ("light therapy", "bright light", "dawn simulation")
OTHER = ("soil acidity", "bridge corrosion", "glacier retreat", "bee migration", "harbour dredging", "rice yield")


class WordHashEncoder:
    """Adds a fixed vector for each word: texts that share words point the same way."""

    identity = "word-hash/16"

    def __init__(self, identity: str = "word-hash/16") -> None:
        self.identity = identity
        self.encoded: list[str] = []

    def encode(self, texts):
        self.encoded += list(texts)
        sums = [sum((vector_of(word) for word in text.lower().split()), np.zeros(16)) for text in texts]
        return np.array([row / (np.linalg.norm(row) or 1.0) for row in sums], dtype=np.float32).reshape(-1, 16)


@cache
def vector_of(word):
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])
    return np.random.default_rng(seed).standard_normal(16)


def make_review(included: int = 12, excluded: int = 60, seed: int = 0):
    """Documents and labels: included ones are about light therapy, one in six of the excluded nearly so."""
    rng = np.random.default_rng(seed)
    documents, labels = [], []
    for at in range(included + excluded):
        positive = at < included
        near = not positive and at % 6 == 0
        topic = rng.choice(DRUGS) if positive or near else rng.choice(OTHER)
        title = f"{topic} {'trial in winter depression' if positive else 'survey'} site {rng.integers(40)}"
        abstract = (
            f"We studied {topic} over {rng.integers(2, 30)} weeks in {rng.integers(5, 90)} "
            f"{'adults with seasonal low mood' if positive else 'plots and stations'}; "
            f"{rng.choice(['results varied', 'the effect was large', 'no change was seen'])}."
        )
        documents.append(Document(f"r{at}", title, "" if at % 11 == 5 else abstract))
        labels.append(int(positive))
    return documents, np.array(labels)


@pytest.fixture
def review():
    return make_review()


@pytest.fixture
def encoder():
    return WordHashEncoder()


@pytest.fixture
def make_encoder():
    return WordHashEncoder


@pytest.fixture(scope="session")
def review_maker():
    return make_review


@pytest.fixture(scope="session")
def criteria():
    return CRITERIA
