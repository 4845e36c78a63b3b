"""The fusion's weights and the shared words, for each public review as learned on the others only.

The rule: of a coarse grid, the weights with the lowest mean over reviews of the log of the loss relative to elas_u4's
(random seeds and forward in time weigh the same). For a review it is applied to the other reviews, whose shared words
are then learned without either; so nothing of a review is in what it is measured with, but that the encoder's adapters
of the other reviews have seen it. Applied to all of them it gives what ships. Two other rules are reported beside it:
with the log of average precision subtracted, so that the top of the list weighs as much as its end, and without the
shared words. Each is reported with a review left out, and with its whole group (words, weights and, from --group,
adapter), for the reviews of one group are alike.

Signals are computed once a split and kept, so that a run that was cut off goes on.

python benchmarks/screening/learn_weights.py ../shared/data/screening --cache build/embeddings --keep build/signals
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from learn_words import common_words, learn

from ivigil.screening import ElasU4, Encoder, FusionScreener, load_encoder
from ivigil.screening.base import Floats, Labels
from ivigil.screening.benchmark_reviews import Review, read_reviews
from ivigil.screening.benchmark_splits import Split, small_seed, time_forward
from ivigil.screening.documents import Document
from ivigil.screening.elas import pool_features
from ivigil.screening.elsewhere import ElsewhereSignal, SharedWords
from ivigil.screening.learned import SHIPPED, WEIGHTS_FILE, WORDS_FILE, adapter_file
from ivigil.screening.metrics import average_precision, loss, ranked_labels, work_saved
from ivigil.screening.recipe import CRITERIA_BLOCK, ELSEWHERE_BLOCK, UNWEIGHTED
from ivigil.screening.signals import separation, trust
from ivigil.screening.term_book import counted_once

GRID = {
    "passed": (0.0, 0.5, 1.0),
    "meaning": (0.0, 0.3, 0.6, 1.0),
    CRITERIA_BLOCK: (0.0, 0.5, 1.0, 1.5, 2.0),
    ELSEWHERE_BLOCK: (0.0, 0.25, 0.5, 0.75),
}
WEIGHTS = list(product(*GRID.values()))
PROTOCOLS = {"small-seed": small_seed, "time-forward": time_forward}
MEASURES = (loss, work_saved, average_precision)
Kin = Callable[[str], frozenset[str]]
"""Gives the reviews, itself among them, that are left out for a review."""


@dataclass(frozen=True)
class Rule:
    """Which weights are taken, by what they reach relative to elas_u4."""

    title: str
    precision: float = 0.0
    words: bool = True

    def regret(self, ours: Floats, base: Floats) -> Floats:
        """Of each weights on one review, from shapes (weights, measures) and (measures,)."""
        return np.asarray(np.log(ours[:, 0] / base[0]) - self.precision * np.log(ours[:, 2] / base[2]))

    def pick(self, regrets: Floats) -> int:
        """Place in `WEIGHTS` of the lowest."""
        allowed = np.array([self.words or not weights[-1] for weights in WEIGHTS])
        return int(np.where(allowed, regrets, np.inf).argmin())


RULE = Rule("the lowest loss")
OTHER_RULES = (
    Rule("the lowest loss and the highest precision", precision=1.0),
    Rule("without shared words", words=False),
)


@dataclass(frozen=True)
class Task:
    """One split: what elas_u4 reaches on it, and the fusion's blocks at weight one, less that of the shared words."""

    truth: Labels
    labels: Labels
    known: list[Document]
    ranked: list[Document]
    base: Floats
    blocks: Mapping[str, Floats]
    separation: float

    def measured(self, shared: SharedWords) -> Floats:
        """Shape (weights, measures)."""
        signal = ElsewhereSignal.fit(shared, self.known)
        trusted = trust(separation(signal.z(self.known), self.labels), self.separation, UNWEIGHTED.trust)
        blocks = {**self.blocks, ELSEWHERE_BLOCK: trusted * signal.z(self.ranked)}
        nothing = np.zeros(len(self.truth))
        columns = np.column_stack([blocks.get(name, nothing) for name in GRID])
        rankings = (ranked_labels(self.truth, self.blocks["words"] + columns @ weights) for weights in WEIGHTS)
        return np.array([[measure(ranking) for measure in MEASURES] for ranking in rankings])


