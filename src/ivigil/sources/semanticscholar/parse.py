"""Semantic Scholar papers (JSON) to records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ivigil.errors import MalformedResponse, SearchContext
from ivigil.records import AbstractSection, PartialDate, Record, RecordKind
from ivigil.sources.dates import iso_day, partial_date
from ivigil.sources.files.names import read_author
from ivigil.sources.identifiers import clean_doi
from ivigil.sources.json_answers import load_object, why_unreadable
from ivigil.sources.listing import ResultPage, read_entries
from ivigil.sources.markup import plain_text

NAME = "semanticscholar"
_KINDS = {"Book": RecordKind.BOOK, "BookSection": RecordKind.BOOK, "Dataset": RecordKind.OTHER}

Fields = Mapping[str, Any]


def parse_total(body: bytes, context: SearchContext | None = None) -> int:
    """The stated number of hits, which is approximate.

    Raises:
        MalformedResponse: the answer states none.
    """
    context = context or SearchContext(NAME)
    total = load_object(body, context).get("total")
    if not isinstance(total, int):
        raise MalformedResponse("an answer without a total", context=context)
    return total


def parse_results(body: bytes, context: SearchContext | None = None) -> ResultPage:
    """Read one page of a bulk search; `cursor` is the token of the next one.

    Raises:
        MalformedResponse: no total; hits without data (only a total of zero may come so); or papers without their
            CorpusId, which is asked for: they come from another question.
    """
    context = context or SearchContext(NAME)
    answer = load_object(body, context)
    total, data = parse_total(body, context), answer.get("data", [])
    if not isinstance(data, list) or (total and "data" not in answer):
        raise MalformedResponse(f"{total} hits and no data; it holds {sorted(answer)}", context=context)
    return read_papers(data, total, answer.get("token"), context)


def parse_citations(body: bytes, context: SearchContext) -> tuple[ResultPage, int | None]:
    """Read one page of what cites a paper, and the offset of the next; its count is the number of papers on it.

    Raises:
        MalformedResponse: it is no such page.
    """
    answer = load_object(body, context)
    data, following = answer.get("data"), answer.get("next")
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise MalformedResponse(f"citations without data; it holds {sorted(answer)}", context=context)
    papers = [one["citingPaper"] for one in data if (one.get("citingPaper") or {}).get("paperId")]
    return read_papers(papers, len(papers), None, context), following if isinstance(following, int) else None


def parse_match(body: bytes, context: SearchContext) -> ResultPage:
    """Read the answer to a title: the paper whose title is nearest.

    Raises:
        MalformedResponse: it is none.
    """
    data = load_object(body, context).get("data")
    if not isinstance(data, list):
        raise MalformedResponse("a match without data", context=context)
    return read_papers(data, len(data), None, context)


def parse_papers(body: bytes, asked: int, context: SearchContext | None = None) -> tuple[Record | None, ...]:
    """Read a batch: the papers in the order they were asked for, None for those that are not held.

    Raises:
        MalformedResponse: it is no list of as many papers as were asked for, or one of them cannot be read.
    """
    context = context or SearchContext(NAME)
    try:
        found = json.loads(body)
    except ValueError as error:
        raise MalformedResponse(f"not JSON, or cut short ({error})", context=context) from None
    if not isinstance(found, list) or len(found) != asked:
        raise MalformedResponse(f"a batch that is no list of {asked} papers", context=context)
    try:
        return tuple(_parse_paper(one) if one is not None else None for one in found)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise MalformedResponse(f"a paper that cannot be read: {why_unreadable(error)}", context=context) from None


def read_papers(data: list[Any], total: int, token: str | None, context: SearchContext) -> ResultPage:
    """Papers as a page; one that cannot be read is rejected alone.

    Raises:
        MalformedResponse: none has its CorpusId.
    """
    read = read_entries(data, _parse_paper, name_of=_corpus_id)
    if read.ids and all(one.startswith("#") for one in read.ids):
        raise MalformedResponse("papers without the fields that were asked for", context=context)
    return ResultPage.of(read, total, token or None)


def _corpus_id(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return None
    number = entry.get("corpusId") or (entry.get("externalIds") or {}).get("CorpusId")
    return str(number) if number else None


def _parse_paper(entry: Fields) -> Record:
    number = _corpus_id(entry)
    if number is None:
        raise ValueError("a paper without a CorpusId")
    ids: Fields = entry.get("externalIds") or {}
    journal: Fields = entry.get("journal") or {}
    venue: Fields = entry.get("publicationVenue") or {}
    abstract = plain_text(entry.get("abstract") or "")
    types = tuple(entry.get("publicationTypes") or ())
    pmcid = str(ids.get("PubMedCentral") or "").upper().removeprefix("PMC")
    return Record(
        source=NAME,
        source_id=number,
        kind=next((_KINDS[name] for name in types if name in _KINDS), _article_or_preprint(ids, venue)),
        title=plain_text(entry.get("title") or ""),
        abstract=(AbstractSection(text=abstract),) if abstract else (),
        authors=tuple(
            author
            for one in entry.get("authors") or ()
            if (author := read_author(one.get("name") or "", given_first=True)) is not None
        ),
        journal=journal.get("name") or venue.get("name") or entry.get("venue") or None,
        issns=tuple(dict.fromkeys(_issns_of(venue))),
        volume=journal.get("volume") or None,
        pages=" ".join((journal.get("pages") or "").split()) or None,
        published=_published(entry),
        publication_types=types,
        pmid=str(ids["PubMed"]) if ids.get("PubMed") else None,
        doi=clean_doi(ids.get("DOI")),
        pmcid=f"PMC{pmcid}" if pmcid else None,
        other_ids=(("ArXiv", str(ids["ArXiv"])),) if ids.get("ArXiv") else (),
        url=f"https://api.semanticscholar.org/CorpusID:{number}",
    )


def _article_or_preprint(ids: Fields, venue: Fields) -> RecordKind:
    """A paper of which only a preprint server is named is a preprint."""
    server = str(venue.get("name") or "").lower()
    only_there = not ids.get("PubMed") and not ids.get("PubMedCentral")
    named = any(name in server for name in ("arxiv", "medrxiv", "biorxiv", "preprint", "ssrn", "research square"))
    return RecordKind.PREPRINT if only_there and named else RecordKind.ARTICLE


def _issns_of(venue: Fields) -> Iterator[str]:
    for number in (venue.get("issn"), *(venue.get("alternate_issns") or ())):
        if number:
            yield str(number)


def _published(entry: Fields) -> PartialDate | None:
    exact = iso_day(entry.get("publicationDate"))
    if exact is not None:
        return PartialDate(year=exact.year, month=exact.month, day=exact.day)
    return partial_date(str(entry["year"])) if entry.get("year") else None
