"""bioRxiv's and medRxiv's shared API over the corpus's preprints: versions by DOI, links to articles, whole days."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from ivigil.records import Author, Record
from ivigil.simulator.document import PREPRINT, Document
from ivigil.simulator.fault_kinds import ServiceFaults
from ivigil.simulator.wire import HTML, Reply, Request

PAGE_SIZE = 30
SERVERS = ("biorxiv", "medrxiv")
HOME = "medrxiv"
"""Where the corpus's preprints are: it is a review of patients."""
FAULTS = ServiceFaults(endpoints=("details", "pubs"))


class Rxiv:
    """Answers `/details` and `/pubs`; every answer is HTTP 200 and says in words how it fared."""

    def __init__(self, documents: Sequence[Document], today: Callable[[], date]) -> None:
        self._today = today
        self._preprints = [one for one in documents if one.source == PREPRINT]
        self._articles = {one.identifier: one for one in documents if one.source != PREPRINT}

    def forget(self) -> None:
        """Nothing is kept."""

    def answer(self, request: Request) -> Reply:
        """The reply to one call."""
        kind, _, rest = request.endpoint.partition("/")
        server, _, rest = rest.partition("/")
        if kind not in {"details", "pubs"} or server not in SERVERS:
            return Reply.text("<h1>Not Found</h1>", HTML, 404)
        entries = list(self._versions() if kind == "details" else self._links())
        if server != HOME:
            entries = []
        if span := re.fullmatch(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)/(\d+)(?:/json)?", rest):
            day = "date" if kind == "details" else "published_date"
            entries = [one for one in entries if span[1] <= one[day] <= span[2]]
            return _page(entries, int(span[3]), {"interval": f"{span[1]}:{span[2]}"})
        doi = rest.removesuffix("/json").removesuffix("/na").lower()
        entries = [one for one in entries if doi == one["doi" if kind == "details" else "preprint_doi"]]
        nothing = "no posts found" if kind == "details" else f"no articles found for published version of {doi}"
        return _page(entries, 0, {}, nothing)

    def _versions(self) -> Iterator[dict[str, Any]]:
        """Every version that is posted by today: a form whose words changed is the next version."""
        for document in self._preprints:
            version, words = 0, ""
            for day, record in document.forms:
                if day > self._today():
                    break
                if record.title + record.abstract_text != words:
                    version, words = version + 1, record.title + record.abstract_text
                    yield self._version(record, day, version)

    def _version(self, record: Record, day: date, version: int) -> dict[str, Any]:
        return {
            "title": record.title,
            "authors": "; ".join(_name(one) for one in record.authors),
            "doi": record.doi,
            "date": day.isoformat(),
            "version": str(version),
            "type": "PUBLISHAHEADOFPRINT",
            "license": "cc_by",
            "category": "rheumatology",
            "abstract": " ".join(record.abstract_text.split()),
            "published": (self._article_of(record) or {}).get("doi") or "NA",
            "server": "medRxiv",
        }

    def _article_of(self, record: Record) -> dict[str, str] | None:
        """DOI, journal and day of the article that a preprint became, once both its record and the link are there."""
        document = next((one for one in self._preprints if one.identifier == record.source_id), None)
        shown = [form for day, form in document.forms if day <= self._today()] if document else []
        pmid = next((link.pmid for form in shown for link in form.relations if link.kind == "Preprint of"), None)
        article = self._articles.get(pmid or "")
        if article is None or article.forms[0][1].doi is None:
            return None
        first = article.forms[0][1]
        return {"doi": first.doi or "", "journal": first.journal or "", "day": article.arrives.isoformat()}

    def _links(self) -> Iterator[dict[str, Any]]:
        for document in self._preprints:
            record = document.forms[0][1]
            if article := self._article_of(record):
                yield {
                    "preprint_doi": record.doi,
                    "published_doi": article["doi"],
                    "published_journal": article["journal"],
                    "preprint_platform": "medRxiv",
                    "preprint_title": record.title,
                    "preprint_date": document.arrives.isoformat(),
                    "published_date": article["day"],
                }


def _name(author: Author) -> str:
    initials = " ".join(f"{letter}." for letter in author.initials or "")
    return author.collective or f"{author.last_name}, {initials}"


def _page(entries: list[dict[str, Any]], cursor: int, said: dict[str, Any], nothing: str = "no posts found") -> Reply:
    shown = entries[cursor : cursor + PAGE_SIZE]
    if not shown:
        return Reply.json({"messages": [{"status": nothing}], "collection": []})
    # The total is a string and the cursor a number, as recorded.
    message = {"status": "ok", **said, "cursor": cursor, "count": len(shown), "total": str(len(entries))}
    return Reply.json({"messages": [message], "collection": shown})
