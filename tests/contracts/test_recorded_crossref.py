"""Every recorded answer of Crossref that a client can receive, retraction data included: read, or refused."""

from __future__ import annotations

import pytest

from ivigil.errors import MalformedResponse, QueryRejected, SearchContext, TransportError
from ivigil.sources.base import DocumentIds
from ivigil.sources.crossref import Crossref, parse_work, parse_works
from ivigil.sources.retraction import is_retracted
from recorded import CSV, TEXT, Case

CONTEXT = SearchContext("crossref")
DOCUMENT = DocumentIds(doi="10.1000/x")
CASES = [
    Case("works_one_doi.json", "references", 70),
    Case("paperqa_works_0.json", "references", 60),
    Case("paperqa_works_3.json", "references", 43),
    Case("colrev_10.1177_02683962211048201.json", "references", 120),
    Case("colrev_10.2196_22081.json", "references", 61),
    Case("colrev_10.17705_1cais.04607.json", "references", 0),
    Case("works_bad_doi_404.txt", "references", None, 404, TEXT),
    Case("works_bad_doi_404.txt", "list", QueryRejected, 404, TEXT),
    Case("works_bad_doi_404.txt", "references", MalformedResponse, 200, TEXT),
    Case("works_query.json", "list", 2),
    Case("works_select.json", "list", 20),
    Case("works_cursor_page1.json", "list", 20),
    Case("works_query.json", "references", MalformedResponse),
    Case("works_one_doi.json", "list", MalformedResponse),
    Case("rcrossref_works_empty.json", "list", 0),
    Case("rcrossref_sample200_400.json", "list", QueryRejected, 400),
    Case("filter_error_400.json", "list", QueryRejected, 400),
    Case("filter_error_400.json", "list", QueryRejected, 200),
    Case("limit_error_400.json", "list", QueryRejected, 400),
    Case("sort_error_400.json", "list", QueryRejected, 400),
    Case("works_validation_error_400.json", "references", QueryRejected, 400),
    Case("works_cursor_invalid_404.json", "list", QueryRejected, 404),
    Case("works_cursor_invalid_404.json", "references", QueryRejected, 404),
    Case("works_query.json", "list", TransportError, 504),
]
RETRACTIONS = [
    Case("crossref_work_retracted.json", "list", 1),
    Case("errors/crossref_updated_by_wakefield.json", "references", 0),
    Case("retractionwatch_stub.csv", "list", MalformedResponse, 200, CSV),
]


def answer_to(case, crossref):
    if case.call == "list":
        return len(crossref._list({"filter": "doi:10.1000/x"}, CONTEXT)[1].records)
    found = crossref.references(DOCUMENT)
    return None if found is None else len(found)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_recorded_crossref_answer_is_read_or_refused(served, judge, case):
    """The file gives exactly what it holds, or its own class of error; nothing reads as not found by mistake."""
    session, address = served(case, "crossref")
    judge("crossref", case, lambda: answer_to(case, Crossref(session, base_url=address)))


@pytest.mark.parametrize("case", RETRACTIONS, ids=str)
def test_recorded_retraction_data_is_read_or_refused(served, judge, case):
    """What Crossref gives of retractions is read; a file of Retraction Watch is no answer of Crossref's."""
    session, address = served(case, "retractions")
    judge("retractions", case, lambda: answer_to(case, Crossref(session, base_url=address)))


@pytest.mark.parametrize(("folder", "cases"), [("crossref", CASES), ("retractions", RETRACTIONS)])
def test_no_recorded_file_is_left_out(shared, folder, cases):
    """Each payload in the folder stands in the tables above."""
    root = shared / "contracts" / folder
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.suffix != ".md"}
    assert found == {case.file for case in cases}


def test_a_recorded_retraction_is_seen_and_select_hides_one(shared):
    """`updated-by` makes the work retracted; the same work listed with `select` would look sound."""
    folder = shared / "contracts/retractions"
    retracted = parse_work((folder / "errors/crossref_updated_by_wakefield.json").read_bytes()).record
    assert is_retracted(retracted)
    assert [(link.kind, link.doi) for link in retracted.relations] == [
        ("ErratumIn", "10.1016/s0140-6736(04)15715-2"),
        ("RetractionIn", "10.1016/s0140-6736(10)60175-4"),
    ]
    (hidden,) = parse_works((folder / "crossref_work_retracted.json").read_bytes()).records
    assert not is_retracted(hidden)


def test_a_recorded_correction_is_no_retraction(shared):
    """A corrected paper carries its erratum and stands; its abstract and dates come as they are."""
    record = parse_work((shared / "contracts/crossref/works_one_doi.json").read_bytes()).record
    assert not is_retracted(record)
    assert [link.kind for link in record.relations] == ["ErratumIn"]
    assert (str(record.electronic), str(record.entered), record.pages) == ("2012-03-21", "2012-03-23", "e33693")
    other = parse_work((shared / "contracts/crossref/colrev_10.2196_22081.json").read_bytes()).record
    assert [part.label for part in other.abstract] == ["Background", "Objective", "Methods", "Results", "Conclusions"]
