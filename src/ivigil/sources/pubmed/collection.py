"""Book-keeping of one search: which of its ids have come, so that its pages add up to its count."""

from __future__ import annotations

from collections.abc import Sequence

from ivigil.records import Record
from ivigil.sources.base import Page, Payload
from ivigil.sources.pubmed.parse import ArticleSet


class Collection:
    """The ids a search listed; each leaves `pending` exactly once: as a record, rejected, withdrawn or missing.

    `unreadable` counts the records that could not be read even when fetched alone.
    """

    def __init__(self, query: str, ids: Sequence[str], *, warnings: tuple[str, ...] = ()) -> None:
        self.query = query
        self.reported = len(ids)
        self.pending = dict.fromkeys(ids)
        self.unreadable = 0
        self._warnings = warnings

    @property
    def accounted(self) -> int:
        """How many of the ids are no longer pending."""
        return self.reported - len(self.pending)

    def page(self, articles: ArticleSet, payload: Payload, *, missing: Sequence[str] = ()) -> Page:
        """One answer as a page. Of several versions of a record the last stands; what nobody asked for is a warning."""
        records: dict[str, Record] = {}
        strangers: list[str] = []
        for record in sorted(articles.records, key=lambda one: int(one.version) if one.version.isdecimal() else 0):
            if record.source_id in self.pending:
                records[record.source_id] = record
            else:
                strangers.append(record.source_id)
        rejected = {name: why for name, why in articles.rejected if name in self.pending and name not in records}
        deleted = [pmid for pmid in articles.deleted if pmid in self.pending and pmid not in records]
        nameless = [f"rejected without an id: {why}" for name, why in articles.rejected if name.startswith("#")]
        gone = [pmid for pmid in missing if pmid in self.pending and pmid not in records and pmid not in rejected]
        for pmid in (*records, *rejected, *deleted, *gone):
            self.pending.pop(pmid, None)
        if strangers:
            nameless.append(f"{len(strangers)} records came twice or unasked: {', '.join(strangers[:5])}")
        return Page(
            query=self.query,
            reported=self.reported,
            records=tuple(records[one.source_id] for one in articles.records if records.get(one.source_id) is one),
            payload=payload,
            missing=tuple(gone),
            rejected=tuple(rejected.items()),
            deleted=tuple(deleted),
            warnings=(*self._warnings, *nameless),
        )
