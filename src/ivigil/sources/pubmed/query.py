"""PubMed's question: a strategy within a window, cut by date until every part is below the cap."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivigil.errors import SearchContext
from ivigil.sources import slicing
from ivigil.sources.base import DateField, DocumentIds, SearchRequest, Window
from ivigil.sources.slicing import Counter, Knife, Slice

TITLE_WORDS = 10
"""More would narrow a search no further, and one that is indexed otherwise would lose the record."""
CAP = 9_999
"""ESearch lists no more than the first 9,999 records of a PubMed result."""
SLICING_FIELDS = ("crdt", "edat", "mdat")
"""Of each a record has exactly one value, so spans of it part a result without overlap. Publication date [dp] will not
do: it matches the printed and the electronic date, so a record can lie in two spans."""


def span(tag: str, window: Window) -> str:
    """A date range in PubMed's syntax, both ends included."""
    return f'("{window.start:%Y/%m/%d}"[{tag}] : "{window.end:%Y/%m/%d}"[{tag}])'


def build_term(request: SearchRequest) -> str:
    """The strategy within its window.

    ENTERED asks for record creation (CRDT) or MeSH indexing (MHDA) in one OR: a strategy with MeSH lines gains hits
    when headings are added, weeks after creation. One query, not two: its count is then the number of distinct records,
    so what is fetched can be held against it without removing duplicates first. EDAT is not asked: PubMed sets it to
    the publication date of records that arrive more than a year late, so its windows miss them. REVISED is MDAT, the
    field PubMed lists; LR, which it also understands, is not among them.
    """
    tags = {DateField.ENTERED: ("crdt", "mhda"), DateField.PUBLISHED: ("dp",), DateField.REVISED: ("mdat",)}
    spans = " OR ".join(span(tag, request.window) for tag in tags[request.date_field])
    return f"({request.strategy}) AND ({spans})"


def restrict_to(strategy: str, pmids: Sequence[str]) -> str:
    """The strategy, asked only about these records."""
    return f"({strategy}) AND ({' OR '.join(f'{pmid}[uid]' for pmid in pmids)})"


def documents_term(documents: Sequence[DocumentIds]) -> str:
    """These documents by PMID, else by DOI (an article identifier)."""
    return " OR ".join(f"{document.pmid}[uid]" if document.pmid else f'"{document.doi}"[aid]' for document in documents)


def title_term(title: str) -> str:
    """Records whose titles hold the longest words of this one: PubMed's phrase index knows no whole titles."""
    words = dict.fromkeys(word.lower() for word in re.findall(r"[^\W\d_]{3,}", title))
    return " AND ".join(f"{word}[ti]" for word in sorted(words, key=len, reverse=True)[:TITLE_WORDS])


def plan_slices(term: str, around: Window, count: Counter, *, context: SearchContext) -> list[Slice]:
    """Part a question by CRDT, a full day of it by EDAT and then by MDAT; see `slicing.plan_slices`."""
    return slicing.plan_slices(term, around, count, Knife(CAP, SLICING_FIELDS, span), context=context)