def tasks(review: Review, protocol: str, encoder: Encoder | None, seeds: int, keep: Path) -> Iterator[Task]:
    """Every split of a review by a protocol."""
    for split in PROTOCOLS[protocol](review, seeds):
        file = keep / f"{review.name}.{protocol}.{split.seed}.npz"
        if not file.exists():
            keep.mkdir(parents=True, exist_ok=True)
            held = _signals(review, split, encoder)
            partial = file.with_suffix(".partial.npz")
            np.savez(partial, **held)
            partial.replace(file)
        with np.load(file) as arrays:
            held = dict(arrays)
        known, ranked = ([review.documents[at] for at in rows] for rows in (split.train, split.ranked))
        truth, apart = review.labels[split.ranked], float(held.pop("separation"))
        base = ranked_labels(truth, held.pop("elas_u4"))
        yield Task(
            truth, review.labels[split.train], known, ranked, np.array([one(base) for one in MEASURES]), held, apart
        )


def _signals(review: Review, split: Split, encoder: Encoder | None) -> dict[str, Floats]:
    known, ranked = ([review.documents[at] for at in rows] for rows in (split.train, split.ranked))
    labels = review.labels[split.train]
    ours = FusionScreener(encoder, UNWEIGHTED.weighted({ELSEWHERE_BLOCK: 0.0})).fit(
        known,
        labels,
        criteria_text=review.criteria_text,
        passed=None if review.passed is None else review.passed[split.train],
        seed=split.seed,
    )
    base = ElasU4(pool_features([*known, *ranked])).fit(known, labels, seed=split.seed).score(ranked)
    return {**ours.blocks(ranked), "elas_u4": base, "separation": np.array(ours.describe()["separation"])}


class Choice:
    """Weights chosen, and measured, on reviews with some left out."""

    def __init__(self, reviews: list[Review], held: Mapping[str, Mapping[str, list[Task]]]) -> None:
        self._reviews, self._held = {review.name: review for review in reviews}, held
        self._common = {review.name: common_words(review) for review in reviews}
        self._words: dict[frozenset[str], SharedWords] = {}
        self._measured: dict[tuple[str, frozenset[str]], dict[str, tuple[Floats, Floats]]] = {}

    def words(self, left_out: frozenset[str]) -> SharedWords:
        """Learned on all reviews but these."""
        if left_out not in self._words:
            rest = [review for name, review in self._reviews.items() if name not in left_out]
            self._words[left_out] = learn(rest, self._common)
        return self._words[left_out]

    def measured(self, name: str, left_out: frozenset[str]) -> dict[str, tuple[Floats, Floats]]:
        """By protocol, mean over splits: (weights, measures) of the fusion, measures of elas_u4."""
        key = name, left_out
        if key not in self._measured:
            words = self.words(left_out)
            self._measured[key] = {
                protocol: (
                    np.mean([task.measured(words) for task in found], axis=0),
                    np.mean([task.base for task in found], axis=0),
                )
                for protocol, found in self._held[name].items()
            }
        return self._measured[key]

    def best(self, rule: Rule, kin: Kin, left_out: frozenset[str] = frozenset()) -> int:
        """Place in `WEIGHTS` of what the rule gives on the reviews that are not left out."""
        every = []
        for name in self._held:
            if name not in left_out:
                found = self.measured(name, left_out | kin(name)).values()
                every.append(np.mean([rule.regret(ours, base) for ours, base in found], axis=0))
        return rule.pick(np.mean(every, axis=0))


