"""Can the reading of criteria be learned on other reviews? Two small rankers, each trained on all reviews but one.

"weighted likenesses": logistic regression on the standardised likenesses of CriteriaSignal. "embedding metric":
logistic regression on the products of a document's and the criteria's embedding, dimension by dimension, so that the
plain cosine is all weights equal. Each takes the place of the criteria signal in the shipped recipe.

python benchmarks/screening/transfer.py ../shared/data/screening --cache build/embeddings --seeds 2
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from ivigil.screening import FusionScreener, load_encoder
from ivigil.screening.base import Floats
from ivigil.screening.benchmark_reviews import Review, read_reviews
from ivigil.screening.benchmark_splits import small_seed, time_forward
from ivigil.screening.criteria_signal import CriteriaSignal
from ivigil.screening.encoders import Encoder
from ivigil.screening.metrics import loss, ranked_labels
from ivigil.screening.paired import bootstrap_mean
from ivigil.screening.recipe import CRITERIA_BLOCK, recipe_for

REGULARISATION = {"weighted likenesses": 0.01, "embedding metric": 1e-4}


def likenesses(review: Review, encoder: Encoder) -> Floats:
    """Standardised likenesses of all of a review's documents; no label is used."""
    signal = CriteriaSignal.fit(review.criteria_text, review.documents, encoder)
    return np.column_stack(list(signal.parts(review.documents).values()))


def products(review: Review, encoder: Encoder) -> Floats:
    """Embedding of each document times the criteria's, by dimension, on one scale for all."""
    rows = encoder.encode([document.text for document in review.documents]).astype(np.float64)
    both = rows * encoder.encode([review.criteria_text])[0]
    return np.asarray((both - both.mean(axis=0)) / both.std())


def learned(features: Mapping[str, Floats], reviews: list[Review], left_out: Review, c: float) -> Floats:
    """Score of the left-out review's documents by a ranker trained on the others, every review weighing the same."""
    others = [review for review in reviews if review.name != left_out.name]
    rows = np.vstack([features[review.name] for review in others])
    labels = np.concatenate([review.labels for review in others])
    weights = [np.where(one.labels == 1, 0.5 / one.included, 0.5 / (1 - one.labels).sum()) for one in others]
    model = LogisticRegression(C=c, max_iter=2000)
    model.fit(rows, labels, sample_weight=1000 * np.concatenate(weights))
    values = features[left_out.name] @ model.coef_[0]
    return np.asarray((values - values.mean()) / values.std())


def main() -> None:
    """Print the loss with the shipped criteria signal and with each learned one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    encoder = load_encoder(cache=given.cache)
    if encoder is None:
        raise SystemExit("this needs an encoder")
    reviews = read_reviews(given.folder)
    features = {
        "weighted likenesses": {review.name: likenesses(review, encoder) for review in reviews},
        "embedding metric": {review.name: products(review, encoder) for review in reviews},
    }
    losses: dict[str, list[float]] = {"shipped": [], **{name: [] for name in features}}
    for review in reviews:
        signals = {name: learned(held, reviews, review, REGULARISATION[name]) for name, held in features.items()}
        found: dict[str, list[float]] = {name: [] for name in losses}
        for split in [*small_seed(review, given.seeds), *time_forward(review, given.seeds)]:
            known, ranked = ([review.documents[at] for at in rows] for rows in (split.train, split.ranked))
            screener = FusionScreener(encoder, recipe_for(review.name)).fit(
                known,
                review.labels[split.train],
                criteria_text=review.criteria_text,
                passed=None if review.passed is None else review.passed[split.train],
                seed=split.seed,
            )
            blocks, truth = screener.blocks(ranked), review.labels[split.ranked]
            rest = sum((block for name, block in blocks.items() if name != CRITERIA_BLOCK), np.zeros(len(ranked)))
            found["shipped"].append(loss(ranked_labels(truth, rest + blocks[CRITERIA_BLOCK])))
            for name, signal in signals.items():
                scores = rest + screener.recipe.criteria_weight * signal[split.ranked]
                found[name].append(loss(ranked_labels(truth, scores)))
        for name, values in found.items():
            losses[name].append(float(np.mean(values)))
        print(review.name, flush=True)
    print("\n| criteria signal | loss | less shipped [95 %] |\n|---|---|---|")
    for name, values in losses.items():
        difference = bootstrap_mean(np.array(values) - np.array(losses["shipped"]), np.random.default_rng(0))
        print(f"| {name} | {np.mean(values):.4f} | {difference} |")


if __name__ == "__main__":
    main()
