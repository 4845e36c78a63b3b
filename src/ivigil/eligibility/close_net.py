"""The part of the close reading that is learned: a sentence encoder's view of each candidate, beside its features."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

_WIDTH, _HIDDEN, _DROPPED = 32, 128, 0.1


class Passages(NamedTuple):
    """Records as the net takes them: tokens and mask of shape (records, tokens), the rest of shape (candidates,).

    `row` is a candidate's record, `first` and `last` the tokens where its first and its last number begin; `features`
    are those of all candidates one after the other, `begins` where each candidate's begin among them.
    """

    tokens: Tensor
    mask: Tensor
    row: Tensor
    first: Tensor
    last: Tensor
    features: Tensor
    begins: Tensor


class CloseNet(nn.Module):
    """Scores each candidate by the encoder's vectors at its numbers and of the whole record, and by its features."""

    def __init__(self, transformer: Any, features: int) -> None:
        super().__init__()
        self.transformer = transformer
        self.bag = nn.EmbeddingBag(features, _WIDTH, mode="mean")
        self.head = nn.Sequential(
            nn.Dropout(_DROPPED),
            nn.Linear(3 * transformer.config.hidden_size + _WIDTH, _HIDDEN),
            nn.GELU(),
            nn.Dropout(_DROPPED),
            nn.Linear(_HIDDEN, 1),
        )

    def forward(self, passages: Passages) -> Tensor:
        """One score a candidate; a softmax over those of a record makes chances of them."""
        read = self.transformer(input_ids=passages.tokens, attention_mask=passages.mask).last_hidden_state.float()
        row = passages.row
        told = self.bag(passages.features, passages.begins)
        seen = torch.cat([read[row, passages.first], read[row, passages.last], read[row, 0], told], dim=1)
        scores: Tensor = self.head(seen)
        return scores[:, 0]
