"""Semantic Scholar over the wire: bulk searches by token, batches of papers, and what cites a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count as counting
from urllib.parse import quote

from ivigil.errors import IncompleteSearch, NotEntitled, SearchContext
from ivigil.records import Record
from ivigil.sources.answer import Answer, refuse_rejected
from ivigil.sources.base import DocumentIds, Page, Payload, SearchRequest
from ivigil.sources.identifiers import names_of, sort_named_ids
from ivigil.sources.listing import NEXT_RUN, ResultPage, log_page
from ivigil.sources.resolving import answer_page, batches, name_of
from ivigil.sources.semanticscholar import query
from ivigil.sources.semanticscholar.parse import (
    NAME,
    parse_citations,
    parse_match,
    parse_papers,
    parse_results,
    parse_total,
)
from ivigil.sources.session import PoliteSession

BASE_URL = "https://api.semanticscholar.org/graph/v1"
RATE = 1.0
"""Requests a second that a key allows over all endpoints together."""
BATCH_SIZE = 400
"""Papers in one batch: 500 are allowed, within 10 MB."""
CITATIONS_AT_ONCE = 500
TOLERANCE = 0.05
"""How far the stated total, which is approximate, may lie above what comes."""
FIELDS = (
    "corpusId,externalIds,title,abstract,authors,venue,publicationVenue,journal,year,publicationDate,publicationTypes"
)
NOBODY = b"No valid paper ids"


class SemanticScholar:
    """The Semantic Scholar client. It needs a key, which travels in a header: the pool without one answers nobody."""

    name = NAME

    def __init__(self, session: PoliteSession, *, api_key: str, base_url: str = BASE_URL) -> None:
        self._base_url = base_url.rstrip("/")
        self._channel = session.channel(NAME, rate=RATE, secrets=[api_key], headers={"x-api-key": api_key})

    def harvest(self, request: SearchRequest) -> Iterator[Page]:
        """Yield every hit of the request; see `Source.harvest`.

        The stated total is approximate, so the last page reports what came. A chain of tokens that ends well below the
        total, or leads back, is an `IncompleteSearch`.
        """
        context = SearchContext(NAME, request.query_hash, (request.window.start, request.window.end))
        params = query.build_params(request, context)
        term = f"{params['query']} within {params['publicationDateOrYear']}"
        known: set[str] = set()
        came = 0
        for number, (payload, found) in enumerate(self._read_through(params, FIELDS, context), start=1):
            records = {record.source_id: record for record in found.records if record.source_id not in known}
            known.update(records)
            came += len(records) + len(found.rejected)
            page = Page(
                query=term,
                reported=found.hit_count if found.cursor else came,
                records=tuple(records.values()),
                payload=payload,
                rejected=found.rejected,
                warnings=() if found.cursor or came == found.hit_count else (_approximate(came, found.hit_count),),
            )
            log_page(context, number, page)
            yield page

    def count(self, strategy: str) -> int:
        """How many records the whole strategy matches, without any window; the service's number is approximate."""
        context = SearchContext(NAME)

        def read(answer: Answer) -> int:
            _refuse(answer, context)
            return parse_total(answer.body, context)

        params = {"query": query.one_line(strategy), "fields": "corpusId"}
        return self._channel.get(f"{self._base_url}/paper/search/bulk", params, context=context, read=read)[1]

    def held(self, strategy: str, identifiers: Sequence[str]) -> frozenset[str]:
        """Which of these ("470667", "PMID:23910617", "DOI:10.1000/x") the strategy returns.

        A search cannot be asked about single papers, so the whole result is read, ids alone: 1,000 to a call.
        """
        context = SearchContext(NAME)
        sort_named_ids(identifiers, query.OWN_ID, context)
        found: set[str] = set()
        pages = self._read_through({"query": query.one_line(strategy)}, "corpusId,externalIds", context)
        for _, page in pages:
            found.update(name for record in page.records for name in names_of(record))
        return frozenset(found.intersection(identifiers))

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        """These papers, named as for `held`, as Semantic Scholar has them now; unknown ones are `missing`."""
        context = SearchContext(NAME)
        asked = query.paper_ids(sort_named_ids(dict.fromkeys(identifiers), query.OWN_ID, context))
        for number, names in enumerate(batches(list(asked), BATCH_SIZE), start=1):
            payload, found = self._batch([asked[name] for name in names], context)
            held = {record.source_id: record for record in found if record}
            page = Page(
                query=" OR ".join(names),
                reported=len(names),
                records=tuple(held.values()),
                payload=payload,
                missing=tuple(name for name, record in zip(names, found, strict=True) if record is None),
            )
            log_page(context, number, page)
            yield page

    def look_up(self, documents: Sequence[DocumentIds]) -> Iterator[Page]:
        """The records of these documents; see `Resolver.look_up`. Batches by DOI and PMID, single calls by title."""
        context = SearchContext(NAME)
        named = [document for document in documents if query.paper_id(document)]
        for batch in batches(named, BATCH_SIZE):
            ids = [query.paper_id(document) or "" for document in batch]
            payload, found = self._batch(ids, context)
            yield answer_page(" OR ".join(ids), payload, batch, (record for record in found if record))
        for document in documents:
            if document not in named:
                payload, matches = self._match(document.title or "", context)
                yield answer_page(document.title or "", payload, [document], matches.records if matches else ())

    def citing(self, document: DocumentIds) -> Iterator[Page]:
        """Every paper that cites the document; see `CitationIndex.citing`. No total is stated: what came is counted."""
        context = SearchContext(NAME)
        term = f"citations of {name_of(document)}"
        offset: int | None = 0
        came = 0
        for number in counting(1):
            payload, found, following = self._citations(query.paper_id(document) or "", offset or 0, context)
            if found is None:
                yield answer_page(term, payload, [document], ())
                return
            came += len(found.ids)
            page = Page(term, reported=came, records=found.records, payload=payload, rejected=found.rejected)
            log_page(context, number, page)
            yield page
            if following is None or following <= (offset or 0):
                return
            offset = following

    def _read_through(
        self, params: dict[str, str], fields: str, context: SearchContext
    ) -> Iterator[tuple[Payload, ResultPage]]:
        """Every page of a bulk search, from one token to the next."""
        seen: set[str] = set()
        past: set[str] = set()
        token: str | None = None
        total = 0
        while True:
            payload, found = self._bulk(params | {"fields": fields} | ({"token": token} if token else {}), context)
            seen.update(f"{token}{one}" if one.startswith("#") else one for one in found.ids)
            yield payload, found
            total, token = found.hit_count, found.cursor
            if not token:
                break
            if token in past:
                raise _incomplete("its continuation leads back to where it came from", total, len(seen), context)
            past.add(token)
        if len(seen) < total * (1 - TOLERANCE):
            raise _incomplete(f"{len(seen)} of about {total} papers came", total, len(seen), context)

    def _bulk(self, params: dict[str, str], context: SearchContext) -> tuple[Payload, ResultPage]:
        def read(answer: Answer) -> ResultPage:
            _refuse(answer, context)
            return parse_results(answer.body, context)

        address = f"{self._base_url}/paper/search/bulk"
        answer, found = self._channel.get(address, params, context=context, read=read)
        return answer.payload, found

    def _batch(self, ids: Sequence[str], context: SearchContext) -> tuple[Payload, tuple[Record | None, ...]]:
        def read(answer: Answer) -> tuple[Record | None, ...]:
            if answer.status == 400 and NOBODY in answer.body:
                return (None,) * len(ids)
            _refuse(answer, context)
            return parse_papers(answer.body, len(ids), context)

        address, body = f"{self._base_url}/paper/batch", {"ids": list(ids)}
        answer, found = self._channel.post_json(address, {"fields": FIELDS}, body, context=context, read=read)
        return answer.payload, found

    def _match(self, title: str, context: SearchContext) -> tuple[Payload, ResultPage | None]:
        def read(answer: Answer) -> ResultPage | None:
            if answer.status == 404:  # "Title match not found"
                return None
            _refuse(answer, context)
            return parse_match(answer.body, context)

        params = {"query": query.one_line(title), "fields": FIELDS}
        answer, found = self._channel.get(f"{self._base_url}/paper/search/match", params, context=context, read=read)
        return answer.payload, found

    def _citations(
        self, paper: str, offset: int, context: SearchContext
    ) -> tuple[Payload, ResultPage | None, int | None]:
        def read(answer: Answer) -> tuple[ResultPage | None, int | None]:
            if answer.status == 404:
                return None, None
            _refuse(answer, context)
            return parse_citations(answer.body, context)

        params = {"fields": FIELDS, "offset": str(offset), "limit": str(CITATIONS_AT_ONCE)}
        address = f"{self._base_url}/paper/{quote(paper, safe=':')}/citations"
        answer, (found, following) = self._channel.get(address, params, context=context, read=read)
        return answer.payload, found, following


def _refuse(answer: Answer, context: SearchContext) -> None:
    if answer.status in (401, 403):
        said = f"answered {answer.status}: {answer.excerpt()}"
        raise NotEntitled(said, context=context, hint="check IVIGIL_SEMANTICSCHOLAR_API_KEY")
    refuse_rejected(answer, context)


def _approximate(came: int, total: int) -> str:
    return f"{came} papers came where about {total} were announced"


def _incomplete(message: str, reported: int, fetched: int, context: SearchContext) -> IncompleteSearch:
    return IncompleteSearch(message, context=context, reported=reported, fetched=fetched, hint=NEXT_RUN)
