"""OpenAlex over the wire: lists of works by filter, and single works by identifier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote

from ivigil.errors import NotEntitled, QueryRejected, SearchContext
from ivigil.records import Record
from ivigil.sources.answer import Answer, refuse_rejected
from ivigil.sources.base import DateField, DocumentIds, Page, Payload, Reference, SearchRequest
from ivigil.sources.identifiers import sort_named_ids
from ivigil.sources.listing import Batch, ResultPage, log_page, names_on, page_of, read_by_cursor, read_whole
from ivigil.sources.openalex import query
from ivigil.sources.openalex.parse import NAME, Work, parse_work, parse_works, reference_of
from ivigil.sources.resolving import answer_page, batches, name_of
from ivigil.sources.session import PoliteSession

BASE_URL = "https://api.openalex.org"
RATE = 5.0
"""Requests a second. Answers of 2025 stated 5; the documented ceiling is above it."""
PAGE_SIZES = (100, 50)
"""Of a first reading, and of a second."""
VALUES_AT_ONCE = 40
"""Values in one filter: 100 are allowed, within an address of 4,096 characters."""

T = TypeVar("T")


class OpenAlex:
    """The OpenAlex client. A key is free and raises the day's budget; it travels in a header."""

    name = NAME

    def __init__(self, session: PoliteSession, *, base_url: str = BASE_URL, api_key: str | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._channel = session.channel(
            NAME,
            rate=RATE,
            secrets=[api_key] if api_key else [],
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
        )

    def harvest(self, request: SearchRequest) -> Iterator[Page]:
        """Yield every hit of the request; see `Source.harvest`.

        A window on entry yields all that the look-back finds (`query.build_filter`), older works again among them, but
        for works created after the window's end: they belong to the next one.
        """
        context = SearchContext(NAME, request.query_hash, (request.window.start, request.window.end))
        wanted = query.build_filter(request, context)

        def belongs(record: Record) -> bool:
            is_later = record.entered is not None and record.entered > request.window.end
            return not (request.date_field is DateField.ENTERED and is_later)

        yield from self._harvest(wanted, context, belongs)

    def count(self, strategy: str) -> int:
        """How many records the whole strategy matches, without any window."""
        context = SearchContext(NAME)
        return self._list(query.strategy_filter(strategy, context), 1, "*", context)[1].hit_count

    def held(self, strategy: str, identifiers: Sequence[str]) -> frozenset[str]:
        """Which of these ("W2741809807", "PMID:23910617", "DOI:10.1000/x") the strategy returns."""
        context = SearchContext(NAME)
        searched = query.strategy_filter(strategy, context)
        found: set[str] = set()
        for which, names in self._named(identifiers, context):
            found |= names_on([self._batch(f"{searched},{which}", context)], names)
        return frozenset(found)

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        """These works, named as for `held`, as OpenAlex has them now; merged and unknown ones are `missing`."""
        context = SearchContext(NAME)
        for number, (which, names) in enumerate(self._named(identifiers, context), start=1):
            page = page_of(which, names, [self._batch(which, context)])
            log_page(context, number, page)
            yield page

    def look_up(self, documents: Sequence[DocumentIds]) -> Iterator[Page]:
        """The records of these documents; see `Resolver.look_up`. Lists by DOI and PMID, single calls by title."""
        context = SearchContext(NAME)
        by_doi = [document for document in documents if document.doi and query.can_be_listed(document.doi)]
        by_pmid = [document for document in documents if document.pmid and not document.doi]
        for batch in (*batches(by_doi, VALUES_AT_ONCE), *batches(by_pmid, VALUES_AT_ONCE)):
            wanted = query.documents_filter(batch)
            payload, found = self._list(wanted, PAGE_SIZES[0], "*", context)
            yield answer_page(wanted, payload, batch, found.records, rejected=len(found.rejected))
        for document in documents:
            if document not in by_doi and document not in by_pmid:
                yield self._look_up_one(document, context)

    def citing(self, document: DocumentIds) -> Iterator[Page]:
        """Every work that cites the document; see `CitationIndex.citing`."""
        context = SearchContext(NAME)
        payload, work = self._work(document, context)
        if work is None:
            yield answer_page(f"cites:{name_of(document)}", payload, [document], ())
            return
        yield from self._harvest(f"cites:{work.record.source_id}", context)

    def references(self, document: DocumentIds) -> tuple[Reference, ...] | None:
        """The works it cites, each looked up; see `ReferenceLists.references`. One that is gone keeps its address."""
        context = SearchContext(NAME)
        _, work = self._work(document, context)
        if work is None:
            return None
        held: dict[str, Record] = {}
        for batch in batches(work.references, VALUES_AT_ONCE):
            _, found = self._list(f"openalex:{'|'.join(batch)}", len(batch), "*", context)
            held |= {record.source_id: record for record in found.records}
        return tuple(
            reference_of(held[one]) if one in held else Reference(text=f"https://openalex.org/{one}")
            for one in work.references
        )

    def _look_up_one(self, document: DocumentIds, context: SearchContext) -> Page:
        if document.doi:
            payload, work = self._work(document, context)
            return answer_page(f"doi:{document.doi}", payload, [document], [work.record] if work else [])
        wanted = query.title_filter(document.title or "")
        payload, found = self._list(wanted, PAGE_SIZES[0], "*", context)
        return answer_page(wanted, payload, [document], found.records)

    def _harvest(
        self, wanted: str, context: SearchContext, belongs: Callable[[Record], bool] = lambda _: True
    ) -> Iterator[Page]:
        def reading(attempt: int) -> Iterator[Batch]:
            return read_by_cursor(
                lambda cursor: self._list(wanted, PAGE_SIZES[attempt], cursor, context), belongs=belongs
            )

        yield from read_whole(wanted, reading, context)

    def _named(self, identifiers: Sequence[str], context: SearchContext) -> Iterator[tuple[str, list[str]]]:
        ids = sort_named_ids(dict.fromkeys(identifiers), query.OWN_ID, context)
        return query.named_filters(ids, VALUES_AT_ONCE)

    def _batch(self, wanted: str, context: SearchContext) -> Batch:
        payload, found = self._list(wanted, PAGE_SIZES[0], "*", context)
        return Batch(payload, found.hit_count, found.records, found.rejected)

    def _list(self, wanted: str, size: int, cursor: str, context: SearchContext) -> tuple[Payload, ResultPage]:
        def read(answer: Answer) -> ResultPage:
            _refuse(answer, context)
            return parse_works(answer.body, context)

        params = {"filter": wanted, "per-page": str(size), "cursor": cursor}
        return self._get("works", params, context, read)

    def _work(self, document: DocumentIds, context: SearchContext) -> tuple[Payload, Work | None]:
        """The work of a DOI, else of a PMID; such calls are free. None where it is not held, or was merged away."""

        def read(answer: Answer) -> Work | None:
            if answer.status == 404:
                return None
            _refuse(answer, context)
            return parse_work(answer.body, context)

        if not document.doi and not document.pmid:
            raise QueryRejected("a work is asked for by DOI or PMID", context=context)
        name = f"doi:{document.doi}" if document.doi else f"pmid:{document.pmid}"
        return self._get(f"works/{quote(name, safe=':')}", {}, context, read)

    def _get(
        self, endpoint: str, params: dict[str, str], context: SearchContext, read: Callable[[Answer], T]
    ) -> tuple[Payload, T]:
        answer, value = self._channel.get(f"{self._base_url}/{endpoint}", params, context=context, read=read)
        return answer.payload, value


def _refuse(answer: Answer, context: SearchContext) -> None:
    """Raise for a 4xx. Older builds answered 403 to a question they could not read."""
    if answer.status == 403 and b"query parameters" in answer.body:
        raise QueryRejected(f"answered 403: {answer.excerpt()}", context=context, hint="check the strategy")
    if answer.status == 401:
        raise NotEntitled(f"answered 401: {answer.excerpt()}", context=context, hint="check IVIGIL_OPENALEX_API_KEY")
    refuse_rejected(answer, context)
