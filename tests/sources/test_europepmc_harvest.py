"""The Europe PMC client over a real wire, its live index and its odd answers included."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ivigil.errors import IncompleteSearch, MalformedResponse, QueryRejected, TransportError
from ivigil.sources.base import DateField, SearchRequest, Tally, Window
from ivigil.sources.europepmc import EuropePMC

MARCH = Window(date(2024, 3, 1), date(2024, 3, 30))
REQUEST = SearchRequest('"systemic sclerosis"', MARCH)


@pytest.fixture
def europepmc(wire, session):
    return EuropePMC(session, base_url=f"{wire.url}/europepmc", email="librarian@example.org")


class Index:
    """A search over numbered records that pages by cursor; `hit_count` may be made to say something else."""

    def __init__(self, reply, ids):
        self.reply, self.ids, self.hit_counts = reply, list(ids), []

    def __call__(self, asked):
        start = 0 if asked.params["cursorMark"] == "*" else int(asked.params["cursorMark"].removeprefix("C"))
        size = int(asked.params["pageSize"])
        listed = self.ids[start : start + size]
        body = {
            "version": "6.9",
            "hitCount": self.hit_counts.pop(0) if self.hit_counts else len(self.ids),
            "request": {"resultType": asked.params["resultType"]},
            "resultList": {"result": [self.result(one) for one in listed]},
        }
        if listed:
            body["nextCursorMark"] = f"C{start + len(listed)}"
        return self.reply(json.dumps(body).encode(), media_type="application/json")

    @staticmethod
    def result(number):
        return {"id": str(number), "source": "MED", "pmid": str(number), "title": "A title"}


@pytest.fixture
def index(wire, fakes):
    def build(ids):
        wire.serve = Index(fakes.Reply, ids)
        return wire.serve

    return build


def harvest(client, request=REQUEST):
    pages, tally = list(client.harvest(request)), Tally()
    for page in pages:
        tally.add(page)
    return [record.source_id for page in pages for record in page.records], tally


def test_every_hit_comes_by_cursor(wire, europepmc, index):
    """450 hits arrive in three pages and none is asked for beyond them."""
    index(range(450))
    found, tally = harvest(europepmc)
    assert found == [f"MED/{number}" for number in range(450)]
    assert (tally.reported, tally.accounted, len(wire.asked)) == (450, 450, 3)


def test_zero_hits_is_one_page_without_records(europepmc, index):
    """A search that matches nothing yields one page that says so."""
    index([])
    (page,) = europepmc.harvest(REQUEST)
    assert (page.reported, page.records) == (0, ())


@pytest.mark.parametrize(
    ("field", "clause"),
    [
        (DateField.ENTERED, "(FIRST_IDATE:[2024-03-01 TO 2024-03-30] OR CREATION_DATE:[2024-03-01 TO 2024-03-30])"),
        (DateField.PUBLISHED, "(FIRST_PDATE:[2024-03-01 TO 2024-03-30])"),
        (DateField.REVISED, "(UPDATE_DATE:[2024-03-01 TO 2024-03-30])"),
    ],
)
def test_the_window_is_asked_in_the_source_s_own_dates(wire, europepmc, index, field, clause):
    """Each kind of window becomes the date fields that its notes name, and core results are asked for."""
    index([1])
    list(europepmc.harvest(SearchRequest("x", MARCH, field)))
    assert wire.asked[0].params["query"] == f"(x) AND {clause}"
    assert wire.asked[0].params["resultType"] == "core"


def test_a_long_strategy_is_posted(wire, europepmc, index):
    """A query too long for an address goes to searchPOST in a form."""
    index([1])
    harvest(europepmc, SearchRequest(" OR ".join(f"term{number}" for number in range(300)), MARCH))
    (asked,) = wire.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/europepmc/searchPOST", "")


def test_a_record_that_slips_past_the_cursor_is_found_by_a_second_reading(europepmc, index):
    """When the index moves under the cursor, what the first reading missed comes with the second, once."""
    world = index(range(450))
    result = Index.result
    served = []

    def duplicate_once(number):
        served.append(number)
        return result(199 if number == 200 and served.count(200) == 1 else number)

    world.result = duplicate_once
    found, tally = harvest(europepmc)
    assert sorted(found) == sorted(f"MED/{number}" for number in range(450))
    assert tally.complete


def test_a_record_lost_in_both_readings_is_an_error(europepmc, index):
    """A count that neither reading reaches makes the search incomplete."""
    index(range(30)).hit_counts = [31] * 10
    with pytest.raises(IncompleteSearch, match="30 of 31 records") as caught:
        harvest(europepmc)
    assert (caught.value.reported, caught.value.fetched) == (31, 30)


def test_a_count_that_grows_while_it_is_read_is_complete_at_its_last_word(europepmc, index):
    """A hit count that moves to what was in truth listed is no shortfall."""
    index(range(450)).hit_counts = [449, 450, 450]
    found, tally = harvest(europepmc)
    assert (len(found), tally.reported, tally.complete) == (450, 450, True)


def test_a_cursor_that_comes_back_ends_the_reading(wire, europepmc, index, fakes):
    """A server that repeats its cursor is not read for ever."""
    world = index(range(450))

    def repeat(asked):
        reply = world(asked)
        reply.body = reply.body.replace(b'"C400"', b'"C200"')
        return reply

    wire.serve = repeat
    with pytest.raises(IncompleteSearch, match="of 450 records"):
        harvest(europepmc)
    assert len(wire.asked) < 10


@pytest.mark.parametrize(
    ("body", "media_type", "error"),
    [
        (b'{"version":"6.9"}', "application/json", MalformedResponse),
        (b'{"errCode":404,"errMsg":"No search criteria provided."}', "application/json", QueryRejected),
        (b"This API is temporarily unavailable due to maintenance.", "text/plain", TransportError),
        (b"<html><body>Sign in</body></html>", "text/html", MalformedResponse),
        (b'{"version":"6.9","hitCount":3,"resultList":{"resu', "application/json", MalformedResponse),
        (b"", "application/json", TransportError),
        (b'{"errCode":404,"errMsg":"Search service is not available."}', "application/json", TransportError),
        (
            b'{"hitCount":0,"request":{"resultType":"lite"},"resultList":{"result":[]}}',
            "application/json",
            MalformedResponse,
        ),
    ],
)
def test_an_answer_that_is_none_is_never_zero_hits(wire, europepmc, fakes, body, media_type, error):
    """Errors inside HTTP 200 raise their own class of error."""
    wire.serve = lambda asked: fakes.Reply(body, media_type=media_type)
    with pytest.raises(error):
        harvest(europepmc)


def test_maintenance_is_retried_and_then_raised(wire, europepmc, fakes):
    """503 is asked again to the end of patience and then said to be the source's trouble."""
    wire.serve = lambda asked: fakes.Reply(b"down for maintenance", 503, "text/plain")
    with pytest.raises(TransportError, match="503: down for maintenance"):
        harvest(europepmc)
    assert len(wire.asked) == 5


