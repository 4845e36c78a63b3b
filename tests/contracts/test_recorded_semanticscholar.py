"""Every recorded answer of Semantic Scholar and Unpaywall that a client can receive: read, or refused."""

from __future__ import annotations

from datetime import date

import pytest

from ivigil.errors import MalformedResponse, NotEntitled, QueryRejected, RateLimited, SearchContext, TransportError
from ivigil.sources.base import DateField, DocumentIds, SearchRequest, Window
from ivigil.sources.semanticscholar import SemanticScholar
from ivigil.sources.unpaywall import Unpaywall
from recorded import Case

REQUEST = SearchRequest("x", Window(date(2024, 3, 1), date(2024, 3, 30)), DateField.PUBLISHED)
CONTEXT = SearchContext("semanticscholar")
DOI = DocumentIds(doi="10.1000/x")
SCHOLAR = [
    Case("bulk_search_page1.json", "count", 2674),
    Case("bulk_search_next.json", "count", 2674),
    Case("bulk_search_page1.json", "harvest", MalformedResponse),
    Case("bulk_search_next.json", "harvest", MalformedResponse),
    Case("search_empty.json", "count", 0),
    Case("search_empty.json", "harvest", []),
    Case("search_date_filter.json", "count", 77),
    Case("search_date_filter.json", "harvest", MalformedResponse),
    Case("match_title.json", "match", MalformedResponse),
    Case("match_title.json", "count", MalformedResponse),
    Case("batch_with_nulls.json", "batch", [None, "470667", "3142471", "255313304"]),
    Case("batch_with_nulls.json", "count", MalformedResponse),
    Case("PaperWithNullValues.json", "harvest", MalformedResponse),
    Case("PaperWithNullValues.json", "batch", MalformedResponse),
    Case("paper_404.json", "citing", ["missing"], 404),
    Case("paper_404.json", "count", QueryRejected, 404),
    Case("paper_404.json", "harvest", MalformedResponse, 200),
    Case("errors/429.json", "harvest", RateLimited, 429),
    Case("errors/429.json", "batch", RateLimited, 429),
    Case("errors/429.json", "count", MalformedResponse, 200),
    Case("errors/429.json", "count", NotEntitled, 403),
]
UNPAYWALL = [
    Case("doi_0.json", "locate", "gold, 2"),
    Case("doi_1.json", "locate", "closed, 0"),
    Case("doi_2.json", "locate", "closed, 0"),
    Case("doi_3.json", "locate", "hybrid, 1"),
    Case("doi_4.json", "locate", "bronze, 2"),
    Case("search_empty.json", "locate", MalformedResponse),
    Case("search_hit.json", "locate", MalformedResponse),
    Case("search_many.json", "locate", MalformedResponse),
    Case("errors/422_placeholder_email.json", "locate", NotEntitled, 422),
    Case("errors/422_placeholder_email.json", "locate", MalformedResponse, 200),
    Case("errors/422_placeholder_email.json", "locate", TransportError, 500),
]


@pytest.mark.parametrize("case", SCHOLAR, ids=str)
def test_a_recorded_semantic_scholar_answer_is_read_or_refused(served, judge, case):
    """The file gives exactly what it holds, or its own class of error; nothing reads as zero hits by mistake."""
    session, address = served(case, "semanticscholar")
    scholar = SemanticScholar(session, api_key="k", base_url=address)

    def ask():
        match case.call:
            case "count":
                return scholar.count("x")
            case "harvest":
                return [record.source_id for page in scholar.harvest(REQUEST) for record in page.records]
            case "batch":
                return [record.source_id if record else None for record in scholar._batch(list("abcd"), CONTEXT)[1]]
            case "match":
                return [page.missing for page in scholar.look_up([DocumentIds(title="Mining association rules")])]
        return ["missing" for page in scholar.citing(DOI) if page.missing]

    judge("semanticscholar", case, ask)


@pytest.mark.parametrize("case", UNPAYWALL, ids=str)
def test_a_recorded_unpaywall_answer_is_read_or_refused(served, judge, case):
    """Status and number of copies come as recorded; an answer to another question is no closed document."""
    session, address = served(case, "unpaywall")
    unpaywall = Unpaywall(session, email="librarian@hospital.example", base_url=address)

    def ask():
        text = unpaywall.locate("10.1000/x")
        return f"{text.status}, {len(text.copies)}" if text else None

    judge("unpaywall", case, ask)


@pytest.mark.parametrize(("folder", "cases"), [("semanticscholar", SCHOLAR), ("unpaywall", UNPAYWALL)])
def test_no_recorded_file_is_left_out(shared, folder, cases):
    """Each payload in the folder stands in the tables above."""
    root = shared / "contracts" / folder
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.suffix != ".md"}
    assert found == {case.file for case in cases}
