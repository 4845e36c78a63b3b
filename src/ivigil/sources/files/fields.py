"""What an entry can say, and the dialect that says under which tag or column it says it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ivigil.sources.files.model import Entry


class Field(StrEnum):
    """The parts of a record that export files carry."""

    TYPE = "type"
    PUBLICATION_TYPES = "publication_types"
    TITLE = "title"
    VERNACULAR = "vernacular"
    ABSTRACT = "abstract"
    AUTHORS = "authors"
    GROUPS = "groups"
    JOURNAL = "journal"
    ABBREVIATION = "abbreviation"
    ISSN = "issn"
    VOLUME = "volume"
    ISSUE = "issue"
    PAGES = "pages"
    FIRST_PAGE = "first_page"
    LAST_PAGE = "last_page"
    PUBLISHER = "publisher"
    DATE = "date"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    ELECTRONIC = "electronic"
    ENTERED = "entered"
    INDEXED = "indexed"
    REVISED = "revised"
    LANGUAGE = "language"
    MESH = "mesh"
    KEYWORDS = "keywords"
    PMID = "pmid"
    DOI = "doi"
    PMCID = "pmcid"
    REGISTRY = "registry"
    ACCESSION = "accession"
    URL = "url"
    KEY = "key"


# Of these every listed tag is read; of all others the first that has a value.
UNITED = frozenset({Field.ISSN, Field.KEYWORDS, Field.PUBLICATION_TYPES, Field.REGISTRY, Field.GROUPS, Field.MESH})

FieldMap = Mapping[Field, tuple[str, ...]]


@dataclass(frozen=True)
class Dialect:
    """How one product writes one format.

    `marks`: an entry is of this dialect when, for one of the alternatives, every (tag, pattern) of it is found. In a
    table a tag is a column, and the pattern may find nothing but must be given.
    `patterns`: (field, tag) -> what to keep of a value; its groups are joined by ':', a value without it is left out.
    `sources`: (pattern, source) tried on the values of `database` tags, for products that export many databases.
    `other_ids`: kind of identifier -> tags. `given_first`: names are written 'Karl Marx'.
    """

    name: str
    source: str
    fields: FieldMap
    marks: tuple[tuple[tuple[str, str], ...], ...] = ()
    patterns: Mapping[tuple[Field, str], str] = field(default_factory=dict)
    other_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    database: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    given_first: bool = False
    keywords_by_comma: bool = False

    def fits(self, entry: Entry) -> bool:
        """Whether the entry carries this dialect's marks."""
        return any(all(_marked(entry, tag, pattern) for tag, pattern in marks) for marks in self.marks)

    def read(self, entry: Entry, what: Field) -> tuple[str, ...]:
        """The entry's values for one field, without empty ones."""
        found: list[str] = []
        for tag in self.fields.get(what, ()):
            found += self.kept(entry, what, tag)
            if found and what not in UNITED:
                break
        return tuple(dict.fromkeys(found)) if what in UNITED else tuple(found)

    def read_one(self, entry: Entry, what: Field) -> str | None:
        """The entry's first value for one field."""
        return next(iter(self.read(entry, what)), None)

    def source_of(self, entry: Entry) -> str:
        """The source an entry speaks for: the database it names, else the dialect's own."""
        named = " ".join(value for tag in self.database for value in entry.values.get(tag, ()))
        return next(
            (source for pattern, source in self.sources if re.search(pattern, named, re.IGNORECASE)), self.source
        )

    def kept(self, entry: Entry, what: Field, tag: str) -> list[str]:
        """What one tag gives to a field: its values, or what the field's pattern keeps of them."""
        values = [value.strip() for value in entry.values.get(tag, ())]
        pattern = self.patterns.get((what, tag))
        if pattern is None:
            return [value for value in values if value]
        matches = (re.search(pattern, value) for value in values)
        return [":".join(match.groups()) for match in matches if match]


def _marked(entry: Entry, tag: str, pattern: str) -> bool:
    values = entry.values.get(tag)
    return values is not None and any(re.search(pattern, value) for value in values)


def choose(entries: Sequence[Entry], dialects: Sequence[Dialect], default: Dialect) -> tuple[Dialect, list[Dialect]]:
    """The file's dialect, and that of each entry.

    Files are joined end to end in practice, so each entry is told by its own marks; one without marks is read as the
    dialect that at least half of the file has, else as the default.
    """
    own = [next((dialect for dialect in dialects if dialect.fits(entry)), None) for entry in entries]
    most = max(dialects, key=own.count)
    ruling = most if own.count(most) * 2 >= len(own) > 0 else default
    return ruling, [dialect or ruling for dialect in own]
