"""Embase answers (JSON) to records. The shape is that of code which read them; any level of it may be missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ivigil.errors import MalformedResponse, SearchContext, TransportError
from ivigil.records import AbstractSection, Author, Record
from ivigil.sources.dates import partial_date
from ivigil.sources.identifiers import clean_doi
from ivigil.sources.json_answers import load_object
from ivigil.sources.listing import read_entries
from ivigil.sources.markup import plain_text

NAME = "embase"

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class ResultPage:
    """One page of a search."""

    total: int
    records: tuple[Record, ...]
    rejected: tuple[tuple[str, str], ...]


def parse_results(body: bytes, context: SearchContext | None = None) -> ResultPage:
    """Read one page of results.

    Raises:
        TransportError: not JSON: an overloaded server answers 200 with anything, so it is asked again.
        MalformedResponse: no count of hits, or hits without a list of them.
    """
    context = context or SearchContext(NAME)
    try:
        answer = load_object(body, context)
    except MalformedResponse as error:
        raise TransportError(str(error), context=context, hint="the server may be overloaded; try later") from None
    hits = (answer.get("header") or {}).get("hits")
    if not str(hits).isdecimal():
        raise MalformedResponse(f"an answer without a count of hits; it holds {sorted(answer)}", context=context)
    total, entries = int(str(hits)), answer.get("results")
    if total and not isinstance(entries, list):
        raise MalformedResponse(f"{total} hits, and no list of them", context=context)
    read = read_entries(entries or [], _parse_entry)
    return ResultPage(total, read.records, read.rejected)


def _parse_entry(entry: Fields) -> Record:
    ids: Fields = (entry.get("itemInfo") or {}).get("itemIdList") or {}
    head: Fields = entry.get("head") or {}
    source: Fields = head.get("source") or {}
    identifier = ids.get("lui") or ids.get("pui")
    if not identifier:
        raise ValueError("an entry without LUI and PUI")
    identifier = identifier if str(identifier).startswith("L") else f"L{identifier}"
    return Record(
        source=NAME,
        source_id=identifier,
        title=plain_text(_first((head.get("citationTitle") or {}).get("titleText"), "ttltext") or ""),
        abstract=tuple(_sections(head)),
        authors=tuple(_authors_of(head)),
        journal=_first(source.get("sourceTitle")),
        journal_abbreviation=_first(source.get("sourceTitleAbbrev")),
        published=partial_date(str(source.get("publicationYear") or "")),
        pmid=str(ids["medl"]) if ids.get("medl") else None,
        doi=clean_doi(ids.get("doi")),
        other_ids=(("pui", str(ids["pui"])),) if ids.get("pui") else (),
        url=f"https://www.embase.com/records?id={identifier}",
    )


def _first(values: Any, key: str = "") -> str | None:
    """The first text of a list of texts, or of objects that hold it under a key; a bare text stands for itself."""
    if isinstance(values, list):
        values = values[0] if values else None
    if isinstance(values, dict):
        values = values.get(key)
    return values if isinstance(values, str) and values else None


def _sections(head: Fields) -> Iterator[AbstractSection]:
    for abstract in (head.get("abstracts") or {}).get("abstracts") or []:
        for part in abstract.get("paras") or []:
            if text := plain_text(part):
                yield AbstractSection(text=text)


def _authors_of(head: Fields) -> Iterator[Author]:
    for person in (head.get("authorList") or {}).get("authors") or []:
        if person.get("surname"):
            initials = (person.get("initials") or "").replace(".", "").replace(" ", "")
            yield Author(last_name=person["surname"], initials=initials or None)
