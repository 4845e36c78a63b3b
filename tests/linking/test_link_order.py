"""What linking finds does not depend on how the records came."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linking_cases import read_cases

from ivigil.linking import Clusters, Linker, cluster, compare, components
from ivigil.records import Author, PartialDate, Record

ORDERS = 1_000


def mixed_set() -> dict[str, Record]:
    """Every case's two records, each under a name of its own, and a third spelling of the first."""
    records: dict[str, Record] = {}
    for number, case in enumerate(read_cases()):
        third = case.a.model_copy(update={"title": case.a.title.upper(), "doi": None, "pages": None, "pmid": None})
        for letter, record in (("a", case.a), ("b", case.b), ("c", third)):
            records[f"{number}{letter}"] = record.model_copy(update={"source": letter, "source_id": str(number)})
    return records


def parts(found: Clusters[str]) -> dict[str, Any]:
    return found.as_json()


def in_portions(records: Mapping[str, Record], order: list[str], chance: random.Random) -> Clusters[str]:
    linker: Linker[str] = Linker()
    left = list(order)
    while left:
        size = chance.randint(1, len(left))
        linker.add({name: records[name] for name in left[:size]})
        left = left[size:]
    return linker.clusters()


def test_thousand_orders_of_arrival_give_one_result():
    """In whatever order and portions records arrive, reports, studies and links are those of linking all at once."""
    records = mixed_set()
    whole = parts(cluster(records))
    names = sorted(records)
    chance = random.Random(4)
    small = dict.fromkeys(name for name in names if int(name[:-1]) % 6 == 0)
    subset = {name: records[name] for name in small}
    expected = parts(cluster(subset))
    for round_ in range(ORDERS):
        order = list(subset)
        chance.shuffle(order)
        assert parts(in_portions(subset, order, chance)) == expected, round_
    for _ in range(10):
        order = list(names)
        chance.shuffle(order)
        assert parts(in_portions(records, order, chance)) == whole


def test_name_is_held_once():
    """A name that is held already is refused, for its links would be counted twice."""
    linker: Linker[str] = Linker()
    record = mixed_set()["0a"]
    linker.add({"one": record})
    with pytest.raises(ValueError, match="held already"):
        linker.add({"one": record})


VOCABULARY = "infusion skin gut lung score trial cohort early late part 1 2 men women reply in of"
WORDS = st.sampled_from(VOCABULARY.split(" "))
TITLES = st.lists(WORDS, min_size=1, max_size=9).map(" ".join)
PEOPLE = st.lists(st.sampled_from(["Marel", "Tosk", "Ferro", "Lindt"]), max_size=3)
NUMBERS = st.one_of(st.none(), st.sampled_from(["1", "12", "S3", "101-109", "110-119", "e77", "Suppl-9", "13-May"]))


@st.composite
def a_record(draw: st.DrawFn) -> Record:
    return Record(
        source=draw(st.sampled_from("xyz")),
        source_id=draw(st.uuids()).hex,
        title=draw(TITLES),
        authors=tuple(Author(last_name=name, initials=name[1].upper()) for name in draw(PEOPLE)),
        journal=draw(st.sampled_from([None, "J Rheum", "Journal of Rheumatology", "Chest"])),
        volume=draw(st.sampled_from([None, "1", "2"])),
        pages=draw(NUMBERS),
        published=draw(st.sampled_from([None, PartialDate(year=2010), PartialDate(year=2011)])),
        doi=draw(st.sampled_from([None, "10.5555/a", "10.5555/b", "10.1101/2020.01.01.123456"])),
        pmid=draw(st.sampled_from([None, None, "1", "2"])),
    )


@settings(max_examples=300, deadline=None)
@given(a_record(), a_record())
def test_comparison_is_symmetric(a: Record, b: Record):
    """Which record comes first changes nothing in what is said of two."""
    assert compare(a, b) == compare(b, a)


@settings(max_examples=100, deadline=None)
@given(st.lists(a_record(), max_size=12), st.randoms(use_true_random=False))
def test_any_records_in_any_order_group_alike(records: list[Record], chance: random.Random):
    """Groups of arbitrary records are the same in any order of arrival, and every record is in one group."""
    named = {record.source_id: record for record in records}
    shuffled = list(named)
    chance.shuffle(shuffled)
    assert parts(in_portions(named, shuffled, chance)) == parts(cluster(named))


@settings(max_examples=100, deadline=None)
@given(st.lists(a_record(), min_size=2, max_size=8), st.data())
def test_groups_part_what_is_cut(records: list[Record], data: st.DataObject):
    """Whatever is linked, a cut pair is never in one group, and no record is lost or doubled."""
    named = {record.source_id: record for record in records}
    pairs = st.lists(st.tuples(st.sampled_from(sorted(named)), st.sampled_from(sorted(named))), max_size=8)
    links = [pair for pair in data.draw(pairs) if pair[0] != pair[1]]
    cuts = [pair for pair in data.draw(pairs) if pair[0] != pair[1]]
    groups = components(named, links, cuts)
    assert sorted(name for group in groups for name in group) == sorted(named)
    assert not any(set(cut) <= set(group) for cut in cuts for group in groups)
    assert groups == components(named, links[::-1], cuts[::-1])


@settings(max_examples=50, deadline=None)
@given(st.lists(a_record(), max_size=8))
def test_linking_twice_changes_nothing(records: list[Record]):
    """Linking is idempotent: the same records under other names fall into the same groups."""
    named = {record.source_id: record for record in records}
    again = cluster({f"again {name}": record for name, record in named.items()})
    assert [[name.removeprefix("again ") for name in group] for group in again.clusters] == cluster(named).clusters
