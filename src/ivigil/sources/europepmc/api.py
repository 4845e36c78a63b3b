"""Europe PMC over the wire: the search call, and the harvest made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count as counting
from urllib.parse import urlencode

from ivigil.errors import IncompleteSearch, QueryRejected, SearchContext
from ivigil.sources.answer import Answer, refuse_rejected
from ivigil.sources.base import DocumentIds, Page, Payload, SearchRequest
from ivigil.sources.europepmc import query
from ivigil.sources.europepmc.parse import NAME, parse_citations, parse_search
from ivigil.sources.listing import Batch, ResultPage, log_page, read_by_cursor, read_whole
from ivigil.sources.resolving import answer_page, batches, name_of
from ivigil.sources.session import PoliteSession

BASE_URL = "https://www.ebi.ac.uk/europepmc/webservices/rest"
RATE = 5.0
"""Requests a second. No limit is published; this is half of what users report to be tolerated."""
PAGE_SIZES = (200, 100)
"""Of a first reading, and of a second."""
IDENTIFIERS_AT_ONCE = 20
DOCUMENTS_AT_ONCE = 10
"""A query of 25 DOIs has been answered with a time-out."""
CITATIONS_AT_ONCE = 500
LONGEST_GET = 1_500


class EuropePMC:
    """The Europe PMC client. It needs no key; `email` goes with every call, as the service asks."""

    name = NAME

    def __init__(self, session: PoliteSession, *, base_url: str = BASE_URL, email: str | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._channel = session.channel(NAME, rate=RATE)
        self._who = {"email": email} if email else {}

    def harvest(self, request: SearchRequest) -> Iterator[Page]:
        """Yield every hit of the request; see `Source.harvest`. The index is live, so it is read twice if need be."""
        context = SearchContext(NAME, request.query_hash, (request.window.start, request.window.end))
        term = query.build_query(request)

        def reading(attempt: int) -> Iterator[Batch]:
            return read_by_cursor(lambda cursor: self._search(term, PAGE_SIZES[attempt], cursor, context))

        yield from read_whole(term, reading, context)

    def count(self, strategy: str) -> int:
        """How many records the whole strategy matches, without any window."""
        return self._search(strategy, 1, "*", SearchContext(NAME), "idlist")[1].hit_count

    def held(self, strategy: str, identifiers: Sequence[str]) -> frozenset[str]:
        """Which of these ids ("MED/23910617") the strategy returns."""
        context = SearchContext(NAME)
        found: set[str] = set()
        for batch in _batches(identifiers, context):
            term = query.restrict_to(strategy, batch)
            found.update(self._search(term, PAGE_SIZES[0], "*", context, "idlist")[1].ids)
        return frozenset(found.intersection(identifiers))

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        """The records of these ids ("MED/23910617") as Europe PMC has them now; unknown ones are `missing`."""
        context = SearchContext(NAME)
        for number, batch in enumerate(_batches(identifiers, context), start=1):
            payload, found = self._search(query.identifiers_query(batch), PAGE_SIZES[0], "*", context)
            came = set(found.ids)
            page = Page(
                query=query.identifiers_query(batch),
                reported=len(batch),
                records=tuple(record for record in found.records if record.source_id in batch),
                payload=payload,
                missing=tuple(one for one in batch if one not in came),
                rejected=tuple((name, why) for name, why in found.rejected if name in batch),
            )
            log_page(context, number, page)
            yield page

    def look_up(self, documents: Sequence[DocumentIds]) -> Iterator[Page]:
        """The records of these documents; see `Resolver.look_up`. A document may have several (MED, PMC, PPR)."""
        context = SearchContext(NAME)
        named = [document for document in documents if document.doi or document.pmid]
        titled = [document for document in documents if document not in named and document.title]
        for batch in (*batches(named, DOCUMENTS_AT_ONCE), *([document] for document in titled)):
            by_title = batch[0] in titled
            term = query.title_query(batch[0].title or "") if by_title else query.documents_query(batch)
            payload, found = self._search(term, PAGE_SIZES[0], "*", context)
            yield answer_page(term, payload, batch, found.records, rejected=len(found.rejected))

    def citing(self, document: DocumentIds) -> Iterator[Page]:
        """Every record that cites the document; see `CitationIndex.citing`.

        The list of citations names records only; they are fetched by their ids.
        """
        context = SearchContext(NAME)
        payload, article = self._article_of(document, context)
        if article is None:
            yield answer_page(f"citations of {name_of(document)}", payload, [document], ())
            return
        found: list[str] = []
        for number in counting(1):
            payload, count, ids = self._citations(article, number, context)
            found += ids
            if len(found) >= count or not ids:
                break
        if len(found) < count:
            raise IncompleteSearch(
                f"{len(found)} of {count} citations came", context=context, reported=count, fetched=len(found)
            )
        unnamed = tuple(one for one in found if not query.is_identifier(one))
        yield Page(f"citations of {article}", reported=len(unnamed), records=(), payload=payload, missing=unnamed)
        yield from self.fetch([one for one in found if one not in unnamed])

    def _article_of(self, document: DocumentIds, context: SearchContext) -> tuple[Payload, str | None]:
        """The document's id ("MED/23910617"), PubMed's record before others; None where there is none."""
        if not document.doi and not document.pmid:
            raise QueryRejected("citations are asked for by DOI or PMID", context=context)
        payload, found = self._search(query.documents_query([document]), PAGE_SIZES[0], "*", context, "idlist")
        ids = sorted(found.ids, key=lambda one: not one.startswith("MED/"))
        return payload, next(iter(ids), None)

    def _citations(self, article: str, page: int, context: SearchContext) -> tuple[Payload, int, tuple[str, ...]]:
        def read(answer: Answer) -> tuple[int, tuple[str, ...]]:
            refuse_rejected(answer, context)
            return parse_citations(answer.body, context)

        params = {"format": "json", "page": str(page), "pageSize": str(CITATIONS_AT_ONCE)} | self._who
        address = f"{self._base_url}/{article}/citations"
        answer, (count, ids) = self._channel.get(address, params, context=context, read=read)
        return answer.payload, count, ids

    def _search(
        self, term: str, size: int, cursor: str, context: SearchContext, result_type: str = "core"
    ) -> tuple[Payload, ResultPage]:
        def read(answer: Answer) -> ResultPage:
            refuse_rejected(answer, context)
            return parse_search(answer.body, context, result_type=result_type)

        form = {
            "query": term,
            "resultType": result_type,
            "format": "json",
            "pageSize": str(size),
            "cursorMark": cursor,
            "synonym": "false",  # what is searched is what the strategy says
        } | self._who
        if len(urlencode(form)) > LONGEST_GET:
            answer, found = self._channel.post(f"{self._base_url}/searchPOST", form, context=context, read=read)
        else:
            answer, found = self._channel.get(f"{self._base_url}/search", form, context=context, read=read)
        return answer.payload, found


def _batches(identifiers: Sequence[str], context: SearchContext) -> list[list[str]]:
    distinct = list(dict.fromkeys(identifiers))
    if wrong := next((one for one in distinct if not query.is_identifier(one)), None):
        raise QueryRejected(f"{wrong!r} is not an id of the form MED/23910617", context=context)
    return [distinct[start : start + IDENTIFIERS_AT_ONCE] for start in range(0, len(distinct), IDENTIFIERS_AT_ONCE)]
