"""Authors: one form for each person, and how well two lists agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz

from ivigil.linking.normalise import plain
from ivigil.linking.vocabulary import PARTICLES
from ivigil.records import Author

# Words that only a group's name holds.
_GROUP = re.compile(
    r"\b(?:group|study|trial|investigators?|committee|consortium|collaborat\w*|network|society|association|anonymous"
    r"|working|party|organi[sz]ation|institute|council|registry|team)\b"
)
MAX_PEOPLE = 25  # of longer lists the rest adds nothing
# Umlauts are either dropped or spelt with an e; both fold to the plain vowel.
_UMLAUT = re.compile(r"(?<=[aou])e")


class PeopleMatch(StrEnum):
    """How well two lists of authors agree."""

    SAME = "same"  # all of the shorter list, first author or most others included
    SHARED = "shared"  # at least half of the shorter list, or the first and a third
    MISSING = "missing"  # one names no person
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Person:
    """A surname without particles and accents, its separate words, the given names and their first letters."""

    surname: str
    words: tuple[str, ...]
    given: tuple[str, ...]
    initials: str

    @property
    def initial(self) -> str:
        """The first given name's first letter, '' where none is given."""
        return self.initials[:1]


def read_people(authors: tuple[Author, ...]) -> tuple[Person, ...]:
    """The persons among the authors, as far as they tell; groups name no person."""
    named = (author for author in authors[:MAX_PEOPLE] if author.last_name and not author.collective)
    people = (_read_person(author.last_name or "", author.fore_name or author.initials or "") for author in named)
    return tuple(person for person in people if person is not None)


def match_people(a: tuple[Person, ...], b: tuple[Person, ...]) -> tuple[PeopleMatch, int]:
    """How well two lists agree, and how many persons they share. Symmetric."""
    if not a or not b:
        return PeopleMatch.MISSING, 0
    shorter, longer = (a, b) if len(a) <= len(b) else (b, a)
    strict = len(shorter) < 3
    left = list(longer)
    shared = 0
    for person in shorter:
        for place, other in enumerate(left):
            if _same_person(person, other, strict=strict):
                del left[place]
                shared += 1
                break
    share = shared / len(shorter)
    first = _same_person(a[0], b[0], strict=strict)
    if share >= 0.75 and (first or shared >= 3 or (shared == 2 == len(longer))):
        return PeopleMatch.SAME, shared
    if (share >= 0.5 and (first or shared >= 2)) or (share >= 0.3 and first):
        return PeopleMatch.SHARED, shared
    return PeopleMatch.DIFFERENT, shared


@lru_cache(maxsize=10_000)
def _read_person(last: str, given: str) -> Person | None:
    name = plain(last)
    if not name or _GROUP.search(name):
        return None
    words = _UMLAUT.sub("", name).split()
    kept = tuple(word for word in words if word not in PARTICLES) if len(words) > 1 else ()
    kept = kept or tuple(words)
    names = _UMLAUT.sub("", plain(given)).split()
    return Person(
        surname="".join(kept),
        words=kept,
        given=tuple(word for word in names if len(word) > 2),
        initials="".join(word[0] for word in names),
    )


def _same_person(a: Person, b: Person, *, strict: bool) -> bool:
    if a.surname == b.surname or _near_surname(a, b):
        return not strict or not a.initial or not b.initial or a.initial == b.initial or _turned(a, b)
    return _turned(a, b)


def _near_surname(a: Person, b: Person) -> bool:
    """Spelling slips, and double names of which one part is given."""
    if any(len(word) > 2 and word in b.words for word in a.words):
        return True
    return min(len(a.surname), len(b.surname)) >= 3 and fuzz.ratio(a.surname, b.surname) >= 80


def _turned(a: Person, b: Person) -> bool:
    """Whether one has given and family name the wrong way round."""
    return _turned_about(a, b) or _turned_about(b, a)


def _turned_about(a: Person, b: Person) -> bool:
    if not any(name in b.words for name in a.given):
        return False
    return (
        not b.initial
        or b.initial == a.surname[:1]
        or b.initial in a.initials
        or any(name in a.words for name in b.given)
    )
