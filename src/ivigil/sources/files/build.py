"""One entry, read in its dialect, to one record."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from ivigil.records import AbstractSection, Author, MeshHeading, PartialDate, Record, RecordKind
from ivigil.sources.files.dates import read_date, read_day, read_year
from ivigil.sources.files.fields import Dialect, Field
from ivigil.sources.files.identifiers import clean_issns, clean_pmcid, clean_pmid, find_registrations
from ivigil.sources.files.languages import read_languages
from ivigil.sources.files.model import Entry
from ivigil.sources.files.names import read_author, split_authors
from ivigil.sources.identifiers import clean_doi

T = TypeVar("T")

# An export says less than the source's own answer; a record under version 0 is superseded by the live one (version 1),
# never the other way round.
VERSION = "0"
TAG = re.compile(
    r"</?(?:i|b|em|strong|sup|sub|u|h[1-6]|p|br|span|div|sc|title|sec|jats:\w+)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
NO_ABSTRACT = re.compile(r"^\W*(?:no abstract (?:is )?available|abstract not available|n/?a|none)\W*$", re.IGNORECASE)
SECTION = re.compile(r"\s*([A-Z][A-Z][A-Z ,/&()-]{1,60}): (.*\S)")
# What databases append to an abstract, or give instead of one: EBSCO, PsycInfo, then publishers by way of Scopus. Each
# is looked for only where its plain words stand.
NOTICES = (
    ("is the property of", re.compile(r"\s*\(?Copyright of .{0,300}? is the property of .*$", re.DOTALL)),
    ("[ABSTRACT FROM", re.compile(r"\s*\[ABSTRACT FROM (?:AUTHOR|PUBLISHER)\]\s*$")),
    (
        "APA, all rights",
        re.compile(r"\s*\(PsycInfo Database Record \(c\) \d{4} APA, all rights reserved\)\.?\s*$", re.IGNORECASE),
    ),
    ("©", re.compile(r"\s*(?:Copyright\s*)?©\s*(?:Copyright )?(?:\d{4}|The Authors?\b)[^©]{0,200}$", re.IGNORECASE)),
)
DASHES = re.compile(r"\s*[–—]\s*|--+")
MEANINGLESS_PAGES = frozenset({"no", "specified", "no pagination", "no pagination specified", "n/a", "no-specified"})

KINDS_BY_PUBLICATION_TYPE = (
    (r"preprint|posted.content", RecordKind.PREPRINT),
    (r"trial registry", RecordKind.REGISTRATION),
    (r"conference abstract|meeting abstract", RecordKind.CONFERENCE_ABSTRACT),
    (r"conference paper", RecordKind.ARTICLE),  # a whole paper, printed in proceedings
)
KINDS = (
    (r"preprint|posted.content|\bunpb\b", RecordKind.PREPRINT),
    (r"trial registry|\bregistr", RecordKind.REGISTRATION),
    (r"abstract|\babst\b|\bconf\b|\bcpaper\b|conference|proceedings", RecordKind.CONFERENCE_ABSTRACT),
    (r"journal|\bjour\b|\bejour\b|\bjfull\b|\barticle\b|\bmgzn\b|\bnews\b|\binpr\b|^j$", RecordKind.ARTICLE),
    (r"book|\bchap\b|\bebook\b|\bechap\b|\bedbook\b|inbook|incollection|^[bs]$", RecordKind.BOOK),
    (r"\S", RecordKind.OTHER),
)


def build_record(entry: Entry, dialect: Dialect, source: str | None = None) -> Record:
    """The record of one entry, from `source` or the source the entry's dialect speaks for.

    Its id is the database's own number where the entry has one, else a digest of what the entry says of the document,
    so that the same entry has the same id in every export and wherever it stands in the file.
    Raises `ValueError` where the entry names no document at all, not even by a key of the file's own.
    """
    title = _plain(dialect.read_one(entry, Field.TITLE) or "")
    abstract = _abstract(dialect.read(entry, Field.ABSTRACT))
    vernacular = _text(dialect, entry, Field.VERNACULAR)
    pmid = _first(clean_pmid(value) for value in dialect.read(entry, Field.PMID))
    doi = _doi(entry, dialect)
    key = dialect.read_one(entry, Field.KEY)
    if not (title or abstract or vernacular or pmid or doi or key):
        raise ValueError("neither title nor abstract, identifier or key")
    types = tuple(name for name in _parts(dialect.read(entry, Field.PUBLICATION_TYPES)) if clean_doi(name) is None)
    registry = find_registrations(dialect.read(entry, Field.REGISTRY))
    record = Record(
        source=source or dialect.source_of(entry),
        source_id="",
        version=VERSION,
        kind=_kind(dialect.read(entry, Field.TYPE), types),
        title=title,
        vernacular_title=vernacular if vernacular != title else None,
        abstract=abstract,
        authors=_authors(entry, dialect),
        journal=_text(dialect, entry, Field.JOURNAL),
        journal_abbreviation=_text(dialect, entry, Field.ABBREVIATION),
        issns=clean_issns(dialect.read(entry, Field.ISSN)),
        volume=_text(dialect, entry, Field.VOLUME),
        issue=_text(dialect, entry, Field.ISSUE),
        pages=_pages(entry, dialect),
        publisher=_text(dialect, entry, Field.PUBLISHER),
        published=_published(entry, dialect),
        electronic=_first(read_date(value) for value in dialect.read(entry, Field.ELECTRONIC)),
        entered=_first(read_day(value) for value in dialect.read(entry, Field.ENTERED)),
        indexed=_first(read_day(value) for value in dialect.read(entry, Field.INDEXED)),
        revised=_first(read_day(value) for value in dialect.read(entry, Field.REVISED)),
        languages=read_languages(dialect.read(entry, Field.LANGUAGE)),
        publication_types=types,
        mesh=tuple(_heading(name) for name in _parts(dialect.read(entry, Field.MESH))),
        keywords=_keywords(dialect.read(entry, Field.KEYWORDS), by_comma=dialect.keywords_by_comma),
        pmid=pmid,
        doi=doi,
        pmcid=_first(clean_pmcid(value) for value in dialect.read(entry, Field.PMCID)),
        registry_ids=registry,
        other_ids=_other_ids(entry, dialect),
        url=_first(
            found[0] for value in dialect.read(entry, Field.URL) if (found := re.search(r"https?://\S+", value))
        ),
    )
    accession = dialect.read_one(entry, Field.ACCESSION)
    return record.model_copy(update={"source_id": accession or digest(record, key)})


def digest(record: Record, key: str | None = None) -> str:
    """A stable id from what a record says of its document: 20 hex digits after 'h-'.

    The abstract counts, as 'Reply' without authors is the title of many documents; where there is a title and nothing
    else, so does the file's own `key`.
    """
    parts = [
        record.title or record.vernacular_title or "",
        record.abstract_text,
        " ".join(author.last_name or author.collective or "" for author in record.authors),
        *(str(part or "") for part in (record.year, record.journal, record.volume, record.issue, record.pages)),
        record.doi or record.pmid or "",
    ]
    if not any(parts[1:]):
        parts.append(key or "")
    folded = "|".join("".join(char for char in part.casefold() if char.isalnum()) for part in parts)
    return f"h-{hashlib.sha256(folded.encode()).hexdigest()[:20]}"


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _plain(text: str) -> str:
    text = html.unescape(text) if "&" in text else text
    return " ".join((TAG.sub("", text) if "<" in text else text).split())


def _text(dialect: Dialect, entry: Entry, what: Field) -> str | None:
    return _plain(dialect.read_one(entry, what) or "") or None


def _abstract(values: Sequence[str]) -> tuple[AbstractSection, ...]:
    sections = (section for value in values for section in _sections(value))
    return tuple(part for part in dict.fromkeys(sections) if part.text and not NO_ABSTRACT.match(part.text))


def _sections(value: str) -> tuple[AbstractSection, ...]:
    """The labelled sections of an abstract that has each on a line of its own, else all of it as one."""
    found = [SECTION.match(line) for line in value.split("\n") if line.strip()]
    if len(found) > 1 and all(found):
        parts = ((match[1], _without_notices(_plain(match[2]))) for match in found if match)
        return tuple(AbstractSection(label=label, text=text) for label, text in parts)
    return (AbstractSection(text=_without_notices(_plain(value))),)


def _without_notices(text: str) -> str:
    for words, notice in NOTICES:
        if words in text:
            text = notice.sub("", text)
    return text


def _doi(entry: Entry, dialect: Dialect) -> str | None:
    for tag in dialect.fields.get(Field.DOI, ()):
        found = _first(clean_doi(value) for value in entry.values.get(tag, ()))
        if found:
            return found
    return None


def _authors(entry: Entry, dialect: Dialect) -> tuple[Author, ...]:
    names = split_authors(dialect.read(entry, Field.AUTHORS))
    people = (read_author(name, given_first=dialect.given_first) for name in names)
    groups = (Author(collective=_plain(name)) for name in split_authors(dialect.read(entry, Field.GROUPS)))
    return tuple(author for author in (*people, *groups) if author is not None)


def _pages(entry: Entry, dialect: Dialect) -> str | None:
    whole = _text(dialect, entry, Field.PAGES)
    first, last = _text(dialect, entry, Field.FIRST_PAGE), _text(dialect, entry, Field.LAST_PAGE)
    pages = f"{first}-{last}" if first and last and last != first and "-" not in first else first or whole
    return None if pages is None or pages.lower() in MEANINGLESS_PAGES else DASHES.sub("-", pages)


def _published(entry: Entry, dialect: Dialect) -> PartialDate | None:
    year = _first(read_year(value) for value in dialect.read(entry, Field.YEAR))
    month, day = dialect.read_one(entry, Field.MONTH), dialect.read_one(entry, Field.DAY)
    if year and month:
        joined = f"{year}/{month}/{day or ''}" if month.isdigit() else f"{month} {day or ''}"
        when = read_date(joined, year=year)
        if when:
            return when
    tags = dialect.fields.get(Field.DATE, ())
    dates = (read_date(value, year=year) for tag in tags for value in dialect.kept(entry, Field.DATE, tag))
    read = [when for when in dates if when is not None and (year is None or when.year == year)]
    finest = max(read, key=lambda when: (when.month is not None) + (when.day is not None), default=None)
    return finest or (PartialDate(year=year) if year else None)


def _kind(types: Sequence[str], publication_types: Sequence[str]) -> RecordKind:
    # What the database calls the document says more than the reference manager's class of it.
    for pattern, kind in KINDS_BY_PUBLICATION_TYPE:
        if any(re.search(pattern, name, re.IGNORECASE) for name in publication_types):
            return kind
    named = " ".join(types).strip()
    return next((kind for pattern, kind in KINDS if re.search(pattern, named, re.IGNORECASE)), RecordKind.ARTICLE)


def _heading(text: str) -> MeshHeading:
    descriptor, *qualifiers = text.split("/")
    names = tuple(part.strip("* ") for part in qualifiers)
    return MeshHeading(descriptor=descriptor.strip("* "), major="*" in text, qualifiers=names)


def _keywords(values: Sequence[str], *, by_comma: bool) -> tuple[str, ...]:
    words = (part.strip(" *") for part in _parts(values, separators=r"[;|\n,]" if by_comma else r"[;|\n]"))
    return tuple(dict.fromkeys(word for word in words if word))


def _parts(values: Sequence[str], *, separators: str = r"[;|\n]") -> tuple[str, ...]:
    # Entities are resolved first, as each ends in a semicolon.
    parts = (_plain(part) for value in values for part in re.split(separators, html.unescape(value)))
    return tuple(dict.fromkeys(part for part in parts if part))


def _other_ids(entry: Entry, dialect: Dialect) -> tuple[tuple[str, str], ...]:
    found = []
    for kind, tags in dialect.other_ids.items():
        value = _first(
            value.strip().split("\n")[0] for tag in tags for value in entry.values.get(tag, ()) if value.strip()
        )
        if value:
            found.append((kind, value))
    return tuple(found)
