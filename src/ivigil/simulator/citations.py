"""Which documents of a corpus cite which: made up, and the same in every run."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from ivigil.simulator.document import Document

MOST_CITED = 5
INCLUDED_CHANCE = 0.3
REVIEWS = frozenset({"Systematic Review", "Meta-Analysis"})


@dataclass(frozen=True)
class Citations:
    """By identifier: what a document cites, and what cites it."""

    cited: Mapping[str, tuple[str, ...]]
    citing: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, documents: Sequence[Document], included: frozenset[str]) -> Self:
        """Every document cites a few that arrived before it, now and then an included study; reviews cite them all."""
        earlier: list[str] = []
        cited: dict[str, tuple[str, ...]] = {}
        citing: defaultdict[str, list[str]] = defaultdict(list)
        for document in sorted(documents, key=lambda each: (each.arrives, each.identifier)):
            name = document.identifier
            rng = random.Random(f"cites/{name}")
            studies = [each for each in earlier if each in included]
            chosen = rng.sample(earlier, min(len(earlier), rng.randint(0, MOST_CITED)))
            if REVIEWS.intersection(document.forms[0][1].publication_types):
                chosen += studies
            elif studies and rng.random() < INCLUDED_CHANCE:
                chosen.append(rng.choice(studies))
            cited[name] = tuple(dict.fromkeys(chosen))
            for each in cited[name]:
                citing[each].append(name)
            earlier.append(name)
        return cls(cited, {name: tuple(found) for name, found in citing.items()})
