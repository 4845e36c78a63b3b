"""Joins links into reports and studies, in one go or as records arrive."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ivigil.linking.compare import decide
from ivigil.linking.grouping import Pair, connected, grouped, places
from ivigil.linking.keys import prepared_keys
from ivigil.linking.links import Link
from ivigil.linking.prepared import Prepared, prepare
from ivigil.records import Record

K = TypeVar("K", bound=Hashable)


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
        """Plain values for one JSON document.

        `links` are those that the clusters rest on, `study_links` those of the studies; `suggestions` is what joins
        nothing: links that are not certain, and certain ones that gave way to something that speaks against them.
        """
        cluster_of = {name: number for number, members in enumerate(self.clusters) for name in members}
        sorted_: dict[str, list[dict[str, Any]]] = {"links": [], "study_links": [], "suggestions": []}
        for a, b, link in self.links:
            if link.strength != "certain":
                place = "suggestions"
            elif link.kind == "study":
                place = "study_links"
            else:
                place = "links" if a in cluster_of and cluster_of[a] == cluster_of.get(b) else "suggestions"
            sorted_[place].append(
                {"a": a, "b": b, "why": link.why, "rule": link.rule, "kind": link.kind, "strength": link.strength}
            )
        return {"records": self.records, "clusters": self.clusters, "studies": self.studies, **sorted_}


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
    carriers: dict[int, K | list[K]] = field(default_factory=dict)
    links: dict[Pair[K], tuple[Link, ...]] = field(default_factory=dict)

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
            others = self._sharing(name, prepared_keys(one))
            self.held[name] = one
            for other in others:
                if between := decide(self.held[other], one):
                    self.links[(other, name)] = between
                    found += [(other, name, link) for link in between]
        return found

    def _sharing(self, name: K, keys: Iterable[str]) -> dict[K, None]:
        """Enter a record under its keys and return who is there already.

        A key's hash stands for it, and a lone carrier for the list: most keys are one record's alone, and memory is
        what bounds a linker. Two keys of one hash cost a comparison and nothing else.
        """
        others: dict[K, None] = {}
        for key in map(hash, keys):
            present = self.carriers.get(key)
            if present is None:
                self.carriers[key] = name
            elif isinstance(present, list):
                others.update(dict.fromkeys(present))
                present.append(name)
            else:
                others[present] = None
                self.carriers[key] = [present, name]
        return others

    def clusters(self) -> Clusters[K]:
        """Reports and studies as the links held now say."""
        place = places(self.held)
        ordered = sorted(
            (
                (a, b, link) if place[a] < place[b] else (b, a, link)
                for (a, b), between in self.links.items()
                for link in between
            ),
            key=lambda entry: (place[entry[0]], place[entry[1]]),
        )
        certain = [(a, b) for a, b, link in ordered if link.kind == "report" and link.strength == "certain"]
        reports = grouped(self.held, certain, ())
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
