"""What a report is searched by: every word a reader may remember of it, in one folded form."""

from __future__ import annotations

from ivigil.linking.normalise import plain
from ivigil.records import Record

LONGEST = 200_000  # characters; a text beyond it is found by its beginning


def words_of(record: Record) -> str:
    """Title, abstract, authors, journal, subject headings and identifiers, folded by `plain`."""
    parts = [
        record.title,
        record.vernacular_title or "",
        record.abstract_text,
        " ".join(author.name for author in record.authors),
        record.journal or "",
        " ".join(heading.descriptor for heading in record.mesh),
        " ".join(record.keywords),
        " ".join(filter(None, (record.pmid, record.doi, record.pmcid, *record.registry_ids))),
    ]
    return " ".join(filter(None, (plain(part[:LONGEST]) for part in parts)))
