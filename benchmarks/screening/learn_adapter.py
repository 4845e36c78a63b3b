"""The sentence encoder's adapter, for each public review as learned on the others only, and the one that ships.

A step takes one of the reviews, 16 of its included (or, as often, of those who passed title and abstract) and 112 of
the others. Two things are learned at once: the included should lie nearer to the criteria, whole and by halves, than
the others; and nearer to the mean of the other included, as seen from the mean of the other excluded. Both as pairs and
as a list, for the top of the list is what is read. Only the four attention matrices of each layer change, by rank 4.

With --group, the adapters that are learned without a review's whole group are written too, to that folder; nothing
ships of them, they only tell how far the gain carries.

A GPU takes a minute or two for an adapter; without one it takes hours.

python benchmarks/screening/learn_adapter.py ../shared/data/screening --device cuda --workers 6
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from torch.nn import functional

from ivigil.pretrained.adapter import write
from ivigil.pretrained.low_rank import LowRankChange
from ivigil.pretrained.packaged import packaged_folder
from ivigil.screening.benchmark_reviews import Review, read_reviews
from ivigil.screening.criteria_likeness import halves
from ivigil.screening.learned import ADAPTERS, SHIPPED

RANK = 4
MATRICES = ("self.query", "self.key", "self.value", "attention.output.dense")
STEPS, WARM_UP, LEAST_RATE = 150, 30, 0.05
RATE, DECAY, CLIP = 5e-4, 0.01, 1.0
INCLUDED, OTHERS = 16, 112
PASSED_SHARE = 0.5
SHARPNESS = 20.0
"""What a cosine is multiplied with before a softmax sees it."""
HALF = 0.5


@dataclass(frozen=True)
class Job:
    """One adapter: what is left out, and where it is written."""

    left_out: frozenset[str]
    path: Path


class Learner:
    """An encoder and the adapter that it learns."""

    def __init__(self, folder: Path, device: str) -> None:
        torch.manual_seed(0)
        self.device = device
        self.model = SentenceTransformer(str(folder), device=device, local_files_only=True)
        self.change = LowRankChange(self.model[0].auto_model, MATRICES, RANK)

    def learn(self, reviews: list[Review]) -> None:
        """All steps, each on one of these reviews."""
        rng = np.random.default_rng(0)
        parameters = list(self.change.parameters())
        optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=DECAY)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _rate)
        self.model.train()
        for _ in range(STEPS):
            loss = self._loss(reviews[rng.integers(len(reviews))], rng)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, CLIP)
            optimizer.step()
            schedule.step()

    def factors(self) -> dict[str, tuple[Tensor, Tensor]]:
        """What is to be kept."""
        return self.change.factors()

    def _loss(self, review: Review, rng: np.random.Generator) -> Tensor:
        by_passing = review.passed is not None and rng.random() < PASSED_SHARE
        labels = review.passed if by_passing and review.passed is not None else review.labels
        rows = np.concatenate(
            [rng.permutation(np.flatnonzero(labels == label))[:many] for label, many in ((1, INCLUDED), (0, OTHERS))]
        )
        texts = [review.documents[at].text for at in rows]
        vectors = self._encode([*texts, review.criteria_text, *halves(review.criteria_text)])
        vectors, (whole, first, second) = vectors[:-3], vectors[-3:]
        included = torch.as_tensor(labels[rows] == 1, device=self.device)
        loss = _ranking_loss(vectors @ whole, included)
        loss = loss + _ranking_loss(vectors @ (first + second) / 2, included) / 2
        part = torch.as_tensor(rng.random(len(rows)) < HALF, device=self.device)
        for seen in (part, ~part):
            if (included & seen).any() and (included & ~seen).any():
                towards = vectors[included & seen].mean(0) - vectors[~included & seen].mean(0)
                loss = loss + _ranking_loss(vectors[~seen] @ towards, included[~seen]) / 2
        return loss

    def _encode(self, texts: list[str]) -> Tensor:
        tokens = self.model.tokenizer(
            texts, padding=True, truncation=True, max_length=self.model.max_seq_length, return_tensors="pt"
        )
        with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.device == "cuda"):
            vectors = self.model({**tokens.to(self.device)})["sentence_embedding"]
        return functional.normalize(vectors.float(), dim=1)


def _ranking_loss(cosines: Tensor, included: Tensor) -> Tensor:
    """Half of how often, softly, one of the others lies before an included; half of how far each is from the top."""
    scores = SHARPNESS * cosines
    ours, others = scores[included], scores[~included]
    pairs = functional.softplus(others[None, :] - ours[:, None]).mean()
    top = (torch.logaddexp(torch.logsumexp(others, 0).expand_as(ours), ours) - ours).mean()
    return (pairs + top) / 2


def _rate(step: int) -> float:
    return min(1.0, (step + 1) / WARM_UP) * max(LEAST_RATE, 1 - step / STEPS)


def run(job: Job, reviews: list[Review], folder: Path, device: str) -> str:
    """Learn one adapter and write it."""
    torch.set_num_threads(1)
    learner = Learner(folder, device)
    learner.learn([review for review in reviews if review.name not in job.left_out])
    write(job.path, learner.factors())
    return f"{job.path.name}: without {', '.join(sorted(job.left_out)) or 'none'}"


def main() -> None:
    """Write every adapter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--model", type=Path, help="folder of the encoder, where it is not the installed package's")
    parser.add_argument("--group", type=Path, help="folder for adapters learned without a review's whole group")
    given = parser.parse_args()
    reviews = read_reviews(given.folder)
    names = [review.name for review in reviews]
    jobs = [Job(frozenset(), ADAPTERS / f"{SHIPPED}.safetensors")]
    jobs += [Job(frozenset({name}), ADAPTERS / f"{name}.safetensors") for name in names]
    if given.group:
        groups = {name: frozenset(one for one in names if one.split("_")[0] == name.split("_")[0]) for name in names}
        kin = {group for group in groups.values() if len(group) > 1}
        jobs += [Job(group, given.group / f"{min(group).split('_')[0]}.safetensors") for group in kin]
    folder = given.model or packaged_folder()
    with ProcessPoolExecutor(given.workers, mp_context=get_context("spawn")) as pool:
        done = [pool.submit(run, job, reviews, folder, given.device) for job in jobs]
        for one in done:
            print(one.result(), flush=True)


if __name__ == "__main__":
    main()
