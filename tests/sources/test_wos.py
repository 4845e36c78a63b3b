"""The Web of Science client: thin records, zero hits that come as a 404, two envelopes of errors."""

from __future__ import annotations

import json
import logging
from datetime import date

import pytest

from ivigil.errors import IncompleteSearch, MalformedResponse, NotEntitled, QueryRejected, RateLimited
from ivigil.records import RecordKind
from ivigil.sources.base import DateField, SearchRequest, Tally, Window
from ivigil.sources.wos import WebOfScience, parse_documents

STRATEGY = 'TS=("systemic sclerosis" OR scleroderma*) AND TS=(IVIG OR "intravenous immunoglobulin*")'
ERA = Window(date(2003, 1, 1), date(2024, 4, 15))
NOVEMBER = Window(date(2024, 11, 1), date(2024, 11, 30))
KEY = "wos-key-0f3a"


@pytest.fixture
def wos(simulator, session):
    simulator.set_faults("")
    simulator.reset_log()
    simulator.today = date(2024, 12, 20)
    return WebOfScience(session, api_key=KEY, base_url=simulator.base_url("wos"))


@pytest.fixture
def scripted(wire, session):
    return WebOfScience(session, api_key=KEY, base_url=f"{wire.url}/wos")


def page(fakes, total, *hits, status=200):
    body = {"metadata": {"total": total, "page": 1, "limit": 50}, "hits": list(hits)}
    return fakes.Reply(json.dumps(body).encode(), status, "application/json")


def test_every_hit_comes_without_an_abstract(wos):
    """The era's hits come in pages of 50, named well enough to be filled in from elsewhere."""
    tally, records = Tally(), []
    for one in wos.harvest(SearchRequest(STRATEGY, ERA, DateField.PUBLISHED)):
        tally.add(one)
        records += one.records
    assert tally.complete
    assert tally.records > 250
    assert not any(record.abstract for record in records)
    nacci = next(record for record in records if record.pmid == "17344244")
    assert (nacci.doi, str(nacci.published), nacci.authors[0].name) == ("10.1136/ard.2006.060111", "2007-07", "Nacci F")


def test_a_night_asks_for_what_was_added_or_changed(wos, simulator):
    """The window goes with the question as the documented span, with a plus sign on the wire."""
    pages = list(wos.harvest(SearchRequest(STRATEGY, NOVEMBER)))
    assert sum(len(one.records) for one in pages) == pages[-1].reported > 0
    assert simulator.requests[0].params["modifiedTimeSpan"] == "2024-11-01 2024-11-30"
    assert "modifiedTimeSpan=2024-11-01+2024-11-30" in pages[0].payload.address


def test_nothing_found_is_a_stated_zero(wos, wire, scripted, fakes):
    """A 404 that says so is zero hits; any other 404 is an error."""
    (empty,) = wos.harvest(SearchRequest("TS=nosuchword", NOVEMBER))
    assert (empty.reported, empty.records) == (0, ())
    wire.serve = lambda _: fakes.Reply(b'{"error":{"status":404,"title":"Not Found"}}', 404, "application/json")
    with pytest.raises(QueryRejected):
        list(scripted.harvest(SearchRequest("TS=x", NOVEMBER)))


def test_canaries_and_single_records_are_asked_by_name(wos):
    """PMIDs, DOIs and accession numbers are found; what is not there is missing."""
    names = ["PMID:23910617", "DOI:10.3899/jrheum.140833", "PMID:1"]
    assert wos.held(STRATEGY, names) == {"PMID:23910617", "DOI:10.3899/jrheum.140833"}
    (one,) = wos.fetch(names)
    assert ({record.pmid for record in one.records}, one.missing) == ({"23910617", "25433527"}, ("PMID:1",))
    (again,) = wos.fetch([record.source_id for record in one.records])
    assert {record.pmid for record in again.records} == {"23910617", "25433527"}
    assert wos.count(STRATEGY) > 250


