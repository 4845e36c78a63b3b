"""The learned weights that lie beside the reader, each file's features with their weights."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources


@cache
def load_weights(name: str) -> dict[str, float]:
    """The weights of a file of this package, by feature."""
    text = resources.files("ivigil.eligibility").joinpath(name).read_text(encoding="utf-8")
    weights: dict[str, float] = json.loads(text)
    return weights
