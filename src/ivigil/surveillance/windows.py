"""Which days a night asks a source for."""

from __future__ import annotations

from datetime import date, timedelta

from ivigil.sources.base import Window

OVERLAP = timedelta(days=7)
"""Days searched again each night: a source's index lags its own entry dates (E-utilities rebuild once a day)."""
FIRST_OVERLAP = timedelta(days=31)
"""Days searched again before the review's cutoff: what the original search could not see yet."""


def night_window(cutoff: date, complete_through: date | None, today: date) -> Window:
    """From the last completely searched day, less the overlap, to today.

    Without a watermark the window opens at the review's cutoff, less a longer overlap. A gap of any length is thereby
    covered. A replayed day that lies before the watermark asks for that day's own overlap.
    """
    start = cutoff - FIRST_OVERLAP if complete_through is None else min(complete_through, today) - OVERLAP
    return Window(min(start, today), today)
