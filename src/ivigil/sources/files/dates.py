"""Dates as export files write them, kept at the precision they give."""

from __future__ import annotations

import re
from datetime import date

from pydantic import ValidationError

from ivigil.records import PartialDate
from ivigil.sources.dates import ANY_YEAR, SEASONS, month_number

COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
NUMERIC = re.compile(r"(\d{4})[-/. ]+(\d{1,2})(?:[-/. ]+(\d{1,2}))?(?!\d)")
AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
WORD = re.compile(r"[A-Za-z]+")
DAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?!\d)")


def read_date(text: str, *, year: int | None = None) -> PartialDate | None:
    """The date in a text such as '2024///', '2024/04/03/', '1 Dec 2024', '4/3/2024' (month first) or '2010 Sep-Oct'.

    `year` completes a text that has none ('SEP 22'). None where no year can be read.
    """
    text = text.strip()
    for pattern, order in ((COMPACT, (1, 2, 3)), (NUMERIC, (1, 2, 3)), (AMERICAN, (3, 1, 2))):
        found = pattern.match(text)
        if found:
            year_found, month, day = (int(found[group]) if found[group] else None for group in order)
            made = _make(year_found, month, day)
            if made:
                return made
    return _read_words(text, year)


def read_day(text: str) -> date | None:
    """The date in a text when it names a day, else None."""
    when = read_date(text)
    return date(when.year, when.month, when.day) if when and when.month and when.day else None


def read_year(text: str) -> int | None:
    """The first four-digit year in a text."""
    found = ANY_YEAR.search(text)
    return int(found[1]) if found else None


def _read_words(text: str, year: int | None) -> PartialDate | None:
    stated = read_year(text)
    chosen = stated or year
    if chosen is None:
        return None
    rest = ANY_YEAR.sub(" ", text)
    words = [word.lower() for word in WORD.findall(rest)]
    named = [number for word in words if word not in SEASONS and (number := month_number(word))]
    months = named or [SEASONS[word] for word in words if word in SEASONS]
    if not months:
        return _make(chosen) if stated else None
    several = len(months) > 1 or any(word in SEASONS for word in words)
    if several:
        return _make(chosen, months[0], None, " ".join(text.split()))
    day = DAY.search(rest)
    return _make(chosen, months[0], int(day[1]) if day else None) or _make(chosen, months[0])


def _make(
    year: int | None, month: int | None = None, day: int | None = None, text: str | None = None
) -> PartialDate | None:
    """The finest real date these numbers make: a thirteenth month is dropped, a thirtieth of February too."""
    for parts in ((month, day), (month, None), (None, None)):
        try:
            return PartialDate.model_validate({"year": year, "month": parts[0], "day": parts[1], "text": text})
        except (ValidationError, ValueError):
            continue
    return None
