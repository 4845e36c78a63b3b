"""PubMed over the wire: the calls to ESearch and EFetch, and the harvest made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count as counting
from typing import TypeVar
from urllib.parse import urlencode

from ivigil.errors import IncompleteSearch, MalformedResponse, QueryRejected, SearchContext
from ivigil.records import Record
from ivigil.sources.answer import Answer, refuse_rejected
from ivigil.sources.base import DocumentIds, Page, Payload, SearchRequest
from ivigil.sources.listing import log_page
from ivigil.sources.pubmed import query
from ivigil.sources.pubmed.answers import HistoryExpired, SearchAnswer, parse_esearch, read_root
from ivigil.sources.pubmed.collection import Collection
from ivigil.sources.pubmed.parse import NAME, ArticleSet, parse_articles
from ivigil.sources.resolving import answer_page, batches
from ivigil.sources.session import PoliteSession
from ivigil.sources.slicing import Slice

BASE_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
RATE, RATE_WITH_KEY = 3.0, 10.0
"""Requests a second that NCBI allows one address, without and with a key."""
BATCH_SIZE = 200
LONGEST_GET = 1_500
"""Characters of a query string beyond which a call is made by POST."""
SEARCH_RUNS = 3
"""How often one search is run before its forgetful history server is given up."""
UNREADABLE_ALONE = 2
"""How many single records of one search may be unreadable before the source itself is taken to be in trouble."""
NEXT_RUN = "the window stays open; the next run covers it"

T = TypeVar("T")
Span = Callable[[int, int], dict[str, str]]
"""EFetch parameters for the records from a start, so many of them."""


class PubMed:
    """The PubMed client. `email` and `tool` go with every call, as NCBI asks; `api_key` only inside POST bodies."""

    name = NAME

    def __init__(
        self,
        session: PoliteSession,
        *,
        base_url: str = BASE_URL,
        email: str | None = None,
        api_key: str | None = None,
        tool: str = "ivigil",
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._channel = session.channel(
            NAME, rate=RATE_WITH_KEY if api_key else RATE, secrets=[api_key] if api_key else []
        )
        self._who = {"tool": tool} | ({"email": email} if email else {}) | ({"api_key": api_key} if api_key else {})
        self._has_key = api_key is not None

    def harvest(self, request: SearchRequest) -> Iterator[Page]:
        """Yield every hit of the request; see `Source.harvest`.

        Each page is one EFetch answer of at most 200 records. A search above the cap is cut by date first.
        """
        context = SearchContext(NAME, request.query_hash, (request.window.start, request.window.end))
        term = query.build_term(request)

        def count(part: str) -> int:
            return self._search(part, 0, context)[1].count

        slices = query.plan_slices(term, request.window, count, context=context)
        numbers = counting(1)
        for part in slices or [Slice(term, 0)]:
            for page in self._harvest_slice(part.term, context):
                log_page(context, next(numbers), page)
                yield page

    def count(self, strategy: str) -> int:
        """How many records the whole strategy matches, without any window."""
        return self._search(strategy, 0, SearchContext(NAME))[1].count

    def held(self, strategy: str, identifiers: Sequence[str]) -> frozenset[str]:
        """Which of these PMIDs the strategy returns."""
        context = SearchContext(NAME)
        found: set[str] = set()
        for batch in _batches(identifiers, context):
            _, answer = self._search(query.restrict_to(strategy, batch), len(batch), context)
            _require_whole_list(answer, context)
            found.update(answer.ids)
        return frozenset(found.intersection(identifiers))

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        """The records of these PMIDs as PubMed has them now; unknown and withdrawn ones are `missing`."""
        context = SearchContext(NAME)
        numbers = counting(1)
        for batch in _batches(identifiers, context):
            collection = Collection(" OR ".join(f"{pmid}[uid]" for pmid in batch), batch)
            for page in self._fetch_ids(collection, batch, context):
                log_page(context, next(numbers), page)
                yield page

    def look_up(self, documents: Sequence[DocumentIds]) -> Iterator[Page]:
        """The records of these documents; see `Resolver.look_up`. By PMID, else DOI, else the words of the title."""
        context = SearchContext(NAME)
        named = [document for document in documents if document.pmid or document.doi]
        titled = [document for document in documents if document not in named and document.title]
        for batch in (*batches(named, BATCH_SIZE), *([document] for document in titled)):
            by_title = batch[0] in titled
            term = query.title_term(batch[0].title or "") if by_title else query.documents_term(batch)
            payload, found = self._search(term, BATCH_SIZE, context)
            records: list[Record] = []
            unreadable = 0
            if found.ids:
                for page in self._fetch_ids(Collection(term, found.ids), found.ids, context):
                    payload = page.payload
                    records += page.records
                    unreadable += len(page.rejected)
            yield answer_page(term, payload, batch, records, rejected=unreadable)

    def _harvest_slice(self, term: str, context: SearchContext) -> Iterator[Page]:
        payload, found = self._search(term, query.CAP, context)
        _require_whole_list(found, context)
        collection = Collection(term, found.ids, warnings=found.warnings)
        if not found.count:
            yield collection.page(ArticleSet(()), payload)
        for run in counting(1):
            try:
                yield from self._fetch_history(collection, found, context)
                break
            except HistoryExpired:
                if run == SEARCH_RUNS:
                    raise
                _, again = self._search(term, query.CAP, context)
                if set(again.ids) != set(found.ids):
                    raise _incomplete("the result changed while it was being fetched", collection, context) from None
                found = again
        if collection.pending:
            raise _incomplete(f"{collection.accounted} of {collection.reported} records came", collection, context)

    def _fetch_history(self, collection: Collection, found: SearchAnswer, context: SearchContext) -> Iterator[Page]:
        """Fetch what is pending by the search's place on the history server; what does not come, once more by id."""
        if found.ids and not (found.web_env and found.query_key):
            raise MalformedResponse("a search kept for EFetch came without WebEnv or query_key", context=context)
        history = {"WebEnv": found.web_env or "", "query_key": found.query_key or ""}

        def by_place(start: int, size: int) -> dict[str, str]:
            return history | {"retstart": str(start), "retmax": str(size)}

        for start in range(0, len(found.ids), BATCH_SIZE):
            batch = found.ids[start : start + BATCH_SIZE]
            wanted = [pmid for pmid in batch if pmid in collection.pending]
            if not wanted:
                continue
            came = 0
            for page in self._fetch_span(collection, found.ids, by_place, start, len(batch), context):
                came += len(page.records) + len(page.rejected) + len(page.deleted)
                yield page
            if lost := [pmid for pmid in wanted if pmid in collection.pending]:
                again = list(self._fetch_ids(collection, lost, context))
                if not came and len(wanted) > 1 and not any(page.records for page in again):
                    raise _incomplete(f"none of {len(wanted)} listed records came, asked twice", collection, context)
                yield from again

    def _fetch_ids(self, collection: Collection, ids: Sequence[str], context: SearchContext) -> Iterator[Page]:
        """Fetch records by id; those that do not come are missing, each stated on the last page."""

        def by_id(start: int, size: int) -> dict[str, str]:
            return {"id": ",".join(ids[start : start + size])}

        yield from self._fetch_span(collection, ids, by_id, 0, len(ids), context, missing=ids)

    def _fetch_span(
        self,
        collection: Collection,
        ids: Sequence[str],
        span: Span,
        start: int,
        size: int,
        context: SearchContext,
        missing: Sequence[str] = (),
    ) -> Iterator[Page]:
        """One EFetch call; an answer that cannot be read is asked for once more, then in halves, down to one record.

        A single record that stays unreadable is rejected, so that it cannot keep a window open for ever.
        """
        for is_last_try in (False, True):
            payload, articles, trouble = self._efetch(span(start, size), context)
            if trouble is None:
                lost = [pmid for pmid in missing if pmid in ids[start : start + size]]
                yield collection.page(articles, payload, missing=lost)
                return
            if is_last_try and size == 1:
                collection.unreadable += 1
                if collection.unreadable > UNREADABLE_ALONE:
                    raise trouble
                yield collection.page(ArticleSet((), rejected=((ids[start], str(trouble)),)), payload)
        if size > 1:
            half = size // 2
            yield from self._fetch_span(collection, ids, span, start, half, context, missing)
            yield from self._fetch_span(collection, ids, span, start + half, size - half, context, missing)

    def _efetch(
        self, params: dict[str, str], context: SearchContext
    ) -> tuple[Payload, ArticleSet, MalformedResponse | None]:
        """The answer and its articles, or the answer and why it cannot be read."""

        def read(answer: Answer) -> tuple[ArticleSet, MalformedResponse | None]:
            _refuse_status(answer, context)
            try:
                return parse_articles(answer.body, context), None
            except MalformedResponse as error:
                return ArticleSet(()), error

        answer, (articles, trouble) = self._call("efetch.fcgi", params | {"retmode": "xml"}, context, read)
        return answer.payload, articles, trouble

    def _search(self, term: str, retmax: int, context: SearchContext) -> tuple[Payload, SearchAnswer]:
        """Run a search, kept on the history server when any of its ids are asked for."""

        def read(answer: Answer) -> SearchAnswer:
            _refuse_status(answer, context)
            return parse_esearch(answer.body, context)

        params = {"term": term, "retmax": str(retmax), "retmode": "json"} | ({"usehistory": "y"} if retmax else {})
        answer, found = self._call("esearch.fcgi", params, context, read)
        return answer.payload, found

    def _call(
        self, endpoint: str, params: dict[str, str], context: SearchContext, read: Callable[[Answer], T]
    ) -> tuple[Answer, T]:
        form = {"db": NAME} | params | self._who
        # A key in a form stays out of every address, and so out of the logs of each proxy on the way.
        ask = self._channel.post if self._has_key or len(urlencode(form)) > LONGEST_GET else self._channel.get
        return ask(f"{self._base_url}/{endpoint}", form, context=context, read=read)


