"""The numbers that services of their own counting give to documents, and back."""

from __future__ import annotations

from ivigil.simulator.document import BEYOND, MEDLINE, PREPRINT

_LEADS = {MEDLINE: "4", PREPRINT: "7", BEYOND: "8"}
_WIDTH = 9


def number_of(identifier: str) -> str:
    """A document's number: a digit for where it comes from, and its own digits."""
    origin = next((each for each in (PREPRINT, BEYOND) if identifier.startswith(each)), MEDLINE)
    return _LEADS[origin] + identifier.removeprefix(origin).zfill(_WIDTH)


def identifier_of(number: str) -> str:
    """The document of a number; what is none names a document that does not exist."""
    origin = next((origin for origin, lead in _LEADS.items() if number.startswith(lead)), MEDLINE)
    digits = number[1:].lstrip("0")
    return digits if origin == MEDLINE else f"{origin}{digits}"
