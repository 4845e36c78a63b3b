"""What was learned on public reviews: the encoder's adapter, the fusion's weights, the words that most reviews share.

For a review that is asked for by name, and that is one of the public ones, everything is as learned on the others
only; so a benchmark never tells of a review what that review helped to choose. benchmarks/screening/learn_adapter.py
writes the adapters, learn_weights.py the two files.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from ivigil.screening.elsewhere import SharedWords

FOLDER = Path(__file__).parent / "learned_data"
WEIGHTS_FILE, WORDS_FILE = FOLDER / "weights.toml", FOLDER / "words.csv"
ADAPTERS = FOLDER / "adapters"
SHIPPED = "shipped"
"""The adapter, the table and the column of what was learned on all of them."""


@cache
def left_out() -> frozenset[str]:
    """The reviews that have weights and words of their own, learned without them."""
    return frozenset(_tables()) - {SHIPPED}


def adapter_file(review: str = "") -> Path:
    """Of the encoder's adapter: the one learned without this review, if it is one of the public ones."""
    return ADAPTERS / f"{_column(review)}.safetensors"


def fusion_weights(review: str = "") -> Mapping[str, float]:
    """Weight by block: those learned without this review, if it is one of the public ones, else the shipped."""
    return _tables()[_column(review)]


@cache
def shared_words(review: str = "") -> SharedWords:
    """Words with their weights, as `fusion_weights`."""
    column = _column(review)
    with WORDS_FILE.open(encoding="utf-8", newline="") as file:
        held = {row["word"]: float(row[column]) for row in csv.DictReader(file) if row[column]}
    return SharedWords(tuple(held), np.array(list(held.values())))


@cache
def _tables() -> Mapping[str, Mapping[str, float]]:
    return tomllib.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))


def _column(review: str) -> str:
    return review if review in left_out() else SHIPPED
