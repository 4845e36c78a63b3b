"""What is learned beside a model's weights, kept in a file, and added to them again."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from ivigil.pretrained.adapter import Adapter, write
from ivigil.pretrained.low_rank import LowRankChange


def small_model() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))


def test_a_change_begins_with_nothing() -> None:
    """Before anything is learned the model answers as it did."""
    given = torch.randn(4, 6)
    plain, changed = small_model(), small_model()
    LowRankChange(changed, ("0", "2"), 2)
    assert torch.equal(plain(given), changed(given))


def test_only_the_change_is_learned_and_what_is_kept_gives_the_same_answers(tmp_path: Any) -> None:
    """The weights stand still; written, read and added to a fresh model, the change answers as it did when learned."""
    given, learned = torch.randn(16, 6), small_model()
    change = LowRankChange(learned, ("0", "2"), 2)
    before = learned[0].parametrizations.weight.original.clone()
    optimizer = torch.optim.SGD(change.parameters(), lr=0.5)
    for _ in range(20):
        loss = (learned(given) - 1).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.equal(learned[0].parametrizations.weight.original, before)
    assert not torch.allclose(learned(given), small_model()(given), atol=1e-2)
    write(tmp_path / "change.safetensors", change.factors())
    fresh = small_model()
    Adapter.read(tmp_path / "change.safetensors").add_to(fresh)
    assert torch.allclose(fresh(given), learned(given), atol=1e-2)


def test_a_change_can_begin_from_one_that_was_learned_before() -> None:
    """Begun from a change's factors, another one answers as that did, and can be learned further."""
    given, first, second = torch.randn(4, 6), small_model(), small_model()
    before = LowRankChange(first, ("0", "2"), 2)
    for layer in before.layers.values():
        nn.init.normal_(layer.up)
    LowRankChange(second, ("0", "2"), 2).begin_from(before.factors())
    assert torch.allclose(first(given), second(given), atol=1e-6)
    assert not torch.allclose(first(given), small_model()(given), atol=1e-2)


def test_layers_that_are_not_named_stay() -> None:
    """Only endings that are asked for change."""
    model = small_model()
    assert list(LowRankChange(model, ("2",), 2).layers) == ["2"]
    assert not hasattr(model[0], "parametrizations")
