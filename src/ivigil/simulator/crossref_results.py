"""One record as Crossref's works endpoint gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ivigil.records import Author, PartialDate, Record, Relation
from ivigil.simulator.document import PREPRINT
from ivigil.simulator.library import Holding

UPDATES = {
    "RetractionIn": ("updated-by", "retraction"),
    "ErratumIn": ("updated-by", "correction"),
    "ExpressionOfConcernIn": ("updated-by", "expression_of_concern"),
    "RetractionOf": ("update-to", "retraction"),
    "ErratumFor": ("update-to", "correction"),
}
KINSHIP = {"Preprint of": "is-preprint-of", "Preprint in": "has-preprint"}
LANGUAGES = {"eng": "en", "fre": "fr", "ger": "de", "spa": "es", "ita": "it", "jpn": "ja", "por": "pt", "chi": "zh"}

FindDoi = Callable[[Relation], str | None]


def work(holding: Holding, cited: Sequence[Record], citing: int, doi_of: FindDoi) -> dict[str, Any]:
    """The whole work; `cited` are the records of its reference list, `doi_of` finds what a relation points to."""
    record = holding.record
    created = f"{record.entered}T01:00:52Z" if record.entered else None
    preprint = holding.document.source == PREPRINT
    body: dict[str, Any] = {
        "indexed": {"date-time": f"{record.revised or record.entered}T19:55:37Z"},
        "reference-count": len(cited),
        "publisher": record.publisher or "Example Press",
        "DOI": record.doi,
        "type": "posted-content" if preprint else "journal-article",
        "created": {"date-time": created},
        "source": "Crossref",
        "is-referenced-by-count": citing,
        "title": [record.title.rstrip(".")],
        "author": [_author(author, first=place == 0) for place, author in enumerate(record.authors)],
        "container-title": [record.journal] if record.journal else [],
        "short-container-title": [record.journal_abbreviation] if record.journal_abbreviation else [],
        "original-title": [record.vernacular_title] if record.vernacular_title else [],
        "subtitle": [],
        "score": 1,
        "relation": {},
        "URL": f"https://doi.org/{record.doi}",
    }
    given = {
        "subtype": "preprint" if preprint else None,
        "volume": record.volume,
        "issue": record.issue,
        "page": record.pages,
        "ISSN": list(record.issns),
        "language": LANGUAGES.get(record.languages[0]) if record.languages else None,
        "abstract": _jats(record),
        "published-print": _date(record.published),
        "published-online": None if preprint else _date(record.electronic),
        "posted": _date(record.electronic) if preprint else None,
        "issued": _date(record.first_published),
        "reference": [_reference(each, place) for place, each in enumerate(cited, start=1)],
        "clinical-trial-number": [{"clinical-trial-number": each.lower()} for each in record.registry_ids],
    }
    body |= {name: value for name, value in given.items() if value}
    for relation in record.relations:
        _relate(body, relation, doi_of(relation))
    return body


def _relate(body: dict[str, Any], relation: Relation, doi: str | None) -> None:
    if doi and relation.kind in UPDATES:
        name, kind = UPDATES[relation.kind]
        body.setdefault(name, []).append({"DOI": doi, "type": kind, "label": kind.capitalize(), "source": "publisher"})
    elif doi and relation.kind in KINSHIP:
        other = {"id-type": "doi", "id": doi, "asserted-by": "subject"}
        body["relation"].setdefault(KINSHIP[relation.kind], []).append(other)


def _author(author: Author, *, first: bool) -> dict[str, Any]:
    sequence = "first" if first else "additional"
    if author.collective:
        return {"name": author.collective, "sequence": sequence, "affiliation": []}
    given = author.fore_name or " ".join(f"{letter}." for letter in author.initials or "")
    places = [{"name": place} for place in author.affiliations]
    person = {"given": given, "family": author.last_name, "sequence": sequence, "affiliation": places}
    return person | ({"ORCID": f"https://orcid.org/{author.orcid}"} if author.orcid else {})


def _jats(record: Record) -> str | None:
    if not record.abstract:
        return None
    return "<jats:title>Abstract</jats:title>" + "".join(
        f"<jats:sec><jats:title>{part.label.capitalize()}</jats:title><jats:p>{part.text}</jats:p></jats:sec>"
        if part.label
        else f"<jats:p>{part.text}</jats:p>"
        for part in record.abstract
    )


def _date(when: PartialDate | None) -> dict[str, Any] | None:
    if when is None:
        return None
    return {"date-parts": [[part for part in (when.year, when.month, when.day) if part]]}


def _reference(record: Record, place: int) -> dict[str, Any]:
    """One in three is given as a line of text alone, as publishers do."""
    author = record.authors[0].name if record.authors else ""
    if place % 3 == 0:
        return {"key": f"ref{place}", "unstructured": f"{author}. {record.title} {record.journal}. {record.year}."}
    entry = {
        "key": f"ref{place}",
        "article-title": record.title.rstrip("."),
        "author": author,
        "year": str(record.year),
    }
    return entry | ({"DOI": record.doi, "doi-asserted-by": "crossref"} if record.doi else {})
