"""Where a document was published: journal or meeting, volume, pages; and whether two places agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz

from ivigil.linking.normalise import plain
from ivigil.linking.vocabulary import LITTLE_VENUE_WORDS, MEETING_WORDS


class FieldMatch(StrEnum):
    """Whether two values of one field agree."""

    SAME = "same"
    NEAR = "near"
    MISSING = "missing"
    OTHER_COUNT = "other count"  # numbered in ways that cannot be compared: before and after the issue, article number
    DIFFERENT = "different"


_MEETING = re.compile(r"\b(?:conference|proceedings?|proc|conf|symposium|congress|workshop|meeting)\b")
MIN_MEETING_WORDS = 3
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_OTHER_NAME = re.compile(r"\[([^\[\]]+ [^\[\]]+ [^\[\]]+)\]")
_BREAK = re.compile(r"\s*(?:[:=]|\.(?=[A-Z])|(?<=[a-zA-Z]{3})\.\s|\s-+\s)\s*")
_EDITION = re.compile(r"\b(?:\d+(?:st|nd|rd|th)?|annual|vols?|proceedings|proc|electronic resource|online)\b")
_MONTH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPREADSHEET = re.compile(rf"(\d{{1,2}})-({'|'.join(_MONTH)})[a-z]*", re.IGNORECASE)
_PAGE = re.compile(r"([a-z]{0,12}-?)\s?(\d+)\s?[a-z]?\b")
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_ROMAN_VALUE = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
ELOCATOR_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Pages:
    """First and last page as numbers, with the letters that lead the first; None where not given."""

    lead: str
    first: int | None
    last: int | None

    @property
    def count(self) -> int:
        """Pages from first to last, 1 where only one is given."""
        return self.last - self.first + 1 if self.first is not None and self.last is not None else 1

    @property
    def elocator(self) -> bool:
        """Whether it is an article's number rather than a page."""
        return self.lead in {"e", "c", "cd", "id", "article", "art", "o", "bcr"} or (
            self.first is not None and len(str(self.first)) >= ELOCATOR_DIGITS
        )


def read_pages(text: str | None) -> Pages | None:
    """'527-32.e1' -> 527 to 532; also what a spreadsheet made a date of ('13-May' -> 5 to 13)."""
    if not text:
        return None
    text = text.strip().casefold().replace("\u2013", "-").replace("\u2014", "-").split(";")[0]
    if damaged := _SPREADSHEET.fullmatch(text):
        first, last = sorted((int(damaged[1]), _MONTH.index(damaged[2]) + 1))
        return Pages("", first, last)
    numbers = list(_PAGE.finditer(text))
    if not numbers:
        return None
    lead, first = numbers[0][1], int(numbers[0][2])
    if "-" in text[: numbers[0].start(2)]:
        return Pages("", None, first)
    if len(numbers) < 2 or "-" not in text[numbers[0].end() : numbers[1].start() + 1]:
        return Pages(lead, first, None)
    digits = numbers[1][2]
    whole = str(first)
    last = int(whole[: len(whole) - len(digits)] + digits) if len(digits) < len(whole) else int(digits)
    return Pages(lead, first, last if last >= first else None)


def match_pages(a: Pages | None, b: Pages | None) -> FieldMatch:  # noqa: PLR0911 - one return for each way to differ
    """Whether two page ranges agree. Symmetric."""
    if a is None or b is None:
        return FieldMatch.MISSING
    # Some databases drop the letters of a supplement's pages, but not from one end of a range only.
    half = a.first is None or b.first is None
    leads_agree = a.lead == b.lead or ((not a.lead or not b.lead) and (half or a.count == b.count))
    if a.first is not None and a.first == b.first:
        return FieldMatch.SAME if leads_agree else FieldMatch.DIFFERENT
    if a.elocator != b.elocator:
        return FieldMatch.OTHER_COUNT
    ends_a, ends_b = a.last or a.first, b.last or b.first
    if leads_agree and (a.first is None) != (b.first is None) and _is_tail(str(ends_a), str(ends_b)):
        return FieldMatch.OTHER_COUNT
    if leads_agree and ends_a == ends_b and (a.first is None or b.first is None or not a.last or not b.last):
        return FieldMatch.SAME
    if a.first is None or b.first is None:
        return FieldMatch.DIFFERENT
    if (a.first == 1 or b.first == 1) and a.last and b.last and a.count == b.count:
        return FieldMatch.OTHER_COUNT
    if leads_agree and a.last and b.last and a.first <= b.last and b.first <= a.last and not a.elocator:
        return FieldMatch.NEAR
    return FieldMatch.DIFFERENT


