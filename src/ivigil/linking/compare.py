"""Decides on one pair of records."""

from __future__ import annotations

from ivigil.linking.links import Link
from ivigil.linking.normalise import plain
from ivigil.records import Record

MIN_TITLE_WORDS = 4


def keys(record: Record) -> frozenset[str]:
    """Blocking keys: only records that share one are compared. Depends on this record alone."""
    found = {f"{name}:{value}" for name in ("pmid", "doi", "pmcid") if (value := getattr(record, name))}
    found.update(f"trial:{number}" for number in record.registry_ids)
    title = plain(record.title)
    if len(title.split()) >= MIN_TITLE_WORDS and record.year:
        found.add(f"title:{title[:300]}:{record.year}")
    return frozenset(found)


def conflict(a: Record, b: Record) -> str | None:
    """Why these two can never be one report; None where nothing speaks against it."""
    for name in ("pmid", "doi", "pmcid"):
        mine, other = getattr(a, name), getattr(b, name)
        if mine and other and mine != other:
            return f"different {name}: {min(mine, other)} and {max(mine, other)}"
    return None


def compare(a: Record, b: Record) -> Link | None:
    """How two records belong together, None where nothing says so. Symmetric."""
    if conflict(a, b) is None:
        for name in ("pmid", "doi", "pmcid"):
            if (value := getattr(a, name)) and value == getattr(b, name):
                return Link("report", "certain", f"same-{name}", f"both carry {name} {value}")
        title = plain(a.title)
        if len(title.split()) >= MIN_TITLE_WORDS and title == plain(b.title) and a.year and a.year == b.year:
            return Link("report", "certain", "same-title-and-year", f"same title, both of {a.year}")
    shared = sorted(set(a.registry_ids) & set(b.registry_ids))
    if shared:
        return Link("study", "certain", "same-registration", f"both name {', '.join(shared)}")
    return None
