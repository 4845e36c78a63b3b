"""The Crossref client against the simulator's wire, and against answers written by hand."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ivigil.errors import MalformedResponse, QueryRejected, RateLimited, TransportError
from ivigil.records import RecordKind
from ivigil.simulator import Simulator
from ivigil.sources.base import DocumentIds, Tally
from ivigil.sources.crossref import Crossref, parse_work, parse_works
from ivigil.sources.retraction import is_retracted, standing

TAKEHARA = DocumentIds(doi="10.5555/ivigil.23910617")


@pytest.fixture
def crossref(settled, session):
    return Crossref(session, base_url=settled.base_url("crossref"), email="librarian@example.org")


def read(pages):
    tally, records = Tally(), []
    for page in pages:
        tally.add(page)
        records += page.records
    return records, tally


def a_work(**fields):
    message = {"DOI": "10.1000/ABC", "type": "journal-article", "title": ["A title"]} | fields
    return json.dumps({"status": "ok", "message-type": "work", "message": message}).encode()


def parsed(**fields):
    return parse_work(a_work(**fields)).record


def test_documents_are_looked_up_by_doi_and_by_title(settled, crossref):
    """A list of DOIs is one call, a title another; a PMID alone is nothing to ask by, and is missing."""
    (first,) = read(crossref.look_up([TAKEHARA]))[0]
    settled.reset_log()
    found, tally = read(
        crossref.look_up(
            [
                DocumentIds(doi="10.5555/ivigil.23910617"),
                DocumentIds(doi="10.1000/none"),
                DocumentIds(doi="10.1000/a:b"),
                DocumentIds(title=first.title.upper()),
                DocumentIds(title="Words of a title that belong to no document of this world at all"),
                DocumentIds(pmid="23910617"),
            ]
        )
    )
    assert [record.doi for record in found] == [first.doi, first.doi]
    assert (tally.missing, tally.complete) == (4, True)
    assert (settled.count("crossref", "works"), settled.count("crossref", "works/10.1000/a:b")) == (3, 1)


def test_a_deposited_reference_list_is_read_and_its_absence_told_from_an_unknown_document(
    settled, crossref, wire, session, fakes
):
    """References by DOI and by text; an empty list where none is deposited; None where the DOI is not Crossref's."""
    citing = settled._around.holdings.citations.citing["23910617"]
    doi = next(
        f"10.5555/ivigil.{one}" for one in citing if crossref.references(DocumentIds(doi=f"10.5555/ivigil.{one}"))
    )
    listed = crossref.references(DocumentIds(doi=doi)) or ()
    assert any(reference.doi or reference.text for reference in listed)
    assert crossref.references(DocumentIds(doi="10.1000/none")) is None
    assert crossref.references(DocumentIds(pmid="1")) is None
    wire.script = [fakes.Reply(a_work(), media_type="application/json")]
    assert Crossref(session, base_url=wire.url).references(DocumentIds(doi="10.1000/abc")) == ()


def test_the_published_review_has_its_list_once_it_is_out(settled, crossref):
    """The review deposits 53 references, some by DOI, some as text alone, every included study among them; before its
    day Crossref does not know it.
    """
    review = DocumentIds(doi="10.1016/j.semarthrit.2024.152471")
    listed = crossref.references(review) or ()
    assert len(listed) == 53
    assert {bool(one.doi) for one in listed} == {bool(one.text) for one in listed} == {True, False}
    said = " ".join(f"{one.doi} {one.title} {one.text}" for one in listed)
    included = [label for label in settled.labels().values() if label.included]
    assert all(label.title.rstrip(".") in said for label in included)
    today = settled.today
    try:
        settled.today = date(2024, 4, 15)
        assert crossref.references(review) is None
    finally:
        settled.today = today


def test_a_404_that_is_not_crossrefs_own_is_an_error(wire, session, fakes):
    """A wrong address must not read as a document that does not exist."""
    wire.script = [fakes.Reply(b"<html>404</html>", 404, "text/html")]
    with pytest.raises(QueryRejected, match="404"):
        Crossref(session, base_url=wire.url).references(TAKEHARA)


@pytest.mark.parametrize(
    ("fault", "error"),
    [("400", QueryRejected), ("cursor", QueryRejected), ("404", QueryRejected), ("504*", TransportError),
     ("429(retry=7200)", RateLimited), ("html*", MalformedResponse), ("truncate*", MalformedResponse)],
)  # fmt: skip
def test_a_fault_is_an_error_of_its_class(settled, crossref, fault, error):
    """A failure in Crossref's words or a broken answer: none is an empty list."""
    settled.set_faults(f"crossref:{fault}")
    with pytest.raises(error):
        list(crossref.look_up([TAKEHARA]))


def test_the_pace_is_that_of_the_headers(wire, session, fakes, clock):
    """A stated limit is kept from the next request on, up to the fastest the client allows itself."""

    def stating(limit):
        return fakes.Reply(
            a_work(), 200, "application/json", {"x-rate-limit-limit": limit, "x-rate-limit-interval": "1s"}
        )

    client = Crossref(session, base_url=wire.url)
    wire.script = [stating("50") for _ in range(21)]
    for _ in range(21):
        client.references(TAKEHARA)
    assert 2.0 <= clock.slept <= 3.0  # the first alone, twenty at ten a second, not fifty
    slept = clock.slept
    wire.script = [stating("1") for _ in range(4)]
    for _ in range(4):
        client.references(TAKEHARA)
    assert clock.slept - slept >= 3.0


