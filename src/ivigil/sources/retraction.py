"""What a record itself says about its standing: retracted, doubted, corrected."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivigil.records import Record, Relation

RETRACTED_TYPE = "Retracted Publication"
_RETRACTION = "retractionin"
_REINSTATEMENT = "reinstatementin"
_CONCERN = "expressionofconcernin"
_CORRECTION = frozenset({"erratumin", "correctedandrepublishedin", "retractedandrepublishedin", "updatein"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Standing:
    """`retracted`, and the notices behind each statement; a notice is not itself retracted."""

    retracted: bool
    retractions: tuple[Relation, ...] = ()
    concerns: tuple[Relation, ...] = ()
    corrections: tuple[Relation, ...] = ()
    reinstatements: tuple[Relation, ...] = ()


def standing(record: Record) -> Standing:
    """Read a record's publication types and relations.

    It is retracted when its type says 'Retracted Publication' or a relation RetractionIn points to the notice, which
    may lack a PMID. 'Retraction Notice' and RetractionOf mark the notice, not the retracted work. A reinstatement
    cancels a retraction, unless its notice is dated before it.
    """
    kinds = [(relation.kind.lower(), relation) for relation in record.relations]

    def of(*wanted: str) -> tuple[Relation, ...]:
        return tuple(relation for kind, relation in kinds if kind in wanted)

    retractions, reinstatements = of(_RETRACTION), of(_REINSTATEMENT)
    typed = any(name.lower() == RETRACTED_TYPE.lower() for name in record.publication_types)
    is_cancelled = bool(reinstatements) and not _last_day(reinstatements) < _last_day(retractions)
    return Standing(
        retracted=(typed or bool(retractions)) and not is_cancelled,
        retractions=retractions,
        concerns=of(_CONCERN),
        corrections=of(*_CORRECTION),
        reinstatements=reinstatements,
    )


def _last_day(notices: tuple[Relation, ...]) -> str:
    """The latest day that the notices name; the end of time where none does, so that order decides nothing."""
    days = [day for notice in notices for day in _DAY.findall(notice.note or "")]
    return max(days, default="9999")


def is_retracted(record: Record) -> bool:
    """Whether the record says that its document has been retracted."""
    return standing(record).retracted
