"""Europe PMC's question: a strategy within a window, in its own syntax."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivigil.sources.base import DateField, DocumentIds, SearchRequest

_FIELDS = {
    # CREATION_DATE is when the record was made, FIRST_IDATE when it could first be found; a record late in either is
    # found by the other. FIRST_PDATE would lose late arrivals and take in dates that lie ahead.
    DateField.ENTERED: ("FIRST_IDATE", "CREATION_DATE"),
    DateField.PUBLISHED: ("FIRST_PDATE",),
    DateField.REVISED: ("UPDATE_DATE",),
}
_IDENTIFIER = re.compile(r"(?P<source>[A-Z]{3})/(?P<id>[A-Za-z0-9._-]+)")


def build_query(request: SearchRequest) -> str:
    """The strategy within its window, both ends included."""
    window = f"[{request.window.start.isoformat()} TO {request.window.end.isoformat()}]"
    spans = " OR ".join(f"{field}:{window}" for field in _FIELDS[request.date_field])
    return f"({request.strategy}) AND ({spans})"


def is_identifier(text: str) -> bool:
    """Whether the text is a source and an id: MED/23910617, PPR/PPR123456, PMC/PMC3775464."""
    return _IDENTIFIER.fullmatch(text) is not None


def identifiers_query(identifiers: Sequence[str]) -> str:
    """These records and no others. By EXT_ID within SRC: a PMID:<n> search has been seen to return other articles."""
    parts = (match for one in identifiers if (match := _IDENTIFIER.fullmatch(one)))
    return " OR ".join(f"(EXT_ID:{part['id']} AND SRC:{part['source']})" for part in parts)


def documents_query(documents: Sequence[DocumentIds]) -> str:
    """These documents, by DOI where they have one, else as PubMed's records."""
    return " OR ".join(
        f'DOI:"{document.doi}"' if document.doi else f"(EXT_ID:{document.pmid} AND SRC:MED)" for document in documents
    )


def title_query(title: str) -> str:
    """Records whose title holds these words side by side."""
    words = " ".join(re.sub(r'["\\]', " ", title).split())
    return f'TITLE:"{words}"'


def restrict_to(strategy: str, identifiers: Sequence[str]) -> str:
    """The strategy, asked only about these records."""
    return f"({strategy}) AND ({identifiers_query(identifiers)})"
