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

# DOIs of preprint servers. Cold Spring Harbor's journals share 10.1101 with bioRxiv and medRxiv, whose own are numbers.
_PREPRINT_DOI = re.compile(
    r"10\.(?:1101|64898)/(?:\d{4}\.\d\d\.\d\d\.)?\d{6,8}(?:v\d+)?$|10\.(?:2139/ssrn|21203/rs\.|20944/preprints|31234/"
    r"|31219/|31222/|31235/|26434/|48550/|36227/|22541/|32388/|7287/peerj\.preprints|2196/preprints|35542/|31730/)"
)
# Preprint servers, and platforms that publish before review, number versions at the DOI's end.
_PREPRINT_VERSION = re.compile(r"[./_-]?v\d+$")
_PLATFORM_VERSION = re.compile(r"^(10\.(?:12688|3310|12703|21956)/[a-z0-9]+\.\d+)\.\d+$")
REPOSITORY_REGISTRANTS = ("10.5281/zenodo", "10.6084/", "10.13140/", "10.17605/", "10.17863/", "10.25384/")
_PREPRINT_VENUE = re.compile(
    r"\b(?:biorxiv|medrxiv|arxiv|chemrxiv|psyarxiv|ssrn|preprints?|research square|techrxiv|osf preprints|authorea)\b"
)
# EULAR prints its abstracts' numbers before their titles.
_ABSTRACT_NUMBER = re.compile(r"^(?:FRI|THU|SAT|WED|SUN|AB|OP|POS|SP|HP)\d{4}\b\W*")
_SUPPLEMENT = re.compile(r"suppl|\bS\d+\b|abstr", re.IGNORECASE)
# Numbers of abstracts are printed in capitals; BMJ's article numbers of 2008 ("a1754") are not.
_ABSTRACT_PAGE = re.compile(r"\s*(?:A|P|OP)-?\s?\d+[a-z]?\s*")
_MEETING_DOI = re.compile(r"eular|acr-?\d{4}|congress|\babs(?:tract)?[.\d]")
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
    supplement: bool
    indexed: bool
    registration: bool
    own_study: bool


def prepare(record: Record) -> Prepared:
    """Bring a record into the form it is compared in."""
    bare = _ABSTRACT_NUMBER.sub("", record.title)
    title = read_title(bare, record.vernacular_title)
    pages = read_pages(record.pages)
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
        pages=pages,
        year=record.year,
        pmid=record.pmid,
        pmcid=record.pmcid,
        doi=doi,
        doi_family=_without_version(doi) if doi else None,
        relations=tuple(relation for relation in record.relations if relation.kind.lower() not in _UNJOINING),
        abstract=abstract,
        trials=_trials(record, abstract),
        preprint=record.kind is RecordKind.PREPRINT
        or (doi is not None and _PREPRINT_DOI.match(doi) is not None)
        or _is_preprint_server(venue),
        meeting_abstract=record.kind is RecordKind.CONFERENCE_ABSTRACT
        or title.abstract_note
        or bare != record.title
        or (doi is not None and _MEETING_DOI.search(doi) is not None)
        or "Congress" in types
        or "Abstract" in types,
        supplement=any(text and _SUPPLEMENT.search(text) for text in (record.volume, record.issue, record.pages))
        or _ABSTRACT_PAGE.fullmatch(record.pages or "") is not None,
        # PubMed and PMC hold papers; congress abstracts only by exception.
        indexed=bool(record.pmid or record.pmcid),
        registration=record.kind is RecordKind.REGISTRATION,
        own_study=not types or not _NOT_REPORTS.search(types),
    )


def _without_version(doi: str) -> str:
    """The DOI that all versions of one preprint share."""
    if _PREPRINT_DOI.match(doi):
        return _PREPRINT_VERSION.sub("", doi)
    return _PLATFORM_VERSION.sub(r"\1", doi)


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
