"""The Scopus client: rights learned by asking, zero hits that look like one, results above the cap."""

from __future__ import annotations

import json
import logging
import re
from datetime import date, timedelta

import pytest

from ivigil.errors import IncompleteSearch, MalformedResponse, NotEntitled, QueryRejected, RateLimited
from ivigil.sources.base import DateField, SearchRequest, Tally, Window
from ivigil.sources.scopus import Scopus, api, parse_search, query

STRATEGY = (
    'TITLE-ABS-KEY("systemic sclerosis" OR scleroderma*) AND TITLE-ABS-KEY(IVIG OR "intravenous immunoglobulin*")'
)
ERA = Window(date(2003, 1, 1), date(2024, 4, 15))
NOVEMBER = Window(date(2024, 11, 1), date(2024, 11, 30))
KEY, TOKEN = "els/key+of=32", "inst-token-9"


@pytest.fixture
def scopus(simulator, session):
    simulator.set_faults("")
    simulator.reset_log()
    simulator.today = date(2024, 12, 20)
    return Scopus(session, api_key=KEY, base_url=simulator.base_url("scopus"))


@pytest.fixture
def scripted(wire, session):
    return Scopus(session, api_key=KEY, inst_token=TOKEN, base_url=f"{wire.url}/content/search/scopus")


def entry(number, **fields):
    return {"eid": f"2-s2.0-{number}", "dc:title": f"Title {number}"} | fields


def answer(fakes, entries, total, following=None, status=200):
    results = {"opensearch:totalResults": str(total), "entry": entries}
    results |= {"cursor": {"@next": following}} if following else {}
    return fakes.Reply(json.dumps({"search-results": results}).encode(), status, "application/json")


def refusal(fakes, code, words, status):
    body = {"service-error": {"status": {"statusCode": code, "statusText": words}}}
    return fakes.Reply(json.dumps(body).encode(), status, "application/json")


def test_every_hit_comes_by_cursor_with_its_abstract(scopus, simulator):
    """The era's hits come in pages of 25 with abstracts, authors and dates no finer than their words."""
    pages = list(scopus.harvest(SearchRequest(STRATEGY, ERA, DateField.PUBLISHED)))
    tally = Tally()
    for one in pages:
        tally.add(one)
    assert tally.complete
    assert tally.records > 250
    records = {record.pmid: record for one in pages for record in one.records}
    nacci = records["17344244"]
    assert nacci.abstract_text.startswith("BACKGROUND: Arthritis robs")
    assert len(nacci.authors) == 12
    assert str(nacci.published) == "2007-07"
    assert all("cursor" in one.params for one in simulator.requests)


@pytest.mark.parametrize(
    ("faults", "abstracts"),
    [("scopus:noview*", False), ("scopus:nocursor*", True), ("scopus:noview*,scopus:nocursor*", False)],
)
def test_a_key_without_rights_brings_the_same_records(scopus, simulator, faults, abstracts):
    """Without the COMPLETE view, the cursor, or both, every hit still comes; the loss of abstracts is a warning."""
    request = SearchRequest(STRATEGY, ERA, DateField.PUBLISHED)
    whole = {record.source_id for one in scopus.harvest(request) for record in one.records}
    simulator.set_faults(faults)
    pages = list(scopus.harvest(request))
    assert {record.source_id for one in pages for record in one.records} == whole
    assert any(record.abstract for one in pages for record in one.records) == abstracts
    assert all(("COMPLETE view" in " ".join(one.warnings)) != abstracts for one in pages)


def test_a_night_asks_by_the_day_of_loading(scopus):
    """A record loaded within the window comes; zero hits are one stated page."""
    records = [record for one in scopus.harvest(SearchRequest(STRATEGY, NOVEMBER)) for record in one.records]
    assert records
    term = query.build_query(SearchRequest("x", NOVEMBER), None)
    assert term == "(x) AND ORIG-LOAD-DATE AFT 20241031 AND ORIG-LOAD-DATE BEF 20241201"
    (empty,) = scopus.harvest(SearchRequest("TITLE(nosuchword)", NOVEMBER))
    assert (empty.reported, empty.records) == (0, ())


def test_canaries_and_single_records_are_asked_by_name(scopus):
    """PMIDs, DOIs and EIDs are found within the strategy; what is not there is missing."""
    names = ["PMID:23910617", "DOI:10.3899/jrheum.140833", "PMID:1"]
    assert scopus.held(STRATEGY, names) == {"PMID:23910617", "DOI:10.3899/jrheum.140833"}
    (one,) = scopus.fetch(names)
    assert ({record.pmid for record in one.records}, one.missing) == ({"23910617", "25433527"}, ("PMID:1",))
    (again,) = scopus.fetch([record.source_id for record in one.records])
    assert {record.pmid for record in again.records} == {"23910617", "25433527"}
    assert scopus.count(STRATEGY) > 250
    with pytest.raises(QueryRejected, match="23910617"):
        scopus.held(STRATEGY, ["23910617"])


def test_changes_cannot_be_asked_for(scopus):
    """A window of changes is refused, since Scopus does not tell of them."""
    with pytest.raises(QueryRejected, match="changed"):
        list(scopus.harvest(SearchRequest("x", NOVEMBER, DateField.REVISED)))


