"""The PubMed client over a real wire, its server's moods included."""

from __future__ import annotations

import logging
import traceback
from collections import Counter
from datetime import date, timedelta

import pytest

from ivigil.errors import (
    IncompleteSearch,
    MalformedResponse,
    NotEntitled,
    QueryRejected,
    RateLimited,
    SourceError,
    TransportError,
)
from ivigil.sources.base import DateField, SearchRequest, Window
from ivigil.sources.pubmed import PubMed, query

MARCH = Window(date(2024, 3, 1), date(2024, 3, 30))
REQUEST = SearchRequest("scleroderma[tiab]", MARCH)
KEY = "s3cr3t/KEY+of=36"


@pytest.fixture
def pubmed(wire, session):
    return PubMed(session, base_url=f"{wire.url}/pubmed", email="librarian@example.org")


@pytest.fixture
def small_cap(fakes, monkeypatch):
    """A cap of 500 on both ends of the wire, so that slicing is seen on small worlds."""
    monkeypatch.setattr(query, "CAP", 500)
    monkeypatch.setattr(fakes.PubMed, "cap", 500)


def pmids(pages):
    return [int(record.pmid) for page in pages for record in page.records]


def accounted(pages):
    return sum(len(page.records) + len(page.missing) + len(page.rejected) + len(page.deleted) for page in pages)


def reported(pages):
    return sum({page.query: page.reported for page in pages}.values())


def efetches(wire):
    return [asked for asked in wire.asked if asked.path.endswith("efetch.fcgi")]


def test_every_hit_comes_in_batches_of_200(wire, pubmed, fakes):
    """450 hits arrive as three pages of at most 200, each saying 450 were reported."""
    wire.serve = fakes.PubMed(fakes.entries(450))
    pages = list(pubmed.harvest(REQUEST))
    assert [len(page.records) for page in pages] == [200, 200, 50]
    assert {page.reported for page in pages} == {450}
    assert sorted(pmids(pages)) == list(range(1000, 1450))


def test_zero_hits_is_one_page_without_records(wire, pubmed, fakes):
    """A search that matches nothing yields one page that says so."""
    wire.serve = fakes.PubMed([])
    (page,) = pubmed.harvest(REQUEST)
    assert (page.reported, page.records) == (0, ())
    assert page.payload.media_type == "application/json"


def test_every_call_names_tool_and_email(wire, pubmed, fakes):
    """NCBI is told who asks on each call, in the parameters and in the User-Agent."""
    wire.serve = fakes.PubMed(fakes.entries(3))
    list(pubmed.harvest(REQUEST))
    assert {(asked.params["tool"], asked.params["email"]) for asked in wire.asked} == {
        ("ivigil", "librarian@example.org")
    }
    assert all("mailto:librarian@example.org" in asked.headers["User-Agent"] for asked in wire.asked)


def test_a_long_strategy_is_posted(wire, pubmed, fakes):
    """A term too long for an address goes in a POST body."""
    wire.serve = fakes.PubMed(fakes.entries(3))
    strategy = " OR ".join(f"term{number}[tiab]" for number in range(300))
    assert accounted(list(pubmed.harvest(SearchRequest(strategy, MARCH)))) == 3
    searches = [asked for asked in wire.asked if asked.path.endswith("esearch.fcgi")]
    assert {(asked.method, asked.query) for asked in searches} == {("POST", "")}


def test_twelve_thousand_hits_in_one_window_are_all_fetched(wire, pubmed, fakes):
    """A result above the cap is cut by date; every record comes once and the slices' counts add up."""
    wire.serve = fakes.PubMed(fakes.entries(12_000))
    pages = list(pubmed.harvest(REQUEST))
    assert reported(pages) == accounted(pages) == 12_000
    assert sorted(pmids(pages)) == list(range(1000, 13_000))
    assert len({page.query for page in pages}) > 1


