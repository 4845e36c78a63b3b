"""What was tried and does not help, or helps and why: each against the shipped recipe on the same splits.

Each review is ranked with what was learned without it: weights, shared words and the adapter of the encoder. With
--group, also with an adapter that its whole group had no part in, as learn_adapter.py keeps them.

python benchmarks/screening/alternatives.py ../shared/data/screening --cache build/embeddings --seeds 2
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ivigil.pretrained.packaged import packaged_folder
from ivigil.screening import Document, Encoder, FusionScreener, load_encoder
from ivigil.screening.base import Floats, Labels
from ivigil.screening.benchmark_reviews import Review, read_reviews
from ivigil.screening.benchmark_splits import Split, small_seed, time_forward
from ivigil.screening.learned import adapter_file
from ivigil.screening.linear import HeadRecipe
from ivigil.screening.metrics import average_precision, loss, ranked_labels, work_saved
from ivigil.screening.paired import bootstrap_mean
from ivigil.screening.recipe import CRITERIA_BLOCK, ELSEWHERE_BLOCK, UNWEIGHTED, FusionRecipe, SignalRecipe, recipe_for
from ivigil.screening.spaces import Spaces

WORDS = HeadRecipe("svm", c=0.11, ratio=9.8)
LOGISTIC = SignalRecipe("logistic", 0.5, "words", HeadRecipe("logistic", c=1.0))
BAGS, PER_BAG, PSEUDO = 20, 3, 12
BORROWED = (CRITERIA_BLOCK, ELSEWHERE_BLOCK)
MEANING_ALONE = replace(
    UNWEIGHTED,
    signals=tuple(signal for signal in UNWEIGHTED.signals if signal.name == "meaning"),
    criteria_weight=0.0,
    elsewhere_weight=0.0,
)
Change = Callable[[FusionRecipe], FusionRecipe]
Encoders = Mapping[str, Encoder | None]
Ranker = Callable[[Review, Split, Encoders, str], Floats]
ADAPTED, PUBLISHED, GROUP = "adapted", "published", "group"


def documents(review: Review, split: Split) -> tuple[list[Document], Labels, list[Document]]:
    """Known documents, their labels, and those to rank."""
    known, ranked = ([review.documents[at] for at in rows] for rows in (split.train, split.ranked))
    return known, review.labels[split.train], ranked


def fused(
    change: Change = lambda recipe: recipe,
    *,
    first_stage: bool = True,
    foreign: bool = False,
    encoder: str = ADAPTED,
) -> Ranker:
    """The screener by a changed recipe, with another review's criteria, or with another encoder."""

    def rank(review: Review, split: Split, encoders: Encoders, other_criteria: str) -> Floats:
        known, labels, ranked = documents(review, split)
        passed = review.passed[split.train] if first_stage and review.passed is not None else None
        criteria = other_criteria if foreign else review.criteria_text
        made = FusionScreener(encoders[encoder], change(recipe_for(review.name)))
        return made.fit(known, labels, criteria_text=criteria, passed=passed, seed=split.seed).score(ranked)

    return rank


def weighted(**weights: float) -> Ranker:
    """Some blocks at so many times their weights."""
    return fused(lambda recipe: recipe.weighted({name: by * recipe.weights[name] for name, by in weights.items()}))


def only(*names: str) -> Ranker:
    """These blocks alone."""

    def change(recipe: FusionRecipe) -> FusionRecipe:
        kept = tuple(signal for signal in recipe.signals if signal.name in names)
        return replace(recipe, signals=kept).weighted({name: 0.0 for name in BORROWED if name not in names})

    return fused(change)


def bagged(review: Review, split: Split, _encoders: Encoders, _other: str) -> Floats:
    """PU bagging (Mordelet and Vert 2014): many machines, each on the included and a few of the others."""
    known, labels, ranked = documents(review, split)
    spaces = Spaces.fit([one.text for one in known], None)
    rows, pool = (spaces.transform([one.text for one in part])["words"] for part in (known, ranked))
    rng, total = np.random.default_rng(split.seed), np.zeros(len(ranked))
    included, others = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    for _ in range(BAGS):
        bag = np.concatenate([included, rng.choice(others, size=PER_BAG * len(included))])
        total += WORDS.fit(rows[bag], labels[bag], split.seed).margins(pool)
    return total


