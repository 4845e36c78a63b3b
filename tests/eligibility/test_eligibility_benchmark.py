"""The benchmark's figures, and the floors that the reader must hold on the written set."""

from __future__ import annotations

import pytest

from ivigil.eligibility import assess, close_look, evaluate
from ivigil.eligibility.benchmark import Item
from ivigil.errors import ConfigurationError
from timing import cpu_seconds


@pytest.mark.parametrize(
    ("part", "looks", "called", "exact"),
    [("dev", False, 0.83, 0.79), ("held_back", False, 0.88, 0.84), ("held_back", True, 0.92, 0.94)],
)
def test_the_reader_holds_its_floors(criteria, items, part, looks, called, exact):
    """No eligible study is lost, most others are called, systems and most numbers are right."""
    ours, *_, keywords = evaluate(items[part], criteria, close_look(None) if looks else None).rows
    assert ours.sensitivity == 1.0
    assert ours.ineligible_called is not None
    assert ours.ineligible_called >= called
    assert ours.exact_n is not None
    assert ours.exact_n >= exact
    assert ours.organ_system_f1 is not None
    assert ours.organ_system_f1 >= 0.85
    assert keywords.ineligible_called is not None
    assert keywords.ineligible_called < ours.ineligible_called


def test_the_written_set_is_large_and_a_hundred_or_more_are_held_back(items):
    """Hundreds of records with distinct keys and texts, and a hundred that nothing was learned from."""
    every = items["dev"] + items["held_back"]
    assert len(every) >= 1000
    assert len({item["key"] for item in every}) == len(every)
    assert len({item["abstract"] for item in every if item["abstract"]}) == len([i for i in every if i["abstract"]])
    assert len(items["held_back"]) >= 100


def test_figures_are_counted_by_hand_on_two_records(criteria):
    """One eligible record read with a wrong number, one ineligible record read right."""
    items = [
        {
            "key": "a",
            "title": "IVIG in systemic sclerosis",
            "abstract": "Twelve patients with systemic sclerosis received IVIG. Skin score fell.",
            "language": "English",
            "pub_date": "2024-05",
            "expected": {"verdict": "eligible", "n_treated": 11, "organ_systems": ["cutaneous", "respiratory"]},
        },
        {
            "key": "b",
            "title": "IVIG in mice",
            "abstract": "Mice with systemic sclerosis received IVIG.",
            "language": "eng",
            "pub_date": "2024",
            "expected": {"verdict": "ineligible", "criteria": {"publication_type": "not_met"}},
        },
    ]
    ticks = iter([10.0, 14.0])
    result = evaluate(items, criteria, timer=lambda: next(ticks))
    ours = result.rows[0]
    assert ours.verdicts == {"eligible": {"eligible": 1}, "ineligible": {"ineligible": 1}}
    assert (ours.exact_n, ours.records_per_second) == (0.0, 0.5)
    assert ours.organ_system_f1 == pytest.approx(2 / 3)
    assert result.criteria["publication_type"] == {"met": {"met": 1}, "not_met": {"not_met": 1}}
    assert [miss.what for miss in result.misses] == ["n_treated", "organ_systems"]
    assert result.as_dict()["items"] == 2


def test_an_item_that_names_no_systems_takes_no_part_in_their_figure(criteria):
    """Where a person left open what was measured, what is found can be neither right nor wrong."""
    item = {
        "key": "a",
        "title": "IVIG in systemic sclerosis",
        "abstract": "Patients with systemic sclerosis received IVIG. Skin score fell.",
        "expected": {"verdict": "needs_full_text"},
    }
    result = evaluate([item], criteria)
    assert result.rows[0].organ_system_f1 is None
    assert not result.misses


def test_a_broken_item_is_named_with_its_field(criteria):
    """A missing verdict names the item and the field."""
    with pytest.raises(ConfigurationError, match=r"x7: expected\.verdict"):
        evaluate([{"key": "x7", "expected": {}}], criteria)


def test_hundreds_of_records_are_read_in_a_second(criteria, items):
    """A night's records are read in a second or two; the floor leaves room for the noise of a busy machine."""
    records = [Item.of(values).record() for values in items["dev"][::5]]
    assess(records[0], criteria)
    seconds = cpu_seconds(lambda: [assess(record, criteria) for record in records], tries=5)
    assert len(records) / seconds > 250
