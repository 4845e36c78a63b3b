"""The client of bioRxiv and medRxiv: versions of a preprint, the article it became, and answers that say nothing."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ivigil.errors import MalformedResponse, QueryRejected, TransportError
from ivigil.records import RecordKind
from ivigil.sources.base import DocumentIds
from ivigil.sources.rxiv import Rxiv, parse_details, parse_published
from ivigil.sources.rxiv.query import preprint_doi

DOI = "10.64898/2999.01.01.900001"


@pytest.fixture
def rxiv(simulator, session):
    simulator.set_faults("")
    simulator.reset_log()
    return Rxiv(session, base_url=simulator.base_url("rxiv"))


@pytest.fixture
def scripted(wire, session):
    return Rxiv(session, base_url=f"{wire.url}/rxiv")


def answer(fakes, *collection, status="ok"):
    body = {"messages": [{"status": status}], "collection": list(collection)}
    return fakes.Reply(json.dumps(body).encode(), media_type="application/json")


def version(number, **fields):
    entry = {"doi": "10.1101/2020.01.02.123456", "date": f"2020-0{number}-02", "version": str(number)}
    return entry | {"title": f"Title {number}", "authors": "Sato, S.; The Group", "published": "NA"} | fields


def test_a_preprint_is_followed_to_the_article_it_became(rxiv, simulator):
    """Before the article there is no link, afterwards the link has its DOI; a version in the DOI does not matter."""
    simulator.today = date(2024, 12, 1)
    (before,) = rxiv.look_up([DocumentIds(doi=DOI)])
    assert [(record.kind, record.relations) for record in before.records] == [(RecordKind.PREPRINT, ())]
    simulator.today = date(2025, 12, 1)
    (after,) = rxiv.look_up([DocumentIds(doi=f"{DOI}v1")])
    assert [(link.kind, link.doi) for link in after.records[0].relations] == [
        ("PublishedAs", "10.5555/ivigil.90000206")
    ]


def test_what_is_no_preprint_of_theirs_is_not_asked_for(rxiv, simulator):
    """Other DOIs, journals under the same prefix included, cost no call; one that is not held is missing."""
    simulator.today = date(2025, 12, 1)
    documents = [DocumentIds(doi="10.1136/ard.2006.060111"), DocumentIds(doi="10.1101/gr.123456.108"), DocumentIds()]
    assert list(rxiv.look_up(documents)) == []
    assert simulator.count("rxiv") == 0
    (unknown,) = rxiv.fetch(["10.1101/2020.01.01.123456"])
    assert (unknown.records, unknown.missing, unknown.reported) == ((), ("10.1101/2020.01.01.123456",), 1)
    with pytest.raises(QueryRejected, match=r"10\.1136"):
        list(rxiv.fetch(["10.1136/ard.2006.060111"]))


def test_versions_come_oldest_first_and_share_the_link(wire, scripted, fakes):
    """Each version is a record of its own; the link that one of them names is the preprint's."""
    wire.serve = lambda _: answer(fakes, version(2, published="10.1000/ART"), version(1))
    (one,) = scripted.look_up([DocumentIds(doi="10.1101/2020.01.02.123456")])
    assert [(record.version, record.title) for record in one.records] == [("1", "Title 1"), ("2", "Title 2")]
    assert {link.doi for record in one.records for link in record.relations} == {"10.1000/art"}
    assert len({record.source_id for record in one.records}) == 1
    assert [author.name for author in one.records[0].authors] == ["Sato S", "The Group"]
    assert len(wire.asked) == 1


def test_the_link_is_looked_up_where_the_details_lag(wire, scripted, fakes):
    """A preprint whose details name no article is looked for on the list of links of the server that holds it."""
    link = {"preprint_doi": "10.1101/2020.01.02.123456", "published_doi": "10.1000/Art", "published_journal": "J"}

    def serve(asked):
        if asked.path.startswith("/rxiv/pubs/biorxiv/"):
            return answer(fakes, link)
        held = asked.path.startswith("/rxiv/details/biorxiv/")
        return answer(fakes, version(1)) if held else answer(fakes, status="no posts found")

    wire.serve = serve
    (one,) = scripted.look_up([DocumentIds(doi="10.1101/2020.01.02.123456")])
    assert [(found.doi, found.note) for found in one.records[0].relations] == [("10.1000/art", "J")]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", TransportError),
        (b"<html></html>", MalformedResponse),
        (b'{"collection":[]}', MalformedResponse),
        (b'{"messages":[],"collection":[]}', MalformedResponse),
        (b'{"messages":[{"status":"database error"}],"collection":[]}', MalformedResponse),
    ],
)
def test_what_is_no_answer_is_never_nothing_found(wire, scripted, fakes, body, error):
    """An empty body, which a whole day once gave, and a status that is not known are errors."""
    wire.serve = lambda _: fakes.Reply(body, media_type="application/json")
    with pytest.raises(error):
        list(scripted.look_up([DocumentIds(doi="10.1101/2020.01.02.123456")]))


def test_marks_of_lost_formatting_are_taken_out():
    """What small capitals left behind does not stand in the abstract; an entry without a DOI is rejected alone."""
    entries = [
        version(1, abstract="O_ST_ABSAimC_ST_ABSTo see whether IO_SCPLOWGC_SCPLOWG O_LIhelpsC_LI"),
        {"doi": "none"},
    ]
    found = parse_details(json.dumps({"messages": [{"status": "ok"}], "collection": entries}).encode())
    assert found.records[0].abstract_text == "Aim To see whether IGG helps"
    assert [name for name, _ in found.rejected] == ["#2"]


def test_a_link_without_its_ends_is_refused():
    """A link that does not say from where to where is no link."""
    body = json.dumps({"messages": [{"status": "ok"}], "collection": [{"preprint_doi": "10.1101/2020.01.02.123456"}]})
    with pytest.raises(MalformedResponse, match="two DOIs"):
        parse_published(body.encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1101/2025.09.17.676679v2", "10.1101/2025.09.17.676679"),
        ("10.64898/2026.07.31.741992", "10.64898/2026.07.31.741992"),
        ("10.1101/123456", "10.1101/123456"),
        ("10.1101/gr.123456.108", None),
        ("10.1016/j.autrev.2017.02.008", None),
        (None, None),
    ],
)
def test_preprint_dois_are_known_by_prefix_and_number(text, expected):
    """Both prefixes of the servers are known, with or without a version; other DOIs are not theirs."""
    assert preprint_doi(text) == expected
