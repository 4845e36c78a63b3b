"""Every recorded answer of the trial registry, the databases behind keys and the preprint servers: read, or refused.

For Embase there is none to be had; its client is tested against a shape that code is known to have read.
"""

from __future__ import annotations

from datetime import date

import pytest

from ivigil.errors import IncompleteSearch, MalformedResponse, NotEntitled, QueryRejected, SearchContext, TransportError
from ivigil.sources.base import DateField, DocumentIds, SearchRequest, Window
from ivigil.sources.clinicaltrials import ClinicalTrials
from ivigil.sources.elsevier import RightRefused
from ivigil.sources.rxiv import Rxiv, parse_details, parse_published
from ivigil.sources.scopus import Scopus, parse_search
from ivigil.sources.wos import WebOfScience
from recorded import TEXT, Case

REQUEST = SearchRequest("x", Window(date(2024, 3, 1), date(2024, 3, 30)), DateField.PUBLISHED)
CONTEXT = SearchContext("clinicaltrials")
CLINICALTRIALS = [
    Case("search_melanoma_trimmed.json", "page", ["NCT02482532", "NCT03420963", "NCT06605404"]),
    Case("search_melanoma_trimmed.json", "count", 3_736),
    Case("search_melanoma_trimmed.json", "harvest", IncompleteSearch),
    Case("search_melanoma_trimmed.json", "single", MalformedResponse),
    Case("NCT02513394_full_trimmed.json", "single", ["NCT02513394"]),
    Case("NCT02513394_full_trimmed.json", "page", MalformedResponse),
    Case("ctg-oas-v2.yaml", "page", MalformedResponse, media_type=TEXT),
    Case("ctg-oas-v2.yaml", "page", QueryRejected, 400, TEXT),
    Case("ctg-oas-v2.yaml", "page", NotEntitled, 403, TEXT),
]
SCOPUS = [
    Case("search_findpapers.json", "page", ["2-s2.0-85063484708", "2-s2.0-85080840963"]),
    Case("search_findpapers.json", "count", 3),
    Case("search_findpapers.json", "harvest", IncompleteSearch),
    Case("serial_title_findpapers.json", "page", MalformedResponse),
    Case("errors/200_empty.json", "harvest", []),
    Case("errors/200_empty.json", "count", 0),
    Case("errors/401_apikey_invalid.json", "harvest", NotEntitled, 401),
    Case("errors/401_invalid_key.json", "harvest", NotEntitled, 401),
    Case("errors/401_invalid_key.json", "count", NotEntitled, 200),
    Case("errors/401_insttoken.json", "harvest", NotEntitled, 401),
    Case("errors/401_view_not_authorized.json", "harvest", RightRefused, 401),
    Case("errors/401_view_not_authorized.json", "count", RightRefused, 401),
    Case("errors/403_cursor_restricted.json", "harvest", RightRefused, 403),
]
WOS = [
    Case("errors/404.json", "harvest", [], 404),
    Case("errors/404.json", "harvest", MalformedResponse, 200),
    Case("errors/401.json", "harvest", NotEntitled, 401),
    Case("errors/401.json", "harvest", MalformedResponse, 200),
]
RXIV = [
    Case("errors/details_biorxiv_p0_trimmed.json", "details", ["10.64898/2026.07.31.741992"]),
    Case("errors/details_biorxiv_p0_trimmed.json", "links", MalformedResponse),
    Case("errors/pubs_biorxiv_p0_trimmed.json", "links", {"10.1101/2025.09.17.676679": "10.1091/mbc.e25-09-0454"}),
    Case("errors/pubs_biorxiv_p0_trimmed.json", "details", ["rejected #1"]),
    Case("errors/SYNTHETIC_200_empty_body.txt", "details", MalformedResponse, media_type=TEXT),
    Case("errors/SYNTHETIC_200_empty_body.txt", "look-up", TransportError, media_type=TEXT),
]
FOLDERS = {"clinicaltrials": CLINICALTRIALS, "scopus": SCOPUS, "wos-starter": WOS, "rxiv": RXIV}


