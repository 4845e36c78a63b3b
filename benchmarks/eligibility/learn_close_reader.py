"""What the close reader adds to its encoder, learned from the written records of the development set.

A record is one choice among its candidates, as for the weights of the number (learn_number.py). With --left-out, every
fifth record from that one on is left out of both, and what the two get right of those, each alone and together, is
printed; nothing is written. Without it everything is learned from, and the file that ships is written.

It begins from what learn_masked_words.py learned. What is kept is the moving average of the weights over the last
steps; some tokens are masked at every step, so that no record is learned by heart. It takes a minute or two on a GPU
(--device cuda) and over an hour on one core (OMP_NUM_THREADS=1). With --go-on it begins from what ships instead, and
goes once over all records at smaller steps: it learns new records and new features in a quarter of the time.

python benchmarks/eligibility/learn_close_reader.py --left-out 0
python benchmarks/eligibility/learn_close_reader.py
python benchmarks/eligibility/learn_close_reader.py --go-on
"""

from __future__ import annotations

import argparse
import math
import random
import time
import tomllib
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import torch
from learn_masked_words import ADAPTED, MATRICES, RANK
from learn_number import (
    FOLDS,
    HERE,
    ROOT,
    SETS,
    Choice,
    Tally,
    answer,
    learn,
    places_of_features,
    read_choices,
    teaching,
)
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ivigil.criteria import Criteria
from ivigil.eligibility.certainty import CLEAR
from ivigil.eligibility.close_net import CloseNet, Passages
from ivigil.eligibility.close_reader import (
    LEARNED,
    NAMES,
    PARTS,
    Passage,
    batch,
    make_tokenizer,
    make_transformer,
    passage_of,
)
from ivigil.eligibility.number_model import chances, softmax
from ivigil.eligibility.sample_size import SURE, SURE_OF_PART
from ivigil.pretrained.adapter import Adapter, write
from ivigil.pretrained.low_rank import LowRankChange
from ivigil.pretrained.packaged import packaged_folder

ROUNDS, AT_ONCE, SORTED = 4, 8, 64
RATE, HEAD_RATE, DECAY, CLIP, WARM_UP, LAST_RATE = 2.5e-4, 1e-3, 0.01, 1.0, 60, 0.25
KEPT = 0.997  # of the average at every step
MASK, MASKED = 103, 0.05  # the token in the vocabulary of BERT, and the share of tokens that it takes the place of
PLAIN = 3.0  # what one plain wording counts for
GO_ON_ROUNDS, GO_ON_RATE = 1, 0.4  # the rates' share where it goes on from what ships