def test_a_record_with_dates_in_two_slices_comes_once(wire, pubmed, fakes, small_cap):
    """Records created and indexed on different days of a sliced window are neither lost nor doubled."""
    world = [
        fakes.Entry(entry.pmid, entry.crdt, mhda=entry.crdt + timedelta(days=20), dp=(entry.crdt, date(2024, 9, 1)))
        for entry in fakes.entries(1100, first=date(2024, 2, 1), days=60)
    ]
    wire.serve = fakes.PubMed(world)
    for field in (DateField.ENTERED, DateField.PUBLISHED, DateField.REVISED):
        window = Window(date(2024, 2, 1), date(2024, 4, 30))
        pages = list(pubmed.harvest(SearchRequest("x", window, field)))
        assert Counter(pmids(pages)).most_common(1)[0][1] == 1
        assert accounted(pages) == reported(pages) == 1100


def test_late_indexed_records_are_found_in_an_overfull_window(wire, pubmed, fakes, small_cap):
    """A record created years before the window and indexed within it comes, also when the window is sliced."""
    late = fakes.Entry(1, date(2019, 5, 5), mhda=date(2024, 3, 7))
    outside = fakes.Entry(2, date(2019, 5, 5), mhda=date(2019, 6, 7))
    wire.serve = fakes.PubMed([late, outside, *fakes.entries(1050)])
    found = pmids(pubmed.harvest(REQUEST))
    assert 1 in found
    assert 2 not in found


def test_one_day_above_the_cap_is_cut_by_another_date(wire, pubmed, fakes, small_cap):
    """1,050 records created on one day are parted by their entry date."""
    day = date(2024, 3, 9)
    world = [fakes.Entry(number, day, edat=day - timedelta(days=number % 700)) for number in range(1, 1051)]
    wire.serve = fakes.PubMed(world)
    assert sorted(pmids(pubmed.harvest(REQUEST))) == list(range(1, 1051))


def test_records_that_no_date_parts_are_an_error(wire, pubmed, fakes, small_cap):
    """1,050 records alike in every date are refused with what to do, not cut at the cap."""
    wire.serve = fakes.PubMed([fakes.Entry(number, date(2024, 3, 9)) for number in range(1, 1051)])
    with pytest.raises(IncompleteSearch, match="share every date") as caught:
        list(pubmed.harvest(REQUEST))
    assert caught.value.reported == 1050
    assert "narrow the strategy" in caught.value.hint


def test_slices_that_do_not_add_up_are_an_error(wire, pubmed, fakes, small_cap):
    """When the parts of a cut hold fewer than the whole, the search is incomplete before anything is fetched."""
    world = fakes.PubMed(fakes.entries(1050))

    def shrink(asked):
        reply = world(asked)
        if asked.params.get("term", "").count("crdt") > 2 and "2024/03/01" in asked.params["term"].split(" AND ")[-1]:
            reply.body = reply.body.replace(b"1050", b"1040")
        return reply

    wire.serve = shrink
    with pytest.raises(IncompleteSearch, match="1040 records, the whole 1050"):
        list(pubmed.harvest(REQUEST))
    assert not efetches(wire)


def test_a_listing_shorter_than_its_count_is_an_error(wire, pubmed, fakes):
    """An id list cut short by the server is never taken for the whole result."""
    world = fakes.PubMed(fakes.entries(30))

    def cut(asked):
        reply = world(asked)
        reply.body = reply.body.replace(b'"1029"', b'"1028"')
        return reply

    wire.serve = cut
    with pytest.raises(IncompleteSearch, match="counts 30 records and lists 29"):
        list(pubmed.harvest(REQUEST))


def test_records_missing_from_a_batch_are_asked_for_again_and_reported(wire, pubmed, fakes):
    """A listed PMID that EFetch does not return is fetched once more by id, then stated as missing."""
    wire.serve = fakes.PubMed(fakes.entries(5), unfetchable={1002})
    pages = list(pubmed.harvest(REQUEST))
    assert [page.missing for page in pages] == [(), ("1002",)]
    assert accounted(pages) == 5
    assert [asked.params.get("id") for asked in efetches(wire)] == [None, "1002"]


