"""Whether a record is the document that was looked for, and how documents that were not found are named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from ivigil.linking.titles import TitleMatch, match_titles, read_title
from ivigil.records import Record
from ivigil.sources.base import DocumentIds, Page, Payload

T = TypeVar("T")


def name_of(document: DocumentIds) -> str:
    """The surest thing known of a document: what a `missing` entry says."""
    return document.doi or (f"PMID {document.pmid}" if document.pmid else document.title or "a document without ids")


def is_answer(record: Record, document: DocumentIds) -> bool:
    """Whether a record is of this document: by DOI, by PMID, or by a title long enough to be nobody else's.

    A title answers only where no identifier of the two speaks against it.
    """
    for known, said in ((document.doi, record.doi), (document.pmid, record.pmid)):
        if known and said:
            return known.lower() == said.lower()
    if not document.title:
        return False
    wanted, held = read_title(document.title), read_title(record.title, record.vernacular_title)
    return wanted.distinctive and match_titles(wanted, held) is TitleMatch.SAME


def answer_page(
    query: str, payload: Payload, documents: Sequence[DocumentIds], records: Iterable[Record], *, rejected: int = 0
) -> Page:
    """The page that answers for these documents: each has a record on it or is missing, and that is what it reports.

    Two documents may be answered by one record. Records of others, which a search by title brings, are left out.
    """
    found = {record.key: record for record in records if any(is_answer(record, document) for document in documents)}
    missing = tuple(
        name_of(document) for document in documents if not any(is_answer(record, document) for record in found.values())
    )
    count = len(found) + len(missing)
    page = Page(query=query, reported=count, records=tuple(found.values()), payload=payload, missing=missing)
    return replace(page, warnings=(f"{rejected} records could not be read",)) if rejected else page


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, so many at once."""
    return (items[start : start + size] for start in range(0, len(items), size))
