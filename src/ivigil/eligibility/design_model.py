"""The likeliest of the ways a study may have been made, by how its record reads as a whole.

Few abstracts name their design; most only show it: "consecutive patients were asked", "the median follow-up was". A
multinomial logistic model weighs the record's plain words, what the words for a design say (`design`), the publication
types and whether few or many were treated. A protocol's own terms take no part, so it serves every review. The weights
lie in `design_weights.json`; `benchmarks/eligibility/learn_design.py` learns them from the written records.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import compress, repeat

from ivigil.criteria import Design
from ivigil.eligibility.case import Case
from ivigil.eligibility.number_model import UNIT, softmax
from ivigil.eligibility.sample_size import Treated
from ivigil.eligibility.text import Field

WEIGHTS = "design_weights.json"
BIAS = ""  # the feature that every record has
# The ways a study of patients may have been made: what is chosen among.
WAYS = (
    Design.RCT,
    Design.PILOT,
    Design.OPEN_LABEL,
    Design.PROSPECTIVE,
    Design.RETROSPECTIVE,
    Design.CASE_CONTROL,
    Design.CASE_REPORT,
    Design.OTHER,
)
# How sure it must be that a record reads otherwise than the words that name a design: those are right in five of six.
PLAIN = 0.6
_LANE = 32  # bits
_MASK, _SIGN = (1 << _LANE) - 1, 1 << _LANE - 1
_NOTHING = repeat(0)
# terms of the lexicon that belong to no protocol
_GENERAL = frozenset(["design", "title design", "search", "age"])


@dataclass(frozen=True, slots=True)
class Table:
    """The weights of each feature for all `ways`, packed into one number, so that one sum adds up those of all ways.

    A weight is in whole thousandths and has `_LANE` bits of the number, the first way's the lowest.
    """

    ways: tuple[Design, ...]
    weights: dict[str, int]

    def scores(self, names: Collection[str]) -> list[float]:
        """The sum of the features' weights for each way."""
        total = sum(map(self.weights.get, names, _NOTHING))
        scores = []
        for _ in self.ways:
            score = (total & _MASK) - ((total & _SIGN) << 1)
            scores.append(score / UNIT)
            total = (total - score) >> _LANE
        return scores


def pack(weights: Sequence[float]) -> int:
    """The weights of one feature for each way as one number."""
    return sum(round(weight * UNIT) << place * _LANE for place, weight in enumerate(weights))


@cache
def load_table() -> Table:
    """The weights that lie beside the reader."""
    text = resources.files("ivigil.eligibility").joinpath(WEIGHTS).read_text(encoding="utf-8")
    content = json.loads(text)
    features: dict[str, list[float]] = content["weights"]
    ways = tuple(Design(name) for name in content["designs"])
    return Table(ways, {name: pack(weights) for name, weights in features.items()})


def likeliest_design(
    case: Case, by_words: Design, treated: Treated, allowed: Collection[Design], table: Table | None = None
) -> tuple[Design, float]:
    """The likeliest of the designs allowed and its chance among all; `by_words` is what the words for a design say."""
    known = table or load_table()
    chances = dict(zip(known.ways, softmax(known.scores(features(case, by_words, treated))), strict=True))
    design = max((way for way in known.ways if way in allowed), key=chances.__getitem__)
    return design, chances[design]


def features(case: Case, by_words: Design, treated: Treated) -> set[str]:
    """What the model weighs of a record."""
    many = "-" if treated.value is None else "few" if treated.value < case.minimum else "many"
    types = {f"type={name.lower()}" for name in case.record.publication_types}
    plain = _plain(case.document.title, case.document.abstract)
    return {BIAS, f"said={by_words}", f"said={by_words}&{many}", many} | types | plain


def _plain(*fields: Field) -> set[str]:
    """The words that stand outside the protocol's terms."""
    plain: set[str] = set()
    for field in fields:
        words = field.tokens.words
        outside = bytearray(b"\1" * len(words))
        for group, matches in field.found.items():
            if group not in _GENERAL:
                for term in matches:
                    outside[term.first : term.last] = bytes(term.last - term.first)
        plain.update(compress(words, outside))
    return set(filter(str.isalpha, plain))
