"""What sources were asked about single documents, and when: each is asked again only after a while."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivigil.store.ledger_tables import InquiryRow


def asked_at(session: Session, kind: str, source: str) -> dict[str, datetime]:
    """Document -> when the source last gave a whole answer to this kind of question about it."""
    query = select(InquiryRow.about, InquiryRow.asked_at).where(InquiryRow.kind == kind, InquiryRow.source == source)
    return {row.about: row.asked_at for row in session.execute(query)}


def found(session: Session, kind: str, source: str) -> dict[str, int]:
    """Document -> how much the source's last whole answer to this kind of question gave."""
    query = select(InquiryRow.about, InquiryRow.found).where(InquiryRow.kind == kind, InquiryRow.source == source)
    return {row.about: row.found for row in session.execute(query)}


def note(session: Session, kind: str, source: str, counts: Iterable[tuple[str, int]], *, now: datetime) -> None:
    """Write that the source has answered about these (document, how much it gave)."""
    for about, count in counts:
        row = session.get(InquiryRow, (kind, source, about))
        if row is None:
            session.add(InquiryRow(kind=kind, source=source, about=about, asked_at=now, found=count))
        else:
            row.asked_at, row.found = now, count
    session.flush()
