"""The language of services whose searches name no fields, in both spellings of its operators."""

from __future__ import annotations

import pytest

from ivigil.simulator.boolean_query import Dialect, parse_boolean
from ivigil.simulator.query import And, But, Or, QuerySyntaxError, Words

WORDY, SIGNED = Dialect("AND", "OR", "NOT"), Dialect("+", "|", "-")
FIELDS = ("title", "abstract")


def words(*each, prefix=False):
    return Words(FIELDS, each, prefix)


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        (WORDY, "a AND b OR c", Or(And(words("a"), words("b")), words("c"))),
        (WORDY, "a b", And(words("a"), words("b"))),
        (WORDY, "a NOT (b OR c)", But(words("a"), Or(words("b"), words("c")))),
        (SIGNED, 'a + ("b c" | d*)', And(words("a"), Or(words("b", "c"), words("d", prefix=True)))),
        (SIGNED, "a -b", But(words("a"), words("b"))),
        (SIGNED, '"a b"~3 | c-d', Or(words("a", "b"), words("c", "d"))),
    ],
)
def test_a_search_is_read(dialect, text, expected) -> None:
    """Both binds before either, words side by side are both, a hyphen inside a word is none of the operators."""
    assert parse_boolean(text, dialect) == expected


@pytest.mark.parametrize("text", ["", "(a", "a)", "a AND", "OR a", '"a', "a AND OR b"])
def test_a_search_that_cannot_be_read_is_refused(text) -> None:
    """Brackets and quotation marks must pair, and an operator stands between words."""
    with pytest.raises(QuerySyntaxError):
        parse_boolean(text, WORDY)
