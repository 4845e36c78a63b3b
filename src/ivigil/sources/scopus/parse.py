"""Scopus search answers (JSON, STANDARD and COMPLETE view) to records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ivigil.errors import MalformedResponse, SearchContext
from ivigil.records import Author, PartialDate, Record, RecordKind
from ivigil.sources.dates import iso_day, month_number, partial_date, text_date
from ivigil.sources.identifiers import clean_doi, clean_orcid
from ivigil.sources.json_answers import load_object
from ivigil.sources.listing import read_entries
from ivigil.sources.markup import labelled_sections, plain_text

NAME = "scopus"
EMPTY = "Result set was empty"
_DAY_FIRST = re.compile(r"(?:(?P<day>\d{1,2})\s+)?(?P<month>[A-Za-z]+)\.?\s+(?P<year>\d{4})")
_KINDS = {
    "ab": RecordKind.CONFERENCE_ABSTRACT,
    "bk": RecordKind.BOOK,
    "ch": RecordKind.BOOK,
}
# How Scopus names what PubMed calls by another word; the retraction type is not seen on a recorded answer.
_TYPES = {"Retracted": "Retracted Publication"}

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class ResultPage:
    """One page of a search; `cursor` opens the next one where the search was asked with a cursor."""

    total: int
    records: tuple[Record, ...]
    rejected: tuple[tuple[str, str], ...]
    cursor: str | None


def parse_search(body: bytes, context: SearchContext | None = None) -> ResultPage:
    """Read one page of results. Zero hits are stated by a count of "0" and one entry that is no record.

    Raises:
        MalformedResponse: not JSON, no count or no entries, or an error in place of an entry where hits are counted.
    """
    context = context or SearchContext(NAME)
    answer = load_object(body, context)
    results = answer.get("search-results")
    total = results.get("opensearch:totalResults") if isinstance(results, dict) else None
    if not isinstance(results, dict) or not str(total).isdecimal():
        raise MalformedResponse(f"an answer without a count of results; it holds {sorted(answer)}", context=context)
    count, entries = int(str(total)), results.get("entry")
    if count == 0 and not [entry for entry in entries or [] if "error" not in entry]:
        return ResultPage(0, (), (), None)
    if count == 0 or not isinstance(entries, list):
        raise MalformedResponse(f"{count} hits, and entries that do not fit", context=context)
    if entries and all("error" in entry for entry in entries):
        raise MalformedResponse(f"{count} hits, and instead of them: {entries[0]['error']}", context=context)
    read = read_entries(entries, _parse_entry, name_of=_identifier_of)
    following = (results.get("cursor") or {}).get("@next")
    return ResultPage(count, read.records, read.rejected, following or None)


def _identifier_of(entry: Any) -> str | None:
    return entry.get("eid") if isinstance(entry, dict) else None


def _parse_entry(entry: Fields) -> Record:
    identifier = _identifier_of(entry)
    if identifier is None:
        raise ValueError("an entry without its EID")
    kind = entry.get("subtypeDescription")
    return Record(
        source=NAME,
        source_id=identifier,
        kind=_KINDS.get(entry.get("subtype") or "", RecordKind.ARTICLE),
        title=plain_text(entry.get("dc:title") or ""),
        abstract=labelled_sections(entry.get("dc:description") or ""),
        authors=tuple(_authors_of(entry)),
        journal=entry.get("prism:publicationName"),
        issns=tuple(dict.fromkeys(_issn(text) for key in _ISSNS for text in _values(entry.get(key)))),
        volume=entry.get("prism:volume"),
        issue=entry.get("prism:issueIdentifier"),
        pages=entry.get("prism:pageRange") or entry.get("article-number"),
        published=_published(entry),
        publication_types=(_TYPES.get(kind, kind),) if kind else (),
        keywords=tuple(word for part in (entry.get("authkeywords") or "").split("|") if (word := plain_text(part))),
        pmid=entry.get("pubmed-id"),
        doi=clean_doi(entry.get("prism:doi")),
        other_ids=tuple(("isbn", text) for text in _values(entry.get("prism:isbn"))),
        url=_page_of(entry),
    )


_ISSNS = ("prism:issn", "prism:eIssn")


def _values(value: Any) -> Iterator[str]:
    """The texts of a field that is a text, an object with its text under '$', or a list of either."""
    for one in value if isinstance(value, list) else [value]:
        text = one.get("$") if isinstance(one, dict) else one
        if text:
            yield from str(text).split()


def _issn(text: str) -> str:
    return f"{text[:4]}-{text[4:]}" if re.fullmatch(r"\d{7}[\dXx]", text) else text


def _authors_of(entry: Fields) -> Iterator[Author]:
    """All authors in the COMPLETE view; in STANDARD the first alone, as "Surname A.B."."""
    places = {one.get("afid"): one.get("affilname") for one in entry.get("affiliation") or []}
    for person in entry.get("author") or []:
        ids = [one.get("$") for one in person.get("afid") or [] if isinstance(one, dict)]
        yield Author(
            last_name=person.get("surname") or person.get("authname"),
            fore_name=person.get("given-name"),
            initials=(person.get("initials") or "").replace(".", "") or None,
            orcid=clean_orcid(person.get("orcid")),
            affiliations=tuple(place for one in ids if (place := places.get(one))),
        )
    if not entry.get("author") and (first := entry.get("dc:creator")):
        family, _, initials = first.rpartition(" ")
        yield Author(last_name=family or initials, initials=initials.replace(".", "") if family else None)


def _published(entry: Fields) -> PartialDate | None:
    """The issue's date in its own words ("15 March 2020"): its ISO twin invents a first of January, or of the month."""
    words = entry.get("prism:coverDisplayDate") or ""
    if (match := _DAY_FIRST.fullmatch(words.strip())) and month_number(match["month"]) is not None:
        return partial_date(match["year"], match["month"], match["day"])
    if found := text_date(words):
        return found
    day = iso_day(entry.get("prism:coverDate"))
    return PartialDate(year=day.year) if day else None


def _page_of(entry: Fields) -> str | None:
    links = (one.get("@href") for one in entry.get("link") or [] if one.get("@ref") == "scopus")
    return next(links, None)
