"""MEDLINE, Web of Science, Ovid and .enw tagged text, from files written here."""

from __future__ import annotations

from datetime import date

import pytest

from ivigil.records import Author, MeshHeading, PartialDate, RecordKind
from ivigil.sources.files import ImportResult, read_file


@pytest.fixture
def read(tmp_path):
    def read_text(text: str, *, name: str = "export", **options) -> ImportResult:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return read_file(path, **options)

    return read_text


NBIB = """
PMID- 31000001
OWN - NLM
STAT- MEDLINE
LR  - 20210109
IS  - 1234-5679 (Electronic)
IS  - 2345-6789 (Print)
VI  - 63
IP  - 2
DP  - 2020 Feb
TI  - An example of
      two lines.
PG  - 45-52
LID - S1234-0000(19)30059-X [pii]
LID - 10.1234/example.1 [doi]
AB  - BACKGROUND: A word that wraps
      onto the next line.
FAU - Testova, Ada Maria
AU  - Testova AM
CN  - Example Study Group
LA  - eng
LA  - fre
SI  - ClinicalTrials.gov/NCT01234567
PT  - Journal Article
PT  - Randomized Controlled Trial
DEP - 20190325
TA  - J Ex
JT  - Journal of examples
MH  - Humans
MH  - *Scleroderma, Systemic/drug therapy
OT  - IVIg
PMC - PMC7000001
MHDA- 2020/10/06 06:00
CRDT- 2019/03/30 06:00
SO  - J Ex. 2020 Feb;63(2):45-52. doi: 10.1234/example.1.

PMID- 31000002
OWN - NLM
TI  - Another.
"""


def test_medline_fields(read):
    """Every date, heading, registration and identifier of a MEDLINE record is kept in its own field."""
    result = read(NBIB)
    record = result.records[0].record
    assert (result.format, result.dialect, result.seen) == ("medline", "pubmed", 2)
    assert record.key == ("pubmed", "31000001", "0")
    assert record.title == "An example of two lines."
    assert record.abstract_text == "BACKGROUND: A word that wraps onto the next line."
    assert (record.published, record.electronic) == (
        PartialDate(year=2020, month=2),
        PartialDate(year=2019, month=3, day=25),
    )
    assert (record.entered, record.indexed, record.revised) == (date(2019, 3, 30), date(2020, 10, 6), date(2021, 1, 9))
    assert record.authors == (
        Author(last_name="Testova", fore_name="Ada Maria", initials="AM"),
        Author(collective="Example Study Group"),
    )
    assert record.mesh[1] == MeshHeading(descriptor="Scleroderma, Systemic", major=True, qualifiers=("drug therapy",))
    assert (record.doi, record.pmcid, record.registry_ids) == ("10.1234/example.1", "PMC7000001", ("NCT01234567",))
    assert (record.issns, record.languages) == (("1234-5679", "2345-6789"), ("eng", "fre"))
    assert [item.line for item in result.records] == [2, 37]


def test_eric_nbib_without_pmid(read):
    """ERIC writes MEDLINE without a PMID and with longer tags; its own number is the id."""
    record = (
        read("""
OWN - ERIC
TI  - An example
AU  - Testova, Ada
AID - http://dx.doi.org/10.1234/example.2
OID - EJ1000001
DP  - 2000
ISSN - ISSN-1234-5679
AB  - Words
""")
        .records[0]
        .record
    )
    assert (record.source, record.source_id, record.pmid) == ("eric", "EJ1000001", None)
    assert (record.doi, record.issns) == ("10.1234/example.2", ("1234-5679",))


def test_medline_entries_without_blank_lines_between(read):
    """A new PMID opens a new entry even where no blank line parts them."""
    assert read("PMID- 1\nTI  - One\nPMID- 2\nTI  - Two\n").seen == 2


def test_a_blank_line_in_an_abstract_ends_no_entry(read):
    """An indented line after a blank one goes on with the abstract."""
    (item,) = read("PMID- 1\nTI  - One\nAB  - First.\n\n      Second.\n").records
    assert item.record.abstract_text == "First. Second."


