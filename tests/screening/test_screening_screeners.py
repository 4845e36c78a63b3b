import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivigil.errors import ScreenerError, TooFewPositives
from ivigil.screening import CriteriaRanker, Document, ElasU4, FusionScreener
from ivigil.screening.criteria_likeness import halves
from ivigil.screening.criteria_ranker import STATEMENT
from ivigil.screening.fusion import WITHOUT_CRITERIA, WITHOUT_ENCODER
from ivigil.screening.linear import balanced_weights
from ivigil.screening.metrics import average_precision, ranked_labels
from ivigil.screening.recipe import SHIPPED

KINDS = ["elas_u4", "criteria", "fusion", "fusion-by-words"]


@pytest.fixture(params=KINDS)
def screener(request, review, criteria, encoder):
    documents, labels = review
    made = {
        "elas_u4": ElasU4(),
        "criteria": CriteriaRanker(encoder),
        "fusion": FusionScreener(encoder),
        "fusion-by-words": FusionScreener(),
    }[request.param]
    return made.fit(documents, labels, criteria_text=criteria, seed=3)


def test_unseen_included_records_come_first(screener, review_maker):
    """Every screener ranks unseen included records of the same review above most others."""
    documents, labels = review_maker(included=8, excluded=80, seed=9)
    assert average_precision(ranked_labels(labels, screener.score(documents))) > 0.35  # at random: 0.09


def test_a_score_is_the_same_in_any_company(screener, review_maker):
    """Alone, in any order, or among others, a document's score is the same to the last bit."""
    documents, _ = review_maker(included=8, excluded=80, seed=9)
    together = screener.score(documents)
    assert [screener.score([document])[0] for document in documents] == together.tolist()
    assert screener.score(documents[::-1]).tolist() == together[::-1].tolist()
    assert screener.score(documents[10:17]).tolist() == together[10:17].tolist()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(st.text(max_size=40), st.text(max_size=80)), max_size=6))
def test_any_text_gets_a_finite_score(screener, texts):
    """Empty, foreign or odd texts are scored, never refused, and never moved by each other."""
    documents = [Document(str(at), title, abstract) for at, (title, abstract) in enumerate(texts)]
    scores = screener.score(documents)
    assert scores.shape == (len(documents),)
    assert np.isfinite(scores).all()
    assert [screener.score([document])[0] for document in documents] == scores.tolist()


def test_training_twice_gives_the_same_screener(review, criteria, encoder):
    """Same labels, same seed, same scores."""
    documents, labels = review
    scores = [
        FusionScreener(encoder).fit(documents, labels, criteria_text=criteria, seed=5).score(documents) for _ in "ab"
    ]
    assert np.array_equal(*scores)


def test_blocks_add_up_to_the_score(screener, review):
    """An explanation's blocks sum to the score it explains."""
    documents, _ = review
    for document in documents[:20]:
        told = screener.explain(document)
        assert told.score == screener.score([document])[0]
        assert sum(told.blocks.values()) == pytest.approx(told.score)


def test_an_explanation_names_words_neighbours_and_criteria(review, criteria, encoder):
    """Terms for and against, the nearest labelled records and the criteria's words are all there."""
    documents, labels = review
    told = (
        FusionScreener(encoder)
        .fit(documents, labels, criteria_text=criteria)
        .explain(Document("new", "Dawn simulation trial in winter depression", "We studied adults on plots."))
    )
    assert "winter" in [term.term for term in told.terms_for]
    assert "plots" in [term.term for term in told.terms_against]
    assert {documents[int(near.id[1:])].title.split()[0] for near in told.nearest_included} <= {
        "dawn",
        "light",
        "bright",
    }
    assert all(labels[int(near.id[1:])] == 0 for near in told.nearest_excluded)
    assert set(told.criteria_terms) >= {"winter", "depression", "adults"}
    assert set(told.blocks) == {"words", "meaning", "criteria", "elsewhere"}
    assert told.blocks["criteria"] > 0
    assert told.criteria_likeness > 0


def test_a_missing_abstract_is_measured_against_titles(review, criteria, encoder):
    """Without their abstracts the labelled records keep the mean score they have with them."""
    documents, labels = review
    whole = [d for d in documents if not d.abstract_missing]
    screener = CriteriaRanker(encoder).fit(whole, criteria_text=criteria)
    bare = [Document(d.id, d.title) for d in whole]
    assert screener.score(bare).mean() == pytest.approx(screener.score(whole).mean(), abs=1e-9)
    told = FusionScreener(encoder).fit(documents, labels).explain(bare[0])
    assert any("abstract" in note for note in told.notes)


