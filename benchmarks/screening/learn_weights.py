"""The recipe's few weights, chosen for each review on the others only.

Every signal's standardised score is computed once a split; a grid of weights is then searched. A review's own line
uses the weights that were best, on the mean of the loss relative to elas_u4, over the other reviews, so it never saw
its own labels. The shipped weights are near what all of them choose, with a little less trust in the criteria.

python benchmarks/screening/learn_weights.py ../shared/data/screening --cache build/embeddings --seeds 3
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from ivigil.screening import ElasU4, Encoder, FusionScreener, load_encoder
from ivigil.screening.base import Floats, Labels
from ivigil.screening.benchmark_reviews import Review, read_reviews
from ivigil.screening.benchmark_splits import small_seed, time_forward
from ivigil.screening.elas import pool_features
from ivigil.screening.metrics import loss, ranked_labels
from ivigil.screening.recipe import CRITERIA_BLOCK, SHIPPED, FusionRecipe
from ivigil.screening.term_book import counted_once

GRID = {
    "passed": (0.0, 0.5, 1.0),
    "meaning": (0.0, 0.3, 0.6),
    CRITERIA_BLOCK: (0.0, 0.5, 0.75, 1.0, 1.5),
}
UNWEIGHTED = FusionRecipe(tuple(replace(signal, weight=1.0) for signal in SHIPPED.signals), 1.0, SHIPPED.criteria_trust)
Weights = tuple[float, ...]


def tasks(review: Review, encoder: Encoder | None, seeds: int) -> Iterator[tuple[Labels, float, dict[str, Floats]]]:
    """(truth, elas_u4's loss, blocks of weight one) of every split."""
    for split in [*small_seed(review, seeds), *time_forward(review, seeds)]:
        known, ranked = ([review.documents[at] for at in rows] for rows in (split.train, split.ranked))
        labels, truth = review.labels[split.train], review.labels[split.ranked]
        base = ElasU4(pool_features([*known, *ranked])).fit(known, labels, seed=split.seed).score(ranked)
        passed = None if review.passed is None else review.passed[split.train]
        ours = FusionScreener(encoder, UNWEIGHTED).fit(
            known, labels, criteria_text=review.criteria_text, passed=passed, seed=split.seed
        )
        yield truth, loss(ranked_labels(truth, base)), ours.blocks(ranked)


def relative_loss(held: list[tuple[Labels, float, dict[str, Floats]]], weights: Weights) -> float:
    """Mean loss over splits, as a share of elas_u4's."""
    by_name = {"words": 1.0, **dict(zip(GRID, weights, strict=True))}
    losses = [
        loss(ranked_labels(truth, sum((by_name[name] * block for name, block in blocks.items()), np.zeros(len(truth)))))
        for truth, _, blocks in held
    ]
    return float(np.sum(losses) / np.sum([base for _, base, _ in held]))


def main() -> None:
    """Print the weights each review would be given by the others, and what it then loses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    encoder = load_encoder(cache=given.cache)
    grid = list(product(*GRID.values()))
    table: dict[str, Floats] = {}
    for review in read_reviews(given.folder):
        with counted_once():
            held = list(tasks(review, encoder, given.seeds))
        table[review.name] = np.array([relative_loss(held, weights) for weights in grid])
        print(f"{review.name}: {len(held)} splits", flush=True)
    shipped = grid.index(min(grid, key=_distance_to_shipped))
    print(f"\n| review left out | {' | '.join(GRID)} | × elas_u4 | shipped weights |\n|---|---|---|---|---|---|")
    left_out = []
    for name, own in table.items():
        others = np.mean([losses for other, losses in table.items() if other != name], axis=0)
        best = int(np.argmin(others))
        left_out.append(own[best])
        print(f"| {name} | {' | '.join(map(str, grid[best]))} | {own[best]:.3f} | {own[shipped]:.3f} |")
    mean = np.mean(list(table.values()), axis=0)
    print(f"| mean | | | | {np.mean(left_out):.3f} | {mean[shipped]:.3f} |")
    print(f"\nbest for all together (not an estimate): {grid[int(np.argmin(mean))]}, {mean.min():.3f}")


def _distance_to_shipped(weights: Weights) -> float:
    shipped = {signal.name: signal.weight for signal in SHIPPED.signals} | {CRITERIA_BLOCK: SHIPPED.criteria_weight}
    return sum(abs(weight - shipped[name]) for name, weight in zip(GRID, weights, strict=True))


if __name__ == "__main__":
    main()
