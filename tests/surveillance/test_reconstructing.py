"""Which reports a review's search can have seen: what came later is a candidate and never labelled unread."""

from __future__ import annotations

from datetime import date

import pytest

from ivigil.records import PartialDate, Record
from ivigil.surveillance.reconstructing import came_later

CUTOFF = date(2024, 4, 15)


def record(source="pubmed", *, entered=None, published=None, electronic=None):
    return Record(source=source, source_id="1", entered=entered, published=published, electronic=electronic)


YEAR = PartialDate(year=2024)
APRIL = PartialDate(year=2024, month=4)


@pytest.mark.parametrize(
    ("records", "later"),
    [
        ([record(entered=date(2024, 4, 15), published=PartialDate(year=2024, month=7))], False),
        ([record(entered=date(2024, 4, 16), published=PartialDate(year=2019))], True),
        ([record("scopus", published=YEAR), record(entered=date(2024, 6, 2), published=YEAR)], True),
        ([record("scopus", published=YEAR), record(entered=date(2024, 1, 9), published=YEAR)], False),
        ([record("wos", published=YEAR)], True),
        ([record("wos", published=APRIL)], True),
        ([record("wos", published=APRIL, electronic=PartialDate(year=2024, month=4, day=2))], False),
        ([record("wos", published=PartialDate(year=2023))], False),
        ([record("file")], False),
    ],
)
def test_a_search_saw_what_its_sources_had_taken_in(records, later):
    """The day of entry decides, else the date of publication; a date on either side of the cutoff counts as later."""
    assert came_later(records, CUTOFF) is later
