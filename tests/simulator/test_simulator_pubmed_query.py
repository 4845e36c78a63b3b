"""PubMed's query semantics, on a library small enough to reason about."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigil.records import AbstractSection, Author, MeshHeading, PartialDate, Record
from ivigil.simulator.document import Document, grows
from ivigil.simulator.library import Library
from ivigil.simulator.pubmed_query import parse
from ivigil.simulator.query import QuerySyntaxError, Question

TODAY = date(2025, 1, 1)


def record(identifier: str, title: str, abstract: str = "", **more: Any) -> Record:
    values: dict[str, Any] = {
        "source": "pubmed",
        "source_id": identifier,
        "pmid": identifier,
        "title": title,
        "abstract": tuple(AbstractSection(text=part) for part in abstract.split("|") if part),
        "entered": date(2024, 1, 10),
        "published": PartialDate(year=2024, month=2),
        "languages": ("eng",),
        "publication_types": ("Journal Article",),
    }
    return Record(**values | more)


def library() -> Library:
    diffuse = (MeshHeading(descriptor="Scleroderma, Diffuse", major=True, qualifiers=("drug therapy",)),)
    crest = (MeshHeading(descriptor="CREST Syndrome"), MeshHeading(descriptor="Humans"))
    records = [
        record("1", "IVIG in systemic sclerosis", "Skin improved.|Sclerosis systemic order reversed.", mesh=diffuse),
        record("2", "Sclerodermatous disease and gamma-globulin", "Nothing on the topic.", mesh=crest),
        record("3", "Systemic lupus", "ends with systemic|sclerosis begins the next section"),
        record(
            "4", "Kawasaki disease and IVIG", authors=(Author(last_name="Ångström", initials="AB"),), doi="10.5555/x.4"
        ),
        record("5", "Reviewing sclerosis", entered=date(2024, 5, 2), publication_types=("Systematic Review",)),
        record("6", "Sklerose", languages=("ger",), published=PartialDate(year=2023), keywords=("IVIG",)),
    ]
    return Library([grows(each) for each in records])


LIBRARY = library()


def ask(term: str) -> tuple[set[str], Question]:
    found, question = LIBRARY.search(term, parse, TODAY)
    return {holding.record.source_id for holding in found}, question


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ('"systemic sclerosis"[tiab]', {"1"}),  # a phrase does not run across sections, nor match its words apart
        ("systemic sclerosis[tiab]", {"1"}),
        ("systemic[tiab] AND sclerosis[tiab]", {"1", "3"}),
        ("scleroderma[tiab]", set()),  # whole words: no part of a longer one
        ("scleroderm*[tiab]", {"2"}),
        ('"gamma globulin*"[tiab]', {"2"}),  # a hyphen parts words
        ("ivig[ti]", {"1", "4"}),
        ("ivig[tiab]", {"1", "4", "6"}),  # author keywords count as title/abstract
        ("begins[ti]", set()),
        ("begins[ab]", {"3"}),
        ('"Scleroderma, Systemic"[Mesh]', {"1", "2"}),  # explosion: Diffuse, and CREST two levels down
        ('"Scleroderma, Systemic"[mesh:noexp]', set()),
        ('"Scleroderma, Systemic"[majr]', {"1"}),
        ('"Scleroderma, Systemic/drug therapy"[mh]', {"1"}),
        ("drug therapy[sh]", {"1"}),
        ("angstrom a[au]", {"4"}),  # initials may be cut, accents fold
        ('"angstrom a"[au]', set()),
        ("10.5555/x.4[doi]", {"4"}),
        ("4[pmid] OR 5[uid]", {"4", "5"}),
        ("german[la]", {"6"}),
        ("review[pt]", {"5"}),  # publication types explode
        ("all[sb] NOT english[la]", {"6"}),
        ("medline[sb]", {"1", "2"}),
        ("lupus kawasaki", set()),
        ("lupus OR kawasaki", {"3", "4"}),
        ("of AND lupus", {"3"}),
    ],
)
def test_term_finds_exactly(term: str, expected: set[str]) -> None:
    """A term finds the records PubMed's rules give, and no others."""
    assert ask(term)[0] == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("2024/05/02[crdt]", {"5"}),
        ("2024/05[crdt]", {"5"}),
        ('"2024/04/01"[crdt] : "2024/05/02"[crdt]', {"5"}),
        ("2024/01/01:2024/01/31[crdt]", {"1", "2", "3", "4", "6"}),
        ("2024/01/11:2024/05/01[crdt]", set()),
        ("2023[dp]", {"6"}),
        ("2024/02:3000[dp]", {"1", "2", "3", "4", "5"}),
        ('"last 300 days"[crdt]', {"5"}),
    ],
)
def test_date_range_includes_both_ends(term: str, expected: set[str]) -> None:
    """Dates match as days, months or years, and a range holds both its ends."""
    assert ask(term)[0] == expected