def test_a_record_lost_once_comes_the_second_time(wire, pubmed, fakes):
    """A batch that comes back short is completed by a second fetch."""
    world = fakes.PubMed(fakes.entries(5))
    wire.serve = lambda asked: (
        fakes.Reply(fakes.article_set(fakes.article(1000))) if "WebEnv" in asked.params else world(asked)
    )
    pages = list(pubmed.harvest(REQUEST))
    assert sorted(pmids(pages)) == [1000, 1001, 1002, 1003, 1004]
    assert not any(page.missing for page in pages)


def test_a_batch_of_which_nothing_comes_is_an_error(wire, pubmed, fakes):
    """When not one of several listed records comes, twice, the search is incomplete rather than all missing."""
    wire.serve = fakes.PubMed(fakes.entries(5), unfetchable=set(range(1000, 1005)))
    with pytest.raises(IncompleteSearch, match="none of 5 listed records came"):
        list(pubmed.harvest(REQUEST))


def test_an_expired_history_is_searched_again(wire, pubmed, fakes):
    """When the server forgets the search in mid-harvest it is run again and nothing is lost or doubled."""
    world = fakes.PubMed(fakes.entries(450))

    def forget_once(asked):
        if asked.params.get("retstart") == "200" and not forgotten:
            forgotten.append(True)
            world.histories.clear()
        return world(asked)

    forgotten = []
    wire.serve = forget_once
    assert sorted(pmids(pubmed.harvest(REQUEST))) == list(range(1000, 1450))


def test_a_history_that_never_lasts_is_an_error(wire, pubmed, fakes):
    """A server that forgets every search at once is given up, and never read as zero hits."""
    world = fakes.PubMed(fakes.entries(5))

    def forget(asked):
        reply = world(asked)
        world.histories.clear()
        return reply

    wire.serve = forget
    with pytest.raises(SourceError, match="Unable to obtain query"):
        list(pubmed.harvest(REQUEST))


def test_a_result_that_changes_under_an_expired_history_is_an_error(wire, pubmed, fakes):
    """When the second run of a search lists other records, the harvest is incomplete."""
    world = fakes.PubMed(fakes.entries(450))

    def change(asked):
        if asked.params.get("retstart") == "200":
            world.histories.clear()
            world.entries = fakes.entries(440)
        return world(asked)

    wire.serve = change
    with pytest.raises(IncompleteSearch, match="changed while it was being fetched"):
        list(pubmed.harvest(REQUEST))


def test_a_body_cut_short_is_asked_for_again(wire, pubmed, fakes):
    """XML that ends in the middle is fetched once more before the batch is halved."""
    world = fakes.PubMed(fakes.entries(40))
    cut = []

    def cut_first(asked):
        reply = world(asked)
        if "WebEnv" in asked.params and not cut:
            cut.append(True)
            reply.body = reply.body[:-300]
        return reply

    wire.serve = cut_first
    assert len(pmids(pubmed.harvest(REQUEST))) == 40
    assert [asked.params["retmax"] for asked in efetches(wire)] == ["40", "40"]


def test_a_batch_that_stays_cut_is_halved(wire, pubmed, fakes):
    """A server that cuts large answers gives them all in smaller batches."""
    world = fakes.PubMed(fakes.entries(40))

    def cut_large(asked):
        reply = world(asked)
        if int(asked.params.get("retmax", 0)) > 12 and "WebEnv" in asked.params:
            reply.body = reply.body[:-300]
        return reply

    wire.serve = cut_large
    pages = list(pubmed.harvest(REQUEST))
    assert [len(page.records) for page in pages] == [10, 10, 10, 10]


def test_one_record_that_cannot_be_read_alone_is_rejected(wire, pubmed, fakes):
    """A record whose XML is broken for good is rejected by its id; the others come."""
    world = fakes.PubMed(fakes.entries(8))

    def break_one(asked):
        reply = world(asked)
        reply.body = reply.body.replace(b">1003<", b">1003<&broken<")
        return reply

    wire.serve = break_one
    pages = list(pubmed.harvest(REQUEST))
    assert [pmid for page in pages for pmid, _ in page.rejected] == ["1003"]
    assert accounted(pages) == 8


