"""bioRxiv and medRxiv answers (JSON) to records, one for each version, and to links to what was published."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ivigil.errors import MalformedResponse, SearchContext
from ivigil.records import AbstractSection, Author, PartialDate, Record, RecordKind, Relation
from ivigil.sources.dates import iso_day
from ivigil.sources.identifiers import clean_doi
from ivigil.sources.json_answers import load_object, why_unreadable
from ivigil.sources.markup import plain_text

NAME = "rxiv"
PUBLISHED_AS = "PublishedAs"
_EMPTY = ("no posts found", "no articles found")
# Marks that flattening leaves in abstracts, grown into the words they open (O_) and close (C_): small capitals within a
# word, and headings, list items, figures, tables and boxes between words.
_WITHIN_WORDS = re.compile(r"[OC]_SCP(?:LOW|CAP)")
_BETWEEN_WORDS = re.compile(r"[OC]_(?:ST_ABS|LI|QD|FIG|TBL|TEXTBOX)")

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Versions:
    """What is held of one preprint, oldest version first."""

    records: tuple[Record, ...]
    rejected: tuple[tuple[str, str], ...] = ()


def parse_details(body: bytes, context: SearchContext | None = None) -> Versions:
    """Read an answer of `/details`.

    Raises:
        MalformedResponse: not JSON, without status, or with a status that is neither a success nor a stated nothing.
    """
    context = context or SearchContext(NAME)
    records: list[Record] = []
    rejected: list[tuple[str, str]] = []
    for place, entry in enumerate(_collection(body, context), start=1):
        try:
            records.append(_parse_version(entry))
        except (ValueError, TypeError, AttributeError, KeyError) as error:  # of a shape that is not documented
            name = clean_doi(entry.get("doi")) if isinstance(entry, dict) else None
            rejected.append((name or f"#{place}", why_unreadable(error)))
    records.sort(key=lambda record: int(record.version) if record.version.isdecimal() else 0)
    return Versions(tuple(records), tuple(rejected))


def parse_published(body: bytes, context: SearchContext | None = None) -> dict[str, Relation]:
    """Read an answer of `/pubs`: preprint DOI -> the article it became.

    Raises:
        MalformedResponse: as for `parse_details`, or a link without its two ends.
    """
    context = context or SearchContext(NAME)
    found: dict[str, Relation] = {}
    for entry in _collection(body, context):
        preprint = clean_doi(entry.get("preprint_doi") or entry.get("biorxiv_doi"))
        article = clean_doi(entry.get("published_doi"))
        if preprint is None or article is None:
            raise MalformedResponse(f"a link without its two DOIs; it holds {sorted(entry)}", context=context)
        said = (entry.get("published_journal"), entry.get("published_date"))
        found[preprint] = Relation(
            kind=PUBLISHED_AS, doi=article, note=", ".join(part for part in said if part) or None
        )
    return found


def _collection(body: bytes, context: SearchContext) -> list[Any]:
    """The entries of an answer; every answer comes with HTTP 200 and says in words how it fared."""
    answer = load_object(body, context)
    messages, entries = answer.get("messages"), answer.get("collection")
    if not isinstance(messages, list) or not isinstance(entries, list):
        raise MalformedResponse(
            f"an answer without messages and collection; it holds {sorted(answer)}", context=context
        )
    status = str((messages[0] if messages else {}).get("status") or "")
    if status.lower().startswith(_EMPTY) and not entries:
        return []
    if status.lower() != "ok":
        raise MalformedResponse(f"the status is {status!r}", context=context)
    return entries


def _parse_version(entry: Fields) -> Record:
    doi = clean_doi(entry["doi"])
    posted = iso_day(entry.get("date"))
    if doi is None:
        raise ValueError(f"its DOI is {entry['doi']!r}")
    version = str(entry.get("version") or "1")
    server = str(entry.get("server") or "").strip() or _server_of(entry)
    article = clean_doi(entry.get("published"))  # "NA" until there is one
    return Record(
        source=NAME,
        source_id=doi,
        version=version,
        kind=RecordKind.PREPRINT,
        title=plain_text(entry.get("title") or ""),
        abstract=_abstract(entry.get("abstract") or ""),
        authors=tuple(_authors_of(entry)),
        publisher=server,
        electronic=PartialDate(year=posted.year, month=posted.month, day=posted.day) if posted else None,
        revised=posted,
        publication_types=("Preprint",),
        keywords=(entry["category"],) if entry.get("category") else (),
        doi=doi,
        other_ids=(("license", entry["license"]),) if entry.get("license") else (),
        relations=(Relation(kind=PUBLISHED_AS, doi=article),) if article else (),
        url=f"https://doi.org/{doi}v{version}",
    )


def _server_of(entry: Fields) -> str | None:
    return next((name for name in ("bioRxiv", "medRxiv") if name.lower() in str(entry.get("jatsxml")).lower()), None)


def _abstract(text: str) -> tuple[AbstractSection, ...]:
    words = " ".join(_BETWEEN_WORDS.sub(" ", _WITHIN_WORDS.sub("", plain_text(text))).split())
    return (AbstractSection(text=words),) if words else ()


def _authors_of(entry: Fields) -> Iterator[Author]:
    """Authors as "Surname, A. B.; ..."; a name without a comma is a group's."""
    for name in (part.strip() for part in (entry.get("authors") or "").split(";")):
        family, comma, given = name.partition(",")
        if name and not comma:
            yield Author(collective=name)
        elif family.strip():
            initials = "".join(part[0] for part in re.split(r"[\s.]+", given) if part)
            yield Author(last_name=family.strip(), fore_name=given.strip() or None, initials=initials or None)
