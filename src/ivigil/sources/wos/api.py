"""Web of Science over the wire: the search call, and the harvest made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ivigil.errors import SearchContext
from ivigil.sources.answer import Answer, refuse_rejected
from ivigil.sources.base import Page, Payload, SearchRequest
from ivigil.sources.identifiers import sort_named_ids
from ivigil.sources.listing import Batch, in_batches, names_on, page_of, read_whole
from ivigil.sources.session import PoliteSession
from ivigil.sources.wos import query
from ivigil.sources.wos.parse import NAME, DocumentPage, parse_documents, says_nothing_found

BASE_URL = "https://api.clarivate.com/apis/wos-starter/v1"
RATE = 1.0
"""Requests a second that every plan allows; an institution's allows five, and a few thousand a day."""
PAGE_SIZE = 50
DATABASE = "WOS"
OLDEST_FIRST = "LD A"
"""By load date: what is added while a list is read comes after what was read."""


class WebOfScience:
    """The client of the Web of Science Core Collection. The key travels in a header only."""

    name = NAME

    def __init__(self, session: PoliteSession, *, api_key: str, base_url: str = BASE_URL) -> None:
        self._address = f"{base_url.rstrip('/')}/documents"
        self._channel = session.channel(
            NAME, rate=RATE, secrets=[api_key], headers={"X-ApiKey": api_key, "Accept": "application/json"}
        )

    def harvest(self, request: SearchRequest) -> Iterator[Page]:
        """Yield every hit of the request; see `Source.harvest`."""
        context = SearchContext(NAME, request.query_hash, (request.window.start, request.window.end))
        params = query.search_params(request)
        yield from read_whole(query.as_text(params), lambda _: self._read_through(params, context), context)

    def count(self, strategy: str) -> int:
        """How many records the whole strategy matches, without any window."""
        return self._search({"q": strategy, "limit": "1", "page": "1"}, SearchContext(NAME))[1].total

    def held(self, strategy: str, identifiers: Sequence[str]) -> frozenset[str]:
        """Which of these records ("WOS:000", "PMID:23910617", "DOI:10.1000/x") the strategy returns."""
        context = SearchContext(NAME)
        found: set[str] = set()
        for wanted in in_batches(identifiers, PAGE_SIZE):
            params = {"q": query.restrict_to(strategy, sort_named_ids(wanted, query.OWN_ID, context))}
            found |= names_on(list(self._read_through(params, context)), wanted)
        return frozenset(found)

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        """These records ("WOS:000", "PMID:23910617", "DOI:10.1000/x") as they are now; unknown ones are `missing`."""
        context = SearchContext(NAME)
        for wanted in in_batches(identifiers, PAGE_SIZE):
            term = query.identifiers_query(sort_named_ids(wanted, query.OWN_ID, context))
            yield page_of(term, wanted, list(self._read_through({"q": term}, context)))

    def _read_through(self, params: dict[str, str], context: SearchContext) -> Iterator[Batch]:
        """Every page to the last, until as many documents came as are counted, or none comes any more."""
        page, came = 0, 0
        while True:
            page += 1
            paging = {"limit": str(PAGE_SIZE), "page": str(page), "sortField": OLDEST_FIRST}
            payload, found = self._search(params | paging, context)
            batch = Batch(payload, found.total, found.records, found.rejected)
            yield batch
            came += batch.size
            if came >= found.total or not batch.size:
                return

    def _search(self, params: dict[str, str], context: SearchContext) -> tuple[Payload, DocumentPage]:
        def read(answer: Answer) -> DocumentPage:
            # Zero hits are a 404 on some routes. Any other 404 is a wrong address, and no answer to the question.
            if answer.status == 404 and says_nothing_found(answer.body):
                return DocumentPage(0, (), ())
            refuse_rejected(answer, context)
            return parse_documents(answer.body, context)

        answer, found = self._channel.get(self._address, {"db": DATABASE} | params, context=context, read=read)
        return answer.payload, found
