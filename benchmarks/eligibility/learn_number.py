"""The weights by which the number treated is chosen, learned from the written records of the development set.

Each record with a known number (or known not to say it) is one choice among its candidates; the weights maximise the
chance of the right value, however many places say it, less a quadratic penalty. Before they are written, the same fit
is made with every fifth record left out in turn, and what it then gets right is printed beside the reader's rate on its
own set.

python benchmarks/eligibility/learn_number.py
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from ivigil.criteria import Criteria
from ivigil.eligibility.benchmark import Item
from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.case import Case
from ivigil.eligibility.certainty import CLEAR, chance_of, is_unsure
from ivigil.eligibility.number_model import UNIT, WEIGHTS, chances
from ivigil.eligibility.reading import Verdict
from ivigil.eligibility.sample_size import (
    SURE_BY_WORDS,
    SURE_OF_PART_BY_WORDS,
    may_be_more,
    read_setting,
    treated_candidates,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SETS = ("dev.jsonl", "wordings/wordings.jsonl", "wordings/excerpts.jsonl")
PENALTY = 2.0
PLAIN = 8.0  # what one plain wording counts for: it says in one sentence what many records say in their own way
LEAST = 10  # thousandths: a weight below plays no part
SEEN_IN = 3  # records a feature must stand in to have a weight
FOLDS = 5
MINIMUM = 5


class Choice(NamedTuple):
    """A record, the numbers it may be, and whether few of them would be taken for a part of more."""

    item: Item
    candidates: list[Candidate]
    may_be_more: bool


def read_choices(criteria: Criteria, path: Path) -> list[Choice]:
    """The records of a set whose number is known, or known not to be said, with their candidates."""
    choices = []
    for line in path.read_text(encoding="utf-8").splitlines():
        item = Item.of(json.loads(line))
        if item.expected.n_treated is None and item.expected.verdict is not Verdict.NEEDS_FULL_TEXT:
            continue
        case = Case.of(item.record(), criteria)
        if case.lines:
            candidates = treated_candidates(case, read_setting(case))
            choices.append(Choice(item, candidates, may_be_more(case, [one.value for one in candidates])))
    return choices


def teaching(choices: Sequence[Choice]) -> list[Choice]:
    """The records whose number is among their candidates."""
    return [one for one in choices if one.item.expected.n_treated in {number.value for number in one.candidates}]


def places_of_features(choices: Sequence[Choice]) -> dict[str, int]:
    """The features that stand in enough records to be learned, in order."""
    seen = Counter(name for one in choices for name in set().union(*(c.features for c in one.candidates)))
    return {name: at for at, name in enumerate(sorted(name for name, times in seen.items() if times >= SEEN_IN))}


def learn(choices: list[Choice]) -> dict[str, int]:
    """The weights, in thousandths, that make the known values likeliest.

    A record that lacks its value teaches nothing.
    """
    choices = teaching(choices)
    place = places_of_features(choices)
    weight = np.array([PLAIN if item.key.startswith("wording") else 1.0 for item, *_ in choices])
    columns: list[int] = []
    ends, starts, right = [0], [], []
    for item, candidates, _ in choices:
        starts.append(len(right))
        for candidate in candidates:
            columns += sorted(place[name] for name in candidate.features if name in place)
            ends.append(len(columns))
            right.append(candidate.value == item.expected.n_treated)
    features = sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(right), len(place)))
    first, correct = np.array(starts), np.array(right, dtype=float)
    record = np.repeat(np.arange(len(first)), np.diff([*starts, len(right)]))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = features @ weights
        odds = np.exp(scores - np.maximum.reduceat(scores, first)[record])
        total, good = np.add.reduceat(odds, first), np.add.reduceat(odds * correct, first)
        good = np.maximum(good, 1e-300)
        gradient = features.T @ (weight[record] * (odds * correct / good[record] - odds / total[record]))
        return float(PENALTY / 2 * weights @ weights - weight @ np.log(good / total)), PENALTY * weights - gradient

    found = minimize(loss, np.zeros(len(place)), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    weights = {name: round(float(found.x[at]) * UNIT) for name, at in place.items()}
    return {name: weight for name, weight in weights.items() if abs(weight) >= LEAST}


class Answer(NamedTuple):
    """The likeliest value and the next, each value's chance, and the chance of fewer than the minimum."""

    value: int | None
    rival: int | None
    chances: dict[int | None, float]
    below: float


def answer(candidates: list[Candidate], found: Sequence[float]) -> Answer:
    """What a record is read as, by the chance of each of its candidates."""
    by_value: Counter[int | None] = Counter()
    for candidate, chance in zip(candidates, found, strict=True):
        by_value[candidate.value] += chance
    below = sum(chance for value, chance in by_value.items() if value is not None and value < MINIMUM)
    value, rival, *_ = (*sorted(by_value, key=by_value.__getitem__, reverse=True), None)
    return Answer(value, rival, by_value, below)


@dataclass
class Tally:
    """Eligible records, those whose number or one of its two likeliest is right, and those lost for too few."""

    sure: float = SURE_BY_WORDS
    of_part: float = SURE_OF_PART_BY_WORDS
    records: int = 0
    right: int = 0
    among_two: int = 0
    lost: int = 0

    def add(self, choice: Choice, found: Answer) -> None:
        """Count one record."""
        expected = choice.item.expected
        if expected.verdict is Verdict.ELIGIBLE:
            self.records += 1
            self.right += found.value == expected.n_treated
            self.among_two += expected.n_treated in (found.value, found.rival)
            few = found.value is not None and found.value < MINIMUM and found.below >= self.sure
            self.lost += few and (found.below >= self.of_part or not choice.may_be_more)

    def __str__(self) -> str:
        return (
            f"{self.right} of {self.records} right ({self.right / max(1, self.records):.3f}), "
            f"{self.among_two} among the likeliest two, {self.lost} lost for too few"
        )


def main() -> None:
    """Learn from the development set, tell how well records left out are read, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protocol", type=Path, default=ROOT / "protocols" / "ivig_ssc.toml")
    parser.add_argument("--set", type=Path, nargs="+", default=[HERE / name for name in SETS])
    given = parser.parse_args()
    criteria = Criteria.model_validate(tomllib.loads(given.protocol.read_text(encoding="utf-8"))["criteria"])
    choices = [choice for path in given.set for choice in read_choices(criteria, path)]
    left_out: dict[str, Tally] = defaultdict(Tally)
    for fold in range(FOLDS):
        weights = learn([choice for at, choice in enumerate(choices) if at % FOLDS != fold])
        for choice in choices[fold::FOLDS]:
            found = answer(choice.candidates, chances(choice.candidates, weights))
            left_out["all"].add(choice, found)
            if (chance := chance_of(found.value, found.chances)) is not None:
                how = f"below {CLEAR}, said with 'perhaps'" if is_unsure(chance) else f"{CLEAR} and more, said plainly"
                left_out[f"chance {how}"].add(choice, found)
            left_out[re.match(r"[a-z]+", choice.item.key)[0]].add(choice, found)
    for batch, tally in sorted(left_out.items()):
        print(f"left out, {batch}: {tally}")
    weights = learn(choices)
    own = Tally()
    for choice in choices:
        own.add(choice, answer(choice.candidates, chances(choice.candidates, weights)))
    print(f"its own records: {own}")
    path = ROOT / "src" / "ivigil" / "eligibility" / WEIGHTS
    path.write_text(json.dumps(weights, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(weights)} weights written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
