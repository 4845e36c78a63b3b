"""Web of Science Starter answers (JSON) to records. They never hold an abstract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ivigil.errors import MalformedResponse, SearchContext
from ivigil.records import Author, PartialDate, Record, RecordKind
from ivigil.sources.dates import partial_date, text_date
from ivigil.sources.identifiers import clean_doi
from ivigil.sources.json_answers import load_object
from ivigil.sources.listing import read_entries
from ivigil.sources.markup import plain_text

NAME = "wos"
_SEASONS = {"SPR": "Spring", "SUM": "Summer", "FAL": "Fall", "WIN": "Winter"}
NOTHING_FOUND = b"no record found"

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class DocumentPage:
    """One page of a search."""

    total: int
    records: tuple[Record, ...]
    rejected: tuple[tuple[str, str], ...]


def parse_documents(body: bytes, context: SearchContext | None = None) -> DocumentPage:
    """Read one page of `/documents`.

    Raises:
        MalformedResponse: not JSON, or without a total and a list of hits.
    """
    context = context or SearchContext(NAME)
    answer = load_object(body, context)
    total, hits = (answer.get("metadata") or {}).get("total"), answer.get("hits")
    if not isinstance(total, int) or not isinstance(hits, list):
        raise MalformedResponse(f"an answer without total and hits; it holds {sorted(answer)}", context=context)
    read = read_entries(hits, _parse_hit, name_of=_uid_of)
    return DocumentPage(total, read.records, read.rejected)


def _uid_of(hit: Any) -> str | None:
    return hit.get("uid") if isinstance(hit, dict) else None


def says_nothing_found(body: bytes) -> bool:
    """Whether the body of a 404 is the service's way to say zero hits."""
    return NOTHING_FOUND in body.lower()


def _parse_hit(hit: Fields) -> Record:
    identifier = hit["uid"]
    source: Fields = hit.get("source") or {}
    ids: Fields = hit.get("identifiers") or {}
    pages: Fields = source.get("pages") or {}
    types = tuple(dict.fromkeys([*(hit.get("sourceTypes") or []), *(hit.get("types") or [])]))
    return Record(
        source=NAME,
        source_id=identifier,
        kind=_kind_of(identifier, types),
        title=plain_text(hit.get("title") or ""),
        authors=tuple(_authors_of(hit)),
        journal=source.get("sourceTitle"),
        issns=tuple(dict.fromkeys(text for key in ("issn", "eissn") if (text := ids.get(key)))),
        volume=source.get("volume") or None,
        issue=source.get("issue") or None,
        pages=pages.get("range") or source.get("articleNumber") or None,
        published=_published(source),
        publication_types=types,
        keywords=tuple(plain_text(word) for word in (hit.get("keywords") or {}).get("authorKeywords") or [] if word),
        pmid=_pmid(ids.get("pmid")),
        doi=clean_doi(ids.get("doi")),
        other_ids=tuple(("isbn", text) for key in ("isbn", "eisbn") if (text := ids.get(key))),
        url=(hit.get("links") or {}).get("record"),
    )


def _kind_of(identifier: str, types: tuple[str, ...]) -> RecordKind:
    names = {name.lower() for name in types}
    if identifier.startswith("PPRN:") or "preprint" in names:
        return RecordKind.PREPRINT
    if "meeting abstract" in names or "meeting-abstract" in names:
        return RecordKind.CONFERENCE_ABSTRACT
    return RecordKind.BOOK if names & {"book", "book chapter"} else RecordKind.ARTICLE


def _authors_of(hit: Fields) -> Iterator[Author]:
    """Authors by their whole name, else by the standard one ("Surname, AB"); either may be missing."""
    for person in (hit.get("names") or {}).get("authors") or []:
        name = person.get("displayName") or person.get("wosStandard")
        if not name:
            continue
        family, _, given = name.partition(",")
        initials = (person.get("wosStandard") or "").partition(",")[2].strip()
        yield Author(last_name=family.strip(), fore_name=given.strip() or None, initials=initials or None)


def _published(source: Fields) -> PartialDate | None:
    """Year and month; the month may be a day too, a season or a range ("NOV", "NOV 15", "SPR", "JAN-FEB")."""
    year = source.get("publishYear")
    if not year:
        return None
    said = str(source.get("publishMonth") or "")
    month = _SEASONS.get(said, said.title())
    return text_date(f"{year} {month}".strip()) or partial_date(str(year))


def _pmid(text: str | None) -> str | None:
    number = (text or "").rpartition(":")[2].strip()
    return number if number.isdecimal() else None
