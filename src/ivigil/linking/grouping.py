"""Groups records into reports by their links, and never what excludes each other."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from itertools import combinations
from typing import Any, TypeVar

from ivigil.linking.compare import exclude, report_link
from ivigil.linking.evidence import Evidence
from ivigil.linking.prepared import Prepared, prepare
from ivigil.linking.rules import IDENTIFIER_RULES, ORDER
from ivigil.records import Record

K = TypeVar("K", bound=Hashable)
Pair = tuple[K, K]


def components(records: Mapping[K, Record], links: Iterable[Pair[K]], cuts: Iterable[Pair[K]] = ()) -> list[list[K]]:
    """Group records into reports by their certain links.

    No group holds a cut pair, nor two records that exclude each other unless someone linked just these two. Where a
    chain of links would, its weakest link gives way. Groups and members stand in the order of the records' identities.
    """
    return grouped({name: prepare(record) for name, record in records.items()}, links, cuts)


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


def joined_but(nodes: Iterable[K], edges: Iterable[Pair[K]], barred: Collection[frozenset[K]]) -> list[list[K]]:
    """As `connected`, the first edges first, leaving out those that would bring a barred pair together."""
    group = {node: [node] for node in nodes}
    order = {node: place for place, node in enumerate(group)}
    for a, b in edges:
        mine, other = group[a], group[b]
        if mine is other or any(frozenset((x, y)) in barred for x in mine for y in other):
            continue
        mine.extend(other)
        for node in other:
            group[node] = mine
    return [sorted(members, key=order.__getitem__) for members in {id(g): g for g in group.values()}.values()]


def places(held: Mapping[K, Prepared]) -> dict[K, tuple[tuple[str, str, str], str]]:
    """What each record is sorted by: its identity, and its name where two share one."""
    return {name: (one.key, str(name)) for name, one in held.items()}


def grouped(held: Mapping[K, Prepared], links: Iterable[Pair[K]], cuts: Iterable[Pair[K]]) -> list[list[K]]:
    """As `components`, of records already prepared."""
    place = places(held)
    nodes = sorted(held, key=place.__getitem__)
    edges = list(links)
    apart = {frozenset(pair) for pair in cuts}
    linked = {frozenset(pair) for pair in edges} - apart
    groups: list[list[K]] = []
    for members in connected(nodes, (pair for pair in edges if frozenset(pair) in linked)):
        barred = _barred(held, members, linked, apart)
        if not barred:
            groups.append(members)
            continue
        within = set(members)
        inside = [pair for pair in edges if frozenset(pair) in linked and within.issuperset(pair)]
        groups += joined_but(members, sorted(inside, key=lambda pair: _weakness(held, place, pair)), barred)
    return sorted(groups, key=lambda members: place[members[0]])


def _barred(
    held: Mapping[K, Prepared], members: list[K], linked: set[frozenset[K]], apart: set[frozenset[K]]
) -> set[frozenset[K]]:
    """Pairs of a chain that may not come together: cut ones, and those that exclude each other.

    Where a person linked two that exclude each other, these and what carries their identifiers count as one, and only
    what all of them exclude stays barred.
    """
    pairs = [frozenset(pair) for pair in combinations(members, 2)]
    excluding = {pair for pair in pairs if exclude(*(held[name] for name in pair))}
    cut = {pair for pair in pairs if pair in apart}
    persons = excluding & linked
    if not persons:
        return cut | (excluding - linked)
    same_id = {pair for pair in linked.intersection(pairs) if _by_identifier(*(held[name] for name in pair))}
    joined = connected(members, ((a, b) for a, b in map(tuple, persons | same_id)))
    whole = {name: group for group in joined for name in group if any(pair <= set(group) for pair in persons)}
    return cut | {
        pair
        for pair in excluding - linked
        for a, b in [tuple(pair)]
        if whole.get(a, [a]) != whole.get(b, [b])
        and all(frozenset((x, y)) in excluding for x in whole.get(a, [a]) for y in whole.get(b, [b]))
    }


def _by_identifier(a: Prepared, b: Prepared) -> bool:
    link = report_link(Evidence(a, b))
    return link is not None and link.rule in IDENTIFIER_RULES


def _weakness(held: Mapping[K, Prepared], place: Mapping[K, Any], pair: Pair[K]) -> tuple[Any, ...]:
    """A person's link first, then by the order of the rules, then by the records' identities."""
    a, b = sorted(pair, key=place.__getitem__)
    link = report_link(Evidence(held[a], held[b]))
    rank = ORDER[link.rule] if link is not None and link.strength == "certain" else -1
    return (rank, place[a], place[b])