def _is_tail(a: str, b: str) -> bool:
    """Whether one number is the other's last digits: of 'S38-S42' some exports leave 'Suppl-42', of '314-20' 't-20'."""
    return a.endswith(b) or b.endswith(a)


def read_volume(text: str | None, year: int | None) -> str | None:
    """The volume's own number: '24 Suppl 3' -> '24', '29A' -> '29', 'XII' -> '12'; a year or a month is none."""
    if not text:
        return None
    form = plain(text)
    number = _NUMBER.search(form)
    if number is None:
        return str(_roman(form)) if form and _ROMAN.fullmatch(form) else None
    value = number[0].lstrip("0")
    if value == str(year) or any(word[:3] in _MONTH for word in form.split()):
        return None
    return value or None


def _roman(text: str) -> int:
    values = [_ROMAN_VALUE[letter] for letter in text]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def match_text(a: str | None, b: str | None) -> FieldMatch:
    """SAME, DIFFERENT, or MISSING where one is not given."""
    if not a or not b:
        return FieldMatch.MISSING
    return FieldMatch.SAME if a == b else FieldMatch.DIFFERENT


@lru_cache(maxsize=50_000)
def match_venues(a: str, b: str) -> FieldMatch:
    """Whether two names can be one journal or meeting: equal, or one the other's abbreviation, part or initials."""
    if not a or not b:
        return FieldMatch.MISSING
    if a == b:
        return FieldMatch.SAME
    forms_a, forms_b = _venue_forms(a), _venue_forms(b)
    same = any(_one_name(x, y) for x in forms_a for y in forms_b)
    return (
        FieldMatch.SAME
        if same or _initials_in(forms_a, forms_b) or _initials_in(forms_b, forms_a)
        else FieldMatch.DIFFERENT
    )


@lru_cache(maxsize=50_000)
def _venue_forms(name: str) -> tuple[tuple[str, ...], ...]:
    """The name whole, and its parts at a colon, an equals sign or a full stop; each as words that tell."""
    bare = _ASIDE.sub(" ", name.strip('"'))
    # Square brackets hold the name in another language, round ones a place of printing.
    texts = [bare, *(part for part in _BREAK.split(bare) if part), *_OTHER_NAME.findall(name)]
    forms = (
        tuple(word for word in _EDITION.sub(" ", plain(text)).split() if word not in LITTLE_VENUE_WORDS)
        for text in texts
    )
    return tuple(dict.fromkeys(form for form in forms if form))


def is_meeting(venue: str) -> bool:
    """Whether the name is a meeting's."""
    return _MEETING.search(venue.casefold()) is not None


def _one_name(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    if a == b:
        return True
    shorter, longer = (a, b) if len(a) <= len(b) else (b, a)
    if len(a) == len(b) and all(_abbreviates(x, y) for x, y in zip(a, b, strict=True)):
        return True
    if _MEETING.search(" ".join(a)) or _MEETING.search(" ".join(b)):
        telling = [set(form) - MEETING_WORDS for form in (shorter, longer)]
        fewer = min(map(len, telling))
        if len(telling[0] & telling[1]) >= max(MIN_MEETING_WORDS, 0.75 * fewer):
            return True
    return len(shorter) > 1 and fuzz.ratio(" ".join(a), " ".join(b)) >= 92


def _abbreviates(a: str, b: str) -> bool:
    """Whether the shorter word holds letters of the longer in order, beginning with its first."""
    if a == b:
        return True
    short, whole = (a, b) if len(a) <= len(b) else (b, a)
    if short[0] != whole[0] or (len(short) < 2 and len(whole) > 1 and short != whole[0]):
        return False
    rest = iter(whole)
    return all(letter in rest for letter in short)


def _initials_in(a: tuple[tuple[str, ...], ...], b: tuple[tuple[str, ...], ...]) -> bool:
    """Whether one name gives the initials of the other: BMJ, AMCIS 2017, ..., ICIS."""
    long_forms = [form for form in b if len(form) >= 3]
    return any(_heads(word, form) for name in a for word in name if 3 <= len(word) <= 8 for form in long_forms)


def _heads(initials: str, words: tuple[str, ...]) -> bool:
    """Whether the letters are the words' first ones in order, up to three of each: amcis, americas conference ..."""
    if not words or not initials:
        return not words and not initials
    head = words[0]
    return any(initials[:size] == head[:size] and _heads(initials[size:], words[1:]) for size in (1, 2, 3))
