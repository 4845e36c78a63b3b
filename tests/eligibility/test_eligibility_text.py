"""Terms, sentences and numbers."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ivigil.criteria import Criteria, Population
from ivigil.eligibility.lexicon import Lexicon, Tokens, lower
from ivigil.eligibility.numbers import read_number
from ivigil.eligibility.text import Part, part_of_label, read_document


def found(terms: list[str], text: str) -> list[str]:
    tokens = Tokens.of(text)
    matches = Lexicon({"group": {"class": terms}}).find(tokens).get("group", [])
    return [text[tokens.starts[match.first] : tokens.ends[match.last - 1]] for match in matches]


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("gamma globulin", "Gamma-globulins were given", ["Gamma-globulins"]),
        ("i.v. immunoglobulin", "an i.v. immunoglobulin", ["i.v. immunoglobulin"]),
        ("scleroderm*", "sclerodermatous skin", ["sclerodermatous"]),
        ("Sjogren's syndrome", "Sj\u00f6gren\u2019s syndrome", ["Sj\u00f6gren\u2019s syndrome"]),
        ("GIT 2.0", "the GIT 2.0 score", ["GIT 2.0"]),
        ("intravenous immunoglobulin", "intravenous (immunoglobulin)", ["intravenous (immunoglobulin"]),
        ("skin score", "of the skin. Score was", []),
        ("SSc", "SSCs and class", ["SSCs"]),
    ],
)
def test_a_term_is_found_in_its_variants(term, text, expected):
    """Case, plurals, hyphens, accents and wildcards do not matter; the end of a sentence does."""
    assert found([term], text) == expected


def test_the_longest_term_of_a_group_wins():
    """Immunoglobulin levels are not immunoglobulins."""
    assert found(["immunoglobulin", "immunoglobulin level"], "immunoglobulin levels rose") == ["immunoglobulin levels"]


def test_folding_keeps_every_character_in_its_place():
    """A capital that lowers to two characters does not move the spans behind it."""
    assert len(lower("\u0130stanbul IVIG")) == len("\u0130stanbul IVIG")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-three", 23),
        ("One hundred and twelve", 112),
        ("2,914", 2914),
        ("a", None),
        ("12.5", None),
        ("dozen", 12),
        ("9" * 5000, None),
        (",".join(["999"] * 2000), None),
    ],
)
def test_numbers_are_read_as_numerals_and_words(text, value):
    """Whole numbers are read however they are written; decimals and endless rows of digits are not counts."""
    tokens = Tokens.of(text)
    number = read_number(tokens, 0, len(tokens))
    assert (number[0] if number else None) == value


def test_sentences_end_at_points_but_not_at_abbreviations(record):
    """A point after vs, i.v. or in a decimal ends nothing."""
    text = "IVIG vs. placebo was given i.v. for 2.5 h. Twelve improved! mRSS fell."
    document = read_document(record("", text), Lexicon({}))
    assert [sentence.text for sentence in document.abstract.sentences] == [
        "IVIG vs. placebo was given i.v. for 2.5 h.",
        "Twelve improved!",
        "mRSS fell.",
    ]


@pytest.mark.parametrize(
    ("label", "part"),
    [
        ("BACKGROUND", Part.BACKGROUND),
        ("Patients and Methods", Part.METHODS),
        ("MATERIAL & METHODS", Part.METHODS),
        ("STUDY DESIGN AND METHODS", Part.METHODS),
        ("Results:", Part.RESULTS),
        ("Unheard of", Part.BODY),
        (None, Part.BODY),
    ],
)
def test_a_label_names_its_part(label, part):
    """Known labels name a part in any case; unknown ones leave it open."""
    assert part_of_label(label) is part


def test_labels_inside_an_unstructured_abstract_are_found(record):
    """Sources that run the labels into the text are read like those that do not."""
    document = read_document(record("", "METHODS: We gave IVIG. RESULTS: Skin improved."), Lexicon({}))
    assert [sentence.part for sentence in document.abstract.sentences] == [Part.METHODS, Part.RESULTS]


@pytest.mark.parametrize("space", [" ", "\n"])
@pytest.mark.parametrize("label", ["Patients & methods", "Clinical experience", "What we did"])
def test_a_background_ends_at_any_label(record, label, space):
    """A study's own patients are never taken for its background because their label is written in another way."""
    text = f"Introduction: Little helps the skin.{space}{label}: Twelve patients had IVIG. Results: Skin improved."
    document = read_document(record("", text), Lexicon({}))
    parts = [sentence.part for sentence in document.abstract.sentences]
    assert parts[0] is Part.BACKGROUND
    assert parts[1] in {Part.METHODS, Part.BODY}
    assert parts[2] is Part.RESULTS


def test_a_label_that_is_not_known_ends_no_part_of_the_study(record):
    """What is said under an unknown label behind the results stays with the results."""
    text = "Methods: We gave IVIG. Results: Skin improved. Adverse events: Two had a headache."
    parts = [sentence.part for sentence in read_document(record("", text), Lexicon({})).abstract.sentences]
    assert parts == [Part.METHODS, Part.RESULTS, Part.RESULTS]


@pytest.mark.parametrize("term", ["a*b", "*", "   ", "-"])
def test_a_term_that_cannot_be_found_is_refused(term):
    """A wildcard inside a word, or a term without a word, is an error in the protocol."""
    with pytest.raises(ValidationError):
        Population(terms=(term,))


def test_equal_criteria_share_one_hash():
    """Two readings of one protocol are the same criteria."""
    values = {"sample_size": {"minimum": 5}}
    assert hash(Criteria.model_validate(values)) == hash(Criteria.model_validate(values))
    assert Criteria.model_validate(values) != Criteria()