def test_an_article_without_meaning_does_not_kill_its_batch(wire, pubmed, fakes):
    """An entry that is XML but no article is rejected, and the rest of its batch stands."""
    world = fakes.PubMed(fakes.entries(3))

    def hollow(asked):
        reply = world(asked)
        reply.body = reply.body.replace(
            fakes.article(1001).encode(),
            b"<PubmedArticle><MedlineCitation><PMID>1001</PMID></MedlineCitation></PubmedArticle>",
        )
        return reply

    wire.serve = hollow
    (page,) = pubmed.harvest(REQUEST)
    assert page.rejected == (("1001", "the citation has no Article"),)
    assert sorted(pmids([page])) == [1000, 1002]


def test_a_page_of_html_is_refused(wire, pubmed, fakes):
    """HTML where XML was due fails the search after it was asked for again and in halves."""
    world = fakes.PubMed(fakes.entries(3))
    html = fakes.Reply(b"<html><body>PmFetch response</body></html>", media_type="text/html")
    wire.serve = lambda asked: html if asked.path.endswith("efetch.fcgi") else world(asked)
    with pytest.raises(MalformedResponse, match="html"):
        list(pubmed.harvest(REQUEST))


def test_a_connection_dropped_in_the_middle_is_retried(wire, pubmed, fakes):
    """A body that stops before its announced length is asked for again, and every record comes."""
    world = fakes.PubMed(fakes.entries(40))
    dropped = []

    def drop(asked):
        reply = world(asked)
        if "WebEnv" in asked.params and len(dropped) < 2:
            dropped.append(True)
            reply.cut_at = 500
        return reply

    wire.serve = drop
    assert len(pmids(pubmed.harvest(REQUEST))) == 40
    assert len(efetches(wire)) == 3


def test_a_connection_that_always_drops_fails_the_search(wire, pubmed, fakes):
    """When every try is cut the harvest raises, having yielded no false page."""
    world = fakes.PubMed(fakes.entries(40))

    def drop(asked):
        reply = world(asked)
        reply.cut_at = 500 if "WebEnv" in asked.params else None
        return reply

    wire.serve = drop
    with pytest.raises(TransportError, match="no whole answer"):
        list(pubmed.harvest(REQUEST))


def test_a_busy_server_is_waited_for(wire, pubmed, fakes, clock):
    """429 with Retry-After is waited out and the search goes on."""
    wire.script = [fakes.Reply(b'{"error":"API rate limit exceeded"}', 429, headers={"Retry-After": "7"})]
    wire.serve = fakes.PubMed(fakes.entries(3))
    assert len(pmids(pubmed.harvest(REQUEST))) == 3
    assert 7 <= clock.slept < 12


def test_a_rate_limit_inside_a_success_is_waited_out(wire, pubmed, fakes):
    """The rate-limit body under status 200 is retried, not read as an answer."""
    body = b'{"error":"API rate limit exceeded","api-key":"203.0.113.7","count":"4","limit":"3"}'
    wire.script = [fakes.Reply(body, media_type="application/json")]
    wire.serve = fakes.PubMed(fakes.entries(3))
    assert len(pmids(pubmed.harvest(REQUEST))) == 3


def test_a_broken_server_that_recovers_is_no_failure(wire, pubmed, fakes):
    """Two 500s and then an answer make a whole search."""
    wire.script = [fakes.Reply(b"<h1>Server Error</h1>", 500, "text/html") for _ in range(2)]
    wire.serve = fakes.PubMed(fakes.entries(3))
    assert len(pmids(pubmed.harvest(REQUEST))) == 3


def test_an_outage_inside_a_success_is_a_transport_error(wire, pubmed, fakes):
    """'Search Backend failed' under status 200 fails the search and is never zero hits."""
    body = b'{"esearchresult":{"ERROR":"Search Backend failed: Database is not supported: pubmed"}}'
    wire.serve = lambda asked: fakes.Reply(body, media_type="application/json")
    with pytest.raises(TransportError, match="Database is not supported"):
        list(pubmed.harvest(REQUEST))
    assert len(wire.asked) == 5