def test_limits_are_held_at_the_service(session):
    """Lists are asked for no faster than the service says, as the service measures it."""
    with Simulator(clock=session.clock.monotonic) as simulator:
        client = Crossref(session, base_url=simulator.base_url("crossref"), email="librarian@example.org")
        for _ in range(8):
            list(client.look_up([DocumentIds(title="intravenous immunoglobulin in systemic sclerosis and its lungs")]))
        assert simulator.peak_rate("crossref") <= 3
        assert {each.status for each in simulator.requests} == {200}


def test_a_work_is_read_whole():
    """Every field a record can hold is taken from where Crossref keeps it."""
    record = parsed(
        type="posted-content",
        subtype="preprint",
        title=["Of <i>n</i>"],
        subtitle=["A subtitle"],
        author=[
            {"given": "Ada B.", "family": "Example", "ORCID": "http://orcid.org/0000-0002-1825-0097",
             "affiliation": [{"name": "Somewhere"}]},
            {"name": "The Example Group", "affiliation": []},
        ],
        abstract="<jats:title>Abstract</jats:title><jats:sec><jats:title>Aim</jats:title><jats:p>To see.</jats:p>"
        "</jats:sec><jats:sec><jats:title>Results</jats:title><jats:p>p &lt; 0.05 in 3.</jats:p></jats:sec>",
        created={"date-time": "2024-05-09T01:00:00Z"},
        posted={"date-parts": [[2024, 5, 8]]},
        issued={"date-parts": [[2024]]},
        language="de",
        ISSN=["1111-1111"],
        volume="3",
        page="7-9",
        publisher="P",
        relation={"is-preprint-of": [{"id": "10.1000/XYZ", "id-type": "doi"}]},
        **{"container-title": [], "clinical-trial-number": [{"clinical-trial-number": "nct01234567"}]},
    )  # fmt: skip
    assert (record.source_id, record.doi, record.kind) == ("10.1000/abc", "10.1000/abc", RecordKind.PREPRINT)
    assert record.title == "Of n: A subtitle"
    assert [author.name for author in record.authors] == ["Example AB", "The Example Group"]
    assert [(part.label, part.text) for part in record.abstract] == [("Aim", "To see."), ("Results", "p < 0.05 in 3.")]
    assert (str(record.electronic), record.published, str(record.entered)) == ("2024-05-08", None, "2024-05-09")
    assert (record.languages, record.registry_ids, record.journal) == (("ger",), ("NCT01234567",), None)
    assert [(link.kind, link.doi) for link in record.relations] == [("PreprintOf", "10.1000/xyz")]


@pytest.mark.parametrize(
    "abstract",
    [
        "<jats:p>Less is &lt; more &amp; so on.</jats:p>",
        "&lt;jats:p&gt;Less is &amp;lt; more &amp;amp; so on.&lt;/jats:p&gt;",
    ],
)
def test_an_abstract_that_was_escaped_twice_reads_like_one_escaped_once(abstract):
    """Tags go, and the author's own signs stay."""
    assert parsed(abstract=abstract).abstract_text == "Less is < more & so on."


def test_a_retraction_told_twice_is_one_and_a_notice_is_not_retracted():
    """Publisher and Retraction Watch name the same notice; the notice itself stands."""
    update = {"DOI": "10.1000/Notice", "type": "retraction", "updated": {"date-time": "2010-02-06T00:00:00Z"}}
    retracted = parsed(**{"updated-by": [update | {"source": "publisher"}, update | {"source": "retraction-watch"}]})
    (link,) = standing(retracted).retractions
    assert (is_retracted(retracted), link.doi) == (True, "10.1000/notice")
    assert "publisher" in (link.note or "")
    assert "retraction-watch, 2010-02-06" in (link.note or "")
    assert not is_retracted(parsed(**{"update-to": [update]}))


def test_corrections_and_concerns_are_told_apart():
    """Each type of update is the relation that PubMed knows it by."""
    kinds = ("correction", "expression_of_concern", "new_version", "withdrawal")
    record = parsed(**{"updated-by": [{"DOI": f"10.1000/{kind}", "type": kind} for kind in kinds]})
    assert [link.kind for link in record.relations] == [
        "ErratumIn",
        "ExpressionOfConcernIn",
        "UpdateIn",
        "RetractionIn",
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [([[2024, 5, 8]], "2024-05-08"), ([[2024, 5]], "2024-05"), ([[2024]], "2024"), ([[None]], "None")],
)
def test_dates_keep_the_precision_they_have(given, expected):
    """One to three parts, or a part that is null."""
    assert str(parsed(**{"published-print": {"date-parts": given}}).published) == expected


def test_a_work_that_cannot_be_read_is_rejected_alone():
    """One item of an unknown shape does not lose the list."""
    items = [{"DOI": "10.1000/a"}, {"DOI": "10.1000/b", "author": [3]}, {"title": ["no DOI"]}]
    message = {"total-results": 3, "items": items}
    found = parse_works(json.dumps({"status": "ok", "message-type": "work-list", "message": message}).encode())
    assert [record.doi for record in found.records] == ["10.1000/a"]
    assert [name for name, _ in found.rejected] == ["10.1000/b", "#3"]
