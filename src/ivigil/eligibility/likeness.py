"""How like an eligible report a record reads as a whole: a second opinion where the words of one criterion exclude it.

A rule goes by the sentence it read, and is wrong in ways that nobody foresaw; the whole record seldom misleads in the
same way. A logistic model weighs the plain English of the record, the parts that its own sentences are made of
(`tagging`) and the chances of the number treated. It knows no term of any protocol, so it serves every review. The
weights lie in `likeness_weights.json`; `benchmarks/eligibility/learn_likeness.py` learns them from the written records.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import repeat

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
_PLAIN = frozenset([*TAG_OF, *CLASSES_OF])
_OF_WORD = "word="
_NONE = repeat(0.0)
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
    weights = [*map(known.get, _of_tags(case), _NONE), *map(_word_weights().get, _plain(case), _NONE)]
    return 1 / (1 + math.exp(-math.fsum(weights) - _most_of_number()))


@cache
def _word_weights() -> dict[str, float]:
    """The weights of plain words, by the words themselves: many are asked for, few have one."""
    return {
        name.removeprefix(_OF_WORD): weight
        for name, weight in load_weights(WEIGHTS).items()
        if name.startswith(_OF_WORD)
    }


@cache
def _most_of_number() -> float:
    """What the chances of the number treated can add at most."""
    known = load_weights(WEIGHTS)
    return sum(max(weight for name, weight in known.items() if name.startswith(kind)) for kind in _OF_NUMBER)


def features(case: Case, treated: Treated) -> set[str]:
    """What the model weighs of a record."""
    minimum = case.minimum
    of_number = {f"fewer={treated.below(minimum):.1f}", f"enough={treated.at_least(minimum):.1f}"}
    return _of_tags(case) | of_number | {f"{_OF_WORD}{word}" for word in _plain(case)}


def _plain(case: Case) -> frozenset[str]:
    """The record's words of plain English."""
    return (case.document.title.vocabulary | case.document.abstract.vocabulary) & _PLAIN


def _of_tags(case: Case) -> set[str]:
    """What is weighed of how the record tells its matter."""
    own = "".join([line.tags for line in case.own_lines])
    subject = "".join(sorted(_SUBJECT_TAGS.intersection(case.title_tags)))
    return (
        {BIAS, f"subject={subject}", f"results={min(results_told(case), _MOST_RESULTS)}"}
        | {f"title={tag}" for tag in case.title_tags}
        | {f"{tag}={_grade(own.count(tag))}" for tag in _COUNTED_TAGS}
    )


def _grade(times: int) -> int:
    """How often, as one of five grades."""
    return min(times, 1) + (times >= _FEW) + (times >= _SOME) + (times >= _MANY)
