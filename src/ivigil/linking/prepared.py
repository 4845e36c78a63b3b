"""A record in the form it is compared in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ivigil.linking.normalise import plain
from ivigil.linking.people import Person, read_people
from ivigil.linking.places import Pages, read_pages, read_volume
from ivigil.linking.titles import Title, read_title
from ivigil.records import Record, RecordKind, Relation

# DOI registrants whose documents are versions of papers published elsewhere: preprint servers and repositories.
PREPRINT_REGISTRANTS = (
    "10.1101/", "10.64898/",  # bioRxiv and medRxiv
    "10.2139/ssrn", "10.21203/rs.", "10.20944/preprints", "10.31234/", "10.31219/", "10.31222/", "10.31235/",
    "10.26434/", "10.48550/", "10.36227/", "10.22541/", "10.32388/", "10.7287/peerj.preprints", "10.2196/preprints",
    "10.3310/nihropenres", "10.35542/", "10.31730/", "10.14293/",
)  # fmt: skip
REPOSITORY_REGISTRANTS = ("10.5281/zenodo", "10.6084/", "10.13140/", "10.17605/", "10.17863/", "10.25384/", "10.26226/")
_PREPRINT_VENUE = re.compile(
    r"\b(?:biorxiv|medrxiv|arxiv|chemrxiv|psyarxiv|ssrn|preprints?|research square|techrxiv|osf preprints|authorea)\b"
)
_VERSION = re.compile(r"(?:[./_-]?v\d+(?:\.full)?|(?<=f1000research\.\d{4})\.\d+|(?<=f1000research\.\d{5})\.\d+)$")
_NOT_REPORTS = re.compile(
    r"review|meta-analysis|comment|editorial|letter|guideline|news|erratum|correction|retraction", re.IGNORECASE
)
# Relations that name thousands of documents without joining any.
_UNJOINING = frozenset({"cites", "references", "citedby", "commenton", "commentin", "unspecified"})
_REGISTRIES = ("NCT", "ISRCTN", "ACTRN", "UMIN", "ChiCTR", "DRKS")
_TRIAL = re.compile(r"\b(?:NCT\s?\d{8}|ISRCTN\s?\d{8}|ACTRN\d{14}|UMIN\d{9}|ChiCTR[-\w]*\d{8,10}|DRKS\d{8})\b")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is compared of a record, each field read once."""

    key: tuple[str, str, str]
    title: Title
    people: tuple[Person, ...]
    venue: str
    issns: frozenset[str]
    volume: str | None
    issue: str | None
    pages: Pages | None
    year: int | None
    pmid: str | None
    pmcid: str | None
    doi: str | None
    doi_family: str | None
    relations: tuple[Relation, ...]
    abstract: str
    trials: frozenset[str]
    preprint: bool
    meeting_abstract: bool
    indexed: bool
    registration: bool
    own_study: bool


def prepare(record: Record) -> Prepared:
    """Bring a record into the form it is compared in."""
    title = read_title(record.title, record.vernacular_title)
    venue = record.journal or record.journal_abbreviation or ""
    doi = record.doi.lower() if record.doi else None
    types = " ".join(record.publication_types)
    # Section labels are left out, for sources differ in them.
    abstract = " ".join(part.text for part in record.abstract) if len(record.abstract) != 1 else record.abstract[0].text
    return Prepared(
        key=record.key,
        title=title,
        people=read_people(record.authors),
        venue=venue,
        issns=frozenset(record.issns),
        volume=read_volume(record.volume, record.year),
        issue=plain(record.issue) if record.issue else None,
        pages=read_pages(record.pages),
        year=record.year,
        pmid=record.pmid,
        pmcid=record.pmcid,
        doi=doi,
        doi_family=_VERSION.sub("", doi) if doi else None,
        relations=tuple(relation for relation in record.relations if relation.kind.lower() not in _UNJOINING),
        abstract=abstract,
        trials=_trials(record, abstract),
        preprint=record.kind is RecordKind.PREPRINT
        or (doi is not None and doi.startswith(PREPRINT_REGISTRANTS))
        or _is_preprint_server(venue),
        meeting_abstract=record.kind is RecordKind.CONFERENCE_ABSTRACT
        or title.abstract_note
        or "Congress" in types
        or "Abstract" in types,
        # PubMed and PMC hold papers; congress abstracts only by exception.
        indexed=bool(record.pmid or record.pmcid),
        registration=record.kind is RecordKind.REGISTRATION,
        own_study=not types or not _NOT_REPORTS.search(types),
    )


@lru_cache(maxsize=50_000)
def _is_preprint_server(venue: str) -> bool:
    return _PREPRINT_VENUE.search(venue.casefold()) is not None


def _trials(record: Record, abstract: str) -> frozenset[str]:
    """Registrations named in data banks, and in the abstract's own words."""
    found = {number.upper().replace(" ", "") for number in record.registry_ids}
    if record.kind is RecordKind.REGISTRATION and _TRIAL.fullmatch(record.source_id):
        found.add(record.source_id.upper())
    if any(name in abstract for name in _REGISTRIES):
        found.update(number.upper().replace(" ", "") for number in _TRIAL.findall(abstract))
    return frozenset(found)
