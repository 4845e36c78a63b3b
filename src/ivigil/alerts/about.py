"""A record and the reading of its criteria, as the facts an alert tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from ivigil.alerts.content import CriterionReading, Found, SecondReading, StudyFacts
from ivigil.alerts.digest_content import Link
from ivigil.alerts.text import LONGEST_URL, is_web_address, plain
from ivigil.eligibility.certainty import treated_words
from ivigil.records import Record

SHOWN_AUTHORS = 3
LONGEST_EVIDENCE = 600


def study_facts(
    record: Record,
    reading: Mapping[str, Any] | None,
    found: Iterable[tuple[str, str]] = (),
    *,
    notices: Iterable[str] = (),
    reports: int = 1,
    open_copy: str | None = None,
) -> StudyFacts:
    """The facts of a report.

    Args:
        record: the best values over the report's records.
        reading: its assessment as plain data (`verdict`, `criteria`, `n_treated`, `design`, `organ_systems`, and what
            the second reader made of it), or None.
        found: (source, way) of each of its records.
        notices: what its sources say happened to it: retracted, concern, corrected.
        reports: how many reports of its study are held.
        open_copy: where it can be read freely, as far as a source has told.
    """
    said = reading or {}
    second = said.get("second_reading")
    return StudyFacts(
        title=plain(record.title or record.vernacular_title or "", 500) or "(no title)",
        journal=record.journal or record.journal_abbreviation,
        published=str(record.first_published) if record.first_published else None,
        authors=short_authors(record),
        ids=identifiers(record),
        links=links(record, open_copy),
        design=str(said["design"]) if said.get("design") else None,
        n_treated=said.get("n_treated"),
        n_treated_chance=said.get("n_treated_chance"),
        treated=treated_words(said.get("n_treated"), said.get("treated")),
        organ_systems=tuple(said.get("organ_systems") or ()),
        verdict=said.get("verdict"),
        criteria=_criteria(said),
        second_reading=_second_reading(second) if second else None,
        abstract_missing=not record.abstract,
        full_text=record.pmcid is not None or open_copy is not None,
        notices=tuple(sorted(set(notices))),
        reports=reports,
        found=tuple(Found(source=source, way=way) for source, way in dict.fromkeys(found)),
    )


def short_authors(record: Record) -> str | None:
    """'Rivera A, Okafor B, Lind C, et al.'; None without authors."""
    names = [author.name for author in record.authors if author.name]
    if not names:
        return None
    return ", ".join([*names[:SHOWN_AUTHORS], *(["et al."] if len(names) > SHOWN_AUTHORS else [])])


def identifiers(record: Record) -> dict[str, str]:
    """The identifiers a record has, by kind."""
    held = {
        "pmid": record.pmid,
        "doi": record.doi,
        "pmcid": record.pmcid,
        "registry": ", ".join(record.registry_ids),
    }
    return {kind: value for kind, value in held.items() if value}


def links(record: Record, open_copy: str | None = None) -> tuple[Link, ...]:
    """Where the document can be read: by its identifiers, else at the source's own address; then its open copy."""
    addresses = []
    if record.doi:
        addresses.append((f"doi:{record.doi}", f"https://doi.org/{quote(record.doi, safe='/')}"))
    if record.pmid:
        addresses.append((f"PubMed {record.pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{quote(record.pmid, safe='')}/"))
    if record.pmcid:
        addresses.append((record.pmcid, f"https://pmc.ncbi.nlm.nih.gov/articles/{quote(record.pmcid, safe='')}/"))
    if not addresses and record.url and re.match(r"https?://\S", record.url):
        addresses.append((record.source, quote(record.url, safe=":/?#[]@!$&()*+,;=%~")))
    if open_copy and is_web_address(open_copy):
        addresses.append(("Full text (open)", open_copy))
    return tuple(Link(label=label, url=url) for label, url in addresses if len(url) <= LONGEST_URL)


def _criteria(said: Mapping[str, Any]) -> tuple[CriterionReading, ...]:
    return tuple(_criterion(name, value) for name, value in (said.get("criteria") or {}).items())


def _second_reading(said: Mapping[str, Any]) -> SecondReading:
    return SecondReading(
        model=said["model"], verdict=said["verdict"], criteria=_criteria(said), agrees=bool(said["agrees"])
    )


def _criterion(name: str, value: Mapping[str, Any]) -> CriterionReading:
    evidence = value.get("evidence")
    if isinstance(evidence, list | tuple):
        evidence = " … ".join(str(part) for part in evidence)
    return CriterionReading(
        name=name,
        status=value["status"],
        evidence=plain(str(evidence), LONGEST_EVIDENCE) if evidence else None,
    )
