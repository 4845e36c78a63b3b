"""Europe PMC search answers (JSON, core) to records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ivigil.errors import MalformedResponse, QueryRejected, SearchContext, TransportError
from ivigil.records import Author, MeshHeading, PartialDate, Record, RecordKind, Relation
from ivigil.sources.dates import iso_day, partial_date, text_date
from ivigil.sources.identifiers import clean_doi, clean_orcid, doi_in_text
from ivigil.sources.listing import ResultPage, read_entries
from ivigil.sources.markup import labelled_sections, plain_text

NAME = "europepmc"
_OTHER_SOURCES = frozenset({"PAT", "ETH", "HIR", "CTX", "AGR", "CBA"})
_OUT_OF_ORDER = re.compile(r"unavailable|not available|maintenance|internal error", re.IGNORECASE)

Fields = Mapping[str, Any]


def parse_search(body: bytes, context: SearchContext | None = None, *, result_type: str = "core") -> ResultPage:
    """Read one page of results.

    Raises:
        QueryRejected: an errCode inside a success.
        TransportError: a notice that the service is out of order.
        MalformedResponse: not JSON; no hitCount or no list (an unknown cursor is answered with a version alone); or
            results of another type than asked for, which would lack abstracts without a word.
    """
    context = context or SearchContext(NAME)
    answer = _answer(body, context)
    count, results = answer.get("hitCount"), (answer.get("resultList") or {}).get("result")
    if not isinstance(count, int) or not isinstance(results, list):
        raise MalformedResponse(f"an answer without hitCount and results; it holds {sorted(answer)}", context=context)
    given = (answer.get("request") or {}).get("resultType", result_type)
    if given != result_type:
        raise MalformedResponse(f"results of type {given!r} where {result_type!r} was asked for", context=context)
    read = read_entries(results, _parse_result, name_of=_identifier_of)
    return ResultPage.of(read, count, answer.get("nextCursorMark"))


def parse_citations(body: bytes, context: SearchContext | None = None) -> tuple[int, tuple[str, ...]]:
    """Read one page of what cites an article: how many do, and the ids ("SRC/id") on this page.

    Raises:
        SourceError: as `parse_search`.
    """
    context = context or SearchContext(NAME)
    answer = _answer(body, context)
    count, cited_by = answer.get("hitCount"), (answer.get("citationList") or {}).get("citation")
    if not isinstance(count, int) or not isinstance(cited_by, list):
        raise MalformedResponse(f"citations without hitCount and list; it holds {sorted(answer)}", context=context)
    return count, tuple(_identifier_of(entry) or f"#{place}" for place, entry in enumerate(cited_by, start=1))


def _answer(body: bytes, context: SearchContext) -> dict[str, Any]:
    """An answer that is no error."""
    answer = _load(body, context)
    if "errCode" in answer:
        said = f"error {answer['errCode']}: {answer.get('errMsg', '')}"
        if _OUT_OF_ORDER.search(said):
            raise TransportError(said, context=context, hint="try again later")
        raise QueryRejected(said, context=context, hint="check the strategy in Europe PMC's own syntax")
    return answer


def _load(body: bytes, context: SearchContext) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError as error:
        start = " ".join(body[:400].decode("utf-8", "replace").split())[:120]
        if _OUT_OF_ORDER.search(start):
            raise TransportError(start, context=context, hint="try again later") from None
        raise MalformedResponse(f"not JSON ({error}); it begins: {start!r}", context=context) from None
    if not isinstance(answer, dict):
        raise MalformedResponse("JSON that is not an object", context=context)
    return answer


def _identifier_of(entry: Any) -> str | None:
    if isinstance(entry, dict) and entry.get("source") and entry.get("id"):
        return f"{entry['source']}/{entry['id']}"
    return None


def _parse_result(entry: Fields) -> Record:
    identifier = _identifier_of(entry)
    if identifier is None:
        raise ValueError("a result without source and id")
    info: Fields = entry.get("journalInfo") or {}
    journal: Fields = info.get("journal") or {}
    details: Fields = entry.get("bookOrReportDetails") or {}
    published, electronic = _dates_of(entry, info)
    issns = (text.strip() for text in (journal.get("issn"), journal.get("essn")) if text)
    return Record(
        source=NAME,
        source_id=identifier,
        version=str(entry.get("versionNumber") or "1"),
        kind=_kind_of(entry),
        title=plain_text(entry.get("title") or ""),
        abstract=labelled_sections(entry.get("abstractText") or ""),
        authors=tuple(_authors_of(entry)),
        journal=journal.get("title") or entry.get("journalTitle"),
        journal_abbreviation=journal.get("isoabbreviation") or journal.get("medlineAbbreviation"),
        issns=tuple(dict.fromkeys(issns)),
        volume=info.get("volume"),
        issue=info.get("issue"),
        pages=entry.get("pageInfo"),
        publisher=details.get("publisher"),
        published=published,
        electronic=electronic,
        entered=iso_day(entry.get("dateOfCreation")) or iso_day(entry.get("firstIndexDate")),
        revised=iso_day(entry.get("dateOfRevision")),
        languages=tuple(part.strip().lower() for part in (entry.get("language") or "").split(",") if part.strip()),
        publication_types=tuple(_listed(entry, "pubTypeList", "pubType")),
        mesh=tuple(_mesh_of(entry)),
        keywords=tuple(plain_text(word) for word in _listed(entry, "keywordList", "keyword")),
        pmid=entry.get("pmid"),
        doi=clean_doi(entry.get("doi")),
        pmcid=entry.get("pmcid"),
        other_ids=(("manuscript", entry["manuscriptId"]),) if entry.get("manuscriptId") else (),
        relations=tuple(_relations_of(entry)),
        url=f"https://europepmc.org/article/{identifier}",
    )


def _listed(entry: Fields, outer: str, inner: str) -> list[Any]:
    """Europe PMC wraps each list in an object with one field."""
    return (entry.get(outer) or {}).get(inner) or []


def _kind_of(entry: Fields) -> RecordKind:
    types = {str(name).lower() for name in _listed(entry, "pubTypeList", "pubType")}
    if entry["source"] == "PPR" or "preprint" in types:
        return RecordKind.PREPRINT
    if entry["source"] == "NBK" or "book" in types or "book-chapter" in types:
        return RecordKind.BOOK
    if types & {"conference abstract", "meeting abstract"}:
        return RecordKind.CONFERENCE_ABSTRACT
    return RecordKind.OTHER if entry["source"] in _OTHER_SOURCES else RecordKind.ARTICLE


def _dates_of(entry: Fields, info: Fields) -> tuple[PartialDate | None, PartialDate | None]:
    """Date of the issue and of electronic publication.

    The words of the issue's date are read, because its ISO twin invents a first of the month.
    """
    published = text_date(info.get("dateOfPublication") or "")
    if published is None and info.get("yearOfPublication"):
        published = partial_date(str(info["yearOfPublication"]), str(info.get("monthOfPublication") or "") or None)
    electronic = iso_day(entry.get("electronicPublicationDate"))
    if electronic is None and published is None:  # a preprint has but its first posting
        electronic = iso_day(entry.get("firstPublicationDate"))
    if published is None and electronic is None:
        published = text_date(entry.get("pubYear") or "")
    exact = PartialDate(year=electronic.year, month=electronic.month, day=electronic.day) if electronic else None
    return published, exact


def _authors_of(entry: Fields) -> Iterator[Author]:
    for person in _listed(entry, "authorList", "author"):
        affiliations = [
            text
            for one in _listed(person, "authorAffiliationDetailsList", "authorAffiliation")
            if (text := plain_text(one.get("affiliation") or ""))
        ]
        identity = person.get("authorId") or {}
        orcid = clean_orcid(identity.get("value")) if identity.get("type") == "ORCID" else None
        if group := person.get("collectiveName"):
            yield Author(collective=plain_text(group), orcid=orcid, affiliations=tuple(affiliations))
        elif person.get("lastName") or person.get("fullName"):
            yield Author(
                last_name=person.get("lastName") or person.get("fullName"),
                fore_name=person.get("firstName"),
                initials=person.get("initials"),
                orcid=orcid,
                affiliations=tuple(affiliations),
            )


def _mesh_of(entry: Fields) -> Iterator[MeshHeading]:
    for heading in _listed(entry, "meshHeadingList", "meshHeading"):
        qualifiers = _listed(heading, "meshQualifierList", "meshQualifier")
        yield MeshHeading(
            descriptor=heading["descriptorName"],
            major=any(one.get("majorTopic_YN") == "Y" for one in (heading, *qualifiers)),
            qualifiers=tuple(one["qualifierName"] for one in qualifiers),
        )


def _relations_of(entry: Fields) -> Iterator[Relation]:
    """Comments and corrections, named as PubMed names them: 'Retraction in' is RetractionIn."""
    for link in _listed(entry, "commentCorrectionList", "commentCorrection"):
        reference, number = link.get("reference"), link.get("id")
        is_medline = link.get("source") == "MED"
        place = None if is_medline or not number else f"{link.get('source')}/{number}"
        yield Relation(
            kind="".join(word[:1].upper() + word[1:] for word in str(link.get("type") or "Unspecified").split()),
            pmid=number if is_medline else None,
            doi=doi_in_text(reference),
            note="; ".join(part for part in (reference, link.get("note"), place) if part) or None,
        )
