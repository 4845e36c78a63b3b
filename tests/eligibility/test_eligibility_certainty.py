"""How sure the number treated is, and how it is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigil.eligibility.certainty import CLEAR, chance_of, is_unsure, say_treated, treated_words
from study_texts import ELIGIBLE, UNSURE

TITLE = "Intravenous immunoglobulin in diffuse systemic sclerosis"


@pytest.mark.parametrize(
    ("value", "chances", "said"),
    [
        (18, {18: 0.93, 41: 0.07}, "18"),
        (18, {18: 0.8, 41: 0.2}, "18"),
        (18, {18: 0.796, 41: 0.204}, "18"),
        (18, {18: 0.79, 41: 0.21}, "perhaps 18, or 41"),
        (18, {18: 0.7, 41: 0.14, 23: 0.16}, "perhaps 18, or 23"),
        (18, {18: 0.75, 41: 0.14, 23: 0.11}, "perhaps 18"),
        (18, {18: 0.5, None: 0.3, 41: 0.2}, "perhaps 18"),
        (18, {18: 0.5, 41: 0.3, None: 0.2}, "perhaps 18, or 41"),
        (0, {0: 0.6, 41: 0.4}, "perhaps 0, or 41"),
        (None, {None: 0.9, 41: 0.1}, ""),
        (None, {}, ""),
    ],
)
def test_a_number_is_said_as_surely_as_it_is_known(
    value: int | None, chances: dict[int | None, float], said: str
) -> None:
    """From the limit on it stands alone; below, "perhaps", with the next likeliest where that is a number worth it."""
    assert say_treated(value, chances) == said


@given(st.dictionaries(st.none() | st.integers(0, 5000), st.floats(0.01, 1), min_size=1))
def test_doubt_is_always_said(weights: dict[int | None, float]) -> None:
    """Whatever the chances, "perhaps" stands exactly where the chance that is shown is below the limit."""
    chances = {value: weight / sum(weights.values()) for value, weight in weights.items()}
    best = max(chances, key=chances.__getitem__)
    chance, said = chance_of(best, chances), say_treated(best, chances)
    assert (chance is None) == (said == "") == (best is None)
    assert is_unsure(chance) == (chance is not None and chance < CLEAR) == said.startswith("perhaps ")


@pytest.mark.parametrize(
    ("value", "said", "shown"),
    [(18, "perhaps 18", "perhaps 18"), (18, None, "18"), (18, "", "18"), (0, None, "0"), (None, None, "")],
)
def test_a_number_kept_without_words_is_shown_bare(value: int | None, said: str | None, shown: str) -> None:
    """A reading from before there were words shows its number, and none where it has none."""
    assert treated_words(value, said) == shown


def test_a_plain_count_is_read_surely(read) -> None:
    """Where all were treated and their number is said once, it is shown as it is."""
    found = read(TITLE, ELIGIBLE)
    assert (found.n_treated, found.treated) == (14, "14")
    assert found.n_treated_chance >= CLEAR


def test_a_doubtful_count_names_both_numbers(read) -> None:
    """Where two numbers may be meant, the reading and the criterion's note say so, and the number is the likelier."""
    found = read(TITLE, UNSURE)
    assert found.n_treated_chance < CLEAR
    assert found.treated.startswith(f"perhaps {found.n_treated}, or ")
    assert found.criteria["sample_size"].note == f"{found.treated} treated"


def test_nothing_is_said_of_a_number_that_is_not_there(read) -> None:
    """A record that treats nobody has neither a number, nor a chance, nor words."""
    found = read("Intravenous immunoglobulin in systemic sclerosis", "We discuss its use in a narrative review.")
    assert (found.n_treated, found.n_treated_chance, found.treated) == (None, None, "")
