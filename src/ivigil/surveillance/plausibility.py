"""What an answer may look like, judged by the answers before it: pure rules, no store.

A source that breaks often does so politely: zero hits, or records without their titles, under HTTP 200. Neither is an
error by itself, so each is held against the same strategy's own past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from scipy.stats import hypergeom

from ivigil.records import Record
from ivigil.sources.base import Window

IMPROBABLE = 0.001
"""An answer less probable than this, going by the past, is doubted."""
LEAST_RISE = 0.2
"""How much a share must rise (0 to 1) to be told of, however many records make the rise certain."""
PARTS = ("title", "date", "id")


def chance_of_zero(past: Sequence[tuple[Window, int]], window: Window) -> float:
    """How probable no hit at all is in a window, given what earlier windows had (window, hits), newest first.

    Hits are taken to come as a Poisson process whose rate is known only from the past: with k hits in T days the
    chance of none in t days is (T / (T + t)) ** (k + 1/2), the posterior predictive under Jeffreys' prior (Gelman et
    al., Bayesian Data Analysis, 3rd ed., section 2.6). A short past thereby convinces nobody. Windows overlap from
    night to night, so only those that do not overlap a newer one are counted. 1 where there is no past.
    """
    days, hits = 0, 0
    open_until = None
    for earlier, count in past:
        if open_until is not None and earlier.end >= open_until:
            continue
        open_until = earlier.start
        days += _days(earlier)
        hits += count
    return float((days / (days + _days(window))) ** (hits + 0.5)) if days else 1.0


def lacking(records: Sequence[Record]) -> dict[str, int]:
    """How many of these records have no title, no date of publication, no PMID or DOI; and how many there are."""
    return {
        "records": len(records),
        "title": sum(not record.title for record in records),
        "date": sum(record.first_published is None for record in records),
        "id": sum(not (record.pmid or record.doi) for record in records),
    }


def risen(before: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """Which parts are lacking far more often than before, each in words; counts as `lacking` gives them.

    A share must have risen by 20 points, and by more than chance: the one-sided exact test of Fisher below 0.001.
    """
    found: list[str] = []
    past, present = before.get("records", 0), now.get("records", 0)
    if not past or not present:
        return found
    for part in PARTS:
        was, is_ = before.get(part, 0), now.get(part, 0)
        if is_ / present - was / past < LEAST_RISE:
            continue
        chance = float(hypergeom.sf(is_ - 1, past + present, was + is_, present))
        if chance < IMPROBABLE:
            found.append(f"{is_} of {present} records lack a {part} (before: {was} of {past})")
    return found


def _days(window: Window) -> int:
    return (window.end - window.start + timedelta(days=1)).days
