"""Any number of generated hits, all entered within one week: more than PubMed lists for one query."""

from __future__ import annotations

from datetime import date, timedelta

from ivigil.records import AbstractSection, Author, PartialDate, Record
from ivigil.simulator.document import Document

FIRST_ID = 95_000_001
FIRST_DAY = date(2025, 3, 3)
DAYS = 7
SUBJECTS = (
    "skin thickness",
    "muscle strength",
    "reflux",
    "lung function",
    "finger mobility",
    "steroid dose",
    "fatigue",
)
SETTINGS = ("a registry", "one clinic", "two centres", "an insurance database", "a day hospital")


def bulk_documents(count: int) -> list[Document]:
    """`count` documents that the strategies match, numbered from 95000001, spread evenly over the week."""
    return [_document(number) for number in range(count)]


def _document(number: int) -> Document:
    day = FIRST_DAY + timedelta(days=number % DAYS)
    identifier = str(FIRST_ID + number)
    subject, setting = SUBJECTS[number % len(SUBJECTS)], SETTINGS[number % len(SETTINGS)]
    record = Record(
        source="pubmed",
        source_id=identifier,
        pmid=identifier,
        title=f"Filler record {number + 1} on {subject} in systemic sclerosis.",
        abstract=(AbstractSection(text=f"IVIG and {subject} in {setting}; entry {number + 1} of a load test."),),
        authors=(Author(last_name="Filler", initials="F"),),
        journal="Load Test Letters",
        journal_abbreviation="Load Test Lett",
        published=PartialDate(year=2025, month=3),
        entered=day,
        revised=day,
        languages=("eng",),
        publication_types=("Journal Article",),
    )
    return Document(forms=((day, record),))
