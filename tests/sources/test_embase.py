"""The Embase client, against the shape that is known of it from code that ran."""

from __future__ import annotations

import json
import logging
from datetime import date

import pytest

from ivigil.errors import IncompleteSearch, MalformedResponse, NotEntitled, QueryRejected, RateLimited, TransportError
from ivigil.sources.base import DateField, SearchRequest, Tally, Window
from ivigil.sources.embase import Embase, parse_results, query
from ivigil.sources.registry import SOURCES
from ivigil.surveillance import doctor
from surveillance_fakes import fake_protocol, on

STRATEGY = (
    "('systemic sclerosis'/exp OR 'systemic sclerosis':ti,ab,kw OR scleroderma*:ti,ab,kw) "
    "AND (ivig OR 'intravenous immunoglobulin*'):ti,ab,kw"
)
ERA = Window(date(2003, 1, 1), date(2024, 4, 15))
NOVEMBER = Window(date(2024, 11, 1), date(2024, 11, 30))
KEY, TOKEN = "embase-key-77", "embase-token-12"


@pytest.fixture
def embase(simulator, session):
    simulator.set_faults("")
    simulator.reset_log()
    simulator.today = date(2024, 12, 20)
    return Embase(session, api_key=KEY, base_url=simulator.base_url("embase"))


@pytest.fixture
def scripted(wire, session):
    return Embase(session, api_key=KEY, inst_token=TOKEN, base_url=f"{wire.url}/content/embase")


def results(fakes, hits, *entries):
    return fakes.Reply(
        json.dumps({"header": {"hits": hits}, "results": list(entries)}).encode(), media_type="application/json"
    )


def item(lui):
    return {"itemInfo": {"itemIdList": {"lui": lui}}, "head": {}}


def test_it_says_everywhere_that_it_is_not_verified(tmp_path):
    """The name it is shown by warns of it, and so does doctor, with the supported way in."""
    assert "not verified" in SOURCES["embase"].title
    with on(tmp_path, fake_protocol("pubmed"), date(2024, 5, 1)) as context:
        detail = doctor._source(context, "embase").detail
    assert detail.startswith("not configured: set IVIGIL_EMBASE_API_KEY")
    assert "not verified against the live service; export files" in detail


def test_every_hit_comes_with_its_abstract(embase):
    """The era's hits come in pages of 100 counted from one, and add up."""
    tally, records = Tally(), []
    for one in embase.harvest(SearchRequest(STRATEGY, ERA, DateField.PUBLISHED)):
        tally.add(one)
        records += one.records
    assert tally.complete
    assert tally.records > 300
    nacci = next(record for record in records if record.pmid == "17344244")
    assert "Ritchie index" in nacci.abstract_text
    assert (nacci.source_id, nacci.doi, nacci.year) == ("L9017344244", "10.1136/ard.2006.060111", 2007)


def test_a_night_asks_for_what_was_added(embase):
    """Added since the first day and not since the day after the last; zero hits are one stated page."""
    assert query.build_query(SearchRequest("x", NOVEMBER), None) == "(x) AND [01-11-2024]/sd NOT [01-12-2024]/sd"
    assert [record for one in embase.harvest(SearchRequest(STRATEGY, NOVEMBER)) for record in one.records]
    (empty,) = embase.harvest(SearchRequest("nosuchword:ti", NOVEMBER))
    assert (empty.reported, empty.records) == (0, ())
    with pytest.raises(QueryRejected, match="changed"):
        list(embase.harvest(SearchRequest("x", NOVEMBER, DateField.REVISED)))


def test_canaries_and_single_records_are_asked_by_name(embase):
    """The canaries are looked for in the strategy's result; single articles have addresses of their own."""
    names = ["PMID:23910617", "DOI:10.3899/jrheum.140833", "PMID:1"]
    assert embase.held(STRATEGY, names) == {"PMID:23910617", "DOI:10.3899/jrheum.140833"}
    pages = list(embase.fetch([*names, "L9017344244"]))
    assert {record.pmid for one in pages for record in one.records} == {"23910617", "25433527", "17344244"}
    assert [one.missing for one in pages if one.missing] == [("PMID:1",)]
    assert embase.count(STRATEGY) > 300
    with pytest.raises(QueryRejected, match="23910617"):
        list(embase.fetch(["23910617"]))


