"""OpenAlex works (JSON) to records.

Read with care for what may be gone: the schema was rewritten in November 2025. Nothing that OpenAlex computes (topics,
counts, its own updated_date) goes into a record, because it changes without anything having happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ivigil.errors import MalformedResponse, QueryRejected, RateLimited, SearchContext
from ivigil.records import AbstractSection, Author, MeshHeading, PartialDate, Record, RecordKind
from ivigil.sources.base import Reference
from ivigil.sources.dates import iso_day, partial_date
from ivigil.sources.files.languages import read_languages
from ivigil.sources.files.names import read_author
from ivigil.sources.identifiers import clean_doi, clean_orcid
from ivigil.sources.json_answers import load_object
from ivigil.sources.listing import ResultPage, read_entries
from ivigil.sources.markup import plain_text

NAME = "openalex"
BUDGET_HINT = "the day's budget is spent; a free key (IVIGIL_OPENALEX_API_KEY) raises it"
RETRACTED_HINT = "retracted in OpenAlex's reading"
"""Not PubMed's 'Retracted Publication': the flag is derived, and wrong in both directions."""
_KINDS = {
    "preprint": RecordKind.PREPRINT,
    "book": RecordKind.BOOK,
    "book-chapter": RecordKind.BOOK,
    "reference-entry": RecordKind.BOOK,
    "conference-abstract": RecordKind.CONFERENCE_ABSTRACT,
    "dataset": RecordKind.OTHER,
    "dissertation": RecordKind.OTHER,
    "grant": RecordKind.OTHER,
    "other": RecordKind.OTHER,
    "paratext": RecordKind.OTHER,
    "peer-review": RecordKind.OTHER,
    "software": RecordKind.OTHER,
    "supplementary-materials": RecordKind.OTHER,
}

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """One work: its record, and the ids ("W123") of the works it cites."""

    record: Record
    references: tuple[str, ...]


def parse_works(body: bytes, context: SearchContext | None = None) -> ResultPage:
    """Read one page of a list.

    Raises:
        SourceError: of the class that an error inside a success means.
        MalformedResponse: not JSON, or an answer without a count and a list of results.
    """
    context = context or SearchContext(NAME)
    answer = load_object(body, context)
    if "error" in answer:
        _refuse_error(answer, context)
    meta, results = answer.get("meta"), answer.get("results")
    count = meta.get("count") if isinstance(meta, dict) else None
    if not isinstance(count, int) or not isinstance(results, list):
        raise MalformedResponse(f"an answer without count and results; it holds {sorted(answer)}", context=context)
    read = read_entries(results, _parse_work, name_of=_id_of)
    return ResultPage.of(read, count, (meta or {}).get("next_cursor"))


def parse_work(body: bytes, context: SearchContext | None = None) -> Work:
    """Read the answer to a call for one work.

    Raises:
        MalformedResponse: it is none, or one without its id.
    """
    context = context or SearchContext(NAME)
    entry = load_object(body, context)
    try:
        cited = (short_id(one) for one in entry.get("referenced_works") or ())
        return Work(_parse_work(entry), tuple(one for one in cited if one))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise MalformedResponse(f"a work that cannot be read: {error}", context=context) from None


def _id_of(entry: Any) -> str | None:
    return short_id(entry.get("id")) if isinstance(entry, dict) else None


def _refuse_error(answer: Fields, context: SearchContext) -> None:
    said = f"{answer['error']}: {answer.get('message', '')}"
    if "rate limit" in said.lower():
        raise RateLimited(said, context=context, retry_after=answer.get("retryAfter"), hint=BUDGET_HINT)
    raise QueryRejected(said, context=context, hint="check the strategy in OpenAlex's own syntax")


def short_id(address: object) -> str | None:
    """'W123' of 'https://openalex.org/W123'."""
    name = str(address).rpartition("/")[2] if address else ""
    return name.upper() if name[:1].upper() == "W" and name[1:].isdecimal() else None


