"""Crossref works (JSON) to records, reference lists, and what updates what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ivigil.errors import MalformedResponse, QueryRejected, SearchContext
from ivigil.records import AbstractSection, Author, PartialDate, Record, RecordKind, Relation
from ivigil.sources.base import Reference
from ivigil.sources.dates import iso_day, partial_date
from ivigil.sources.files.languages import read_languages
from ivigil.sources.identifiers import clean_doi, clean_orcid, clean_registry_id
from ivigil.sources.json_answers import load_object
from ivigil.sources.listing import ResultPage, read_entries
from ivigil.sources.markup import labelled_sections, plain_text

NAME = "crossref"
_KINDS = {
    "posted-content": RecordKind.PREPRINT,
    "book": RecordKind.BOOK,
    "book-chapter": RecordKind.BOOK,
    "book-section": RecordKind.BOOK,
    "edited-book": RecordKind.BOOK,
    "monograph": RecordKind.BOOK,
    "reference-book": RecordKind.BOOK,
    "reference-entry": RecordKind.BOOK,
    "component": RecordKind.OTHER,
    "dataset": RecordKind.OTHER,
    "dissertation": RecordKind.OTHER,
    "grant": RecordKind.OTHER,
    "other": RecordKind.OTHER,
    "peer-review": RecordKind.OTHER,
    "report": RecordKind.OTHER,
}
_UPDATES = {
    # Crossref's types of updates, as PubMed names the relation: to the notice, and from it.
    "retraction": ("RetractionIn", "RetractionOf"),
    "withdrawal": ("RetractionIn", "RetractionOf"),
    "removal": ("RetractionIn", "RetractionOf"),
    "partial_retraction": ("PartialRetractionIn", "PartialRetractionOf"),
    "expression_of_concern": ("ExpressionOfConcernIn", "ExpressionOfConcernFor"),
    "correction": ("ErratumIn", "ErratumFor"),
    "corrigendum": ("ErratumIn", "ErratumFor"),
    "erratum": ("ErratumIn", "ErratumFor"),
    "reinstatement": ("ReinstatementIn", "ReinstatementOf"),
}
_OTHER_UPDATE = ("UpdateIn", "UpdateOf")
_KINSHIP = {"is-preprint-of": "PreprintOf", "has-preprint": "PreprintIn"}
_TITLE = re.compile(r"<(/?)jats:title(?:\s[^<>]*)?>", re.IGNORECASE)
_ESCAPED_TAG = re.compile(r"&lt;(?=/?(?:jats:)?[a-z]+(?:\s[^<>&]*)?/?&gt;)", re.IGNORECASE)

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """One work and its reference list; empty where its publisher deposited none."""

    record: Record
    references: tuple[Reference, ...]


def parse_works(body: bytes, context: SearchContext | None = None) -> ResultPage:
    """Read one page of a list.

    Raises:
        QueryRejected: the answer says that it failed.
        MalformedResponse: it is no list of works.
    """
    context = context or SearchContext(NAME)
    message = _message(body, context, "work-list")
    count, items = message.get("total-results"), message.get("items")
    if not isinstance(count, int) or not isinstance(items, list):
        raise MalformedResponse(f"a list without total-results and items: {sorted(message)}", context=context)
    read = read_entries(items, _parse_work, name_of=_doi_of)
    return ResultPage.of(read, count, message.get("next-cursor"))


def parse_work(body: bytes, context: SearchContext | None = None) -> Work:
    """Read the answer to a call for one work; raises as `parse_works` does."""
    context = context or SearchContext(NAME)
    message = _message(body, context, "work")
    try:
        return Work(_parse_work(message), tuple(map(_reference, message.get("reference") or ())))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise MalformedResponse(f"a work that cannot be read: {error}", context=context) from None


def _doi_of(entry: Any) -> str | None:
    return clean_doi(entry.get("DOI")) if isinstance(entry, dict) else None


def _message(body: bytes, context: SearchContext, kind: str) -> dict[str, Any]:
    answer = load_object(body, context)
    message = answer.get("message")
    if answer.get("status") == "failed":
        said = "; ".join(str(one.get("message")) for one in message or () if isinstance(one, dict))
        raise QueryRejected(f"{answer.get('message-type')}: {said}", context=context, hint="check the question")
    if answer.get("message-type", kind) != kind or not isinstance(message, dict):
        raise MalformedResponse(f"{answer.get('message-type')!r} where {kind!r} was asked for", context=context)
    return message


def _parse_work(entry: Fields) -> Record:
    doi = clean_doi(entry.get("DOI"))
    if doi is None:
        raise ValueError("a work without a DOI")
    published, electronic = _dates_of(entry)
    kind = str(entry.get("type") or "journal-article")
    return Record(
        source=NAME,
        source_id=doi,
        kind=_KINDS.get(kind, RecordKind.ARTICLE),
        title=_title_of(entry),
        vernacular_title=_first(entry, "original-title"),
        abstract=jats_sections(entry.get("abstract") or ""),
        authors=tuple(_authors_of(entry)),
        journal=_first(entry, "container-title"),
        journal_abbreviation=_first(entry, "short-container-title"),
        issns=tuple(entry.get("ISSN") or ()),
        volume=entry.get("volume"),
        issue=entry.get("issue"),
        pages=entry.get("page"),
        publisher=entry.get("publisher"),
        published=published,
        electronic=electronic,
        entered=iso_day((entry.get("created") or {}).get("date-time")),
        languages=read_languages([entry["language"]]) if entry.get("language") else (),
        publication_types=(kind, *([entry["subtype"]] if entry.get("subtype") else [])),
        doi=doi,
        registry_ids=tuple(dict.fromkeys(_registrations_of(entry))),
        relations=tuple(_relations_of(entry)),
        url=f"https://doi.org/{doi}",
    )


def _first(entry: Fields, name: str) -> str | None:
    """The first of a field's values, which Crossref always lists."""
    return next((text for value in entry.get(name) or () if (text := plain_text(value or ""))), None)