def _refuse_status(answer: Answer, context: SearchContext) -> None:
    """Raise for a 4xx: by the error in its body where there is one, else by its status."""
    if answer.status >= 400:
        with suppress(MalformedResponse):
            read_root(answer.body, context)
        refuse_rejected(answer, context)


def _require_whole_list(found: SearchAnswer, context: SearchContext) -> None:
    if len(set(found.ids)) != found.count:
        raise IncompleteSearch(
            f"the search counts {found.count} records and lists {len(set(found.ids))}",
            context=context,
            reported=found.count,
            fetched=0,
            hint=NEXT_RUN,
        )


def _incomplete(message: str, collection: Collection, context: SearchContext) -> IncompleteSearch:
    return IncompleteSearch(
        message, context=context, reported=collection.reported, fetched=collection.accounted, hint=NEXT_RUN
    )


def _batches(identifiers: Sequence[str], context: SearchContext) -> list[list[str]]:
    """The distinct PMIDs in batches.

    Raises:
        QueryRejected: one is no PMID.
    """
    distinct = list(dict.fromkeys(identifiers))
    if wrong := next((one for one in distinct if not one.isdecimal()), None):
        raise QueryRejected(f"{wrong!r} is not a PMID", context=context)
    return [distinct[start : start + BATCH_SIZE] for start in range(0, len(distinct), BATCH_SIZE)]
