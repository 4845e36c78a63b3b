"""Author names as export files write them, split and read into surname and given names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivigil.records import Author

# 'A', 'AB', 'A.B.', 'J.-P.', 'A B' and 'Ch.': short, capital, with or without stops.
INITIALS = re.compile(
    r"(?:[A-ZÀ-Þ]{1,4}|(?:[A-ZÀ-Þ][a-zß-ÿ]{0,2}\.)+)(?:[ -]?(?:[A-ZÀ-Þ]{1,3}|(?:[A-ZÀ-Þ][a-zß-ÿ]{0,2}\.)+))*"
)
SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "2nd", "3rd"})
GROUP_WORDS = re.compile(
    r"\b(?:group|consortium|collaborat\w+|committee|network|investigators|society|organi[sz]ation|university|association"
    r"|institute|team|study|trial|foundation|ministry|federation|alliance|council|agency|registry|anonymous)\b",
    re.IGNORECASE,
)
SCOPUS_ID = re.compile(r"\s*\(\d{6,}\)\s*$")


def split_authors(values: Sequence[str]) -> list[str]:
    """One name an item, from one value a name or from one value with all of them.

    Separators in order of how safely they part names: semicolon, '|', ' and ', line end, comma. A comma parts names
    only where each piece is 'Surname I.' or pieces alternate between surname and initials.
    """
    if len(values) > 1:
        return _rejoined([name for value in values for name in (split_authors([value]) if ";" in value else [value])])
    names: list[str] = []
    for value in values:
        names += _split(value)
    return [name for name in (SCOPUS_ID.sub("", name).strip(" ;|\n") for name in names) if name]


def read_author(name: str, *, given_first: bool = False) -> Author | None:
    """'Yang, Z.', 'Yang Z.', 'Sampson SD', 'Marx, Karl' or a group's name; None for nothing.

    `given_first` is for sources that write 'Karl Marx'.
    """
    name = " ".join(name.split()).strip(" ,;*")
    if not name:
        return None
    if name.startswith("{") and name.endswith("}"):
        return Author(collective=name.strip("{}"))
    if "," in name:
        return _from_parts([part.strip() for part in name.split(",") if part.strip()])
    return Author(collective=name) if GROUP_WORDS.search(name) else _from_words(name.split(), given_first=given_first)


def _from_words(words: Sequence[str], *, given_first: bool) -> Author:
    for start in range(1, len(words)):
        given = " ".join(words[start:])
        if INITIALS.fullmatch(given):
            return _person(last=" ".join(words[:start]), given=given)
    if len(words) == 1 or given_first or INITIALS.fullmatch(words[0]):
        return _person(last=words[-1], given=" ".join(words[:-1]))
    return Author(collective=" ".join(words))


def _from_parts(parts: list[str]) -> Author:
    suffix = next((part for part in parts[1:] if part.lower() in SUFFIXES), None)
    rest = [part for part in parts if part != suffix]
    return _person(last=rest[0], given=" ".join(rest[1:]), suffix=suffix)


def _person(*, last: str, given: str, suffix: str | None = None) -> Author:
    if not given:
        return Author(last_name=last, suffix=suffix)
    whole = None if INITIALS.fullmatch(given) else given
    return Author(last_name=last, fore_name=whole, initials=_initials(given), suffix=suffix)


def _initials(given: str) -> str:
    if INITIALS.fullmatch(given):
        return re.sub(r"[^A-ZÀ-Þ]", "", given)
    return "".join(word[0].upper() for word in re.split(r"[\s.-]+", given) if word and word[0].isalpha())


def _rejoined(names: list[str]) -> list[str]:
    """EPPI-Reviewer parts 'Dos Santos, H.B.' into two authors; initials alone belong to the name before."""
    joined: list[str] = []
    for name in names:
        if joined and "," not in joined[-1] and re.fullmatch(r"[A-Z]\.?(?: [A-Z]\.?)*", name.strip()):
            joined[-1] += f", {name.strip()}"
        else:
            joined.append(name)
    return joined


def _split(value: str) -> list[str]:
    for separator in (r"\s*;\s*", r"\s*\|\s*", r"\s+and\s+(?!the\b)", r"\n"):
        pieces = [piece for piece in re.split(separator, value) if piece.strip()]
        if len(pieces) > 1:
            return pieces
    pieces = [piece.strip() for piece in value.split(",") if piece.strip()]
    if len(pieces) < 2:
        return [value]
    if not any(INITIALS.fullmatch(piece) for piece in pieces) and (
        len(pieces) > 2 or all(_ends_in_initials(piece) for piece in pieces)
    ):
        return pieces
    if len(pieces) % 2 == 0 and all(INITIALS.fullmatch(piece) for piece in pieces[1::2]):
        return [f"{last}, {given}" for last, given in zip(pieces[::2], pieces[1::2], strict=True)]
    return [value]


def _ends_in_initials(piece: str) -> bool:
    words = piece.split()
    return len(words) > 1 and INITIALS.fullmatch(words[-1]) is not None
