"""ASReview's own protocol: start from one record of each kind, label the best-ranked one, retrain, go on.

The ranking that is judged is the order in which records were read. Retraining after every record takes hours on a
large review, so `step` reads that share of what has been read before it retrains (0: after each, as asreview does).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ivigil.screening.base import Labels, Screener
from ivigil.screening.documents import Document
from ivigil.screening.folds import Indices


def reading_order(
    make: Callable[[], Screener],
    documents: Sequence[Document],
    labels: Labels,
    start: Indices,
    *,
    criteria_text: str = "",
    step: float = 0.1,
    seed: int = 0,
) -> Indices:
    """Rows in the order they are read after `start`; once every included one is found, the rest follows as ranked.

    Args:
        make: gives a new, untrained screener.
        documents: the closed pool.
        labels: their true labels, shown one by one.
        start: rows known from the beginning, of both labels.
        criteria_text: the review's criteria in words.
        step: share of the read records to read before the next training.
        seed: of the training.
    """
    read: list[int] = start.tolist()
    while True:
        unread = np.setdiff1d(np.arange(len(documents)), read)
        if len(unread) == 0:
            return np.array(read[len(start) :], dtype=np.int64)
        screener = make().fit([documents[at] for at in read], labels[read], criteria_text=criteria_text, seed=seed)
        order = unread[np.argsort(-screener.score([documents[at] for at in unread]), kind="stable")]
        batch = order if labels[unread].sum() == 0 else order[: max(1, int(step * len(read)))]
        read += batch.tolist()
