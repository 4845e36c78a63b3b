"""A low-rank change of a sentence encoder's weights, learned on public reviews (Hu et al. 2021, LoRA).

The encoder was made for sentences at large. The change teaches it what a reader of abstracts looks for: that a report
lies near the criteria it meets, and the included of one review near each other. benchmarks/screening/learn_adapter.py
learns it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from safetensors.torch import load, save

DOWN, UP = ".down", ".up"


@dataclass(frozen=True)
class Adapter:
    """By name of a linear layer, the factors of what is added to its weights: shapes (rank, in) and (out, rank)."""

    layers: Mapping[str, tuple[torch.Tensor, torch.Tensor]]
    sha256: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """The adapter that `write` put there; safetensors hold numbers and nothing that could run."""
        content = path.read_bytes()
        tensors = load(content)
        names = sorted(name.removesuffix(DOWN) for name in tensors if name.endswith(DOWN))
        layers = {name: (tensors[name + DOWN], tensors[name + UP]) for name in names}
        return cls(layers, hashlib.sha256(content).hexdigest())

    def add_to(self, model: Any) -> None:
        """Change the weights of a transformer in place; every layer that is named must be there."""
        with torch.no_grad():
            for name, (down, up) in self.layers.items():
                weight = model.get_submodule(name).weight
                weight += up.to(weight) @ down.to(weight)


def write(path: Path, layers: Mapping[str, tuple[torch.Tensor, torch.Tensor]]) -> None:
    """Keep factors in half precision, which is finer than what was learned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    halves = {
        name + end: factor.detach().to("cpu", torch.float16).contiguous()
        for name, factors in layers.items()
        for end, factor in zip((DOWN, UP), factors, strict=True)
    }
    path.write_bytes(save(halves))
