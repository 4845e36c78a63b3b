"""Joins links into reports and studies, in one go or as records arrive."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Generic, TypeVar

from ivigil.linking.compare import compare, conflict, keys
from ivigil.linking.links import Link
from ivigil.records import Record

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Clusters(Generic[K]):
    """Records, the reports of two or more of them, the studies of two or more reports, and every link."""

    records: int
    clusters: list[list[K]]
    studies: list[list[K]]
    links: list[tuple[K, K, Link]]

    def as_json(self) -> dict[str, Any]:
        """Plain values for one JSON document."""
        return {
            "records": self.records,
            "clusters": self.clusters,
            "studies": self.studies,
            "links": [
                {"a": a, "b": b, "kind": link.kind, "strength": link.strength, "rule": link.rule, "why": link.why}
                for a, b, link in self.links
            ],
        }


def components(
    records: Mapping[K, Record],
    links: Iterable[tuple[K, K]],
    cuts: Iterable[tuple[K, K]] = (),
) -> list[list[K]]:
    """Group records into reports by their certain links; no group holds a cut pair or two that exclude each other."""
    order = {key: place for place, key in enumerate(sorted(records, key=lambda key: _order(records[key])))}
    apart = {frozenset(pair) for pair in cuts}
    group = {key: [key] for key in records}
    for a, b in sorted(links, key=lambda pair: sorted((order[pair[0]], order[pair[1]]))):
        mine, other = group[a], group[b]
        if mine is other or any(
            frozenset((x, y)) in apart or conflict(records[x], records[y]) for x in mine for y in other
        ):
            continue
        mine.extend(other)
        for key in other:
            group[key] = mine
    unique = {id(members): members for members in group.values()}
    return sorted((sorted(members, key=order.__getitem__) for members in unique.values()), key=lambda m: order[m[0]])


def cluster(records: Mapping[K, Record]) -> Clusters[K]:
    """Link all these records in one go. The result does not depend on their order."""
    carriers: dict[str, list[K]] = {}
    for name, record in records.items():
        for key in keys(record):
            carriers.setdefault(key, []).append(name)
    order = {key: place for place, key in enumerate(sorted(records, key=lambda key: _order(records[key])))}
    pairs = {
        (a, b) if order[a] < order[b] else (b, a) for names in carriers.values() for a, b in combinations(names, 2)
    }
    links = [
        (a, b, link)
        for a, b in sorted(pairs, key=lambda pair: (order[pair[0]], order[pair[1]]))
        if (link := compare(records[a], records[b])) is not None
    ]
    certain = [(a, b) for a, b, link in links if link.kind == "report" and link.strength == "certain"]
    reports = components(records, certain)
    return Clusters(len(records), [members for members in reports if len(members) > 1], [], links)


def _order(record: Record) -> tuple[str, str, str]:
    return record.key
