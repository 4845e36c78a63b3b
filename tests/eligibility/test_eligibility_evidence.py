"""What must hold for every record: spans that are really in the text, and no exclusion without words."""

from __future__ import annotations

import csv
import gzip
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ivigil.criteria import Criteria
from ivigil.eligibility import Assessment, assess, field_text
from ivigil.eligibility.benchmark import Item
from ivigil.records import AbstractSection, Record
from ivigil.simulator.corpus import written_corpus

WORDS = st.sampled_from(
    """
    patients women IVIG SSc systemic sclerosis received treated with 12 seven of and or placebo (n = 5) [ ] . , ; : not
    children aged 6 to 17 years mice mRSS improved \u0130stanbul fi\u00e9vre i.v. 10% RESULTS: 2 g/kg (IVIG)
    """.split()  # noqa: SIM905 - words to draw from read better as a text
)
HARD = st.text(st.characters(codec="utf-8", categories=("Cc", "Cf", "Mn", "Lo", "Nd", "Zs", "Po", "So")), max_size=120)
ENDLESS = st.sampled_from(["9" * 5000, ",".join(["999"] * 2000), f"12 (0.{'0' * 320}1%)", "(" * 400, "12 of " * 90])
TEXTS = st.one_of(st.text(max_size=200), HARD, st.lists(WORDS | HARD | ENDLESS, max_size=60).map(" ".join))


def check(record: Record, found: Assessment) -> None:
    for name, reading in found.criteria.items():
        if reading.status != "unclear":
            assert reading.evidence, name
        if reading.evidence:
            assert field_text(record, reading.field)[reading.start : reading.end] == reading.evidence
            assert reading.phrase in reading.evidence
    if found.verdict == "ineligible":
        assert record.abstract_text.strip()
        assert any(reading.status == "not_met" for reading in found.criteria.values())


@settings(deadline=None, max_examples=150)
@given(title=TEXTS, parts=st.lists(TEXTS, max_size=3), label=st.none() | st.text(max_size=10))
def test_every_span_of_any_text_is_really_in_it(criteria, title, parts, label):
    """For any text, evidence is the text between its ends, and nothing is excluded without words."""
    sections = tuple(AbstractSection(text=part, label=label) for part in parts)
    record = Record(source="test", source_id="1", title=title, abstract=sections)
    check(record, assess(record, criteria))


def test_every_span_of_the_written_records_is_really_in_them(criteria, items):
    """Both parts of the written set keep the rule of evidence."""
    for values in items["dev"] + items["held_back"]:
        record = Item.of(values).record()
        check(record, assess(record, criteria))


@pytest.mark.parametrize("name", ["medline16n0902.xml.gz", "test_current_medline.xml.gz"])
def test_every_span_of_recorded_records_is_really_in_them(criteria, shared, name):
    """PubMed's own records, labels and all, keep the rule of evidence."""
    file = shared / "data" / "pubmed" / name
    if not file.exists():
        pytest.skip(f"{file} is not there")
    with gzip.open(file) as stream:
        citations = list(etree.parse(stream).iter("MedlineCitation"))
    assert citations
    for citation in citations:
        record = Record(
            source="pubmed",
            source_id=citation.findtext("PMID") or "",
            title="".join(citation.find(".//ArticleTitle").itertext()),
            abstract=tuple(
                AbstractSection(
                    text="".join(part.itertext()), label=part.get("Label"), category=part.get("NlmCategory")
                )
                for part in citation.findall(".//Abstract/AbstractText")
            ),
        )
        check(record, assess(record, criteria))


@pytest.mark.parametrize(
    "unit",
    [
        "Twelve patients with SSc received IVIG, and mRSS fell. ",
        "\u05d7\u05d5\u05dc\u05d9\u05dd \u0645\u0631\u0636\u0649 IVIG\x00\x0b(n = 5] ",
        "IVIG (",
        "12,",
        "a",
    ],
)
def test_a_megabyte_is_read_and_keeps_its_spans(criteria, unit):
    """A text of a megabyte, whatever it is made of, neither stops the reader nor moves a span."""
    text = unit * (1_000_000 // len(unit))
    record = Record(source="test", source_id="1", title="IVIG in SSc", abstract=(AbstractSection(text=text),))
    check(record, assess(record, criteria))


def test_every_span_of_the_simulated_corpus_is_really_in_it(criteria):
    """The corpus that the simulator serves, written by other hands, keeps the rule of evidence."""
    for document in written_corpus().documents[::3]:
        record = document.forms[-1][1]
        check(record, assess(record, criteria))


def test_abstracts_of_other_reviews_are_not_called_eligible(criteria, shared):
    """Real abstracts on other subjects keep the rule of evidence, and none of them is called eligible."""
    folder = shared / "data" / "screening"
    if not folder.exists():
        pytest.skip(f"{folder} is not there")
    for file in sorted(folder.glob("*.csv.gz")):
        with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
            for row in itertools.islice(csv.DictReader(stream), 0, None, 60):
                parts = (AbstractSection(text=row["abstract"]),) if row["abstract"].strip() else ()
                record = Record(source="test", source_id=row["id"], title=row["title"], abstract=parts)
                found = assess(record, criteria)
                check(record, found)
                assert found.verdict != "eligible"


def test_reading_a_record_twice_says_the_same(criteria, items):
    """A reading depends on the record and the criteria alone."""
    record = Item.of(items["dev"][0]).record()
    again = Criteria.model_validate(criteria.model_dump())
    assert assess(record, criteria) == assess(record, again)
