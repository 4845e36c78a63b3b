"""What the simulated services hold: documents whose records change from day to day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ivigil.records import Record

MEDLINE = "MED"
PREPRINT = "PPR"
BEYOND = "EXT"


@dataclass(frozen=True)
class Document:
    """One document and every form its record takes: (first day of that form, record), in order of days.

    `source` is Europe PMC's word for where a record comes from: MED (PubMed has it too) or PPR (a preprint); EXT is
    ours, for what neither has because its journal is not indexed there.
    `xml` holds a real article element, to be served as it is. `entrez` is PubMed's EDAT: the publication date where
    an old article enters late, which is why a window on it misses what a window on CRDT finds.
    """

    forms: tuple[tuple[date, Record], ...]
    source: str = MEDLINE
    entrez: date | None = None
    xml: str | None = None

    @property
    def identifier(self) -> str:
        """PMID, or preprint id, or a number of ours (EXT...)."""
        return self.forms[0][1].source_id

    @property
    def arrives(self) -> date:
        """First day on which the services know the document."""
        return self.forms[0][0]


def grows(record: Record, *later: tuple[date, Record], entrez: date | None = None) -> Document:
    """A document that gets its subject headings on `record.indexed`, and the later forms on their days.

    Until its headings come, a record has none: MEDLINE indexes weeks or months after it takes an article in.
    """
    if record.entered is None:
        raise ValueError(f"record {record.source_id} has no entry date")
    forms: list[tuple[date, Record]] = []
    if record.indexed is not None and record.indexed > record.entered:
        forms.append((record.entered, record.model_copy(update={"mesh": (), "indexed": None, "revised": None})))
        forms.append((record.indexed, record))
    else:
        forms.append((record.entered, record))
    for day, changed in later:
        if day <= forms[-1][0]:
            raise ValueError(f"record {record.source_id} changes on {day}, not after {forms[-1][0]}")
        forms.append((day, changed))
    return Document(forms=tuple(forms), entrez=entrez)
