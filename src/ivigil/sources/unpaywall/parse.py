"""Unpaywall's answer to a DOI (JSON) as a full text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivigil.errors import MalformedResponse, SearchContext
from ivigil.sources.base import FullText, OpenCopy
from ivigil.sources.identifiers import clean_doi
from ivigil.sources.json_answers import load_object

NAME = "unpaywall"


def parse_full_text(body: bytes, context: SearchContext | None = None) -> FullText:
    """Read an answer; a closed document is one without copies.

    Raises:
        MalformedResponse: it names no DOI, or does not say whether it is open: an answer to another question.
    """
    context = context or SearchContext(NAME)
    answer = load_object(body, context)
    doi, is_open = clean_doi(answer.get("doi")), answer.get("is_oa")
    if doi is None or not isinstance(is_open, bool):
        raise MalformedResponse(f"an answer without doi and is_oa; it holds {sorted(answer)}", context=context)
    best = answer.get("best_oa_location")
    listed = [best, *(answer.get("oa_locations") or ())] if best else answer.get("oa_locations") or ()
    copies = [copy for place in listed if isinstance(place, dict) and (copy := _copy(place)) is not None]
    return FullText(
        doi, str(answer.get("oa_status") or ("open" if is_open else "closed")), tuple(dict.fromkeys(copies))
    )


def _copy(place: Mapping[str, Any]) -> OpenCopy | None:
    pdf = place.get("url_for_pdf")
    url = place.get("url_for_landing_page") or place.get("url") or pdf
    if not url:
        return None
    return OpenCopy(
        url=url, pdf_url=pdf, version=place.get("version"), licence=place.get("license"), host=place.get("host_type")
    )