def test_lines_without_a_medline_field_are_rejected(read):
    """A paragraph that holds no field is rejected by its line, as something stood there."""
    result = read("PMID- 1\nTI  - One\n\nsearched by someone\n\nPMID- 2\nTI  - Two\n")
    assert [(item.line, item.why) for item in result.rejected] == [(4, "no MEDLINE field in these lines")]
    assert (result.seen, len(result.records)) == (3, 2)


def test_web_of_science_entry_without_er(read):
    """A Web of Science entry that breaks off is kept, with a note of its line."""
    result = read("FN Clarivate\nVR 1.0\nPT J\nTI One\nUT WOS:1\n")
    assert ([item.record.title for item in result.records], result.notes) == (["One"], ("line 3: the entry has no ER",))


def test_ovid_medlars_text(read):
    """Ovid's Medlars form is read with Ovid's tags, and its database gives the source."""
    record = (
        read("""UI  - 31000003
DB  - Ovid MEDLINE(R) ALL
TI  - An example.
AU  - Testova AM
SO  - Journal of Examples. 12(3):45-52, 2020 May.
YR  - 2020
DO  - https://dx.doi.org/10.1234/example.3
AB  - Words.
LG  - English
""")
        .records[0]
        .record
    )
    assert (record.source, record.source_id, record.pmid) == ("medline", "31000003", "31000003")
    assert (record.journal, record.year, record.languages) == ("Journal of Examples", 2020, ("eng",))


def test_ovid_labelled_text(read):
    """Ovid's labels on lines of their own, values indented below, numbered '<1>'."""
    result = read("""<1>
Database
  Embase
Accession Number
  2006000001
Title
  An example of Ovid text.
Authors
  Testova A.M.
  Probe B.
Source
  Journal of Examples.  8(9), 2020.
Abstract
  Words in
  two lines.
Digital Object Identifier
  https://dx.doi.org/10.1234/example.4
Year of Publication
  2020

<2>
Database
  Embase
Title
  Another.
""")
    record = result.records[0].record
    assert (result.format, result.seen, result.records[1].line) == ("ovid", 2, 21)
    assert (record.source, record.source_id, record.doi) == ("embase", "2006000001", "10.1234/example.4")
    assert record.abstract_text == "Words in two lines."
    assert [author.last_name for author in record.authors] == ["Testova", "Probe"]


def test_web_of_science_tagged_text(read):
    """Continued lines of a title are joined, those of authors are further authors."""
    result = read("""FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Testova, AM
   Probe, B
AF Testova, Ada Maria
   Probe, Bela
TI An example that goes on
   over two lines
SO JOURNAL OF EXAMPLES
LA English
DT Article; Proceedings Paper
DE one; two
AB First.
SN 1234-5679
EI 2345-6789
JI J. Ex.
PD SEP 22
PY 2010
VL 5
AR e12292
DI 10.1234/example.5
UT WOS:000282053100002
PM 20000001
ER

PT J
TI Another
UT WOS:000282053100003
ER

EF
""")
    record = result.records[0].record
    assert (result.format, result.seen, result.records[1].line) == ("wos", 2, 27)
    assert record.title == "An example that goes on over two lines"
    assert [author.fore_name for author in record.authors] == ["Ada Maria", "Bela"]
    assert record.published == PartialDate(year=2010, month=9, day=22)
    assert (record.source_id, record.pmid, record.pages) == ("WOS:000282053100002", "20000001", "e12292")
    assert (record.publication_types, record.keywords) == (("Article", "Proceedings Paper"), ("one", "two"))


def test_enw(read):
    """EndNote's tagged text parts at blank lines and at %0, and goes on after a blank line without a tag."""
    result = read("""%0 Journal Article
%T An example
%A Testova, Ada
%A Probe, B.
%J Examples
%D 2021
%8 September  1, 2021
%V 45
%P 1-9
%R 10.1234/example.6
%X First paragraph.

Second paragraph.
%0 Book
%T Another
""")
    first, second = (item.record for item in result.records)
    assert (result.format, result.seen, result.records[1].line) == ("enw", 2, 14)
    assert first.published == PartialDate(year=2021, month=9, day=1)
    assert first.abstract_text == "First paragraph. Second paragraph."
    assert (second.title, second.kind) == ("Another", RecordKind.BOOK)
