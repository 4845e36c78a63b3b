"""What a record itself says about its standing: retracted, doubted, corrected."""

from __future__ import annotations

from dataclasses import dataclass

from ivigil.records import Record, Relation

RETRACTED_TYPE = "retracted publication"
_RETRACTION = "retractionin"
_CONCERN = "expressionofconcernin"
_CORRECTION = frozenset({"erratumin", "correctedandrepublishedin", "retractedandrepublishedin", "updatein"})


@dataclass(frozen=True)
class Standing:
    """`retracted`, and the notices behind each statement; a notice is not itself retracted."""

    retracted: bool
    retractions: tuple[Relation, ...] = ()
    concerns: tuple[Relation, ...] = ()
    corrections: tuple[Relation, ...] = ()


def standing(record: Record) -> Standing:
    """Read a record's publication types and relations.

    It is retracted when its type says 'Retracted Publication' or a relation RetractionIn points to the notice, which
    may lack a PMID. 'Retraction Notice' and RetractionOf mark the notice, not the retracted work.
    """
    kinds = [(relation.kind.lower(), relation) for relation in record.relations]
    retractions = tuple(relation for kind, relation in kinds if kind == _RETRACTION)
    typed = any(name.lower() == RETRACTED_TYPE for name in record.publication_types)
    return Standing(
        retracted=typed or bool(retractions),
        retractions=retractions,
        concerns=tuple(relation for kind, relation in kinds if kind == _CONCERN),
        corrections=tuple(relation for kind, relation in kinds if kind in _CORRECTION),
    )


def is_retracted(record: Record) -> bool:
    """Whether the record says that its document has been retracted."""
    return standing(record).retracted
