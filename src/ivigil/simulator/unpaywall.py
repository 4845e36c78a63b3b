"""Unpaywall over a library: one DOI, one answer; what is in PubMed Central is open, and a part of the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from ivigil.simulator.fault_kinds import RETRY, FaultKind, ServiceFaults
from ivigil.simulator.holdings import drawn
from ivigil.simulator.library import Holding, Library
from ivigil.simulator.query import Exactly
from ivigil.simulator.wire import Reply, Request

OPEN_SHARE = 0.4
PLACEHOLDER = re.compile(r"@(?:example\.(?:com|net)|your[-.].*)$", re.IGNORECASE)
OWN_EMAIL = "Please use your own email address in API calls. See http://unpaywall.org/products/api"


def _refused(status: int, message: str) -> Reply:
    return Reply.json({"HTTP_status_code": status, "error": True, "message": message}, status)


FAULTS = ServiceFaults(
    endpoints=("doi",),
    name=lambda _: "doi",
    own={
        # The bodies of 404 and 429 are not recorded; they are given the form of the one that is.
        "429": FaultKind(lambda struck: struck.with_wait(_refused(429, "Too many requests")), argument=RETRY),
        "404": FaultKind(lambda _: _refused(404, "not found")),
        "422": FaultKind(lambda _: _refused(422, OWN_EMAIL)),
    },
)


class Unpaywall:
    """Answers `DOI?email=`."""

    def __init__(self, library: Library, today: Callable[[], date]) -> None:
        self._library, self._today = library, today

    def forget(self) -> None:
        """Nothing is kept."""

    def answer(self, request: Request) -> Reply:
        """The reply to one call: the address is looked at first."""
        email = request.get("email")
        if "@" not in email or PLACEHOLDER.search(email):
            return _refused(422, OWN_EMAIL)
        doi = request.endpoint.strip("/").lower()
        found = self._library.answer(Exactly("doi", (doi,)), self._today())
        if not found:
            return _refused(404, f"'{doi}' is an invalid doi or is not known")
        return Reply.json(_answer(found[0]))


def _answer(holding: Holding) -> dict[str, Any]:
    record = holding.record
    copies = []
    if drawn("publisher", str(record.doi)) < OPEN_SHARE:
        url = f"https://doi.org/{record.doi}"
        copies.append(_copy(url, None, "publisher", "publishedVersion", licence="cc-by"))
    if record.pmcid:
        url = f"https://www.ncbi.nlm.nih.gov/pmc/articles/{record.pmcid}"
        copies.append(_copy(url, f"{url}/pdf", "repository", "acceptedVersion", licence=None))
    status = ("gold" if copies[0]["host_type"] == "publisher" else "green") if copies else "closed"
    return {
        "doi": record.doi,
        "doi_url": f"https://doi.org/{record.doi}",
        "title": record.title,
        "genre": "journal-article",
        "year": record.year,
        "journal_name": record.journal,
        "is_oa": bool(copies),
        "oa_status": status,
        "best_oa_location": copies[0] if copies else None,
        "oa_locations": copies,
        "data_standard": 2,
        "z_authors": None,
        "updated": f"{record.entered}T00:00:00Z",
    }


def _copy(url: str, pdf: str | None, host: str, version: str, *, licence: str | None) -> dict[str, Any]:
    return {
        "url": pdf or url,
        "url_for_pdf": pdf,
        "url_for_landing_page": url,
        "evidence": "deprecated",
        "license": licence,
        "version": version,
        "host_type": host,
    }
