"""The weights of `likeness`, learned from the eligible and the ineligible records of the development set.

Records that a catalogue's field excludes (language, date, full text) teach nothing. Before the weights are written,
every tenth record is left out in turn, and what its likeness comes to is printed: of the records that words exclude
rightly, how many would go to a person; and of the studies that a first reading had lost, how many would have been kept.

python benchmarks/eligibility/learn_likeness.py
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from ivigil.criteria import Criteria
from ivigil.eligibility.assessing import excluded_by_words, read_criteria
from ivigil.eligibility.benchmark import Item
from ivigil.eligibility.case import Case
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.likeness import BIAS, LIKE, WEIGHTS, features
from ivigil.eligibility.reading import Status, Verdict
from ivigil.eligibility.sample_size import count_treated

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STRENGTH = 0.3  # scikit-learn's C
SEEN_IN = 5  # records a feature must stand in to have a weight
FOLDS = 10
# lost when they were first read, each by one criterion, and mended since
LOST = word_set("""
    ya-071 yc-034 yd-014 yd-017 yd-025 yd-064 yg-42 yg-68 yh-08 yh-23 yh-43 yi-68 ye-013 ye-095 yf-003 yf-015
""")


class Example(NamedTuple):
    """A record: its key, its features, whether it is eligible, and whether words exclude it."""

    key: str
    features: set[str]
    eligible: bool
    excluded: bool


def read_examples(criteria: Criteria, path: Path) -> list[Example]:
    """The records of a set that the model may learn from."""
    examples = []
    for line in path.read_text(encoding="utf-8").splitlines():
        item = Item.of(json.loads(line))
        case = Case.of(item.record(), criteria)
        if item.expected.verdict is Verdict.NEEDS_FULL_TEXT or not case.has_abstract or not case.lines:
            continue
        read = read_criteria(case)
        excluded = excluded_by_words(case, read)
        if excluded or all(reading.status is not Status.NOT_MET for reading in read.readings.values()):
            named = features(case, count_treated(case))
            examples.append(Example(item.key, named, item.expected.verdict is Verdict.ELIGIBLE, excluded))
    return examples


def main() -> None:
    """Learn from the development set, tell what records left out come to, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protocol", type=Path, default=ROOT / "protocols" / "ivig_ssc.toml")
    parser.add_argument("--set", type=Path, nargs="+", default=[HERE / "dev.jsonl"])
    given = parser.parse_args()
    criteria = Criteria.model_validate(tomllib.loads(given.protocol.read_text(encoding="utf-8"))["criteria"])
    examples = [example for path in given.set for example in read_examples(criteria, path)]
    seen = Counter(name for example in examples for name in example.features)
    known = {name for name, times in seen.items() if times >= SEEN_IN and name != BIAS}
    vectorizer = DictVectorizer()
    rows = vectorizer.fit_transform([dict.fromkeys(example.features & known, 1) for example in examples])
    eligible = np.array([example.eligible for example in examples])

    def fit(chosen: np.ndarray) -> LogisticRegression:
        return LogisticRegression(C=STRENGTH, max_iter=500).fit(rows[chosen], eligible[chosen])

    left_out = np.zeros(len(examples))
    for taught, tested in StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(rows, eligible):
        left_out[tested] = fit(taught).predict_proba(rows[tested])[:, 1]
    excluded = np.array([example.excluded and not example.eligible for example in examples])
    lost = np.array([example.key in LOST for example in examples])
    like = left_out >= LIKE
    print(f"left out, likeness of {LIKE} or more:")
    print(f"  {like[excluded].sum()} of {excluded.sum()} ineligible records that words exclude")
    print(f"  {like[lost].sum()} of {lost.sum()} studies lost at a first reading")
    print(f"  {like[eligible].sum()} of {eligible.sum()} eligible records")
    model = fit(np.arange(len(examples)))
    weights = {name: round(float(model.coef_[0][at]), 3) for name, at in vectorizer.vocabulary_.items()}
    weights = {name: weight for name, weight in weights.items() if abs(weight) >= 0.01}
    weights[BIAS] = round(float(model.intercept_[0]), 3)
    path = ROOT / "src" / "ivigil" / "eligibility" / WEIGHTS
    path.write_text(json.dumps(weights, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(weights)} weights written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
