"""One record as OpenAlex's works endpoint gives it, in the shape of before and after its rewrite."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ivigil.records import Author, Record
from ivigil.simulator.document import PREPRINT
from ivigil.simulator.index import BREAK
from ivigil.simulator.library import Holding
from ivigil.simulator.numbering import number_of

SITE = "https://openalex.org"
LANGUAGES = {"eng": "en", "fre": "fr", "ger": "de", "spa": "es", "ita": "it", "jpn": "ja", "por": "pt", "chi": "zh"}
TYPES = {
    "Review": "review",
    "Systematic Review": "review",
    "Letter": "letter",
    "Editorial": "editorial",
    "Published Erratum": "erratum",
    "Retraction Notice": "retraction",
}


def work_id(identifier: str) -> str:
    """'W' and the document's number."""
    return f"W{number_of(identifier)}"


def inverted(text: str) -> dict[str, list[int]] | None:
    """Each word with the places it stands at; None for no text."""
    index: dict[str, list[int]] = {}
    for place, word in enumerate(text.split()):
        index.setdefault(word, []).append(place)
    return index or None


def work(holding: Holding, lag: int, cited: list[str], citing: int) -> dict[str, Any]:
    """The whole work."""
    record, document = holding.record, holding.document
    identifier = work_id(document.identifier)
    when = record.first_published
    ids = {"openalex": f"{SITE}/{identifier}"}
    ids |= {"doi": f"https://doi.org/{record.doi}"} if record.doi else {}
    ids |= {"pmid": f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}"} if record.pmid else {}
    first, _, last = (record.pages or "").partition("-")
    created = record.entered + timedelta(days=lag) if record.entered else None
    return {
        "id": f"{SITE}/{identifier}",
        "doi": ids.get("doi"),
        "title": record.title,
        "display_name": record.title,
        "publication_year": record.year,
        "publication_date": when.earliest.isoformat() if when else None,
        "ids": ids,
        "language": LANGUAGES.get(record.languages[0]) if record.languages else None,
        "primary_location": {"is_oa": bool(record.pmcid), "landing_page_url": ids.get("doi"), "source": _venue(record)},
        "type": "preprint" if document.source == PREPRINT else _type(record),
        "indexed_in": ["crossref", *(["pubmed"] if record.pmid else [])],
        "open_access": {"is_oa": bool(record.pmcid), "oa_status": "green" if record.pmcid else "closed"},
        "authorships": [_authorship(author) for author in record.authors],
        "cited_by_count": citing,
        "biblio": {
            "volume": record.volume,
            "issue": record.issue,
            "first_page": first or None,
            "last_page": last or first or None,
        },
        "is_retracted": "Retracted Publication" in record.publication_types,
        "is_paratext": False,
        "mesh": _mesh(record),
        "referenced_works_count": len(cited),
        "referenced_works": [f"{SITE}/{work_id(each)}" for each in cited],
        "abstract_inverted_index": inverted(record.abstract_text.replace(BREAK, " ")),
        "cited_by_api_url": f"https://api.openalex.org/works?filter=cites:{identifier}",
        "updated_date": f"{(record.revised or record.entered or created)}T01:03:41.562229",
        "created_date": created.isoformat() if created else None,
    }


def _type(record: Record) -> str:
    return next((TYPES[kind] for kind in record.publication_types if kind in TYPES), "article")


def _venue(record: Record) -> dict[str, Any] | None:
    if not record.journal and not record.publisher:
        return None
    issns = list(record.issns)
    return {
        "id": f"{SITE}/S1",
        "display_name": record.journal or record.publisher,
        "issn_l": issns[0] if issns else None,
        "issn": issns or None,
        "host_organization_name": record.publisher,
        "type": "journal" if record.journal else "repository",
    }


def _authorship(author: Author) -> dict[str, Any]:
    given = author.fore_name or " ".join(author.initials or "")
    name = author.collective or " ".join(part for part in (given, author.last_name) if part)
    return {
        "author": {"display_name": name, "orcid": f"https://orcid.org/{author.orcid}" if author.orcid else None},
        "raw_author_name": name,
        "raw_affiliation_strings": list(author.affiliations),
    }


def _mesh(record: Record) -> list[dict[str, Any]]:
    return [
        {
            "descriptor_ui": heading.ui or "",
            "descriptor_name": heading.descriptor,
            "qualifier_ui": "" if qualifier else None,
            "qualifier_name": qualifier,
            "is_major_topic": heading.major,
        }
        for heading in record.mesh
        for qualifier in (heading.qualifiers or (None,))
    ]
