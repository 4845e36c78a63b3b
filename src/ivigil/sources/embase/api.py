"""Embase over the wire: the search call, the single article, and the harvest made of the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count as counting
from urllib.parse import quote, urlencode

from ivigil.errors import SearchContext
from ivigil.sources import elsevier
from ivigil.sources.answer import Answer
from ivigil.sources.base import Page, Payload, SearchRequest
from ivigil.sources.embase import query
from ivigil.sources.embase.parse import NAME, ResultPage, parse_results
from ivigil.sources.identifiers import names_of, sort_named_ids
from ivigil.sources.listing import Batch, log_page, read_whole
from ivigil.sources.session import PoliteSession

BASE_URL = "https://api.elsevier.com/content/embase"
RATE = 2.0
"""Requests a second; no limit is published for this API."""
PAGE_SIZE = 100
LONGEST_GET = 1_500


class Embase:
    """The Embase client. The key, and an institution's token, travel in headers only."""

    name = NAME

    def __init__(
        self, session: PoliteSession, *, api_key: str, base_url: str = BASE_URL, inst_token: str | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._channel = session.channel(
            NAME,
            rate=RATE,
            secrets=[api_key, *([inst_token] if inst_token else [])],
            headers=elsevier.headers(api_key, inst_token),
        )

    def harvest(self, request: SearchRequest) -> Iterator[Page]:
        """Yield every hit of the request; see `Source.harvest`."""
        context = SearchContext(NAME, request.query_hash, (request.window.start, request.window.end))
        term = query.build_query(request, context)
        yield from read_whole(term, lambda _: self._read_through(term, context), context)

    def count(self, strategy: str) -> int:
        """How many records the whole strategy matches, without any window."""
        return self._search({"query": strategy, "start": "1", "count": "1"}, SearchContext(NAME))[1].total

    def held(self, strategy: str, identifiers: Sequence[str]) -> frozenset[str]:
        """Which of these records ("L2029880245", "PMID:23910617", "DOI:10.1000/x") the strategy returns.

        No way to search by an id is known for certain, so the whole strategy is read through.
        """
        context = SearchContext(NAME)
        _addresses(identifiers, context)
        found: set[str] = set()
        for batch in self._read_through(strategy, context):
            found.update(name for record in batch.records for name in names_of(record))
            if found.issuperset(identifiers):
                break
        return frozenset(found.intersection(identifiers))

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        """These records ("L2029880245", "PMID:23910617", "DOI:10.1000/x") as they are now, or `missing`."""
        context = SearchContext(NAME)
        numbers = counting(1)
        for name, address in _addresses(identifiers, context):
            payload, found = self._article(address, context)
            page = Page(
                query=address,
                reported=1,
                records=found.records[:1],
                payload=payload,
                missing=() if found.records or found.rejected else (name,),
                rejected=tuple((name, why) for _, why in found.rejected[:1]),
            )
            log_page(context, next(numbers), page)
            yield page

    def _read_through(self, term: str, context: SearchContext) -> Iterator[Batch]:
        """Every page to the last, until as many entries came as are counted, or none comes any more."""
        came = 0
        while True:
            params = {"query": term, "start": str(came + 1), "count": str(PAGE_SIZE)}
            payload, found = self._search(params, context)
            batch = Batch(payload, found.total, found.records, found.rejected)
            yield batch
            came += batch.size
            if came >= found.total or not batch.size:
                return

    def _search(self, params: dict[str, str], context: SearchContext) -> tuple[Payload, ResultPage]:
        def read(answer: Answer) -> ResultPage:
            elsevier.refuse_error(answer, context)
            return parse_results(answer.body, context)

        ask = self._channel.post if len(urlencode(params)) > LONGEST_GET else self._channel.get
        answer, found = ask(f"{self._base_url}/article", params, context=context, read=read)
        return answer.payload, found

    def _article(self, address: str, context: SearchContext) -> tuple[Payload, ResultPage]:
        def read(answer: Answer) -> ResultPage:
            if answer.status == 404:
                return ResultPage(0, (), ())
            elsevier.refuse_error(answer, context)
            return parse_results(answer.body, context)

        answer, found = self._channel.get(f"{self._base_url}/article/{address}", {}, context=context, read=read)
        return answer.payload, found


def _addresses(identifiers: Sequence[str], context: SearchContext) -> list[tuple[str, str]]:
    """Each distinct identifier with the path of its article.

    Raises:
        QueryRejected: one is of no known form.
    """
    ids = sort_named_ids(dict.fromkeys(identifiers), query.OWN_ID, context)
    found = [(one, f"lui/{one}") for one in ids.own]
    found += [(f"PMID:{one}", f"pubmed_id/{one}") for one in ids.pmids]
    return found + [(f"DOI:{one}", f"doi/{quote(one, safe='/')}") for one in ids.dois]
