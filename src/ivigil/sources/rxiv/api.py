"""bioRxiv and medRxiv over the wire: one preprint's versions, and the article it became."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count as counting
from typing import TypeVar

from ivigil.errors import QueryRejected, SearchContext
from ivigil.records import Record, Relation
from ivigil.sources.answer import Answer, refuse_rejected
from ivigil.sources.base import DocumentIds, Page, Payload
from ivigil.sources.listing import log_page
from ivigil.sources.rxiv import query
from ivigil.sources.rxiv.parse import NAME, Versions, parse_details, parse_published
from ivigil.sources.session import PoliteSession

BASE_URL = "https://api.biorxiv.org"
RATE = 1.0
"""Requests a second. No limit is published; one is what users keep to."""

T = TypeVar("T")


class Rxiv:
    """The client of the API that bioRxiv and medRxiv share. It needs no key.

    It resolves and does not search: the API knows no words. Preprints are found by Europe PMC and followed here.
    """

    name = NAME

    def __init__(self, session: PoliteSession, *, base_url: str = BASE_URL) -> None:
        self._base_url = base_url.rstrip("/")
        self._channel = session.channel(NAME, rate=RATE)

    def look_up(self, documents: Sequence[DocumentIds]) -> Iterator[Page]:
        """Yield the versions of each document that is a preprint of the two servers; see `Resolver.look_up`.

        A document without a DOI of theirs is passed over without a call.
        """
        context = SearchContext(NAME)
        numbers = counting(1)
        for doi in dict.fromkeys(document.doi for document in documents if document.doi):
            bare = query.preprint_doi(doi)
            if bare is not None:
                page = self._versions(bare, doi, context)
                log_page(context, next(numbers), page)
                yield page

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        """The versions of these DOIs as they are now; unknown ones are `missing`."""
        context = SearchContext(NAME)
        if wrong := next((one for one in identifiers if query.preprint_doi(one) is None), None):
            raise QueryRejected(f"{wrong!r} is not the DOI of a bioRxiv or medRxiv preprint", context=context)
        yield from self.look_up([DocumentIds(doi=one) for one in identifiers])

    def _versions(self, doi: str, asked: str, context: SearchContext) -> Page:
        """Every version as a record, oldest first, each with the link to the article where there is one."""
        payload, found = self._ask(query.details_path(query.SERVERS[0], doi), parse_details, context)
        server = query.SERVERS[0]
        for server in query.SERVERS[1:] if not (found.records or found.rejected) else ():
            payload, found = self._ask(query.details_path(server, doi), parse_details, context)
        records = self._with_article(server, doi, found, context)
        held = len(records) + len(found.rejected)
        return Page(
            query=f"details {doi}",
            reported=held or 1,
            records=records,
            payload=payload,
            missing=() if held else (asked,),
            rejected=found.rejected,
        )

    def _with_article(self, server: str, doi: str, found: Versions, context: SearchContext) -> tuple[Record, ...]:
        """Each version with the link, whichever of them names it: it is the preprint that was published.

        The field for it lags in the details, so that the list of links is asked where it is empty.
        """
        links: dict[tuple[str | None, str], Relation] = {
            (link.doi, link.kind): link for record in found.records for link in record.relations
        }
        if found.records and not links:
            _, published = self._ask(query.published_path(server, doi), parse_published, context)
            links = {(link.doi, link.kind): link for preprint, link in published.items() if preprint == doi}
        return tuple(record.model_copy(update={"relations": tuple(links.values())}) for record in found.records)

    def _ask(self, path: str, parse: Callable[[bytes, SearchContext], T], context: SearchContext) -> tuple[Payload, T]:
        def read(answer: Answer) -> T:
            refuse_rejected(answer, context)
            return parse(answer.body, context)

        answer, found = self._channel.get(f"{self._base_url}/{path}", {}, context=context, read=read)
        return answer.payload, found
