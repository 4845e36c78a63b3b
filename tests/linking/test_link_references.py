"""Entries of a reference list find the documents they mean, and no others."""

from __future__ import annotations

import pytest

from ivigil.linking.references import HeldDocuments
from ivigil.records import Author, PartialDate, Record
from ivigil.sources.base import Reference

TITLE = "Pooled immunoglobulin for the hardened skin of forty adults"


def a_record(title: str = TITLE, **values: object) -> Record:
    said = {
        "source": "pubmed",
        "source_id": "1",
        "title": title,
        "authors": (Author(last_name="van Osterwald", initials="L"),),
        "published": PartialDate(year=2015),
    }
    return Record(**(said | values))


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (Reference(doi="10.5555/OWN"), 7),
        (Reference(pmid="123"), 7),
        (Reference(title=TITLE.upper(), first_author="L. van Osterwald", year=2016), 8),
        (Reference(title=TITLE, year=2015), 8),
        (Reference(title=TITLE, first_author="Marchbank T", year=2015), None),
        (Reference(title=TITLE, first_author="Osterwald", year=2011), None),
        (Reference(title="Pooled immunoglobulin", year=2015), None),
        (Reference(text=f"Osterwald L, et al. {TITLE}. J Skin 2015;3:1-9."), 8),
        (Reference(text=f"Osterwald L, et al. {TITLE}. J Skin 2009;3:1-9."), None),
        (Reference(text="Osterwald L. Immunoglobulin. J Skin 2015;3:1-9."), None),
        (Reference(doi="10.5555/another", title="Another matter of immunoglobulin altogether"), None),
        (Reference(), None),
    ],
)
def test_an_entry_finds_its_document(entry: Reference, found: int | None) -> None:
    """By identifier first, else by title with author and year where given; a line by the whole title in it."""
    other = a_record("A second paper on something else entirely, of some length", doi="10.5555/own", pmid="123")
    assert HeldDocuments({7: [other], 8: [a_record()]}).find(entry) == found


def test_two_identifiers_are_two_documents() -> None:
    """One title under two DOIs may be a paper and its erratum, so the title alone does not decide."""
    held = HeldDocuments({1: [a_record(doi="10.5555/paper")]})
    assert held.find(Reference(doi="10.5555/erratum", title=TITLE, year=2015)) is None


def test_a_short_title_in_a_line_is_no_find() -> None:
    """A title of a word or two stands in many lines by chance."""
    held = HeldDocuments({1: [a_record("Calcinosis")]})
    assert held.find(Reference(text="Quillfeather A. Calcinosis of the hand. J Skin 2015.")) is None
