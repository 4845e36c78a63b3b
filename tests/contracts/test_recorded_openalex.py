"""Every recorded answer of OpenAlex that a client can receive: read, or refused with the right error."""

from __future__ import annotations

from datetime import date

import pytest

from ivigil.errors import MalformedResponse, QueryRejected, RateLimited, SearchContext
from ivigil.sources.base import DocumentIds, SearchRequest, Window
from ivigil.sources.openalex import OpenAlex
from recorded import HTML, Case

CONTEXT = SearchContext("openalex")
CASES = [
    Case("work_by_doi_0.json", "references", 59),
    Case("work_by_doi_1.json", "references", 36),
    Case("work_by_doi_2.json", "references", 1),
    Case("work_by_doi_3.json", "references", 42),
    Case("work_by_doi_4.json", "references", 73),
    Case("work_select_min.json", "references", MalformedResponse),
    Case("work_404_html.html", "references", None, 404, HTML),
    Case("work_404_html.html", "count", QueryRejected, 404, HTML),
    Case("work_404_html.html", "count", MalformedResponse, 200, HTML),
    Case("work_by_doi_0.json", "count", MalformedResponse),
    Case("works_list_title_search_0.json", "harvest", ["W2277923667"]),
    Case("works_list_title_search_1.json", "harvest", ["W4389761608"]),
    Case("works_list_title_search_2.json", "harvest", ["W4396723768", "W4365597205"]),
    Case("works_list_title_search_2.json", "count", 2),
    Case("errors/meta_2026.json", "count", 327_595_274),
    Case("errors/400_wildcard.json", "count", QueryRejected, 400),
    Case("errors/400_wildcard.json", "count", QueryRejected, 403),
    Case("errors/400_wildcard.json", "count", QueryRejected, 200),
    Case("errors/400_wildcard.json", "references", QueryRejected, 400),
    Case("errors/429_budget.json", "harvest", RateLimited, 429),
    Case("errors/429_budget.json", "count", RateLimited, 200),
    Case("errors/429_budget.json", "references", RateLimited, 429),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_recorded_openalex_answer_is_read_or_refused(served, judge, case):
    """The file gives exactly what it holds, or its own class of error; nothing reads as zero hits by mistake."""
    session, address = served(case, "openalex")
    openalex = OpenAlex(session, base_url=address)

    def ask():
        if case.call == "count":
            return openalex.count("x")
        if case.call == "harvest":
            window = SearchRequest("x", Window(date(2026, 3, 1), date(2026, 3, 30)))
            return [record.source_id for record in next(openalex.harvest(window)).records]
        _, work = openalex._work(DocumentIds(doi="10.1000/x"), CONTEXT)
        return len(work.references) if work else None

    judge("openalex", case, ask)


def test_no_recorded_file_is_left_out(shared):
    """Each payload in the folder stands in the table above."""
    root = shared / "contracts/openalex"
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.suffix != ".md"}
    assert found == {case.file for case in CASES}