class Learner:
    """The net, and the records as it takes them."""

    def __init__(self, choices: Sequence[Choice], seed: int, device: str) -> None:
        torch.manual_seed(seed)
        self.device = device
        self.random = random.Random(seed)
        self.choices = teaching(choices)
        self.features = places_of_features(self.choices)
        self.tokenizer = make_tokenizer(packaged_folder())
        transformer = make_transformer(packaged_folder(), attention="eager")  # learns faster
        self.change = LowRankChange(transformer, MATRICES, RANK)
        self.change.begin_from(Adapter.read(ADAPTED).layers)
        self.net = CloseNet(transformer, len(self.features)).to(device)
        self.rounds, self.rate = ROUNDS, 1.0

    def go_on_from(self, path: Path) -> None:
        """Begin from what was learned before; features that it does not know begin at nothing."""
        held = load(path.read_bytes())
        self.change.begin_from(Adapter.read(path).layers)
        rows = {name: at for at, name in enumerate(bytes(held[NAMES].tolist()).decode().split("\n"))}
        earlier = held["bag.weight"].float()
        bag = torch.zeros_like(self.net.bag.weight)
        for name, at in self.features.items():
            if name in rows:
                bag[at] = earlier[rows[name]]
        head = {name: one.float() for name, one in held.items() if name.startswith("head.")}
        self.net.load_state_dict({**head, "bag.weight": bag}, strict=False)
        self.rounds, self.rate = GO_ON_ROUNDS, GO_ON_RATE

    def passage(self, choice: Choice) -> Passage:
        """A record as the net takes it."""
        return passage_of(self.tokenizer, self.features, choice.item.record(), choice.candidates)

    def batch(self, passages: Sequence[Passage]) -> Passages:
        """Several records as one, where the net is."""
        return Passages(*(part.to(self.device) for part in batch(passages)))

    def learn(self) -> None:
        """Go over all records, so many rounds."""
        held = [(one, self.passage(one)) for one in self.choices]
        steps = self.rounds * math.ceil(len(held) / AT_ONCE)
        slow, quick = list(self.change.parameters()), [*self.net.head.parameters(), *self.net.bag.parameters()]
        optimizer = torch.optim.AdamW(
            [{"params": slow, "lr": self.rate * RATE}, {"params": quick, "lr": self.rate * HEAD_RATE}],
            weight_decay=DECAY,
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min(1.0, (step + 1) / WARM_UP) * (1 - (1 - LAST_RATE) * step / steps)
        )
        average = AveragedModel(self.net, multi_avg_fn=get_ema_multi_avg_fn(KEPT))
        self.net.train()
        begin = time.monotonic()
        for number in range(self.rounds):
            losses = []
            for group in self._groups(held):
                loss = self._loss(group)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_([*slow, *quick], CLIP)
                optimizer.step()
                schedule.step()
                average.update_parameters(self.net)
                losses.append(float(loss.detach()))
            print(
                f"round {number + 1}: loss {sum(losses) / len(losses):.3f}, {time.monotonic() - begin:.0f} s",
                flush=True,
            )
        self.net.load_state_dict(average.module.state_dict())

    def _groups(self, held: list[tuple[Choice, Passage]]) -> list[list[tuple[Choice, Passage]]]:
        """In a new order, records of like length together, for shorter ones are padded."""
        self.random.shuffle(held)
        groups = []
        for start in range(0, len(held), SORTED):
            near = sorted(held[start : start + SORTED], key=lambda one: len(one[1].tokens))
            groups += [near[at : at + AT_ONCE] for at in range(0, len(near), AT_ONCE)]
        self.random.shuffle(groups)
        return groups

    def _loss(self, group: list[tuple[Choice, Passage]]) -> Tensor:
        with torch.autocast(self.device, dtype=torch.bfloat16), parametrize.cached():
            scores = self.net(self.batch([self._masked(passage) for _, passage in group])).float()
        losses, start = [], 0
        for choice, _ in group:
            mine = scores[start : start + len(choice.candidates)]
            right = torch.tensor(
                [one.value == choice.item.expected.n_treated for one in choice.candidates], device=self.device
            )
            weight = PLAIN if choice.item.key.startswith("wording") else 1.0
            losses.append(weight * (torch.logsumexp(mine, 0) - torch.logsumexp(mine[right], 0)))
            start += len(choice.candidates)
        return torch.stack(losses).mean()

    def _masked(self, passage: Passage) -> Passage:
        """The passage with some of its tokens hidden, but not the first, the last and those of the candidates."""
        kept = {0, len(passage.tokens) - 1, *chain.from_iterable(passage.places)}
        hidden = [
            MASK if at not in kept and self.random.random() < MASKED else token
            for at, token in enumerate(passage.tokens)
        ]
        return passage._replace(tokens=hidden)

    def scores(self, choice: Choice) -> list[float]:
        """The logarithm of each candidate's chance."""
        self.net.eval()
        with torch.inference_mode(), parametrize.cached():
            found: list[float] = torch.log_softmax(self.net(self.batch([self.passage(choice)])), 0).tolist()
        return found

    def write(self, path: Path) -> None:
        """Keep what was learned in half precision, in one file."""
        write(path, self.change.factors())
        state = self.net.state_dict()
        parts = {name: one.half().cpu().contiguous() for name, one in state.items() if name.startswith(PARTS)}
        names = {NAMES: torch.tensor(list("\n".join(self.features).encode()), dtype=torch.uint8)}
        path.write_bytes(save({**load(path.read_bytes()), **parts, **names}))


def tell(name: str, choices: Sequence[Choice], chances_of: Callable[[Choice], list[float]]) -> None:
    """One line on the eligible records among these, and one on those whose number would be said plainly."""
    every, plainly = Tally(SURE, SURE_OF_PART), Tally(SURE, SURE_OF_PART)
    for choice in choices:
        found = answer(choice.candidates, chances_of(choice))
        every.add(choice, found)
        if found.chances[found.value] >= CLEAR:
            plainly.add(choice, found)
    print(f"{name}: {every}\n{name}, said plainly: {plainly}", flush=True)


def main() -> None:
    """Learn, and tell or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protocol", type=Path, default=ROOT / "protocols" / "ivig_ssc.toml")
    parser.add_argument("--set", type=Path, nargs="+", default=[HERE / name for name in SETS])
    parser.add_argument("--left-out", type=int, choices=range(FOLDS))
    parser.add_argument("--also", type=Path, help="a set that is not learned from, read too")
    parser.add_argument("--go-on", action="store_true", help="begin from what ships")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    criteria = Criteria.model_validate(tomllib.loads(given.protocol.read_text(encoding="utf-8"))["criteria"])
    choices = [choice for path in given.set for choice in read_choices(criteria, path)]
    taught = [choice for at, choice in enumerate(choices) if at % FOLDS != given.left_out]
    tested = {"left out": choices[given.left_out :: FOLDS]} if given.left_out is not None else {}
    if given.also is not None:
        tested[given.also.stem] = read_choices(criteria, given.also)
    learner = Learner(taught, given.seed, given.device)
    shipped = ROOT / "src" / "ivigil" / "eligibility" / LEARNED
    if given.go_on:
        learner.go_on_from(shipped)
    learner.learn()
    weights = learn(taught)
    for name, group in tested.items():
        close = {id(choice): learner.scores(choice) for choice in group}
        tell(f"{name}, words alone", group, lambda one: chances(one.candidates, weights))
        tell(f"{name}, close", group, lambda one, close=close: softmax(close[id(one)]))
        tell(f"{name}, both", group, lambda one, close=close: chances(one.candidates, weights, close[id(one)]))
    if given.left_out is None:
        learner.write(shipped)
        print(f"written to {shipped.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
