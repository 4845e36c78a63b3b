"""Where documents can be read freely: for each DOI the best open copy that a source told of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ivigil.sources.base import OpenCopy
from ivigil.store.library import CHUNK
from ivigil.store.tables import Base


class FullTextRow(Base):
    """One document's open copy. It hangs on the DOI, so that no link between records moves it."""

    __tablename__ = "full_texts"
    doi: Mapped[str] = mapped_column(String(400), primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    url: Mapped[str]
    version: Mapped[str | None] = mapped_column(String(40))
    licence: Mapped[str | None] = mapped_column(String(100))
    found_at: Mapped[datetime]


def keep(session: Session, doi: str, source: str, copy: OpenCopy, *, now: datetime) -> None:
    """Keep a document's open copy; a later answer takes an earlier one's place."""
    row = session.get(FullTextRow, doi) or FullTextRow(doi=doi)
    row.source, row.url, row.found_at = source, copy.url, now
    row.version, row.licence = (copy.version or "")[:40] or None, (copy.licence or "")[:100] or None
    session.add(row)
    session.flush()


def url_of(session: Session, doi: str | None) -> str | None:
    """Where one document can be read freely; None where that is not known."""
    return urls_of(session, [doi]).get(doi) if doi else None


def urls_of(session: Session, dois: Iterable[str | None]) -> dict[str, str]:
    """DOI -> where the document can be read freely, of those for which that is known."""
    wanted = sorted({doi for doi in dois if doi})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), CHUNK):
        query = select(FullTextRow.doi, FullTextRow.url).where(FullTextRow.doi.in_(wanted[start : start + CHUNK]))
        found.update((row.doi, row.url) for row in session.execute(query))
    return found
