"""The form of a rule by which two records are one report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivigil.linking.evidence import Evidence
from ivigil.linking.links import Strength
from ivigil.linking.people import PeopleMatch as P
from ivigil.linking.places import FieldMatch as F
from ivigil.linking.titles import TitleMatch as T

OPEN_DOI = frozenset({F.SAME, F.NEAR, F.MISSING})


@dataclass(frozen=True)
class Rule:
    """One way in which two records can be one report. `why` is what a person reads."""

    name: str
    why: str
    title: frozenset[T] | None = None
    people: frozenset[P] | None = None
    venue: frozenset[F] | None = None
    volume: frozenset[F] | None = None
    pages: frozenset[F] | None = None
    year: frozenset[F] | None = None
    doi: frozenset[F] = OPEN_DOI
    abstract: frozenset[F] | None = None
    also: Callable[[Evidence], bool] | None = None
    despite: frozenset[str] = frozenset()
    strength: Strength = "certain"

    def holds(self, evidence: Evidence) -> bool:
        """Whether every field comes out as the rule asks; costly comparisons come last."""
        return (
            (self.title is None or evidence.title in self.title)
            and evidence.doi in self.doi
            and (self.year is None or evidence.year in self.year)
            and (self.pages is None or evidence.pages in self.pages)
            and (self.volume is None or evidence.volume in self.volume)
            and (self.people is None or evidence.people in self.people)
            and (self.venue is None or evidence.venue in self.venue)
            and (self.also is None or self.also(evidence))
            and (self.abstract is None or evidence.abstract in self.abstract)
        )
