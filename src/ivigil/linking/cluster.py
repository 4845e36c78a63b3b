"""Joins links into reports and studies, in one go or as records arrive."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Generic, TypeVar

from ivigil.linking.compare import decide, exclude, report_link
from ivigil.linking.evidence import Evidence
from ivigil.linking.keys import prepared_keys
from ivigil.linking.links import Link
from ivigil.linking.prepared import Prepared, prepare
from ivigil.linking.rules import ORDER
from ivigil.records import Record

K = TypeVar("K", bound=Hashable)
Pair = tuple[K, K]


@dataclass(frozen=True)
class Clusters(Generic[K]):
    """Reports of two or more records, studies of two or more reports (all their records), and every link.

    Records, clusters and links stand in the order of the records' identities.
    """

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


def cluster(records: Mapping[K, Record]) -> Clusters[K]:
    """Link all these records in one go. The result does not depend on their order."""
    linker: Linker[K] = Linker()
    linker.add(records)
    return linker.clusters()


@dataclass
class Linker(Generic[K]):
    """Holds records with their keys, and links what is added to what is held.

    Adding costs time in the number of records added. The result is the same whatever the order and the portions.
    """

    held: dict[K, Prepared] = field(default_factory=dict)
    carriers: dict[str, list[K]] = field(default_factory=dict)
    links: dict[Pair[K], Link] = field(default_factory=dict)

    def add(self, records: Mapping[K, Record]) -> list[tuple[K, K, Link]]:
        """Hold these records and return the links that they brought; a name that is held already is refused.

        Raises:
            ValueError: a name is held already.
        """
        found = []
        for name, record in records.items():
            if name in self.held:
                raise ValueError(f"a record named {name!r} is held already")
            one = prepare(record)
            others: dict[K, None] = {}
            for key in prepared_keys(one):
                carriers = self.carriers.setdefault(key, [])
                others.update(dict.fromkeys(carriers))
                carriers.append(name)
            self.held[name] = one
            for other in others:
                if (link := decide(self.held[other], one)) is not None:
                    self.links[(other, name)] = link
                    found.append((other, name, link))
        return found

    def clusters(self) -> Clusters[K]:
        """Reports and studies as the links held now say."""
        place = _places(self.held)
        ordered = sorted(
            ((a, b, link) if place[a] < place[b] else (b, a, link) for (a, b), link in self.links.items()),
            key=lambda entry: (place[entry[0]], place[entry[1]]),
        )
        certain = [(a, b) for a, b, link in ordered if link.kind == "report" and link.strength == "certain"]
        reports = _grouped(self.held, certain, ())
        report_of = {name: number for number, members in enumerate(reports) for name in members}
        joined = {
            (report_of[a], report_of[b])
            for a, b, link in ordered
            if link.kind == "study" and link.strength == "certain" and report_of[a] != report_of[b]
        }
        studies = connected(range(len(reports)), joined)
        return Clusters(
            records=len(self.held),
            clusters=[members for members in reports if len(members) > 1],
            studies=[
                [name for number in numbers for name in reports[number]] for numbers in studies if len(numbers) > 1
            ],
            links=ordered,
        )


def components(records: Mapping[K, Record], links: Iterable[Pair[K]], cuts: Iterable[Pair[K]] = ()) -> list[list[K]]:
    """Group records into reports by their certain links.

    No group holds a cut pair, nor two records that exclude each other unless someone linked just these two. Where a
    chain of links would, its weakest link gives way. Groups and members stand in the order of the records' identities.
    """
    return _grouped({name: prepare(record) for name, record in records.items()}, links, cuts)


def connected(nodes: Iterable[K], edges: Iterable[Pair[K]]) -> list[list[K]]:
    """Connected components, each in the order of the nodes."""
    group = {node: [node] for node in nodes}
    order = {node: place for place, node in enumerate(group)}
    for a, b in edges:
        mine, other = group[a], group[b]
        if mine is other:
            continue
        if len(mine) < len(other):
            mine, other = other, mine
        mine.extend(other)
        for node in other:
            group[node] = mine
    unique = {id(members): sorted(members, key=order.__getitem__) for members in group.values()}
    return sorted(unique.values(), key=lambda members: order[members[0]])


def _places(held: Mapping[K, Prepared]) -> dict[K, tuple[tuple[str, str, str], str]]:
    """What each record is sorted by: its identity, and its name where two share one."""
    return {name: (one.key, str(name)) for name, one in held.items()}


def _grouped(held: Mapping[K, Prepared], links: Iterable[Pair[K]], cuts: Iterable[Pair[K]]) -> list[list[K]]:
    place = _places(held)
    nodes = sorted(held, key=place.__getitem__)
    edges = list(links)
    apart = {frozenset(pair) for pair in cuts}
    linked = {frozenset(pair) for pair in edges} - apart
    groups: list[list[K]] = []
    for members in connected(nodes, (pair for pair in edges if frozenset(pair) in linked)):
        barred = {
            frozenset((a, b))
            for a, b in combinations(members, 2)
            if frozenset((a, b)) in apart or (frozenset((a, b)) not in linked and exclude(held[a], held[b]))
        }
        if not barred:
            groups.append(members)
            continue
        inside = [pair for pair in edges if pair[0] in set(members)]
        groups += _joined_but(barred, members, sorted(inside, key=lambda pair: _weakness(held, place, pair)))
    return sorted(groups, key=lambda members: place[members[0]])


def _joined_but(barred: set[frozenset[K]], members: list[K], edges: list[Pair[K]]) -> list[list[K]]:
    """Join along the edges, the strongest first, leaving out those that would bring a barred pair together."""
    group = {name: [name] for name in members}
    for a, b in edges:
        mine, other = group[a], group[b]
        if mine is other or any(frozenset((x, y)) in barred for x in mine for y in other):
            continue
        mine.extend(other)
        for name in other:
            group[name] = mine
    order = {name: number for number, name in enumerate(members)}
    return [sorted(group_, key=order.__getitem__) for group_ in {id(g): g for g in group.values()}.values()]


def _weakness(held: Mapping[K, Prepared], place: Mapping[K, Any], pair: Pair[K]) -> tuple[Any, ...]:
    """A person's link first, then by the order of the rules, then by the records' identities."""
    a, b = sorted(pair, key=place.__getitem__)
    link = report_link(Evidence(held[a], held[b]))
    rank = ORDER[link.rule] if link is not None and link.strength == "certain" else -1
    return (rank, place[a], place[b])
