"""Is the baseline row ASReview's own elas_u4? Same splits, its code beside ours; needs `pip install asreview`.

python benchmarks/screening/check_asreview.py ../shared/data/screening Cohen_ADHD Cohen_Triptans
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from ivigil.screening import ElasU4
from ivigil.screening.asreview_row import AsreviewModel
from ivigil.screening.benchmark_reviews import read_reviews
from ivigil.screening.benchmark_splits import small_seed, time_forward
from ivigil.screening.elas import pool_features
from ivigil.screening.metrics import loss, ranked_labels

TO_THREE_DECIMALS = 0.0005


def main() -> None:
    """Print both losses by review and split; exit 1 when a mean differs in the third decimal."""
    folder, names, differs = Path(sys.argv[1]), sys.argv[2:], False
    for review in read_reviews(folder):
        if review.name not in names:
            continue
        for splits in (small_seed, time_forward):
            pairs = []
            for split in splits(review, 10):
                pool = [review.documents[at] for at in np.concatenate([split.train, split.ranked])]
                known, ranked = pool[: len(split.train)], pool[len(split.train) :]
                losses = [
                    loss(
                        ranked_labels(
                            review.labels[split.ranked],
                            made.fit(known, review.labels[split.train], seed=split.seed).score(ranked),
                        )
                    )
                    for made in (ElasU4(pool_features(pool)), AsreviewModel(pool))
                ]
                pairs.append(losses)
            ours, theirs = np.mean(pairs, axis=0)
            widest = float(np.max(np.abs(np.diff(pairs, axis=1))))
            differs |= abs(ours - theirs) >= TO_THREE_DECIMALS
            print(f"{review.name} {splits.__name__}: ours {ours:.5f}, asreview {theirs:.5f}, widest split {widest:.5f}")
    sys.exit(int(differs))


if __name__ == "__main__":
    main()
