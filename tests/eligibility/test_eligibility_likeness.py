"""A second opinion on what one criterion's words exclude."""

from __future__ import annotations

import pytest

from ivigil.eligibility import assess, assessing, field_text
from ivigil.eligibility.assessing import DOUBT, excluded_by_words, read_criteria
from ivigil.eligibility.case import Case
from ivigil.eligibility.likeness import LIKE, likeness
from ivigil.eligibility.sample_size import count_treated
from ivigil.simulator.corpus import written_corpus

TITLE = "Intravenous immunoglobulin for skin and muscle disease in systemic sclerosis"
SERIES = (
    "We reviewed 24 adults with systemic sclerosis who were treated with IVIG between 2010 and 2020. Skin score fell "
    "from 25 to 18 at one year (p=0.02). Strength improved in nine and headache occurred in three."
)
RESCUED = (
    "Rituximab for refractory scleroderma: a placebo-controlled trial",
    (
        "Forty patients with systemic sclerosis were randomised to rituximab or placebo. Rescue with IVIG was "
        "allowed from week 16. Skin score fell by 6 and 2 points."
    ),
)


def test_a_record_that_reads_like_an_eligible_one_is_not_excluded_by_words(read, monkeypatch):
    """The criterion that excludes becomes unclear, keeps its evidence, and says why; the number is read."""
    excluded = read(*RESCUED)
    assert excluded.verdict == "ineligible"
    monkeypatch.setattr(assessing, "LIKE", 0.0)
    doubted = read(*RESCUED)
    assert doubted.verdict == "needs_full_text"
    before, after = excluded.criteria["intervention"], doubted.criteria["intervention"]
    assert (after.status, after.evidence, after.start) == ("unclear", before.evidence, before.start)
    assert DOUBT in after.note


@pytest.mark.parametrize(
    "fields",
    [
        {"languages": ("fre",)},
        {"publication_types": ("Published Erratum",)},
        {"publication_types": ("Congress",)},
    ],
)
def test_what_a_catalogue_says_is_not_doubted(read, monkeypatch, fields):
    """Another language, an erratum and a congress abstract stay out, however eligible they read."""
    monkeypatch.setattr(assessing, "LIKE", 0.0)
    assert read(TITLE, SERIES).verdict == "eligible"
    assert read(TITLE, SERIES, **fields).verdict == "ineligible"


def test_a_series_is_likelier_than_a_trial_of_something_else(record, criteria):
    """Treated patients with results come near one, a rescue in another drug's trial near nought."""
    series, trial = (Case.of(record(title, text), criteria) for title, text in [(TITLE, SERIES), RESCUED])
    assert likeness(series, count_treated(series)) > LIKE
    assert likeness(trial, count_treated(trial)) < 1 - LIKE


def test_every_doubt_keeps_words_that_are_really_in_the_text(criteria, monkeypatch):
    """Of the simulator's records, those in doubt go to a person, with evidence, also where doubt comes more easily."""
    easily = LIKE / 2
    monkeypatch.setattr(assessing, "LIKE", easily)
    doubted = 0
    for document in written_corpus().documents:
        record = document.forms[-1][1]
        case = Case.of(record, criteria)
        if not excluded_by_words(case, read_criteria(case)) or likeness(case, count_treated(case)) < easily:
            continue
        doubted += 1
        found = assess(record, criteria)
        assert found.verdict == "needs_full_text"
        notes = [reading for reading in found.criteria.values() if DOUBT in reading.note]
        assert notes
        assert all(field_text(record, one.field)[one.start : one.end] == one.evidence for one in notes)
    assert doubted


def test_a_doubt_counts_no_adults_that_are_not_told_from_children(read, monkeypatch):
    """Where adults and children are not counted apart, a record in doubt gets no number either."""
    monkeypatch.setattr(assessing, "LIKE", 0.0)
    title = "Effect of hydroxychloroquine on the skin in scleroderma"
    abstract = "We saw 30 patients with systemic sclerosis, 12 of whom had earlier failed IVIG. Skin score fell by 6."
    counted = read(title, abstract)
    assert DOUBT in counted.criteria["intervention"].note
    assert counted.n_treated is not None
    found = read(title, abstract + " Both adults and children took part.")
    assert found.criteria["adults"].status == "unclear"
    assert DOUBT in found.criteria["intervention"].note
    assert found.n_treated is None


def test_a_doubt_about_the_condition_counts_nobody(read, monkeypatch):
    """Patients of a neighbouring condition are not told as so many treated of the population."""
    monkeypatch.setattr(assessing, "LIKE", 0.0)
    abstract = (
        "We gave IVIG to 63 adults with dermatomyositis. Strength rose in 40. Scleroderma was found in none of them."
    )
    found = read("Intravenous immunoglobulin in dermatomyositis", abstract)
    assert DOUBT in found.criteria["population"].note
    assert found.n_treated is None
    assert found.criteria["sample_size"].status == "unclear"
