"""What the reader says: a status with its evidence for each criterion, and the verdict over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ivigil.criteria import Design
from ivigil.records import Record


class Status(StrEnum):
    """Whether a criterion is met in the words that were read."""

    MET = "met"
    NOT_MET = "not_met"
    UNCLEAR = "unclear"


class Verdict(StrEnum):
    """What the criteria say together."""

    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    NEEDS_FULL_TEXT = "needs_full_text"


@dataclass(frozen=True, slots=True)
class Reading:
    """One criterion as read: `evidence` is `field_text(record, field)[start:end]`, empty where nothing was found.

    From a text it is the whole sentence; `phrase` is the shorter stretch of it that the rule went by.
    """

    status: Status
    evidence: str = ""
    field: str = ""
    start: int = 0
    end: int = 0
    note: str = ""
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """One record against one set of criteria; `criteria` holds only the criteria that the protocol sets.

    `n_treated_chance` is how likely `n_treated` is, `treated` what people are shown: "18", or "perhaps 18, or 41".
    """

    verdict: Verdict
    criteria: dict[str, Reading]
    n_treated: int | None
    n_treated_chance: float | None
    treated: str
    design: Design
    organ_systems: tuple[str, ...]
    reasons: tuple[str, ...]


_FIELDS: dict[str, Callable[[Record], str]] = {
    "title": lambda record: record.title,
    "abstract": lambda record: record.abstract_text,
    "languages": lambda record: "; ".join(record.languages),
    "publication_types": lambda record: "; ".join(record.publication_types),
    "kind": lambda record: record.kind.value,
    "published": lambda record: str(record.first_published or ""),
    "mesh": lambda record: "; ".join(heading.descriptor for heading in record.mesh),
}


def field_text(record: Record, field: str) -> str:
    """The text that a reading's span points into; values of a list are joined by '; '.

    Fields: title, abstract, languages, publication_types, kind, published (the earlier of electronic and issue date),
    mesh (descriptors).
    """
    return _FIELDS[field](record)


def quote_value(record: Record, field: str, value: str, status: Status, note: str = "") -> Reading:
    """A reading whose evidence is one whole value of a metadata field."""
    text = field_text(record, field)
    start = text.index(value)
    while start and not text.startswith("; ", start - 2):
        start = text.index(value, start + 1)
    return Reading(status, value, field, start, start + len(value), note, value)
