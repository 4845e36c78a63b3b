import csv
from dataclasses import replace

import numpy as np
import pytest

from ivigil.screening import Document, FusionScreener
from ivigil.screening.elsewhere import ElsewhereSignal, SharedWords
from ivigil.screening.learned import SHIPPED, WORDS_FILE, fusion_weights, left_out, shared_words
from ivigil.screening.recipe import ELSEWHERE_BLOCK, UNWEIGHTED, recipe_for
from ivigil.screening.recipe import SHIPPED as SHIPPED_RECIPE

WORDS = SharedWords(("review", "treated", "were"), np.array([-2.0, 1.0, 0.5]))


def test_every_public_review_has_weights_and_words_learned_without_it():
    """Twelve reviews are left out once each, and what each gets differs from what ships."""
    assert len(left_out()) == 12
    with WORDS_FILE.open(encoding="utf-8", newline="") as file:
        assert set(next(csv.reader(file))) == {"word", SHIPPED, *left_out()}
    hashes = {shared_words(name).sha256 for name in ("", *left_out())}
    assert len(hashes) == 13
    for name in left_out():
        assert set(fusion_weights(name)) == set(UNWEIGHTED.weights)
        assert recipe_for(name).without == name


def test_a_review_that_is_not_public_gets_what_ships():
    """Only the names in the table have weights of their own."""
    assert recipe_for("a stranger's review") == SHIPPED_RECIPE
    assert fusion_weights("a stranger's review") == fusion_weights()
    assert SHIPPED_RECIPE.weights == dict(fusion_weights())


def test_shared_words_are_of_no_subject():
    """Words of a study's report stand for inclusion, those of reviews and case reports against it."""
    held = dict(zip(shared_words().words, shared_words().weights.tolist(), strict=True))
    assert held["results"] > 0 > held["review"]
    assert held["treated"] > 0 > held["case"]
    assert 200 < len(held) < 1000


def test_a_score_is_the_weights_of_words_held_over_the_root_of_their_number():
    """How often a word stands in a text, and words without weight, change nothing."""
    assert WORDS.scores(["Treated patients were treated."])[0] == pytest.approx(1.5 / np.sqrt(2))
    assert WORDS.scores(["A review", "soil", ""]).tolist() == [-2.0, 0.0, 0.0]


def test_a_missing_abstract_is_measured_against_titles():
    """Without their abstracts documents keep the mean score they have with them."""
    texts = [
        ("Adults were treated", "a review"),
        ("Review", "they were treated"),
        ("Bees", "were treated and were well"),
    ]
    whole = [Document(str(at), *text) for at, text in enumerate(texts)]
    signal = ElsewhereSignal.fit(WORDS, whole)
    bare = [replace(document, abstract="") for document in whole]
    assert signal.z(bare).mean() == pytest.approx(signal.z(whole).mean(), abs=1e-9)
    assert ElsewhereSignal.from_state(signal.state()).z(whole).tolist() == signal.z(whole).tolist()


def test_words_that_do_not_mark_the_included_are_weighed_down(review):
    """Where the included read like what other reviews excluded, what was learned there has no weight."""
    documents, labels = review
    report, other = "Patients were treated. Results were reported.", "A case report and a review."

    def weight(of_included, of_others):
        made = [
            Document(d.id, d.title, of_included if label else of_others)
            for d, label in zip(documents, labels, strict=True)
        ]
        return FusionScreener().fit(made, labels).describe()["elsewhere"]["weight"]

    assert weight(other, report) == 0
    assert weight(report, other) > 0


def test_the_recipe_survives_its_description():
    """What a model file keeps of a recipe makes the same recipe, with the review it was learned without."""
    recipe = recipe_for("Cohen_ADHD")
    assert type(recipe).from_description(recipe.describe()) == recipe
    assert recipe.weighted({ELSEWHERE_BLOCK: 2.0}).elsewhere_weight == 2.0