def self_trained(review: Review, split: Split, _encoders: Encoders, _other: str) -> Floats:
    """Pseudo-labels: the best and the worst of the pool are taken for labelled, once."""
    known, labels, ranked = documents(review, split)
    spaces = Spaces.fit([one.text for one in known], None)
    rows, pool = (spaces.transform([one.text for one in part])["words"] for part in (known, ranked))
    order = np.argsort(-WORDS.fit(rows, labels, split.seed).margins(pool))
    more = np.concatenate([order[:PSEUDO], order[-len(known) :]])
    stacked = Spaces.fit([one.text for one in known], None).transform(
        [one.text for one in known] + [ranked[at].text for at in more]
    )["words"]
    guessed = np.concatenate([labels, np.ones(PSEUDO, int), np.zeros(len(more) - PSEUDO, int)])
    return WORDS.fit(stacked, guessed, split.seed).margins(pool)


ALTERNATIVES: dict[str, Ranker] = {
    "shipped": fused(),
    "with the encoder as it was published": fused(encoder=PUBLISHED),
    "with an encoder adapted without the review's group": fused(encoder=GROUP),
    "without first-stage labels": fused(first_stage=False),
    "without meaning": weighted(meaning=0.0),
    "without criteria": weighted(criteria=0.0),
    "without the words of other reviews": weighted(elsewhere=0.0),
    "learned from its labels alone": weighted(criteria=0.0, elsewhere=0.0),
    "words alone (words and pieces)": only("words"),
    "meaning alone": fused(lambda _recipe: MEANING_ALONE),
    "words, PU bagging": bagged,
    "words, pseudo-labels": self_trained,
    "with logistic regression beside": fused(lambda recipe: replace(recipe, signals=(*recipe.signals, LOGISTIC))),
    "criteria at half the weight": weighted(criteria=0.5),
    "criteria at twice the weight": weighted(criteria=2.0),
    "another review's criteria": fused(foreign=True),
    "another review's criteria, trusted": fused(lambda recipe: replace(recipe, trust=0.0), foreign=True),
}


def main() -> None:
    """Print a table: each alternative's loss, WSS@95 and average precision less the shipped recipe's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--reviews", nargs="*")
    parser.add_argument("--group", type=Path)
    given = parser.parse_args()
    every = read_reviews(given.folder)
    chosen = [review for review in every if not given.reviews or review.name in given.reviews]
    measured: dict[str, list[Floats]] = {name: [] for name in ALTERNATIVES}
    published = load_encoder(str(packaged_folder()), cache=given.cache)
    for review in chosen:
        own = adapter_file(review.name)
        group = given.group / f"{review.name.split('_')[0]}.safetensors" if given.group else own
        encoders = {
            ADAPTED: load_encoder(cache=given.cache, adapter=own),
            PUBLISHED: published,
            GROUP: load_encoder(cache=given.cache, adapter=group if group.exists() else own),
        }
        other = every[(every.index(review) + 1) % len(every)].criteria_text
        splits = [*small_seed(review, given.seeds), *time_forward(review, given.seeds)]
        for name, rank in ALTERNATIVES.items():
            rankings = [
                ranked_labels(review.labels[split.ranked], rank(review, split, encoders, other)) for split in splits
            ]
            measured[name].append(
                np.mean([[loss(one), work_saved(one), average_precision(one)] for one in rankings], axis=0)
            )
        print(review.name, flush=True)
    ours = np.array(measured["shipped"])
    print(f"\n{len(chosen)} reviews, {given.seeds} seeds, random and forward in time together\n")
    print("| recipe | loss | less shipped [95 %] | WSS@95 | average precision |\n|---|---|---|---|---|")
    for name, values in measured.items():
        theirs, rng = np.array(values), np.random.default_rng(0)
        means = theirs.mean(axis=0)
        difference = bootstrap_mean(theirs[:, 0] - ours[:, 0], rng)
        print(f"| {name} | {means[0]:.4f} | {difference} | {means[1]:.3f} | {means[2]:.3f} |")


if __name__ == "__main__":
    main()
