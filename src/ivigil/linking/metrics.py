"""Counts clusters of records against known ones, by record and by pair.

By record is bib-dedupe's own definition (`compare_dedupe_id` of its benchmark): of each known
set of duplicates one record is to stay and the others are to go. What goes rightly is a true positive, what stays too
much a false negative; a record that goes and should have stayed is a false positive. By pair, every two records of one
cluster are one claim, so that two sets joined into one do not pass for a single mistake.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb


@dataclass(frozen=True)
class Counts:
    """True and false, positive and negative; rates are 0 to 1, None where there is nothing to divide by."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def sensitivity(self) -> float | None:
        """Share of the duplicates that were found."""
        return _rate(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> float | None:
        """Share of what is no duplicate that was left alone."""
        return _rate(self.tn, self.tn + self.fp)

    @property
    def precision(self) -> float | None:
        """Share of what was called a duplicate that is one."""
        return _rate(self.tp, self.tp + self.fp)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of sensitivity and precision."""
        return _rate(2 * self.tp, 2 * self.tp + self.fp + self.fn)


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def count_records(ids: Sequence[str], known: Iterable[Collection[str]], found: Iterable[Collection[str]]) -> Counts:
    """Count by record. Of each found cluster the record that comes first among `ids` stays."""
    place = {id_: number for number, id_ in enumerate(ids)}
    gone = {id_ for cluster in found for id_ in sorted(cluster, key=place.__getitem__)[1:]}
    in_sets: set[str] = set()
    tp = fp = fn = tn = 0
    for duplicates in known:
        in_sets.update(duplicates)
        staying = sum(id_ not in gone for id_ in duplicates)
        tp += len(duplicates) - max(staying, 1)
        fn += max(staying - 1, 0)
        fp += staying == 0
        tn += staying > 0
    single = [id_ for id_ in ids if id_ not in in_sets]
    lost = sum(id_ in gone for id_ in single)
    return Counts(tp=tp, fp=fp + lost, fn=fn, tn=tn + len(single) - lost)


def count_pairs(ids: Sequence[str], known: Iterable[Collection[str]], found: Iterable[Collection[str]]) -> Counts:
    """Count by pair of records."""
    true, claimed = _pairs(known), _pairs(found)
    tp = len(true & claimed)
    fp, fn = len(claimed) - tp, len(true) - tp
    return Counts(tp=tp, fp=fp, fn=fn, tn=comb(len(ids), 2) - tp - fp - fn)


def _pairs(clusters: Iterable[Collection[str]]) -> set[frozenset[str]]:
    return {frozenset(pair) for cluster in clusters for pair in combinations(set(cluster), 2)}
