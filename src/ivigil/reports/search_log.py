"""The search log: every search as it was run, and the sixteen items of PRISMA-S answered from the ledger.

PRISMA-S: Rethlefsen et al., Syst Rev 2021;10:39. What the ledger cannot know (peer review of the strategy, contacts) is
said to be unknown, not left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ivigil.records import Value


class LoggedSearch(Value):
    """One search of the ledger."""

    run_id: int
    kind: str
    source: str
    strategy: str
    query_hash: str
    date_field: str
    window_start: date
    window_end: date
    searched_at: datetime
    reported: int
    fetched: int
    new_records: int
    complete: bool
    error: str | None = None
    version: str | None = None


class ImportedFile(Value):
    """One export file that was taken in."""

    run_id: int
    imported_at: datetime
    format: str
    records: int
    new_records: int


class ReportingItem(Value):
    """One item of PRISMA-S."""

    number: int
    name: str
    answer: str


class SearchLog(Value):
    """Searches, files, and the checklist that follows from them."""

    title: str
    as_of: date
    version: str
    strategy_basis: str
    strategies: dict[str, str]
    searches: tuple[LoggedSearch, ...]
    files: tuple[ImportedFile, ...]
    items: tuple[ReportingItem, ...]


@dataclass(frozen=True)
class Facts:
    """What the checklist is answered from; `citations` and `duplicates` count records, `files` imported files."""

    databases: Sequence[str]
    registers: Sequence[str]
    strategy_basis: str
    review: str
    records: int
    duplicates: int
    citations: int
    files: int


def reporting_items(facts: Facts, searches: Sequence[LoggedSearch]) -> tuple[ReportingItem, ...]:
    """The sixteen items in their order."""
    days = [search.searched_at.date() for search in searches]
    span = f"{min(days)} to {max(days)}, {len(days)} searches" if days else "no search yet"
    original = facts.strategy_basis == "original"
    own = "the strategies of the original review" if original else "a reconstruction, not the review's own strings"
    windows = ", ".join(sorted({search.date_field for search in searches})) or "none"
    cited = f"{facts.citations} records came by citation chasing" if facts.citations else "none yet"
    answers = (
        ("Database name", f"{_listed(facts.databases)}; each by its own programming interface, named in the log"),
        ("Multi-database searching", "none: every database is searched by itself"),
        ("Study registries", _listed(facts.registers)),
        ("Online resources and browsing", "none"),
        ("Citation searching", cited),
        ("Contacts", "not recorded by ivigil"),
        ("Other methods", f"{facts.files} export files imported" if facts.files else "none"),
        ("Full search strategies", "printed below, exactly as sent; each has a hash that the log repeats"),
        ("Limits and restrictions", f"date windows only ({windows}); no limit by language or design"),
        ("Search filters", "none"),
        ("Prior work", f"{own}, for: {facts.review}"),
        ("Updates", "every search is run again over a window that overlaps the last complete one; see the log"),
        ("Dates of searches", span),
        ("Peer review", "not recorded by ivigil"),
        ("Total records", f"{facts.records} records held, from every source together"),
        (
            "Deduplication",
            f"by named rules, linked and never deleted; {facts.duplicates} records joined an earlier one",
        ),
    )
    return tuple(ReportingItem(number=at, name=name, answer=answer) for at, (name, answer) in enumerate(answers, 1))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