def test_a_dropped_phrase_is_a_warning_on_each_page(wire, pubmed, fakes):
    """A quoted phrase that PubMed silently drops is stated with the records it still found."""
    world = fakes.PubMed(fakes.entries(2))

    def warn(asked):
        reply = world(asked)
        reply.body = reply.body.replace(
            b'"esearchresult": {', b'"esearchresult": {"warninglist":{"quotedphrasesnotfound":["\\"rare words\\""]},'
        )
        return reply

    wire.serve = warn
    (page,) = pubmed.harvest(REQUEST)
    assert page.warnings == ('quoted phrase not found and dropped from the search: "rare words"',)


def test_held_asks_only_about_the_given_records(wire, pubmed, fakes):
    """The canaries found are those of the given PMIDs that the strategy returns."""
    wire.serve = fakes.PubMed(fakes.entries(10))
    assert pubmed.held("x", ["1003", "77", "1009"]) == {"1003", "1009"}


def test_fetch_states_unknown_records_as_missing(wire, pubmed, fakes):
    """Fetching by id gives the records there are and names those there are not."""
    wire.serve = fakes.PubMed(fakes.entries(10))
    (page,) = pubmed.fetch(["1003", "77", "1003"])
    assert (pmids([page]), page.missing, page.reported) == ([1003], ("77",), 2)


def test_an_id_that_is_no_pmid_is_refused_before_asking(wire, pubmed):
    """A DOI given for a PMID is an error that names it."""
    with pytest.raises(QueryRejected, match=r"10\.1000/x"):
        list(pubmed.fetch(["10.1000/x"]))
    assert not wire.asked


def test_count_asks_for_no_ids(wire, pubmed, fakes):
    """The count of a whole strategy costs one call without ids."""
    wire.serve = fakes.PubMed(fakes.entries(10))
    assert pubmed.count("x") == 10
    assert [asked.params["retmax"] for asked in wire.asked] == ["0"]


@pytest.mark.parametrize(("status", "error"), [(400, NotEntitled), (429, RateLimited)])
def test_the_key_is_never_shown(wire, session, fakes, caplog, status, error):
    """A key that the server echoes appears in no exception, log line, payload or address."""
    caplog.set_level(logging.DEBUG)
    pubmed = PubMed(session, base_url=wire.url, email="librarian@example.org", api_key=KEY)
    body = f'{{"error":"API {"key invalid" if status == 400 else "rate limit exceeded"}","api-key":"{KEY}"}}'
    world = fakes.PubMed(fakes.entries(2))
    wire.serve = world
    pages = list(pubmed.harvest(REQUEST))
    wire.serve = lambda asked: fakes.Reply(body.encode(), status, "application/json")
    with pytest.raises(error) as caught:
        list(pubmed.harvest(REQUEST))
    assert wire.asked[0].params["api_key"] == KEY
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    shown += "".join(f"{page.payload.address}{page.payload.body.decode()}" for page in pages)
    for spelling in (KEY, "s3cr3t%2FKEY%2Bof%3D36", "s3cr3t"):
        assert spelling not in shown


def test_a_dead_host_names_no_key(session, caplog):
    """A connection that fails says where it went, and not with which key."""
    caplog.set_level(logging.DEBUG)
    pubmed = PubMed(session, base_url="http://127.0.0.1:9", api_key=KEY)
    with pytest.raises(TransportError, match=r"127\.0\.0\.1:9") as caught:
        pubmed.count("x")
    assert "s3cr3t" not in "".join(traceback.format_exception(caught.value)) + caplog.text


def test_each_page_leaves_one_log_line(wire, pubmed, fakes, caplog):
    """One line a page says source, page, counts and query hash."""
    caplog.set_level(logging.INFO, "ivigil.sources")
    wire.serve = fakes.PubMed(fakes.entries(250))
    list(pubmed.harvest(REQUEST))
    lines = [line for line in caplog.records if line.message.startswith("page fetched")]
    assert [(line.page, line.records, line.reported) for line in lines] == [(1, 200, 250), (2, 50, 250)]
    assert {line.query_hash for line in lines} == {REQUEST.query_hash}