class LoadedWorld:
    """Scopus without the cursor: records with a day of loading, of which 5,000 at most can be listed."""

    def __init__(self, fakes, number, days):
        self.fakes = fakes
        first = NOVEMBER.start
        self.days = {place: f"{first + timedelta(days=place * days // number):%Y%m%d}" for place in range(number)}

    def __call__(self, asked):
        params = asked.params
        if "cursor" in params:
            return refusal(self.fakes, "ENTITLEMENTS_ERROR", "Use of the cursor parameter is restricted", 403)
        after = max(re.findall(r"AFT (\d{8})", params["query"]))
        before = min(re.findall(r"BEF (\d{8})", params["query"]))
        hits = [place for place, day in self.days.items() if after < day < before]
        start, size = int(params.get("start", 0)), int(params["count"])
        if start + size > 5_000:
            return refusal(self.fakes, "INVALID_INPUT", "Exceeds the number of search results", 400)
        entries = [entry(place) for place in hits[start : start + size]] or [{"error": "Result set was empty"}]
        return answer(self.fakes, entries, len(hits))


def test_a_result_above_the_cap_is_cut_by_the_day_of_loading(wire, scripted, fakes, monkeypatch):
    """Without the cursor, 6,000 records are read in spans of at most 5,000, each once, and the counts add up."""
    monkeypatch.setitem(api.PAGE_SIZES, api.COMPLETE, 200)
    wire.serve = LoadedWorld(fakes, 6_000, 30)
    tally = Tally()
    ids = []
    for one in scripted.harvest(SearchRequest("x", NOVEMBER)):
        tally.add(one)
        ids += [record.source_id for record in one.records]
    assert (tally.reported, tally.records, len(set(ids)), tally.complete) == (6_000, 6_000, 6_000, True)


def test_a_day_above_the_cap_is_an_error(wire, scripted, fakes):
    """More records on one day than can be listed are refused with what to do, not cut at the cap."""
    wire.serve = LoadedWorld(fakes, 5_200, 1)
    with pytest.raises(IncompleteSearch, match="5200 records share every date"):
        list(scripted.harvest(SearchRequest("x", NOVEMBER)))


def test_a_short_list_is_incomplete(wire, scripted, fakes):
    """Fewer entries than the count, in two readings, is an error."""
    wire.serve = lambda asked: answer(fakes, [entry(1)] if asked.params["cursor"] == "*" else [], 3, "next")
    with pytest.raises(IncompleteSearch, match="1 of 3"):
        list(scripted.harvest(SearchRequest("x", NOVEMBER)))


def envelope(code, words):
    return json.dumps({"service-error": {"status": {"statusCode": code, "statusText": words}}}).encode()


def counted(total, *entries):
    return json.dumps({"search-results": {"opensearch:totalResults": total, "entry": list(entries)}}).encode()


XML = b"<service-error><status><statusCode>APIKEY_INVALID</statusCode></status></service-error>"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, envelope("AUTHENTICATION_ERROR", "Invalid API Key"), NotEntitled),
        (401, XML, NotEntitled),
        (200, envelope("AUTHENTICATION_ERROR", "Invalid API Key"), NotEntitled),
        (400, envelope("INVALID_INPUT", "Error translating query"), QueryRejected),
        (414, b"<h1>Request-URI Too Long</h1>", QueryRejected),
        (404, b'{"message":"no such thing"}', QueryRejected),
        (200, b"<html></html>", MalformedResponse),
        (200, counted("7", {"error": "Result set was empty"}), MalformedResponse),
        (200, counted("0", {"eid": "2-s2.0-1"}), MalformedResponse),
        (200, b'{"search-results":{"entry":[]}}', MalformedResponse),
    ],
)
def test_what_is_no_answer_is_never_zero_hits(wire, scripted, fakes, status, body, error):
    """Each envelope of an error, in JSON or XML and under any status, raises its class."""
    wire.serve = lambda _: fakes.Reply(body, status, "application/json")
    with pytest.raises(error) as caught:
        list(scripted.harvest(SearchRequest("x", NOVEMBER)))
    assert type(caught.value) is error


def test_a_spent_quota_ends_the_search_at_once(scopus, simulator, clock):
    """A 429 with an empty quota is not asked again until its reset, days away."""
    simulator.set_faults("scopus:429*")
    with pytest.raises(RateLimited) as caught:
        list(scopus.harvest(SearchRequest(STRATEGY, NOVEMBER)))
    assert simulator.count("scopus") == 1
    assert caught.value.retry_after > 86_400
    assert clock.slept < 1


def test_neither_key_nor_token_is_ever_shown(wire, scripted, fakes, caplog):
    """Both travel in headers; an answer that repeats them leaves them nowhere."""
    caplog.set_level(logging.DEBUG)
    links = [{"@ref": "self", "@href": f"https://api.elsevier.com/x?apiKey={KEY}&insttoken={TOKEN}"}]
    wire.serve = lambda _: answer(fakes, [entry(1, link=links)], 1)
    (one,) = scripted.harvest(SearchRequest("x", NOVEMBER))
    assert (wire.asked[0].headers["X-ELS-APIKey"], wire.asked[0].headers["X-ELS-Insttoken"]) == (KEY, TOKEN)
    shown = " ".join((one.payload.body.decode(), one.payload.address, caplog.text, wire.asked[0].query, repr(one)))
    assert "REDACTED" in shown
    assert not {secret for secret in (KEY, TOKEN, "els%2Fkey") if secret in shown}


def test_dates_are_no_finer_than_their_words():
    """A year that the ISO date pads to a first of January stays a year; a day first is read as a day."""
    dates = {
        "2020": "2020", "March 2020": "2020-03", "15 March 2020": "2020-03-15", "March-April 2020": "2020", "": "2020",
    }  # fmt: skip
    for words, expected in dates.items():
        body = {"search-results": {"opensearch:totalResults": "1", "entry": [
            entry(1, **{"prism:coverDisplayDate": words, "prism:coverDate": "2020-01-01"})]}}  # fmt: skip
        (record,) = parse_search(json.dumps(body).encode()).records
        assert str(record.published) == expected
