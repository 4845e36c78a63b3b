"""Dates as sources write them, read with the precision they have."""

from __future__ import annotations

import re
from datetime import date

from ivigil.records import PartialDate

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
# PubMed's help, "Date of publication": a date with a season is set to the first month of these quarters.
SEASONS = {"winter": 1, "spring": 4, "summer": 7, "fall": 10, "autumn": 10}
_TEXT_DATE = re.compile(
    r"""
    \s*(?P<year>\d{4})(?!\d)
    (?:[\s-]+(?P<month>[A-Za-z]+|\d{1,2}(?!\w))\.?      # a name, or a number of one or two digits
       (?:[\s-]+(?P<day>\d{1,2})(?!\w))?)?
    (?P<rest>.*)
    """,
    re.VERBOSE | re.DOTALL,
)
ANY_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


def month_number(text: str) -> int | None:
    """1 to 12 from a number, an English month name or its abbreviation, or a season; None when it is none of them."""
    word = text.strip().rstrip(".").lower()
    if word.isdecimal() and len(word) <= 2:
        number = int(word)
        return number if 1 <= number <= 12 else None
    if word in SEASONS:
        return SEASONS[word]
    return next((place for place, name in enumerate(_MONTHS, 1) if len(word) >= 3 and name.startswith(word)), None)


def partial_date(
    year: str | None, month: str | None = None, day: str | None = None, *, text: str | None = None
) -> PartialDate | None:
    """A date from its parts, as fine as they are sound; None without a year.

    A month that is no month, or a day the month does not have, is left out and the source's words are kept as text.
    """
    if year is None or not re.fullmatch(r"\s*\d{4}\s*", year) or int(year) == 0:
        return None
    said = text or " ".join(part.strip() for part in (year, month, day) if part)
    number = month_number(month) if month else None
    if number is None:
        return PartialDate(year=int(year), text=said if month else text)
    if day is None:
        return PartialDate(year=int(year), month=number, text=text)
    try:
        exact = date(int(year), number, int(day))
    except ValueError:
        return PartialDate(year=int(year), month=number, text=said)
    return PartialDate(year=exact.year, month=exact.month, day=exact.day, text=text)


def text_date(text: str) -> PartialDate | None:
    """A date from words ("2015 Oct-Dec", "1998 Dec-1999 Jan", "2000 Spring", "1976-1977"): its first month or day.

    The words are kept whenever they say more than the date does. None when they name no year.
    """
    words = " ".join(text.split())
    if match := _TEXT_DATE.fullmatch(words):
        month = match["month"]
        if month is None or month_number(month) is None:
            return partial_date(match["year"], text=words if words != match["year"] else None)
        is_season = month.lower() in SEASONS
        says_more = is_season or match["rest"].strip(" .") != ""
        return partial_date(match["year"], month, match["day"], text=words if says_more else None)
    if match := ANY_YEAR.search(words):
        return partial_date(match[1], text=words)
    return None


def iso_day(text: str | None) -> date | None:
    """The day of an ISO date, or of a timestamp that starts with one; None when there is none."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