def answer_to(case, source):
    """What a searching client makes of the answer: a count, the ids of the first page, or those of the whole."""
    if case.call == "count":
        return source.count("x")
    pages = [next(iter(source.harvest(REQUEST)))] if case.call == "page" else list(source.harvest(REQUEST))
    return [record.source_id for page in pages for record in page.records]


@pytest.mark.parametrize("case", CLINICALTRIALS, ids=str)
def test_a_recorded_registry_answer_is_read_or_refused(served, judge, case):
    """The file gives exactly what it holds, or its own class of error; a gate and a refusal are not zero hits."""
    session, address = served(case, "clinicaltrials")
    registry = ClinicalTrials(session, base_url=address)

    def ask():
        if case.call == "single":
            return [record.source_id for record in registry._former("NCT02513394", CONTEXT).records]
        return answer_to(case, registry)

    judge("clinicaltrials", case, ask)


@pytest.mark.parametrize("case", SCOPUS, ids=str)
def test_a_recorded_scopus_answer_is_read_or_refused(served, judge, case):
    """The pseudo-record is zero hits and nothing else is; a right that is refused to the last is an error."""
    session, address = served(case, "scopus")
    judge("scopus", case, lambda: answer_to(case, Scopus(session, api_key="els-key-01", base_url=address)))


@pytest.mark.parametrize("case", WOS, ids=str)
def test_a_recorded_web_of_science_answer_is_read_or_refused(served, judge, case):
    """Zero hits said by a 404 are zero; the same body under 200 is no answer."""
    session, address = served(case, "wos-starter")
    judge("wos-starter", case, lambda: answer_to(case, WebOfScience(session, api_key="wos-key-01", base_url=address)))


@pytest.mark.parametrize("case", RXIV, ids=str)
def test_a_recorded_preprint_answer_is_read_or_refused(served, shared, judge, case):
    """Versions and links are read; an empty body is a failure of the service."""
    session, address = served(case, "rxiv")
    body = (shared / "contracts/rxiv" / case.file).read_bytes()

    def ask():
        if case.call == "links":
            return {preprint: link.doi for preprint, link in parse_published(body).items()}
        if case.call == "details":
            found = parse_details(body)
            return [record.source_id for record in found.records] + [f"rejected {name}" for name, _ in found.rejected]
        return list(Rxiv(session, base_url=address).look_up([DocumentIds(doi="10.64898/2026.07.31.741992")]))

    judge("rxiv", case, ask)


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_no_recorded_file_is_left_out(shared, folder):
    """Each payload in the folder stands in the tables above."""
    root = shared / "contracts" / folder
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.suffix != ".md"}
    assert found == {case.file for case in FOLDERS[folder]}


def test_recorded_scopus_records_are_read_whole(shared):
    """What STANDARD gives of a record comes as its JSON states it."""
    first, second = parse_search((shared / "contracts/scopus/search_findpapers.json").read_bytes()).records
    assert (str(first.published), first.publication_types) == (
        "2020",
        ("Conference Paper",),
    )  # its ISO date adds 1 January
    assert (second.doi, second.pmid, str(second.published)) == (
        "10.1093/bioinformatics/btz682",
        "31501885",
        "2020-02-15",
    )
    assert (second.issns, second.authors[0].name) == (("1367-4803", "1460-2059"), "Lee J")


def test_a_recorded_registration_is_read_whole(served):
    """State, numbers elsewhere, publications and what is studied come as the study's modules state them."""
    case = Case("NCT02513394_full_trimmed.json", "single", None)
    session, address = served(case, "clinicaltrials")
    (record,) = ClinicalTrials(session, base_url=address)._former("NCT02513394", CONTEXT).records
    assert record.registry_ids == ("NCT02513394", "2014-005181-30")
    assert (record.trial.status, str(record.trial.results_posted)) == ("ACTIVE_NOT_RECRUITING", "2022-04-13")
    assert (str(record.trial.started), record.trial.enrolment, record.trial.enrolment_is_actual) == (
        "2015-08",
        5796,
        True,
    )
    assert {(link.kind, link.pmid) for link in record.relations} >= {("Derived", "34874182")}
    assert "interventional, phase 3, randomized" in record.abstract_text
