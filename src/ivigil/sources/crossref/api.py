"""Crossref over the wire: works by DOI or by title, at the pace that its headers state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote

from ivigil.errors import SearchContext
from ivigil.sources.answer import Answer, refuse_rejected
from ivigil.sources.base import DocumentIds, Page, Payload, Reference
from ivigil.sources.crossref import query
from ivigil.sources.crossref.parse import NAME, Work, parse_work, parse_works
from ivigil.sources.listing import ResultPage
from ivigil.sources.resolving import answer_page, batches
from ivigil.sources.session import PoliteSession

BASE_URL = "https://api.crossref.org"
RATE, POLITE_RATE, FASTEST = 1.0, 3.0, 10.0
"""Requests a second for lists, without and with an address to write to; each answer states what holds, and is heeded
up to the fastest that the polite pool has been seen to allow."""
DOIS_AT_ONCE = 20
NOT_FOUND = b"Resource not found."

T = TypeVar("T")


class Crossref:
    """The Crossref client. It needs no key; `email` opens the polite pool."""

    name = NAME

    def __init__(self, session: PoliteSession, *, base_url: str = BASE_URL, email: str | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._channel = session.channel(NAME, rate=POLITE_RATE if email else RATE)
        self._who = {"mailto": email} if email else {}

    def look_up(self, documents: Sequence[DocumentIds]) -> Iterator[Page]:
        """The records of these documents; see `Resolver.look_up`. PMIDs say nothing to Crossref; a title helps."""
        context = SearchContext(NAME)
        listed = [document for document in documents if document.doi and query.can_be_listed(document.doi)]
        for batch in batches(listed, DOIS_AT_ONCE):
            dois = [document.doi or "" for document in batch]
            payload, found = self._list(query.by_dois(dois), context)
            yield answer_page(" OR ".join(dois), payload, batch, found.records, rejected=len(found.rejected))
        for document in documents:
            if document not in listed:
                yield self._look_up_one(document, context)

    def references(self, document: DocumentIds) -> tuple[Reference, ...] | None:
        """The reference list as deposited; see `ReferenceLists.references`. A document is asked for by its DOI."""
        if document.doi is None:
            return None
        _, work = self._work(document.doi, SearchContext(NAME))
        return work.references if work else None

    def _look_up_one(self, document: DocumentIds, context: SearchContext) -> Page:
        if document.doi:
            payload, work = self._work(document.doi, context)
            return answer_page(document.doi, payload, [document], [work.record] if work else [])
        if document.title:
            payload, found = self._list(query.by_title(document.title), context)
            return answer_page(document.title, payload, [document], found.records)
        return answer_page("", Payload(b"", "", self._base_url), [document], [])  # there is nothing to ask by

    def _list(self, params: dict[str, str], context: SearchContext) -> tuple[Payload, ResultPage]:
        def read(answer: Answer) -> ResultPage:
            if answer.status >= 400:
                _refuse(answer, context)
            return parse_works(answer.body, context)

        return self._get("works", params, context, read)

    def _work(self, doi: str, context: SearchContext) -> tuple[Payload, Work | None]:
        """The work of a DOI; None where Crossref has not registered it (another agency may have)."""

        def read(answer: Answer) -> Work | None:
            if answer.status == 404 and answer.body.strip() == NOT_FOUND:
                return None
            if answer.status >= 400:
                _refuse(answer, context)
            return parse_work(answer.body, context)

        return self._get(f"works/{quote(doi, safe='')}", {}, context, read)

    def _get(
        self, endpoint: str, params: dict[str, str], context: SearchContext, read: Callable[[Answer], T]
    ) -> tuple[Payload, T]:
        answer, value = self._channel.get(
            f"{self._base_url}/{endpoint}", params | self._who, context=context, read=read
        )
        self._heed(answer)
        return answer.payload, value

    def _heed(self, answer: Answer) -> None:
        """Keep to the rate that the answer states; it may change from one pool and one year to the next."""
        limit, interval = answer.headers.get("X-Rate-Limit-Limit", ""), answer.headers.get("X-Rate-Limit-Interval", "")
        seconds = interval.removesuffix("s")
        if limit.isdecimal() and seconds.isdecimal() and int(limit) and int(seconds):
            self._channel.keep_to(min(int(limit) / int(seconds), FASTEST))


def _refuse(answer: Answer, context: SearchContext) -> None:
    """Raise for a 4xx: in Crossref's own words where it says some."""
    if answer.media_type == "application/json":
        parse_works(answer.body, context)
    refuse_rejected(answer, context)
