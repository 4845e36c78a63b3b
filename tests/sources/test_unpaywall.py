"""The Unpaywall client against the simulator's wire, and against answers written by hand."""

from __future__ import annotations

import json

import pytest

from ivigil.errors import MalformedResponse, NotEntitled, RateLimited, TransportError
from ivigil.sources.base import OpenCopy
from ivigil.sources.unpaywall import Unpaywall, parse_full_text

DOI = "10.5555/ivigil.23910617"


@pytest.fixture
def unpaywall(settled, session):
    return Unpaywall(session, email="librarian@hospital.example", base_url=settled.base_url("unpaywall"))


def test_copies_are_told_and_closed_documents_have_none(settled, unpaywall):
    """Some documents are open and some closed; each answer is about the DOI that was asked for."""
    library = settled._around.holdings.library("unpaywall")
    ids = [str(number) for number in range(90_001_001, 90_001_009)]
    dois = [held.record.doi for held in library.get(ids, settled.as_of())]
    found = {doi: unpaywall.locate(doi.upper()) for doi in dois}
    assert all(text.doi == doi for doi, text in found.items())
    assert {bool(text.copies) for text in found.values()} == {True, False}
    assert all((text.status == "closed") is not bool(text.copies) for text in found.values())


def test_an_unknown_document_is_none(unpaywall):
    """A 404 says that the DOI is not known; it is not closed."""
    assert unpaywall.locate("10.1000/none") is None


def test_a_placeholder_address_is_refused(settled, session):
    """An address that is nobody's gets a 422, and the error says which setting to change."""
    client = Unpaywall(session, email="you@example.com", base_url=settled.base_url("unpaywall"))
    with pytest.raises(NotEntitled, match="your own email") as caught:
        client.locate(DOI)
    assert "IVIGIL_CONTACT_EMAIL" in caught.value.hint


@pytest.mark.parametrize(
    ("fault", "error"),
    [("422", NotEntitled), ("429(retry=7200)", RateLimited), ("500*", TransportError), ("html*", MalformedResponse),
     ("empty*", TransportError)],
)  # fmt: skip
def test_a_fault_is_an_error_of_its_class(settled, unpaywall, fault, error):
    """Nothing that goes wrong reads as a closed document."""
    settled.set_faults(f"unpaywall:{fault}")
    with pytest.raises(error):
        unpaywall.locate(DOI)


def test_the_best_copy_comes_first_and_once():
    """The best location leads; a copy that has only a PDF keeps it as its address."""
    best = {"url": "https://e.org/a", "url_for_pdf": None, "version": "publishedVersion", "license": "cc-by",
            "host_type": "publisher"}  # fmt: skip
    other = {"url_for_pdf": "https://e.org/b.pdf", "host_type": "repository"}
    body = {"doi": "10.1000/X", "is_oa": True, "oa_status": "gold", "best_oa_location": best,
            "oa_locations": [other, best, {"url": None}]}  # fmt: skip
    text = parse_full_text(json.dumps(body).encode())
    assert (text.doi, text.status) == ("10.1000/x", "gold")
    assert text.copies == (
        OpenCopy("https://e.org/a", None, "publishedVersion", "cc-by", "publisher"),
        OpenCopy("https://e.org/b.pdf", "https://e.org/b.pdf", host="repository"),
    )