def _title_of(entry: Fields) -> str:
    title, subtitle = _first(entry, "title") or "", _first(entry, "subtitle")
    return f"{title}: {subtitle}" if subtitle and subtitle.lower() not in title.lower() else title


def jats_sections(text: str) -> tuple[AbstractSection, ...]:
    """An abstract in JATS, cut at its titles; one that was escaped twice is unescaped first."""
    jats = text.replace("&amp;", "&") if "&amp;" in text else text
    jats = _ESCAPED_TAG.sub("<", jats)
    jats = re.sub(r"(<[^<>]*?)&gt;", r"\1>", jats)
    sections = labelled_sections(_TITLE.sub(r"<\1h4>", jats))
    return tuple(
        AbstractSection(text=section.text) if (section.label or "").lower() in {"abstract", "summary"} else section
        for section in sections
        if section.text.lower() not in {"abstract", "summary"}
    )


def _dates_of(entry: Fields) -> tuple[PartialDate | None, PartialDate | None]:
    """The issue's date and that of electronic publication; `issued` is the earlier of the two."""
    electronic = _date(entry, "published-online") or _date(entry, "posted")
    printed = _date(entry, "published-print")
    return printed or (None if electronic else _date(entry, "issued")), electronic


def _date(entry: Fields, name: str) -> PartialDate | None:
    parts = next(iter((entry.get(name) or {}).get("date-parts") or ()), None) or ()
    year, month, day = (*(str(part) if part else None for part in parts[:3]), None, None, None)[:3]
    return partial_date(year.zfill(4) if year else None, month, day)


def _authors_of(entry: Fields) -> Iterator[Author]:
    for person in entry.get("author") or ():
        affiliations = tuple(
            text for one in person.get("affiliation") or () if (text := plain_text(one.get("name") or ""))
        )
        orcid = clean_orcid(person.get("ORCID"))
        if person.get("family"):
            given = person.get("given")
            yield Author(
                last_name=person["family"],
                fore_name=given,
                initials="".join(part[0] for part in re.split(r"[\s.-]+", given or "") if part) or None,
                suffix=person.get("suffix"),
                orcid=orcid,
                affiliations=affiliations,
            )
        elif name := person.get("name") or person.get("given"):
            yield Author(collective=plain_text(name), orcid=orcid, affiliations=affiliations)


def _registrations_of(entry: Fields) -> Iterator[str]:
    for trial in entry.get("clinical-trial-number") or ():
        if number := trial.get("clinical-trial-number"):
            yield clean_registry_id("", number)


def _relations_of(entry: Fields) -> Iterator[Relation]:
    """Updates by type, each notice once: the publisher and Retraction Watch often report the same one."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for name, direction in (("updated-by", 0), ("update-to", 1)):
        for update in entry.get(name) or ():
            kind = str(update.get("type") or "").lower().replace("-", "_")
            relation = _UPDATES.get(kind, _OTHER_UPDATE)[direction]
            note = (kind, update.get("source"), str((update.get("updated") or {}).get("date-time") or "")[:10])
            found.setdefault((relation, clean_doi(update.get("DOI"))), []).append(", ".join(filter(None, note)))
    for (relation, doi), notes in found.items():
        yield Relation(kind=relation, doi=doi, note="; ".join(dict.fromkeys(notes)) or None)
    for name, relation in _KINSHIP.items():
        for other in (entry.get("relation") or {}).get(name) or ():
            if doi := clean_doi(other.get("id")):
                yield Relation(kind=relation, doi=doi)


def _reference(entry: Fields) -> Reference:
    year = re.search(r"\d{4}", str(entry.get("year") or ""))
    title = entry.get("article-title") or entry.get("volume-title") or entry.get("series-title")
    return Reference(
        doi=clean_doi(entry.get("DOI")),
        title=plain_text(title) if title else None,
        first_author=entry.get("author"),
        year=int(year[0]) if year else None,
        text=plain_text(entry["unstructured"]) if entry.get("unstructured") else None,
    )