def test_the_criteria_ranker_needs_no_labels_and_says_so(review, criteria):
    """Before any label the list is ranked by the criteria, and its description says that nothing was learned."""
    documents, labels = review
    ranker = CriteriaRanker().fit(documents, criteria_text=criteria)
    assert ranker.describe()["statement"] == STATEMENT
    assert average_precision(ranked_labels(labels, ranker.score(documents))) > 0.6
    with pytest.raises(ScreenerError, match="no criteria text"):
        CriteriaRanker().fit(documents)


def test_what_is_missing_is_said(review):
    """Without encoder or criteria the screener still ranks, and its description says what it does without."""
    documents, labels = review
    told = FusionScreener().fit(documents, labels).describe()
    assert told["encoder"] is None
    assert told["notes"] == [WITHOUT_ENCODER, WITHOUT_CRITERIA]


def test_first_stage_decisions_are_learned_where_known(review, criteria, encoder):
    """Who passed title and abstract adds a signal; where that says nothing more, nothing changes."""
    documents, labels = review
    passed = labels.copy()
    passed[[18, 24, 30]] = 1
    told = FusionScreener(encoder).fit(documents, labels, criteria_text=criteria, passed=passed)
    assert set(told.blocks(documents[:2])) == {"words", "passed", "meaning", "criteria", "elsewhere"}
    plain = FusionScreener(encoder).fit(documents, labels, criteria_text=criteria).score(documents)
    for nothing_more in (labels, np.ones_like(labels)):
        same = FusionScreener(encoder).fit(documents, labels, criteria_text=criteria, passed=nothing_more)
        assert np.array_equal(same.score(documents), plain)
    wrong = labels.copy()
    wrong[0] = 0
    with pytest.raises(ScreenerError, match="first stage"):
        FusionScreener().fit(documents, labels, passed=wrong)
    with pytest.raises(ScreenerError, match="passed must be"):
        FusionScreener().fit(documents, labels, passed=labels[:4])


def test_criteria_of_another_review_are_weighed_down(review, encoder):
    """A text that does not part the labelled records loses its weight; the review's own keeps it."""
    documents, labels = review
    criteria = "Bright light therapy or dawn simulation trial. Winter depression, adults with seasonal low mood."
    weights = [
        FusionScreener(encoder).fit(documents, labels, criteria_text=text).describe()["criteria"]["weight"]
        for text in (criteria, "Surveys of soil acidity and bridge corrosion at stations.")
    ]
    assert weights[0] == SHIPPED.criteria_weight
    assert weights[1] < weights[0] / 2


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One sentence.", ("One sentence.", "One sentence.")),
        ("First part here. Second part there.", ("First part here.", "Second part there.")),
        ("A. B is longer by far. C.", ("A. B is longer by far.", "C.")),
        ("No stop at 2.5 mg", ("No stop at 2.5 mg", "No stop at 2.5 mg")),
        ("", ("", "")),
    ],
)
def test_criteria_are_halved_at_a_sentence(text, parts):
    """The halves end where a sentence ends, nearest the middle."""
    assert halves(text) == parts


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ([0, 0, 0], TooFewPositives, "0 included"),
        ([1, 1, 1], ScreenerError, "every record is included"),
        ([1, 1, 2], ScreenerError, "0 .not included. or 1"),
        ([1, 1], ScreenerError, "3 documents"),
    ],
)
@pytest.mark.parametrize("kind", [ElasU4, FusionScreener])
def test_unusable_labels_are_refused(kind, labels, error, words):
    """What cannot be learned from is said in words."""
    documents = [Document(str(at), f"title {at}") for at in range(3)]
    with pytest.raises(error, match=words):
        kind().fit(documents, labels)


def test_one_included_record_is_enough_for_the_baseline_only():
    """elas_u4 starts from one included record as in ASReview; ours needs two, to hold one out."""
    documents = [Document("a", "winter light"), Document("b", "soil acid"), Document("c", "rice yield")]
    assert ElasU4().fit(documents, [1, 0, 0]).score(documents).argmax() == 0
    with pytest.raises(TooFewPositives, match="1 included"):
        FusionScreener().fit(documents, [1, 0, 0])


def test_texts_without_words_cannot_be_learned_from():
    """Empty titles are an error in words, not a traceback of the vectoriser."""
    with pytest.raises(ScreenerError, match="no words"):
        FusionScreener().fit([Document(str(at), "") for at in range(4)], [1, 1, 0, 0])


@pytest.mark.parametrize("made", [ElasU4(), FusionScreener(), CriteriaRanker()])
def test_an_untrained_screener_does_not_score(made):
    """Scoring before training is an error, not a list of zeros."""
    with pytest.raises(ScreenerError, match="not trained"):
        made.score([Document("a", "A title")])


def test_weights_are_those_of_asreview():
    """Included records weigh 9.8 times the others together, and weights average one."""
    labels = np.array([1] * 3 + [0] * 40)
    weights = balanced_weights(labels, 9.8)
    assert weights[:3].sum() / weights[3:].sum() == pytest.approx(9.8)
    assert weights.mean() == pytest.approx(1.0)
