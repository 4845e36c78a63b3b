"""The close reader's encoder made used to abstracts of medicine: it learns to guess the words that are hidden from it.

The packaged encoder was made for sentences at large. Before it learns which number is the one treated
(learn_close_reader.py), it reads the public screening sets and the written records, some of whose tokens are masked,
and guesses these; no label plays a part. What it learns is a low-rank change, which learn_close_reader.py begins from:
`masked_words.safetensors`. Ten minutes on a GPU, some ten hours on one core.

python benchmarks/eligibility/learn_masked_words.py ../shared/data/screening --device cuda
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path

import torch
from learn_number import HERE
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize

from ivigil.eligibility.benchmark import Item
from ivigil.eligibility.close_reader import make_tokenizer, make_transformer
from ivigil.pretrained.adapter import write
from ivigil.pretrained.low_rank import LowRankChange
from ivigil.pretrained.packaged import packaged_folder

ADAPTED = HERE / "masked_words.safetensors"
MATRICES = (
    "self.query", "self.key", "self.value", "attention.output.dense", "intermediate.dense", "output.dense",
)  # fmt: skip
RANK, ROUNDS, AT_ONCE, SORTED = 32, 9, 64, 1024
RATE, HEAD_RATE, DECAY, WARM_UP, LEAST_RATE = 8e-4, 1e-3, 0.01, 50, 0.05
LONGEST, SHORTEST_ABSTRACT = 256, 300  # tokens, characters
BEGIN, END, MASK, MASKED = 101, 102, 103, 0.15  # tokens in the vocabulary of BERT, and the share that is hidden


def read_texts(reviews: Path, written: list[Path]) -> list[str]:
    """Every record's title and abstract, each text once."""
    texts: dict[str, None] = {}
    for path in sorted(reviews.glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                known = {name.lower(): value or "" for name, value in row.items() if name}
                if len(known.get("abstract", "")) > SHORTEST_ABSTRACT:
                    texts[f"{known.get('title', '')} {known['abstract']}"] = None
    for path in written:
        for line in path.read_text(encoding="utf-8").splitlines():
            record = Item.of(json.loads(line)).record()
            texts[f"{record.title} {record.abstract_text}"] = None
    return list(texts)


class Guesser(nn.Module):
    """Guesses the token at each place from the transformer's vector of it, by the transformer's own token vectors."""

    def __init__(self, vectors: Tensor) -> None:
        super().__init__()
        width = vectors.shape[1]
        self.vectors = vectors
        self.head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width))
        self.bias = nn.Parameter(torch.zeros(len(vectors)))

    def forward(self, seen: Tensor) -> Tensor:
        """Scores of shape (places, vocabulary)."""
        scores: Tensor = self.head(seen) @ self.vectors.T + self.bias
        return scores


def groups(texts: list[list[int]], chance: random.Random) -> Iterator[list[list[int]]]:
    """In a new order, texts of like length together."""
    chance.shuffle(texts)
    for start in range(0, len(texts), SORTED):
        near = sorted(texts[start : start + SORTED], key=len)
        yield from (near[at : at + AT_ONCE] for at in range(0, len(near), AT_ONCE))


def main() -> None:
    """Learn, tell the loss of each round, and write the change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reviews", type=Path, help="the folder of the public screening sets")
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    torch.manual_seed(1)
    chance = random.Random(1)
    csv.field_size_limit(1 << 27)
    tokenizer = make_tokenizer(packaged_folder())
    texts = [
        [BEGIN, *tokenizer.encode(text, add_special_tokens=False).ids[: LONGEST - 2], END]
        for text in read_texts(given.reviews, [HERE / "dev.jsonl", HERE / "wordings" / "wordings.jsonl"])
    ]
    transformer = make_transformer(packaged_folder())
    change = LowRankChange(transformer, MATRICES, RANK)
    transformer.to(given.device)
    guesser = Guesser(transformer.embeddings.word_embeddings.weight).to(given.device)
    quick = [*guesser.head.parameters(), guesser.bias]
    optimizer = torch.optim.AdamW(
        [{"params": list(change.parameters()), "lr": RATE}, {"params": quick, "lr": HEAD_RATE}], weight_decay=DECAY
    )
    steps = ROUNDS * math.ceil(len(texts) / AT_ONCE)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM_UP) * max(LEAST_RATE, 1 - step / steps)
    )
    for number in range(ROUNDS):
        losses = []
        for group in groups(texts, chance):
            tokens = nn.utils.rnn.pad_sequence([torch.tensor(text) for text in group], batch_first=True)
            tokens = tokens.to(given.device)
            there = tokens > 0
            hidden = there & (tokens != BEGIN) & (torch.rand(tokens.shape, device=given.device) < MASKED)
            with torch.autocast(given.device, dtype=torch.bfloat16), parametrize.cached():
                seen = transformer(input_ids=tokens.masked_fill(hidden, MASK), attention_mask=there.long())
                scores = guesser(seen.last_hidden_state[hidden].float())
            loss = functional.cross_entropy(scores.float(), tokens[hidden])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        print(f"round {number + 1}: loss {sum(losses) / len(losses):.3f}", flush=True)
    write(ADAPTED, change.factors())
    print(f"written to {ADAPTED.name}")


if __name__ == "__main__":
    main()