def test_operators_run_left_to_right() -> None:
    """OR and AND have no precedence over each other: the first written is done first."""
    assert ask("lupus OR kawasaki AND ivig[ti]")[0] == {"4"}
    assert ask("lupus OR (kawasaki AND ivig[ti])")[0] == {"3", "4"}
    assert ask("ivig[tiab] NOT kawasaki OR lupus")[0] == {"1", "3", "6"}


@pytest.mark.parametrize(
    "term", ["((", "(lupus", "lupus)", "lupus AND", "AND lupus", "OR", "2024/13/01[crdt]", "x:y[ti]", '"a']
)
def test_broken_query_is_refused(term: str) -> None:
    """Unbalanced parentheses, operators without operands and impossible dates are errors, never empty answers."""
    with pytest.raises(QuerySyntaxError):
        ask(term)


def test_quoted_phrase_that_is_not_found_is_dropped_with_a_warning() -> None:
    """A phrase outside the phrase index leaves the search wider, and the answer says so."""
    found, question = ask('"no such phrase"[tiab] AND ivig[ti]')
    assert found == {"1", "4"}
    assert question.remarks.quoted_not_found == ['"no such phrase"[tiab]']


def test_unknown_word_finds_nothing_and_is_named() -> None:
    """A word that no record has is reported as not found."""
    found, question = ask("abcxyz[tiab]")
    assert found == set()
    assert question.remarks.phrases_not_found == ["abcxyz"]


def test_unknown_field_is_named() -> None:
    """A tag that PubMed does not have is searched in all fields and reported."""
    found, question = ask("lupus[nosuchtag]")
    assert found == {"3"}
    assert question.remarks.fields_not_found == ["nosuchtag"]


def test_short_stem_before_star_is_ignored() -> None:
    """Fewer than four letters before a star are not searched."""
    found, question = ask("ivi*[tiab] OR lupus")
    assert found == {"3"}
    assert question.remarks.ignored == ["ivi*"]


def test_translation_names_the_fields() -> None:
    """The answer says how the question was read."""
    assert ask("ivig[ti] AND 2024/01/01:2024/02/01[crdt]")[1].translation == (
        '"ivig"[Title] AND 2024/01/01:2024/02/01[Date - Create]'
    )


def test_late_index_is_a_form_of_its_own() -> None:
    """Before its headings come a record is found by words only, and its MeSH date is its entry date."""
    headings = (MeshHeading(descriptor="Scleroderma, Systemic"),)
    late = grows(record("9", "Hard skin", mesh=headings, indexed=date(2024, 6, 1)))
    shelf = Library([late])

    def found(term: str, today: date) -> int:
        return len(shelf.search(term, parse, today)[0])

    assert found('"Scleroderma, Systemic"[Mesh]', date(2024, 5, 31)) == 0
    assert found("skin[ti] AND 2024/01/10[mhda]", date(2024, 5, 31)) == 1
    assert found('"Scleroderma, Systemic"[Mesh] AND 2024/06/01[mhda]', date(2024, 6, 1)) == 1
    assert found('"Scleroderma, Systemic"[Mesh] AND 2024/06/01[crdt]', date(2024, 6, 1)) == 0


def test_entry_date_of_an_old_article_is_its_publication_date() -> None:
    """EDAT misses what CRDT finds when an article enters long after it appeared."""
    old = grows(record("9", "Old paper", published=PartialDate(year=2002)), entrez=date(2002, 1, 1))
    shelf = Library([Document(forms=old.forms, entrez=old.entrez)])
    assert not shelf.search("2024[edat]", parse, TODAY)[0]
    assert len(shelf.search("2024[crdt]", parse, TODAY)[0]) == 1


words = st.sampled_from(["ivig[tiab]", "lupus[ti]", "sclerosis[tiab]", "systemic[tiab]", "german[la]", "2024[dp]"])


@given(left=words, right=words)
def test_boolean_laws_hold(left: str, right: str) -> None:
    """AND is intersection, OR is union, NOT is difference, and parentheses around a term change nothing."""
    one, other = ask(left)[0], ask(right)[0]
    assert ask(f"{left} AND {right}")[0] == one & other
    assert ask(f"{left} OR {right}")[0] == one | other
    assert ask(f"{left} NOT {right}")[0] == one - other
    assert ask(f"(({left}))")[0] == one


@given(st.text(alphabet='()[]":*/ANDORNT abc2024', max_size=24))
def test_any_text_is_answered_or_refused(term: str) -> None:
    """No text breaks the parser in any other way than by a refusal."""
    try:
        found, _ = ask(term)
    except QuerySyntaxError:
        return
    assert found <= {"1", "2", "3", "4", "5", "6"}
