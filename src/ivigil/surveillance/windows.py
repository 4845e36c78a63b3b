"""Which days a night asks a source for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ivigil.sources.base import Window


@dataclass(frozen=True)
class Habits:
    """How a source lets its records be asked for by date.

    `overlap`: days searched again each night. `sweep`: how often what it changed since is asked for as well; None where
    a night's window has the changed records in it, or where the source cannot be asked.
    """

    overlap: timedelta = timedelta(days=7)
    sweep: timedelta | None = None


WEEK = timedelta(days=7)
HABITS: dict[str, Habits] = {
    # The index is rebuilt once a day and lags CRDT. What is indexed late is in the night's window (MHDA); retractions
    # and corrected abstracts are not: they are changes (LR).
    "pubmed": Habits(sweep=WEEK),
    # A record may be days late in FIRST_IDATE or CREATION_DATE; retractions come as revisions (UPDATE_DATE).
    "europepmc": Habits(sweep=WEEK),
    # First-loaded dates follow the load itself by up to two weeks; there is no date of change to ask for.
    "scopus": Habits(overlap=timedelta(days=14)),
    # Its time span means added or changed.
    "wos": Habits(),
    # Post dates follow submission by days; a night's window has new and updated registrations.
    "clinicaltrials": Habits(),
}
FIRST_OVERLAP = timedelta(days=31)
"""Days searched again before the review's cutoff: what the original search could not see yet."""


def habits_of(source: str) -> Habits:
    """How a source is asked by date; a week's overlap where nothing else is known."""
    return HABITS.get(source, Habits())


def night_window(source: str, cutoff: date, complete_through: date | None, today: date) -> Window:
    """From the last completely searched day, less the source's overlap, to today.

    Without a watermark the window opens at the review's cutoff, less a longer overlap. A gap of any length is thereby
    covered. A replayed day that lies before the watermark asks for that day's own overlap.
    """
    overlap = habits_of(source).overlap
    start = cutoff - max(FIRST_OVERLAP, overlap) if complete_through is None else min(complete_through, today) - overlap
    return Window(min(start, today), today)


def sweep_window(source: str, current_on: date, today: date) -> Window | None:
    """The days whose changes are asked for; None where the source is not swept, or was less than a sweep ago.

    `current_on` is the last day on which everything held of the source was as the source had it.
    """
    habits = habits_of(source)
    if habits.sweep is None or today - current_on < habits.sweep:
        return None
    return Window(current_on - habits.overlap, today)