def test_garbage_of_an_overloaded_server_is_asked_for_again(embase, simulator):
    """What is not JSON inside a 200 is retried; when it never ends it is no zero hits."""
    request = SearchRequest(STRATEGY, NOVEMBER)
    whole = {record.source_id for one in embase.harvest(request) for record in one.records}
    simulator.set_faults("embase:garbage*2")
    assert {record.source_id for one in embase.harvest(request) for record in one.records} == whole
    simulator.set_faults("embase:garbage*")
    with pytest.raises(TransportError):
        list(embase.harvest(request))


@pytest.mark.parametrize(("fault", "error"), [("badkey", NotEntitled), ("429", RateLimited), ("503*", TransportError)])
def test_a_refusal_is_of_its_class(embase, simulator, fault, error):
    """A wrong key, a spent quota and a broken server each raise their own error."""
    simulator.set_faults(f"embase:{fault}")
    with pytest.raises(error):
        list(embase.harvest(SearchRequest(STRATEGY, NOVEMBER)))


@pytest.mark.parametrize(
    "body", [b"{}", b'{"header":{}}', b'{"header":{"hits":3}}', b'{"header":{"hits":"many"},"results":[]}', b"[]"]
)
def test_what_is_no_answer_is_never_zero_hits(wire, scripted, fakes, body):
    """An answer without its count, or without its list, is an error."""
    wire.serve = lambda _: fakes.Reply(body, media_type="application/json")
    with pytest.raises((MalformedResponse, TransportError)):
        list(scripted.harvest(SearchRequest("x", NOVEMBER)))


def test_a_short_list_is_incomplete(wire, scripted, fakes):
    """Fewer entries than hits, in two readings, is an error; the second page starts after what came."""
    wire.serve = lambda asked: results(fakes, 3, *([item("L1"), item("L2")] if asked.params["start"] == "1" else []))
    with pytest.raises(IncompleteSearch, match="2 of 3"):
        list(scripted.harvest(SearchRequest("x", NOVEMBER)))
    assert [asked.params["start"] for asked in wire.asked] == ["1", "3", "1", "3"]


def test_a_long_strategy_is_posted(wire, scripted, fakes):
    """A question too long for an address goes in a form."""
    wire.serve = lambda _: results(fakes, 0)
    list(scripted.harvest(SearchRequest("scleroderma OR " * 200 + "x", NOVEMBER)))
    assert [asked.method for asked in wire.asked] == ["POST"]


def test_every_level_of_a_record_may_be_missing():
    """An entry without a head is read; one without ids is rejected alone."""
    found = parse_results(
        json.dumps({"header": {"hits": 3}, "results": [item("2029880245"), {}, {"head": None}]}).encode()
    )
    assert [record.source_id for record in found.records] == ["L2029880245"]
    assert [name for name, _ in found.rejected] == ["#2", "#3"]


def test_neither_key_nor_token_is_ever_shown(wire, scripted, fakes, caplog):
    """Both travel in headers, and an answer that repeats them leaves them nowhere."""
    caplog.set_level(logging.DEBUG)
    wire.serve = lambda _: fakes.Reply(f'{{"message":"{KEY} {TOKEN}"}}'.encode(), 400, "application/json")
    with pytest.raises(QueryRejected) as caught:
        list(scripted.harvest(SearchRequest("x", NOVEMBER)))
    assert (wire.asked[0].headers["X-ELS-APIKey"], wire.asked[0].headers["X-ELS-Insttoken"]) == (KEY, TOKEN)
    assert not {secret for secret in (KEY, TOKEN) if secret in f"{caught.value} {caplog.text}"}
