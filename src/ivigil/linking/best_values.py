"""One view of a report: the best value of each field over its records, and which record each came from."""

from __future__ import annotations

from collections.abc import Sequence

from ivigil.records import Record, RecordKind

# MEDLINE's citations are edited and indexed by people; Europe PMC mirrors them; files carry what a librarian exported.
SOURCE_ORDER = ("pubmed", "europepmc", "embase", "cochrane", "scopus", "wos", "openalex", "semanticscholar", "crossref")
KIND_ORDER = (
    RecordKind.ARTICLE,
    RecordKind.PREPRINT,
    RecordKind.BOOK,
    RecordKind.CONFERENCE_ABSTRACT,
    RecordKind.OTHER,
    RecordKind.REGISTRATION,
)
UNITED = frozenset({"registry_ids", "relations", "publication_types", "other_ids", "issns"})
IDENTITY = frozenset({"source", "source_id", "version"})


def best_values(records: Sequence[Record]) -> Record:
    """Join the records of one report.

    Each field is taken from the first record that has it, articles before preprints and edited sources before others;
    lists that add up (registry numbers, relations, publication types) are united. The result carries the identity of
    the leading record.
    """
    ordered = in_order(records)
    lead = ordered[0]
    values = {
        name: _united(ordered, name) if name in UNITED else getattr(_giver(ordered, name), name)
        for name in Record.model_fields
        if name not in IDENTITY
    }
    return lead.model_copy(update=values)


def provenance(records: Sequence[Record]) -> dict[str, str]:
    """Field name -> 'source:source id' of the record whose value is shown, for every field that has one."""
    ordered = in_order(records)
    givers = {
        name: _giver(ordered, name) for name in Record.model_fields if name not in IDENTITY and name not in UNITED
    }
    return {name: f"{giver.source}:{giver.source_id}" for name, giver in givers.items() if getattr(giver, name)}


def in_order(records: Sequence[Record]) -> list[Record]:
    """The records, best first; the order does not depend on how they came."""
    return sorted(records, key=_rank)


def _rank(record: Record) -> tuple[int, int, str, str]:
    place = SOURCE_ORDER.index(record.source) if record.source in SOURCE_ORDER else len(SOURCE_ORDER)
    return (KIND_ORDER.index(record.kind), place, record.source, record.source_id)


def _giver(ordered: Sequence[Record], name: str) -> Record:
    return next((record for record in ordered if getattr(record, name)), ordered[0])


def _united(ordered: Sequence[Record], name: str) -> tuple[object, ...]:
    return tuple(dict.fromkeys(value for record in ordered for value in getattr(record, name)))
