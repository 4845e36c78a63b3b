"""Which held document an entry of a reference list means: by identifier, else by title, first author and year.

Publishers deposit an entry as fields or as one line of text; a line names a document when it holds the whole of a title
that hardly two documents bear.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from ivigil.linking.normalise import plain
from ivigil.linking.people import read_people
from ivigil.linking.titles import Title, TitleMatch, match_titles, read_title
from ivigil.records import Record

SAME_TITLE = frozenset({TitleMatch.SAME, TitleMatch.NEAR, TitleMatch.PART})
YEARS_APART = 1  # electronic and printed publication often lie in two years
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class Cited(Protocol):
    """One entry of a reference list; `text` is its unstructured form."""

    @property
    def doi(self) -> str | None:
        """Its DOI."""

    @property
    def pmid(self) -> str | None:
        """Its PMID."""

    @property
    def title(self) -> str | None:
        """The cited work's title."""

    @property
    def first_author(self) -> str | None:
        """The first author's name, initials before or after."""

    @property
    def year(self) -> int | None:
        """Year of publication."""

    @property
    def text(self) -> str | None:
        """The entry as one line."""


class HeldDocuments:
    """Documents by their number, each with its records, to be found by what cites them."""

    def __init__(self, documents: Mapping[int, Sequence[Record]]) -> None:
        self._records = [(number, record) for number, records in documents.items() for record in records]
        self._titles = [read_title(record.title, record.vernacular_title) for _, record in self._records]
        self._by_pmid = {record.pmid: number for number, record in reversed(self._records) if record.pmid}
        self._by_doi = {record.doi.lower(): number for number, record in reversed(self._records) if record.doi}

    def find(self, entry: Cited) -> int | None:
        """The number of the document that the entry means; None where none is held."""
        if entry.pmid in self._by_pmid:
            return self._by_pmid[entry.pmid]
        if entry.doi and entry.doi.lower() in self._by_doi:
            return self._by_doi[entry.doi.lower()]
        title = read_title(entry.title) if entry.title else None
        line = plain(entry.text) if entry.text else ""
        for (number, record), own in zip(self._records, self._titles, strict=True):
            if entry.doi and record.doi:
                continue  # two documents may well share a title
            if title is not None and _is_titled(entry, title, record, own):
                return number
            if line and _is_named_in(line, record, own):
                return number
        return None


def _is_titled(entry: Cited, title: Title, record: Record, own: Title) -> bool:
    if match_titles(title, own) not in SAME_TITLE:
        return False
    if entry.year and record.year and abs(entry.year - record.year) > YEARS_APART:
        return False
    first = read_people(record.authors[:1])
    return not (entry.first_author and first) or _names(plain(entry.first_author), first[0].words)


def _is_named_in(line: str, record: Record, own: Title) -> bool:
    if not own.distinctive or own.compact not in line.replace(" ", ""):
        return False
    years = [int(year) for year in _YEAR.findall(line)]
    return not (years and record.year) or any(abs(year - record.year) <= YEARS_APART for year in years)


def _names(text: str, surname: Sequence[str]) -> bool:
    """Whether a name, in whichever order and with whichever initials, has this surname."""
    return set(surname) <= set(text.split())
