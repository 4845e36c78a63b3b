"""Dates, identifiers and marked-up text, as sources write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigil.records import DatePrecision
from ivigil.sources.dates import iso_day, month_number, partial_date, text_date
from ivigil.sources.identifiers import clean_doi, clean_orcid, clean_registry_id, doi_in_text, is_registry
from ivigil.sources.markup import labelled_sections, plain_text

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAYS = st.dates(min_value=date(1809, 1, 1), max_value=date(2199, 12, 31))


@given(DAYS)
def test_a_whole_day_survives_in_names_and_numbers(day):
    """Year, month and day come back whole, whether the month is a name or a number, apart or in one text."""
    for month in (MONTHS[day.month - 1], f"{day.month:02d}", str(day.month)):
        read = partial_date(str(day.year), month, str(day.day))
        assert read is not None
        assert (read.earliest, read.precision, read.text) == (day, DatePrecision.DAY, None)
    assert str(text_date(f"{day.year} {MONTHS[day.month - 1]} {day.day}")) == day.isoformat()


@given(DAYS, DAYS)
def test_a_range_is_its_first_month_in_the_source_s_words(first, last):
    """'1998 Dec-1999 Jan' is December 1998, to the month, and keeps its words."""
    words = f"{first.year} {MONTHS[first.month - 1]}-{last.year} {MONTHS[last.month - 1]}"
    read = text_date(words)
    assert read is not None
    assert (read.year, read.month, read.day, read.text) == (first.year, first.month, None, words)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_dates(words):
    """Any text is a date or none; never an error, and never a day out of nothing."""
    read = text_date(words)
    assert read is None or (1 <= read.year <= 9999 and any(sign.isdigit() for sign in words))


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=4))
def test_no_parts_break_the_reading_of_dates(year, month, day):
    """Any three parts are a date as fine as they are sound, or none."""
    read = partial_date(year, month, day)
    assert read is None or read.precision in DatePrecision


@pytest.mark.parametrize(
    ("words", "date_", "keeps"),
    [
        ("2015 Oct-Dec", "2015-10", True),
        ("2015 Oct", "2015-10", False),
        ("2015 Oct.", "2015-10", False),
        ("2000 Spring", "2000-04", True),
        ("2000 Spring-Summer", "2000-04", True),
        ("1999-2000 Winter", "1999", True),
        ("1976-1977", "1976", True),
        ("2003 Jun 15-30", "2003-06-15", True),
        ("2003 Jun 31", "2003-06", True),
        ("2003", "2003", False),
        ("2003 1st quart", "2003", True),
        ("Spring 1999", "1999", True),
        ("2024-03-09", "2024-03-09", False),
    ],
)
def test_words_are_dates_with_the_precision_they_have(words, date_, keeps):
    """Each way MEDLINE writes a date is read to its first month or day, and kept where it says more."""
    read = text_date(words)
    assert str(read) == date_
    assert read.text == (words if keeps else None)


@pytest.mark.parametrize("words", ["", "no year", "12345", "0000 Jan"])
def test_words_without_a_year_are_no_date(words):
    """Nothing is invented where no year stands."""
    assert text_date(words) is None


def test_a_day_the_month_does_not_have_is_left_out():
    """31 February is February, in the source's words."""
    read = partial_date("2003", "Feb", "31")
    assert (str(read), read.text) == ("2003-02", "2003 Feb 31")


@pytest.mark.parametrize(("text", "number"), [("Sept", 9), ("september", 9), ("09", 9), ("13", None), ("Foo", None)])
def test_months_are_known_by_name_and_number(text, number):
    """A month is a number from 1 to 12 or an English name."""
    assert month_number(text) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [("2024-03-09", date(2024, 3, 9)), ("2024-03-09T10:00:00Z", date(2024, 3, 9)), ("2024", None), (None, None)],
)
def test_iso_days_are_read(text, day):
    """A timestamp is its day; half a date is none."""
    assert iso_day(text) == day


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1016/S0140-6736(24)02600-X", "10.1016/s0140-6736(24)02600-x"),
        ("doi: 10.1000/ABC", "10.1000/abc"),
        ("11.1000/abc", None),
        (None, None),
    ],
)
def test_a_doi_is_lower_case_without_its_resolver(text, doi):
    """The same DOI has one spelling."""
    assert clean_doi(text) == doi


def test_a_doi_in_a_sentence_ends_before_the_full_stop():
    """The reference's own punctuation is not part of the DOI."""
    assert doi_in_text("Lancet. 2024 Sep 28;404:1. doi: 10.1016/x(1).2.") == "10.1016/x(1).2"


def test_an_orcid_has_four_groups():
    """Address, bare digits and groups are one ORCID."""
    assert {clean_orcid(text) for text in ("https://orcid.org/0000-0002-1825-009x", "000000021825009X")} == {
        "0000-0002-1825-009X"
    }


@pytest.mark.parametrize(
    ("bank", "number", "clean"),
    [
        ("ClinicalTrials.gov", "nct00585195", "NCT00585195"),
        ("ISRCTN", "69423238", "ISRCTN69423238"),
        ("ISRCTN", "ISRCTN 69423238", "ISRCTN69423238"),
        ("EudraCT", "2010-019469-26", "2010-019469-26"),
        ("figshare", "NCT00585195", "NCT00585195"),
    ],
)
def test_registrations_have_one_spelling(bank, number, clean):
    """A trial's number is upper case, without spaces, with its registry's prefix."""
    assert is_registry(bank, number)
    assert clean_registry_id(bank, number) == clean


def test_sequence_banks_are_no_registries():
    """A protein structure is not a trial."""
    assert not is_registry("PDB", "1ABC")


def test_headings_become_labels():
    """An abstract with headings is its labelled sections, tags and references resolved."""
    read = labelled_sections(
        "Before.<h4>Methods:</h4>H<sub>2</sub>O, p&lt;0.05 and n<a.<h4>Results</h4><p>One.</p><p>Two.</p>"
    )
    assert [(part.label, part.text) for part in read] == [
        (None, "Before."),
        ("Methods", "H2O, p<0.05 and n<a."),
        ("Results", "One. Two."),
    ]


def test_a_heading_without_words_is_kept_as_text():
    """Nothing an abstract says is lost."""
    assert [(part.label, part.text) for part in labelled_sections("<h4>Trial registration</h4>")] == [
        (None, "Trial registration")
    ]


@given(st.text(alphabet=st.characters(exclude_characters="<>&"), max_size=60))
def test_text_without_tags_keeps_its_words(text):
    """Only white space may change where nothing is marked up."""
    assert "".join(plain_text(text).split()) == "".join(text.split())
