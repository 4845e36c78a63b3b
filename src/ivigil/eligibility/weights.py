"""The learned weights that lie beside the reader, each file's features with their weights."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from importlib import resources

NUMBER = "number_weights.json"  # of the number treated


@cache
def load_weights(name: str) -> dict[str, float]:
    """The weights of a file of this package, by feature."""
    text = resources.files("ivigil.eligibility").joinpath(name).read_text(encoding="utf-8")
    weights: dict[str, float] = json.loads(text)
    return weights


@cache
def _own_names() -> dict[str, str]:
    return {name: name for name in load_weights(NUMBER)}


def named(features: Collection[str]) -> frozenset[str]:
    """Features of the number treated as a set of the very strings that their weights are known by, and found faster."""
    return frozenset(map(_own_names().get, features, features))
