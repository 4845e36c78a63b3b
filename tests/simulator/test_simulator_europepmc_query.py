"""Europe PMC's query semantics, on a library small enough to reason about."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigil.records import AbstractSection, Author, PartialDate, Record
from ivigil.simulator.document import Document, grows
from ivigil.simulator.europepmc_query import parse
from ivigil.simulator.library import Library
from ivigil.simulator.query import QuerySyntaxError

TODAY = date(2025, 1, 1)


def entry(identifier: str, title: str, abstract: str = "", **more: Any) -> Document:
    values: dict[str, Any] = {
        "source": "europepmc",
        "source_id": identifier,
        "title": title,
        "abstract": (AbstractSection(text=abstract),) if abstract else (),
        "entered": date(2024, 1, 10),
        "electronic": PartialDate(year=2024, month=1, day=8),
        "publication_types": ("Journal Article",),
    }
    grown = grows(Record(**values | more))
    source = "PPR" if identifier.startswith("PPR") else "MED"
    return Document(forms=grown.forms, source=source)


SHELF = Library(
    [
        entry("1", "IVIG in systemic sclerosis", doi="10.5555/a.1", pmid="1"),
        entry("2", "Scleroderma and the gut", "Given intravenous immunoglobulins.", entered=date(2024, 3, 1)),
        entry("PPR3", "IVIG in mice", publication_types=("Preprint",)),
        entry("4", "Lupus", authors=(Author(last_name="Quintanar", initials="RS"),), published=PartialDate(year=2023)),
    ],
    lag=1,
)


def ask(query: str) -> set[str]:
    return {holding.record.source_id for holding in SHELF.search(query, parse, TODAY)[0]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('TITLE:"systemic sclerosis"', {"1"}),
        ('TITLE:"sclerosis systemic"', set()),
        ("TITLE_ABS:scleroderma*", {"2"}),
        ("TITLE_ABS:sclerod", set()),
        ("ABSTRACT:immunoglobulins", {"2"}),
        ("TITLE:immunoglobulins", set()),
        ("ivig", {"1", "PPR3"}),
        ("ivig SRC:PPR", {"PPR3"}),
        ("ivig NOT SRC:PPR", {"1"}),
        ("EXT_ID:1 AND SRC:MED", {"1"}),
        ('DOI:"10.5555/A.1"', {"1"}),
        ('AUTH:"Quintanar R"', {"4"}),
        ("PUB_YEAR:2023", {"4"}),
        ("FIRST_PDATE:[2024-01-08 TO 2024-01-08]", {"1", "2", "PPR3"}),
        ("CREATION_DATE:[2024-02-01 TO 2024-03-01]", {"2"}),
        ("FIRST_IDATE:[2024-03-02 TO 2024-03-02]", {"2"}),  # a day after creation
        ("UPDATE_DATE:[2024-03-01 TO *]", {"2"}),
        ('PUB_TYPE:"preprint"', {"PPR3"}),
        ("TITLE:(lupus OR gut)", {"2", "4"}),
        ("lupus OR ivig AND mice", {"4", "PPR3"}),  # AND binds first
        ("ivig[tiab]", set()),  # PubMed's tags mean nothing here
    ],
)
def test_query_finds_exactly(query: str, expected: set[str]) -> None:
    """A query finds the records Europe PMC's rules give, and no others."""
    try:
        assert ask(query) == expected
    except QuerySyntaxError:
        assert query == "ivig[tiab]"


@pytest.mark.parametrize(
    "query", ["(", "(lupus", "lupus)", "TITLE:", "AND", "FIRST_PDATE:[2024-13-01 TO 2024-12-01]", "PUB_YEAR:x"]
)
def test_broken_query_is_refused(query: str) -> None:
    """What cannot be read is refused, never answered with nothing."""
    with pytest.raises(QuerySyntaxError):
        ask(query)


@given(st.text(alphabet='()[]":*-TILESRC ANDOR abc2024', max_size=24))
def test_any_text_is_answered_or_refused(query: str) -> None:
    """No text breaks the parser in any other way than by a refusal."""
    try:
        found = ask(query)
    except QuerySyntaxError:
        return
    assert found <= {"1", "2", "PPR3", "4"}
