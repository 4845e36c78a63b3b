"""Unpaywall over the wire: one call for one DOI."""

from __future__ import annotations

from ivigil.errors import NotEntitled, SearchContext
from ivigil.sources.answer import Answer, refuse_rejected
from ivigil.sources.base import FullText
from ivigil.sources.session import PoliteSession
from ivigil.sources.unpaywall import query
from ivigil.sources.unpaywall.parse import NAME, parse_full_text

BASE_URL = "https://api.unpaywall.org/v2"
RATE = 5.0
"""Requests a second; 100,000 a day are allowed, which is little more than one a second all day."""


class Unpaywall:
    """The Unpaywall client. It needs no key, but an e-mail address that is somebody's: placeholders are refused."""

    name = NAME

    def __init__(self, session: PoliteSession, *, email: str, base_url: str = BASE_URL) -> None:
        self._base_url = base_url.rstrip("/")
        self._channel = session.channel(NAME, rate=RATE)
        self._email = email

    def locate(self, doi: str) -> FullText | None:
        """The free copies of a document; None where Unpaywall does not know it."""
        context = SearchContext(NAME)

        def read(answer: Answer) -> FullText | None:
            if answer.status == 404:
                return None
            if answer.status == 422:
                said = f"answered 422: {answer.excerpt()}"
                raise NotEntitled(said, context=context, hint="set IVIGIL_CONTACT_EMAIL to an address that is read")
            refuse_rejected(answer, context)
            return parse_full_text(answer.body, context)

        address = f"{self._base_url}/{query.path(doi)}"
        return self._channel.get(address, {"email": self._email}, context=context, read=read)[1]