def test_pages_are_read_until_the_total_is_reached(wire, scripted, fakes):
    """Pages are counted from one; a list that ends early, twice, is incomplete."""
    wire.script = [page(fakes, 2, {"uid": "WOS:1"}), page(fakes, 2, {"uid": "WOS:2"})]
    pages = list(scripted.harvest(SearchRequest("TS=x", NOVEMBER)))
    assert [record.source_id for one in pages for record in one.records] == ["WOS:1", "WOS:2"]
    assert [asked.params["page"] for asked in wire.asked] == ["1", "2"]
    wire.serve = lambda asked: page(fakes, 3, *([{"uid": "WOS:1"}] if asked.params["page"] == "1" else []))
    with pytest.raises(IncompleteSearch, match="1 of 3"):
        list(scripted.harvest(SearchRequest("TS=x", NOVEMBER)))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b'{"error":"invalid_request","error_description":"The access token is missing"}', NotEntitled),
        (403, b"", NotEntitled),
        (400, b'{"error":{"status":400,"title":"Bad Request","details":"Invalid field tag"}}', QueryRejected),
        (429, b'{"error":{"status":429}}', RateLimited),
        (200, b"<html></html>", MalformedResponse),
        (200, b'{"metadata":{},"hits":[]}', MalformedResponse),
        (200, b'{"metadata":{"total":1}}', MalformedResponse),
    ],
)
def test_what_is_no_answer_is_never_zero_hits(wire, scripted, fakes, status, body, error):
    """Both envelopes, a page of HTML and an answer without its total raise their class."""
    wire.serve = lambda _: fakes.Reply(body, status, "application/json")
    with pytest.raises(error) as caught:
        list(scripted.harvest(SearchRequest("TS=x", NOVEMBER)))
    assert type(caught.value) is error


def test_the_key_is_never_shown(wire, scripted, fakes, caplog):
    """It travels in a header, and an answer that repeats it leaves it nowhere."""
    caplog.set_level(logging.DEBUG)
    wire.serve = lambda _: page(fakes, 1, {"uid": "WOS:1", "title": f"key {KEY}"})
    (one,) = scripted.harvest(SearchRequest("TS=x", NOVEMBER))
    assert wire.asked[0].headers["X-ApiKey"] == KEY
    assert KEY not in " ".join((one.payload.body.decode(), one.payload.address, caplog.text, repr(one)))


def test_records_are_read_whatever_is_missing():
    """Names of either form, months that are days, seasons or ranges, keywords that are null, PMIDs with a prefix."""
    hits = [
        {
            "uid": "WOS:1",
            "title": "A <i>title</i>",
            "sourceTypes": ["Meeting Abstract"],
            "source": {"publishYear": 2020, "publishMonth": "NOV 15", "pages": {"range": "1-2"}},
            "names": {"authors": [{"wosStandard": "Sato, S"}, {"displayName": "Ihn, Hiro", "wosStandard": "Ihn, H"}]},
            "identifiers": {"doi": "10.1000/X", "pmid": "MEDLINE:23910617", "issn": "0392-856X"},
            "keywords": {"authorKeywords": None},
        },
        {"uid": "PPRN:2", "source": {"publishYear": 2021, "publishMonth": "SPR"}},
        {"title": "nameless"},
    ]  # fmt: skip
    found = parse_documents(json.dumps({"metadata": {"total": 3}, "hits": hits}).encode())
    first, second = found.records
    assert (first.kind, first.title, str(first.published), first.pages) == (
        RecordKind.CONFERENCE_ABSTRACT, "A title", "2020-11-15", "1-2",
    )  # fmt: skip
    assert [author.name for author in first.authors] == ["Sato S", "Ihn H"]
    assert (first.pmid, first.doi, first.issns) == ("23910617", "10.1000/x", ("0392-856X",))
    assert (second.kind, second.published.month, second.published.text) == (RecordKind.PREPRINT, 4, "2021 Spring")
    assert [name for name, _ in found.rejected] == ["#3"]
