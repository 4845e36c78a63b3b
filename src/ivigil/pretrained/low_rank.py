"""Learning an `Adapter`: thin matrices beside the weights of some linear layers, which alone change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

SCALE = 2.0


class LowRank(nn.Module):
    """A weight plus the product of two thin matrices, which starts at nothing."""

    def __init__(self, out: int, into: int, rank: int) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.randn(rank, into) / math.sqrt(into))
        self.up = nn.Parameter(torch.zeros(out, rank))

    def forward(self, weight: Tensor) -> Tensor:
        """The changed weight."""
        return weight + SCALE * (self.up @ self.down)


class LowRankChange:
    """The change of every linear layer of a transformer whose name has one of some endings; the rest stands still."""

    def __init__(self, transformer: nn.Module, endings: tuple[str, ...], rank: int) -> None:
        transformer.requires_grad_(requires_grad=False)
        self.layers: dict[str, LowRank] = {}
        for name, module in transformer.named_modules():
            if isinstance(module, nn.Linear) and name.endswith(endings):
                self.layers[name] = LowRank(module.out_features, module.in_features, rank).to(module.weight.device)
        for name, layer in self.layers.items():
            parametrize.register_parametrization(transformer.get_submodule(name), "weight", layer)

    def parameters(self) -> Iterator[nn.Parameter]:
        """What is learned."""
        for layer in self.layers.values():
            yield from layer.parameters()

    def begin_from(self, factors: Mapping[str, tuple[Tensor, Tensor]]) -> None:
        """Begin from a change that was learned before: `factors` are as `factors()` gave them, of the same rank."""
        with torch.no_grad():
            for name, layer in self.layers.items():
                down, up = factors[name]
                layer.down.copy_(down)
                layer.up.copy_(up / SCALE)

    def factors(self) -> dict[str, tuple[Tensor, Tensor]]:
        """What is to be kept, as `Adapter` adds it."""
        return {name: (layer.down.detach(), SCALE * layer.up.detach()) for name, layer in self.layers.items()}