def abstract_of(index: Mapping[str, list[int]] | None) -> tuple[AbstractSection, ...]:
    """The abstract from its inverted index: each word with the places it stands at."""
    places = sorted((place, word) for word, found in (index or {}).items() for place in found)
    text = plain_text(" ".join(word for _, word in places))
    return (AbstractSection(text=text),) if text else ()


def reference_of(record: Record) -> Reference:
    """A record as an entry of a reference list."""
    return Reference(
        doi=record.doi,
        pmid=record.pmid,
        title=record.title or None,
        first_author=record.authors[0].name if record.authors else None,
        year=record.year,
        text=record.url,
    )


def _parse_work(entry: Fields) -> Record:
    identifier = short_id(entry.get("id"))
    if identifier is None:
        raise ValueError("a work without an id")
    ids: Fields = entry.get("ids") or {}
    location: Fields = entry.get("primary_location") or {}
    venue: Fields = location.get("source") or {}
    biblio: Fields = entry.get("biblio") or {}
    pages = [text for text in (biblio.get("first_page"), biblio.get("last_page")) if text]
    pmid = str(ids.get("pmid") or "").rstrip("/").rpartition("/")[2]
    kind = str(entry.get("type") or "article")
    return Record(
        source=NAME,
        source_id=identifier,
        kind=_KINDS.get(kind, RecordKind.ARTICLE),
        title=plain_text(entry.get("display_name") or entry.get("title") or ""),
        abstract=abstract_of(entry.get("abstract_inverted_index")),
        authors=tuple(_authors_of(entry)),
        journal=venue.get("display_name"),
        issns=tuple(venue.get("issn") or ()),
        volume=biblio.get("volume"),
        issue=biblio.get("issue"),
        pages="-".join(dict.fromkeys(pages)) or None,
        publisher=venue.get("host_organization_name"),
        published=published(entry.get("publication_date"), entry.get("publication_year")),
        entered=iso_day(entry.get("created_date")),
        languages=read_languages([entry["language"]]) if entry.get("language") else (),
        publication_types=(kind, *((RETRACTED_HINT,) if entry.get("is_retracted") else ())),
        mesh=tuple(_mesh_of(entry)),
        pmid=pmid if pmid.isdecimal() else None,
        doi=clean_doi(entry.get("doi")),
        pmcid=_pmcid(ids.get("pmcid")),
        url=f"https://openalex.org/{identifier}",
    )


def published(day: str | None, year: int | None) -> PartialDate | None:
    """The publication date; the first of January is what stands where only the year is known."""
    exact = iso_day(day)
    if exact is None:
        return partial_date(str(year)) if year else None
    if (exact.month, exact.day) == (1, 1):
        return PartialDate(year=exact.year)
    return PartialDate(year=exact.year, month=exact.month, day=exact.day)


def _pmcid(address: str | None) -> str | None:
    number = (address or "").rstrip("/").rpartition("/")[2].upper().removeprefix("PMC")
    return f"PMC{number}" if number.isdecimal() else None


def _authors_of(entry: Fields) -> Iterator[Author]:
    for place in entry.get("authorships") or ():
        person: Fields = place.get("author") or {}
        author = read_author(place.get("raw_author_name") or person.get("display_name") or "", given_first=True)
        if author is not None:
            affiliations = tuple(plain_text(text) for text in place.get("raw_affiliation_strings") or () if text)
            yield author.model_copy(update={"orcid": clean_orcid(person.get("orcid")), "affiliations": affiliations})


def _mesh_of(entry: Fields) -> Iterator[MeshHeading]:
    """Headings come one qualifier at a time."""
    grouped: dict[str, list[Fields]] = {}
    for heading in entry.get("mesh") or ():
        grouped.setdefault(heading["descriptor_name"], []).append(heading)
    for name, rows in grouped.items():
        yield MeshHeading(
            descriptor=name,
            ui=rows[0].get("descriptor_ui") or None,
            major=any(row.get("is_major_topic") for row in rows),
            qualifiers=tuple(row["qualifier_name"] for row in rows if row.get("qualifier_name")),
        )
