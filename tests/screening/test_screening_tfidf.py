import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from ivigil.errors import ScreenerError
from ivigil.screening.term_book import counted_once
from ivigil.screening.tfidf import PinnedTfidf, TfidfRecipe

texts_of = st.lists(
    st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=60),
    min_size=2,
    max_size=8,
)
RECIPES = [TfidfRecipe(max_df=0.95), TfidfRecipe("char_wb", 3, 5, min_df=2), TfidfRecipe("char_wb", 2, 9)]


def by_sklearn(recipe, fitted_on):
    return TfidfVectorizer(
        analyzer=recipe.analyzer,
        ngram_range=(recipe.smallest, recipe.largest),
        min_df=recipe.min_df,
        max_df=recipe.max_df,
        sublinear_tf=True,
    ).fit(fitted_on)


@given(fitted_on=texts_of, seen=texts_of, recipe=st.sampled_from(RECIPES))
def test_weights_are_those_of_scikit_learn(fitted_on, seen, recipe):
    """Terms and weights are TfidfVectorizer's for any texts, and both refuse texts without words."""
    try:
        reference = by_sklearn(recipe, fitted_on)
    except ValueError:
        with pytest.raises(ScreenerError, match="no words"):
            PinnedTfidf.fit(recipe, fitted_on)
        return
    ours = PinnedTfidf.fit(recipe, fitted_on)
    assert ours.terms == reference.get_feature_names_out().tolist()
    assert np.allclose(ours.transform(seen).toarray(), reference.transform(seen).toarray())


@given(fitted_on=texts_of, seen=texts_of, recipe=st.sampled_from(RECIPES))
def test_a_row_is_the_same_in_any_company(fitted_on, seen, recipe):
    """Values and their order in a row do not depend on the other rows."""
    try:
        tfidf = PinnedTfidf.fit(recipe, fitted_on)
    except ScreenerError:
        return
    together = tfidf.transform(seen)
    for at, text in enumerate(seen):
        alone = tfidf.transform([text])
        assert np.array_equal(alone.data, together[at].data)
        assert np.array_equal(alone.indices, together[at].indices)


def test_the_kept_form_is_the_same_transform():
    """State and back changes nothing."""
    texts = ["Light therapy in winter", "Soil acidity in spring", "Light rain"]
    for recipe in RECIPES:
        tfidf = PinnedTfidf.fit(recipe, texts)
        again = PinnedTfidf.from_state(tfidf.state())
        assert np.array_equal(again.transform(texts).toarray(), tfidf.transform(texts).toarray())


@given(fitted_on=texts_of, seen=texts_of, recipe=st.sampled_from(RECIPES))
def test_counting_once_counts_the_same(fitted_on, seen, recipe):
    """Within `counted_once`, after other texts, vocabulary, weights and lengths are the same to the last bit."""
    try:
        anew = PinnedTfidf.fit(recipe, fitted_on)
    except ScreenerError:
        return
    with counted_once():
        recipe.book().terms(seen)
        once = PinnedTfidf.fit(recipe, fitted_on)
        rows, lengths = once.transform(seen), recipe.book().lengths(seen)
    expected = anew.transform(seen)
    assert once.terms == anew.terms
    assert rows.indptr.tolist() == expected.indptr.tolist()
    assert np.array_equal(rows.indices, expected.indices)
    assert np.array_equal(rows.data, expected.data)
    assert lengths.tolist() == recipe.book().lengths(seen).tolist()
