"""How like an eligible report a record reads as a whole: a second opinion where the words of one criterion exclude it.

A rule goes by the sentence it read, and is wrong in ways that nobody foresaw; the whole record seldom misleads in the
same way. A logistic model weighs the plain English of the record, the parts that its own sentences are made of
(`tagging`) and the chances of the number treated. It knows no term of any protocol, so it serves every review. The
weights lie in `likeness_weights.json`; `benchmarks/eligibility/learn_likeness.py` learns them from the written records.
"""

from __future__ import annotations

import math
from functools import cache

from ivigil.eligibility.case import Case
from ivigil.eligibility.number_words import CLASSES_OF
from ivigil.eligibility.ownership import results_told
from ivigil.eligibility.sample_size import Treated
from ivigil.eligibility.weights import load_weights
from ivigil.eligibility.words import TAG_OF

WEIGHTS = "likeness_weights.json"
BIAS = ""  # the feature that every record has
# From this likeness on no criterion excludes a record by words alone. Left out of the learning, 8 of the 16 studies
# that first readings had lost came above it, and 14 of the 1,442 records that words exclude rightly.
LIKE = 0.8

_COUNTED_TAGS = "TDOUMRBACYNKPJXHLesdEi"
_SUBJECT_TAGS = frozenset("TRBDOUMAC")
_FEW, _SOME, _MANY = 2, 4, 8
_MOST_RESULTS = 5
_OF_NUMBER = ("fewer=", "enough=")  # what the chances of the number treated are called


def likeness(case: Case, treated: Treated, weights: dict[str, float] | None = None) -> float:
    """The chance that a record is of an eligible study, by how it reads as a whole.

    `treated` is the number as it is read where nothing excludes the record.
    """
    known = load_weights(WEIGHTS) if weights is None else weights
    # fsum: the same in whatever order a set gives its members
    return 1 / (1 + math.exp(-math.fsum(known.get(name, 0.0) for name in features(case, treated))))


def likeness_at_most(case: Case) -> float:
    """What the likeness can come to at most, whatever number is read: counting takes long, and most stay far below."""
    known = load_weights(WEIGHTS)
    without_number = (name for name in features(case, Treated(None)) if not name.startswith(_OF_NUMBER))
    return 1 / (1 + math.exp(-math.fsum(known.get(name, 0.0) for name in without_number) - _most_of_number()))


@cache
def _most_of_number() -> float:
    """What the chances of the number treated can add at most."""
    known = load_weights(WEIGHTS)
    return sum(max(weight for name, weight in known.items() if name.startswith(kind)) for kind in _OF_NUMBER)


def features(case: Case, treated: Treated) -> set[str]:
    """What the model weighs of a record."""
    own = "".join(line.tags for line in case.own_lines)
    subject = "".join(sorted(_SUBJECT_TAGS.intersection(case.title_tags)))
    minimum = case.minimum
    plain = {
        word
        for field in (case.document.title, case.document.abstract)
        for word in field.tokens.words
        if word in TAG_OF or word in CLASSES_OF
    }
    return (
        {BIAS, f"subject={subject}", f"results={min(results_told(case), _MOST_RESULTS)}"}
        | {f"title={tag}" for tag in case.title_tags}
        | {f"{tag}={_grade(own.count(tag))}" for tag in _COUNTED_TAGS}
        | {f"fewer={treated.below(minimum):.1f}", f"enough={treated.at_least(minimum):.1f}"}
        | {f"word={word}" for word in plain}
    )


def _grade(times: int) -> int:
    """How often, as one of five grades."""
    return min(times, 1) + (times >= _FEW) + (times >= _SOME) + (times >= _MANY)