def report(choice: Choice, rule: Rule, names: list[str], kin: Kin, title: str) -> dict[str, int]:
    """Print what each review gets and then reaches; gives the places of its weights."""
    print(f"\n{rule.title}, {title}\n")
    print(f"| left out | {' | '.join(GRID)} | random seeds × elas_u4 | forward |\n|---|---|---|---|---|---|---|")
    chosen, found = {}, {}
    for name in names:
        chosen[name] = choice.best(rule, kin, kin(name))
        ratios = []
        for protocol, (ours, base) in choice.measured(name, kin(name)).items():
            found.setdefault(protocol, []).append((ours[chosen[name]], base))
            ratios.append(f"{ours[chosen[name]][0] / base[0]:.3f}")
        print(f"| {name} | {' | '.join(map(str, WEIGHTS[chosen[name]]))} | {' | '.join(ratios)} |", flush=True)
    for protocol, pairs in found.items():
        ours, base = (np.array([pair[at] for pair in pairs]) for at in (0, 1))
        ratio, saved = ours[:, 0].mean() / base[:, 0].mean(), (ours - base)[:, 1].mean()
        better, precise = (ours[:, 0] < base[:, 0]).sum(), (ours[:, 2] > base[:, 2]).sum()
        print(
            f"{protocol}: loss × elas_u4 {ratio:.3f}, lower in {better} of {len(pairs)}, WSS@95 {saved:+.3f}, "
            f"average precision higher in {precise}"
        )
    return chosen


def write(choice: Choice, chosen: Mapping[str, int]) -> None:
    """Put weights and words where the package reads them, what ships first."""
    chosen = {SHIPPED: chosen[SHIPPED], **chosen}
    words = {name: choice.words(frozenset() if name == SHIPPED else frozenset({name})) for name in chosen}
    tables = [
        "\n".join([f'["{name}"]', "words = 1.0", *(f"{k} = {v}" for k, v in zip(GRID, WEIGHTS[at], strict=True))])
        for name, at in chosen.items()
    ]
    head = "# Written by benchmarks/screening/learn_weights.py: what ships, and for each review what the others give."
    WEIGHTS_FILE.write_text("\n\n".join([head, *tables]) + "\n", encoding="utf-8")
    columns = {name: dict(zip(one.words, one.weights.tolist(), strict=True)) for name, one in words.items()}
    with WORDS_FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["word", *columns])
        for word in sorted(set().union(*columns.values())):
            writer.writerow([word, *(column.get(word, "") for column in columns.values())])


def main() -> None:
    """Choose, print what each review gets and then reaches, and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="sentence embeddings")
    parser.add_argument("--keep", type=Path, required=True, help="signals of each split")
    parser.add_argument("--group", type=Path, help="adapters learned without a whole group, as learn_adapter.py keeps")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    reviews = read_reviews(given.folder)

    def held(adapter: Callable[[str], Path], keep: Path) -> dict[str, dict[str, list[Task]]]:
        found: dict[str, dict[str, list[Task]]] = {}
        for review in reviews:
            encoder = load_encoder(cache=given.cache, adapter=adapter(review.name))
            with counted_once():
                splits = {one: list(tasks(review, one, encoder, given.seeds, keep)) for one in PROTOCOLS}
            found[review.name] = {protocol: tried for protocol, tried in splits.items() if tried}
            print(f"{review.name}: {sum(map(len, splits.values()))} splits", flush=True)
        return found

    names = [review.name for review in reviews]
    with counted_once():
        choice = Choice(reviews, held(adapter_file, given.keep))
        chosen = {}
        for rule in (RULE, *OTHER_RULES):
            chosen[rule] = report(choice, rule, names, _itself, "one review left out")
            chosen[rule][SHIPPED] = every = choice.best(rule, _itself)
            print(f"\nall together: {dict(zip(GRID, WEIGHTS[every], strict=True))}", flush=True)
        write(choice, chosen[RULE])
        if given.group:
            groups = {name: frozenset(one for one in names if _group(one) == _group(name)) for name in names}
            kept = {name: given.group / f"{_group(name)}.safetensors" for name in names}
            apart = held(lambda name: kept[name] if kept[name].exists() else adapter_file(name), given.keep / "group")
            choice = Choice(reviews, apart)
            for rule in (RULE, *OTHER_RULES):
                report(choice, rule, names, groups.__getitem__, "its group left out")


def _itself(review: str) -> frozenset[str]:
    return frozenset({review})


def _group(review: str) -> str:
    return review.split("_", maxsplit=1)[0]


if __name__ == "__main__":
    main()
