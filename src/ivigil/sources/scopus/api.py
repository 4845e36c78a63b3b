"""Scopus over the wire: the search call, and the harvest made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ivigil.errors import SearchContext
from ivigil.sources import elsevier
from ivigil.sources.answer import Answer
from ivigil.sources.base import Page, Payload, SearchRequest
from ivigil.sources.elsevier import RightRefused
from ivigil.sources.identifiers import sort_named_ids
from ivigil.sources.listing import Batch, in_batches, names_on, page_of, read_whole
from ivigil.sources.scopus import query
from ivigil.sources.scopus.parse import NAME, ResultPage, parse_search
from ivigil.sources.session import PoliteSession
from ivigil.sources.slicing import plan_slices

BASE_URL = "https://api.elsevier.com/content/search/scopus"
RATE = 9.0
"""Requests a second that Elsevier allows a key on this API."""
COMPLETE, STANDARD = "COMPLETE", "STANDARD"
PAGE_SIZES = {COMPLETE: 25, STANDARD: 200}
IDENTIFIERS_AT_ONCE = 25
START = "*"


@dataclass(frozen=True)
class Rights:
    """What the key may ask for; the best is tried first, and given up when it is refused."""

    view: str = COMPLETE
    cursor: bool = True

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is lost without a right."""
        if self.view == COMPLETE:
            return ()
        return ("the key is not entitled to the COMPLETE view: records come without abstracts, with one author",)


class Scopus:
    """The Scopus client. The key, and an institution's token, travel in headers only."""

    name = NAME

    def __init__(
        self, session: PoliteSession, *, api_key: str, base_url: str = BASE_URL, inst_token: str | None = None
    ) -> None:
        self._address = base_url.rstrip("/")
        self._channel = session.channel(
            NAME,
            rate=RATE,
            secrets=[api_key, *([inst_token] if inst_token else [])],
            headers=elsevier.headers(api_key, inst_token),
        )
        self._rights = Rights()

    def harvest(self, request: SearchRequest) -> Iterator[Page]:
        """Yield every hit of the request; see `Source.harvest`.

        With the cursor a result of any size is read through. Without that right it is cut by the day of loading.
        """
        context = SearchContext(NAME, request.query_hash, (request.window.start, request.window.end))
        term = query.build_query(request, context)
        total = self._settle_rights(term, context)
        parts = [term]
        if not self._rights.cursor and total > query.CAP:

            def count(part: str) -> int:
                return self._search({"query": part, "view": STANDARD, "count": "1"}, context)[1].total

            cut = plan_slices(term, request.window, count, query.knife(), context=context, total=total)
            parts = [part.term for part in cut]
        for part in parts:
            yield from self._read_whole(part, context)

    def count(self, strategy: str) -> int:
        """How many records the whole strategy matches, without any window."""
        return self._search({"query": strategy, "view": STANDARD, "count": "1"}, SearchContext(NAME))[1].total

    def held(self, strategy: str, identifiers: Sequence[str]) -> frozenset[str]:
        """Which of these records ("2-s2.0-84", "PMID:23910617", "DOI:10.1000/x") the strategy returns."""
        context = SearchContext(NAME)
        found: set[str] = set()
        for wanted in in_batches(identifiers, IDENTIFIERS_AT_ONCE):
            term = query.restrict_to(strategy, sort_named_ids(wanted, query.OWN_ID, context))
            found |= names_on(list(self._read_through(term, context, Rights(STANDARD, cursor=False))), wanted)
        return frozenset(found)

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        """These records ("2-s2.0-84", "PMID:23910617", "DOI:10.1000/x") as they are now; unknown ones are `missing`."""
        context = SearchContext(NAME)
        for wanted in in_batches(identifiers, IDENTIFIERS_AT_ONCE):
            term = query.identifiers_query(sort_named_ids(wanted, query.OWN_ID, context))
            self._settle_rights(term, context)
            yield page_of(term, wanted, list(self._read_through(term, context)))

    def _settle_rights(self, term: str, context: SearchContext) -> int:
        """Learn what the key may ask for by asking it; returns how many hits the question has."""
        while True:
            cursor = {"cursor": START} if self._rights.cursor else {}
            try:
                params = {"query": term, "view": self._rights.view, "count": "1"} | cursor
                return self._search(params, context)[1].total
            except RightRefused as refusal:
                if "cursor" in str(refusal).lower() and self._rights.cursor:
                    self._rights = replace(self._rights, cursor=False)
                elif self._rights.view == COMPLETE:
                    self._rights = replace(self._rights, view=STANDARD)
                else:
                    raise

    def _read_whole(self, term: str, context: SearchContext) -> Iterator[Page]:
        return read_whole(term, lambda _: self._read_through(term, context), context)

    def _read_through(self, term: str, context: SearchContext, rights: Rights | None = None) -> Iterator[Batch]:
        """Every page to the last, until as many entries came as are counted, or none comes any more."""
        rights = rights or self._rights
        cursor: str | None = START
        came = 0
        while True:
            place = {"cursor": cursor or ""} if rights.cursor else {"start": str(came)}
            params = {"query": term, "view": rights.view, "count": str(PAGE_SIZES[rights.view])} | place
            payload, found = self._search(params, context)
            batch = Batch(payload, found.total, found.records, found.rejected, rights.warnings)
            yield batch
            came, previous, cursor = came + batch.size, cursor, found.cursor
            at_the_end = rights.cursor and (cursor is None or cursor == previous)
            if came >= found.total or not batch.size or at_the_end:
                return

    def _search(self, params: dict[str, str], context: SearchContext) -> tuple[Payload, ResultPage]:
        def read(answer: Answer) -> ResultPage:
            elsevier.refuse_error(answer, context)
            return parse_search(answer.body, context)

        answer, found = self._channel.get(self._address, params, context=context, read=read)
        return answer.payload, found
