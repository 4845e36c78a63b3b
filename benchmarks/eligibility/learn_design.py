"""The weights of `design_model`, learned from the records of the development set whose design is known.

Before the weights are written, the records of every fifth group of authors are left out in turn, and how many designs
are right with the model and by words alone is printed, for these and for the held-back records.

python benchmarks/eligibility/learn_design.py
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from ivigil.criteria import Criteria, Design
from ivigil.eligibility.assessing import read_criteria
from ivigil.eligibility.benchmark import Item
from ivigil.eligibility.case import Case
from ivigil.eligibility.design import design_by_words
from ivigil.eligibility.design_model import BIAS, PLAIN, WAYS, WEIGHTS, features

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STRENGTH = 0.1  # scikit-learn's C
SEEN_IN = 50  # records a feature must stand in to have a weight
FOLDS = 5


class Example(NamedTuple):
    """A record: its batch, its features, its design as words tell it, whether they name it, and the right one."""

    batch: str
    features: set[str]
    by_words: Design
    named: bool
    design: Design


def read_examples(criteria: Criteria, path: Path) -> list[Example]:
    """The records whose design is among those that the model chooses from, and is settled by no type or title."""
    examples = []
    for line in path.read_text(encoding="utf-8").splitlines():
        item = Item.of(json.loads(line))
        if item.expected.design not in WAYS:
            continue
        case = Case.of(item.record(), criteria)
        treated = read_criteria(case).treated
        told = design_by_words(case, treated)
        if not told.settled and told.design in WAYS:
            batch, named = item.key.split("-")[0], told.words is not None
            weighed = features(case, told.design, treated)
            examples.append(Example(batch, weighed, told.design, named, Design(item.expected.design)))
    return examples


def _right(chances: np.ndarray, designs: np.ndarray, examples: Sequence[Example]) -> str:
    """How many are right, where words that name a design stand unless the record plainly reads otherwise."""
    found = [
        example.by_words
        if example.named and (row.max() < PLAIN or designs[row.argmax()] == Design.OTHER)
        else designs[row.argmax()]
        for row, example in zip(chances, examples, strict=True)
    ]
    right = sum(one == example.design for one, example in zip(found, examples, strict=True))
    words = sum(example.by_words == example.design for example in examples)
    return f"{right} of {len(examples)} designs right ({right / len(examples):.1%}), by words alone {words}"


def main() -> None:
    """Learn from the development set, tell what records left out come to, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protocol", type=Path, default=ROOT / "protocols" / "ivig_ssc.toml")
    given = parser.parse_args()
    criteria = Criteria.model_validate(tomllib.loads(given.protocol.read_text(encoding="utf-8"))["criteria"])
    examples, held_back = (read_examples(criteria, HERE / f"{name}.jsonl") for name in ("dev", "held_back"))
    seen = Counter(name for example in examples for name in example.features)
    known = {name for name, times in seen.items() if times >= SEEN_IN and name != BIAS}
    vectorizer = DictVectorizer()
    rows = vectorizer.fit_transform([dict.fromkeys(example.features & known, 1) for example in examples])
    designs = np.array([example.design.value for example in examples])

    def fit(chosen: np.ndarray) -> LogisticRegression:
        return LogisticRegression(C=STRENGTH, max_iter=500).fit(rows[chosen], designs[chosen])

    model = fit(np.arange(len(examples)))
    left_out = np.zeros((len(examples), len(model.classes_)))
    for taught, tested in GroupKFold(FOLDS).split(rows, designs, [example.batch for example in examples]):
        left_out[tested] = fit(taught).predict_proba(rows[tested])
    print(f"left out: {_right(left_out, model.classes_, examples)}")
    others = vectorizer.transform([dict.fromkeys(example.features & known, 1) for example in held_back])
    print(f"held back: {_right(model.predict_proba(others), model.classes_, held_back)}")
    weights = {name: _rounded(model.coef_[:, at]) for name, at in sorted(vectorizer.vocabulary_.items())}
    content = {"designs": list(model.classes_), "weights": {BIAS: _rounded(model.intercept_), **weights}}
    path = ROOT / "src" / "ivigil" / "eligibility" / WEIGHTS
    lines = json.dumps(content, ensure_ascii=False).replace("], ", "],\n")
    path.write_text(f"{lines}\n", encoding="utf-8")
    print(f"{len(content['weights'])} features' weights written to {path.relative_to(ROOT)}")


def _rounded(weights: np.ndarray) -> list[float]:
    return [round(float(weight), 3) for weight in weights]


if __name__ == "__main__":
    main()
