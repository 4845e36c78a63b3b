"""Many records one after another: what is remembered between them, and what is not kept."""

from __future__ import annotations

import gc
from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from ivigil.criteria import Criteria
from ivigil.eligibility import assess
from ivigil.eligibility.benchmark import Item
from ivigil.eligibility.design_model import WAYS, Table, pack
from ivigil.eligibility.lexicon import Lexicon, Tokens
from ivigil.eligibility.remembered import Remembered
from ivigil.eligibility.text import Sentence

MANY = 200
KEPT = 40  # sentences of the last few records


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 5))
def test_what_is_forgotten_is_worked_out_again(questions, most):
    """However few answers are kept, each question has its own."""
    answers = Remembered(lambda number: number * number, most)
    assert [answers[one] for one in questions] == [one * one for one in questions]
    assert len(answers) <= most


def test_an_answer_is_worked_out_once():
    """What is asked again is looked up."""
    asked: list[str] = []

    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    answers = Remembered(length)
    assert [answers[word] for word in ("skin", "lung", "skin")] == [4, 4, 4]
    assert asked == ["skin", "lung"]


@given(st.dictionaries(st.text(max_size=3), st.lists(st.integers(-9_999, 9_999), min_size=8, max_size=8), max_size=60))
def test_packed_weights_add_up_as_they_would_apart(thousandths):
    """One sum of packed numbers is the eight sums of their parts, whatever their signs."""
    table = Table(WAYS, {name: pack([one / 1000 for one in weights]) for name, weights in thousandths.items()})
    apart = [sum(weights[way] for weights in thousandths.values()) / 1000 for way in range(len(WAYS))]
    assert table.scores([*thousandths, "a feature without a weight"]) == apart


def test_records_read_are_not_kept(criteria: Criteria, items):
    """However many are read, no more than the last few lie in memory."""
    gc.collect()
    before = {id(one) for one in _sentences()}
    for values in islice(items["dev"], MANY):
        assess(Item.of(values).record(), criteria)
    gc.collect()
    assert sum(id(one) not in before for one in _sentences()) <= KEPT


def _sentences() -> list[Sentence]:
    return [one for one in gc.get_objects() if type(one) is Sentence]


def test_a_word_known_from_one_term_does_not_hide_another():
    """What is remembered of a word holds for wherever it stands."""
    lexicon = Lexicon({"group": {"one": ["skin score"], "other": ["skin"], "third": ["lung function test*"]}})
    texts = ["skin", "skin score", "lung function", "lung function tests", "skin score", "a lung", "skin scores"]
    first, again = ([_found(lexicon, text) for text in texts] for _ in range(2))
    assert first == again == [["other"], ["one"], [], ["third"], ["one"], [], ["one"]]


def _found(lexicon: Lexicon, text: str) -> list[str]:
    matches = lexicon.find(Tokens.of(text)).get("group", [])
    assert all(one.last <= other.first for one, other in pairwise(matches))
    return [match.label for match in matches]
