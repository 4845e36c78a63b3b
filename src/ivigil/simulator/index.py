"""Inverted index over records: words, exact values and dates of each field, by row number."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ivigil.records import Record

WORD = re.compile(r"[^\W_]+")
TEXT_FIELDS = ("title", "abstract", "keyword", "mesh_text", "journal_text", "author_text", "affiliation")
BREAK = ""  # parts the sections of a field, so that no phrase runs across them


def fold(text: str) -> str:
    """Lower case without accents, as both services compare text."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    return "".join(char for char in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(char))


def tokenize(text: str) -> list[str]:
    """Runs of letters and digits, folded; a hyphen parts words."""
    return WORD.findall(fold(text))


@dataclass(frozen=True)
class Entry:
    """A record with what only its holder knows: PubMed's EDAT where it differs, origin, day of first indexing."""

    record: Record
    entrez: date | None = None
    source: str = ""
    first_indexed: date | None = None


class Index:
    """Postings of a list of records; row `n` is the entry at position `n`.

    Text fields answer words, prefixes and phrases; value fields answer whole values; date fields answer spans.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.size = len(entries)
        self._words: dict[str, dict[str, set[int]]] = {field: defaultdict(set) for field in TEXT_FIELDS}
        self._texts: dict[str, list[list[str]]] = {field: [] for field in TEXT_FIELDS}
        self._values: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._dates: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._vocabulary: dict[tuple[str, str], list[str]] = {}
        for row, entry in enumerate(entries):
            self._add_texts(row, entry.record)
            self._add_values(row, entry)
            self._add_dates(row, entry)
        for days in self._dates.values():
            days.sort()

    def _add_texts(self, row: int, record: Record) -> None:
        abstract = [part.text for part in record.abstract]
        abstract += [part.text for other in record.other_abstracts for part in other.sections]
        parts = {
            "title": [record.title, record.vernacular_title or ""],
            "abstract": abstract,
            "keyword": record.keywords,
            "mesh_text": [heading.descriptor for heading in record.mesh],
            "journal_text": [record.journal or "", record.journal_abbreviation or ""],
            "author_text": [author.name for author in record.authors],
            "affiliation": [place for author in record.authors for place in author.affiliations],
        }
        for field, pieces in parts.items():
            tokens: list[str] = []
            for piece in pieces:
                tokens += [*tokenize(piece), BREAK]
            self._texts[field].append(tokens)
            postings = self._words[field]
            for token in set(tokens):
                postings[token].add(row)

    def _add_values(self, row: int, entry: Entry) -> None:
        record = entry.record
        for heading in record.mesh:
            self._put("mesh", heading.descriptor, row)
            if heading.major:
                self._put("majr", heading.descriptor, row)
            for qualifier in heading.qualifiers:
                self._put("qualifier", qualifier, row)
                self._put("mesh", f"{heading.descriptor}/{qualifier}", row)
        for field, values in (
            ("type", record.publication_types),
            ("language", record.languages),
            ("author", [author.name for author in record.authors]),
            ("journal", [record.journal or "", record.journal_abbreviation or "", *record.issns]),
            ("id", [record.pmid or "", record.source_id]),
            ("doi", [record.doi or ""]),
            ("pmcid", [record.pmcid or ""]),
            ("registry", record.registry_ids),
            ("source", [entry.source]),
        ):
            for value in values:
                self._put(field, value, row)
        self._put("has", "abstract" if record.abstract else "no abstract", row)
        self._put("has", "mesh" if record.mesh else "no mesh", row)

    def _add_dates(self, row: int, entry: Entry) -> None:
        record = entry.record
        issue = record.published.earliest if record.published else None
        online = record.electronic.earliest if record.electronic else None
        entered = entry.entrez or record.entered
        for field, days in (
            ("published", {issue, online}),
            ("first_published", {min((day for day in (issue, online) if day), default=None)}),
            ("created", {record.entered}),
            ("first_indexed", {entry.first_indexed}),
            ("entrez", {entered}),
            ("indexed", {record.indexed or entered}),  # PubMed gives the entry date until headings come
            ("revised", {record.revised or record.entered}),
        ):
            self._dates[field] += [(day.toordinal(), row) for day in days if day is not None]

    def _put(self, field: str, value: str, row: int) -> None:
        if value:
            self._values[field][fold(value)].add(row)

    def rows(self) -> set[int]:
        """Every row."""
        return set(range(self.size))

    def value(self, field: str, value: str, *, prefix: bool = False) -> set[int]:
        """Rows of which the field is exactly this value, or begins with it."""
        if not prefix:
            return self._values[field].get(fold(value), set())
        return self._union(self._values[field], self._starting(("value", field), self._values[field], fold(value)))

    def span(self, field: str, first: date, last: date) -> set[int]:
        """Rows with that date between the two days, both included."""
        days = self._dates[field]
        low = bisect_left(days, (first.toordinal(), -1))
        return {row for _, row in days[low : bisect_right(days, (last.toordinal(), self.size))]}

    def phrase(self, fields: Iterable[str], words: Sequence[str], *, prefix: bool = False) -> set[int]:
        """Rows in which the words stand side by side in one of the fields; with `prefix` the last may go on."""
        found: set[int] = set()
        for field in fields:
            found |= self._phrase_in(field, words, prefix=prefix)
        return found

    def _phrase_in(self, field: str, words: Sequence[str], *, prefix: bool) -> set[int]:
        postings = self._words[field]
        *leading, final = words
        finals = self._starting(("word", field), postings, final) if prefix else [final]
        rows = self._union(postings, finals)
        for word in leading:
            rows &= postings.get(word, set())
            if not rows:
                return rows
        if not leading:
            return rows
        return {row for row in rows if self._stands(self._texts[field][row], leading, set(finals))}

    @staticmethod
    def _stands(tokens: list[str], leading: list[str], finals: set[str]) -> bool:
        length = len(leading)
        return any(
            tokens[at : at + length] == leading and tokens[at + length] in finals
            for at in range(len(tokens) - length)
            if tokens[at] == leading[0]
        )

    @staticmethod
    def _union(postings: dict[str, set[int]], keys: Iterable[str]) -> set[int]:
        rows: set[int] = set()
        for key in keys:
            rows |= postings.get(key, set())
        return rows

    def _starting(self, name: tuple[str, str], postings: dict[str, set[int]], start: str) -> list[str]:
        if name not in self._vocabulary:
            self._vocabulary[name] = sorted(postings)
        vocabulary = self._vocabulary[name]
        return vocabulary[bisect_left(vocabulary, start) : bisect_left(vocabulary, start + "\U0010ffff")]