def test_a_result_that_cannot_be_read_is_rejected_alone(wire, europepmc, index):
    """One result of an unknown shape is named and counted; the others come."""
    world = index(range(5))
    result = Index.result
    world.result = lambda number: result(number) | ({"title": ["?"]} if number == 2 else {})
    pages = list(europepmc.harvest(REQUEST))
    assert [name for page in pages for name, _ in page.rejected] == ["MED/2"]
    assert len(pages[0].records) == 4


def test_held_asks_by_source_and_id(wire, europepmc, index):
    """Canaries are asked for by EXT_ID within SRC, as PMID searches have returned other articles."""
    index([3])
    assert europepmc.held("x", ["MED/3", "MED/4"]) == {"MED/3"}
    assert wire.asked[0].params["query"] == "(x) AND ((EXT_ID:3 AND SRC:MED) OR (EXT_ID:4 AND SRC:MED))"


def test_fetch_states_unknown_records_as_missing(europepmc, index):
    """Fetching by id gives the records there are and names those there are not."""
    index([3])
    (page,) = europepmc.fetch(["MED/3", "MED/4"])
    assert ([record.pmid for record in page.records], page.missing) == (["3"], ("MED/4",))


def test_a_bare_number_is_refused_before_asking(wire, europepmc):
    """An id without its source is an error that names it."""
    with pytest.raises(QueryRejected, match="'23910617' is not an id"):
        list(europepmc.fetch(["23910617"]))
    assert not wire.asked


def test_count_states_the_whole_strategy(europepmc, index):
    """The count of a strategy is its hit count without a window."""
    index(range(77))
    assert europepmc.count("x") == 77
