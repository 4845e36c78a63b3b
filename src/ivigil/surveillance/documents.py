"""Single documents as sources are asked about them: what is known of each, and the key it is remembered by."""

from __future__ import annotations

import hashlib

from ivigil.records import Record
from ivigil.sources.base import DocumentIds, Reference


def document_of(record: Record) -> DocumentIds:
    """What a record says that its document can be found by elsewhere."""
    return DocumentIds(doi=record.doi, pmid=record.pmid, title=record.title or None)


def referred(reference: Reference) -> DocumentIds | None:
    """A reference as a document that can be looked for; None where it gives neither an identifier nor a title."""
    if not (reference.doi or reference.pmid or reference.title):
        return None
    return DocumentIds(doi=reference.doi, pmid=reference.pmid, title=reference.title)


def key_of(document: DocumentIds) -> str:
    """'pmid:123', else 'doi:10.1/x', else 'title:' and a hash: the same document has the same key on every night."""
    if document.pmid:
        return f"pmid:{document.pmid}"
    if document.doi:
        return f"doi:{document.doi}"
    folded = "".join(char for char in (document.title or "").casefold() if char.isalnum())
    return f"title:{hashlib.sha256(folded.encode()).hexdigest()[:16]}"
