"""MEDLINE, Web of Science, Ovid, .enw, BibTeX, EndNote XML, PubMed XML and JSON lines, from files written here."""

from __future__ import annotations

import gzip
import json
import logging
from datetime import date

import pytest

from ivigil.errors import ImportError_
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


BIBTEX = r"""
@comment{ignored}
@article{testova2020,
  author = {Testov{\'a}, Ada and {Example Study Group} and Bela Probe},
  title = {An {IVIg} example with 5% \& more},
  journal = {Examples},
  year = {2020}, month = mar,
  pages = {45--52},
  doi = {10.1234/ex\_7},
  keywords = {one, two},
  abstract = {A 10% rise, then the rest of it.}
}
@inproceedings{testova2020, title = {Same key, other work}, year = 2021}
@article{broken, title = {Never closed
"""


def test_bibtex(read, caplog):
    """LaTeX is decoded, a bare percent sign costs no text, a repeated key no entry, and a broken entry is rejected."""
    with caplog.at_level(logging.DEBUG):
        result = read(BIBTEX)
    first, second = (item.record for item in result.records)
    assert (result.format, result.seen) == ("bibtex", 3)
    assert first.title == "An IVIg example with 5% & more"
    assert first.abstract_text == "A 10% rise, then the rest of it."
    assert [author.name for author in first.authors] == ["Testová A", "Example Study Group", "Probe B"]
    assert (first.doi, first.published) == ("10.1234/ex_7", PartialDate(year=2020, month=3))
    assert (first.pages, first.keywords) == ("45-52", ("one", "two"))
    assert second.kind is RecordKind.CONFERENCE_ABSTRACT
    assert [(item.line, item.why[:10]) for item in result.rejected] == [(14, "not BibTeX")]
    assert not caplog.records


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("@article{ WOS:1, title={x}, Unique-ID = {WOS:000223334444221}}", ("wos", "WOS:000223334444221")),
        (
            "@article{a, title={x}, source={Scopus}, url={https://www.scopus.com/x?eid=2-s2.0-85000000001&y=1}}",
            ("scopus", "2-s2.0-85000000001"),
        ),
        ("@article {PMID:31000001, Title={x}}", ("europepmc", "31000001")),
        ("@misc {PPR:PPR600001, Title={x}}", ("europepmc", "PPR600001")),
    ],
)
def test_bibtex_dialects(read, entry, expected):
    """Web of Science, Scopus and Europe PMC are told by what they write into BibTeX."""
    record = read(entry).records[0].record
    assert (record.source, record.source_id) == expected


ENDNOTE = """<?xml version="1.0" encoding="UTF-8"?><xml><records>
<record><rec-number>19</rec-number><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Baird, J. K.</style></author>
<author><style>Probe, B.</style></author></authors></contributors>
<titles><title><style>An example of </style><style face="italic">runs</style></title>
<secondary-title><style>J Ex</style></secondary-title></titles>
<periodical><full-title><style>Journal of Examples</style></full-title></periodical>
<dates><year><style>2019</style></year><pub-dates><date><style>Sep 18</style></date></pub-dates></dates>
<isbn><style>1234-5679 (Print)&#xD;2345-6789</style></isbn>
<accession-num><style>31000001</style></accession-num><abstract><style>Words\x0b here.</style></abstract>
<custom2><style>PMC7000001</style></custom2>
<electronic-resource-num><style>https://doi.org/10.1234/Ex.8</style></electronic-resource-num>
<keywords><keyword><style>one</style></keyword><keyword><style>two</style></keyword></keywords>
</record>
<record><titles><title>Another</title></titles></record>
</records></xml>
"""


def test_endnote_xml(read):
    """Style runs are joined, every identifier found, and characters that XML forbids dropped with a note."""
    result = read(ENDNOTE)
    record = result.records[0].record
    assert (result.format, result.seen, [item.line for item in result.records]) == ("endnote_xml", 2, [2, 15])
    assert (record.title, record.abstract_text) == ("An example of runs", "Words here.")
    assert (record.journal, record.pmid, record.pmcid) == ("Journal of Examples", "31000001", "PMC7000001")
    assert (record.doi, record.issns) == ("10.1234/ex.8", ("1234-5679", "2345-6789"))
    assert record.published == PartialDate(year=2019, month=9, day=18)
    assert [author.name for author in record.authors] == ["Baird JK", "Probe B"]
    assert result.notes == ("1 control characters that XML forbids were dropped",)


def test_cut_xml_is_refused(read):
    """XML that breaks off cannot be counted, so the whole file is refused by line."""
    with pytest.raises(ImportError_, match="not whole XML"):
        read(ENDNOTE[: ENDNOTE.index("<keywords>")])


def test_xml_entities_are_not_fetched(read, tmp_path):
    """An external entity in an EndNote file is never resolved."""
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    text = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><xml><records><record><titles><title>A &e;</title></titles></record></records></xml>'  # noqa: E501
    result = read(text)
    assert "hidden" not in result.records[0].record.model_dump_json()


PUBMED = """<?xml version="1.0" ?>
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID Version="1">31000001</PMID><Article><Journal><Title>Examples</Title></Journal>
<ArticleTitle>One</ArticleTitle></Article></MedlineCitation></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID Version="1">31000002</PMID></MedlineCitation></PubmedArticle>
<DeleteCitation><PMID Version="1">31000009</PMID></DeleteCitation>
</PubmedArticleSet>
"""


@pytest.mark.parametrize("packed", [False, True])
def test_pubmed_xml(tmp_path, packed):
    """PubMed XML is read plain or gzipped; an article that cannot be read is rejected by its line, deletions noted."""
    path = tmp_path / "any.name"
    path.write_bytes(gzip.compress(PUBMED.encode()) if packed else PUBMED.encode())
    result = read_file(path)
    assert (result.format, result.seen) == ("pubmed_xml", 2)
    assert [(item.line, item.record.key) for item in result.records] == [(3, ("pubmed", "31000001", "1"))]
    assert [item.line for item in result.rejected] == [5]
    assert "31000002" in result.rejected[0].why
    assert result.notes == ("1 deletions were passed over",)


def test_json_lines(read):
    """The keys of the contract are read, lists as repeated values, and a broken line is rejected by its number."""
    item = {
        "key": "a-1", "title": "One", "abstract": "Words", "authors": ["Testova, Ada", "Probe B"],
        "journal": "Examples", "year": 2020, "pub_date": "2020-05-06", "language": "eng",
        "pub_types": ["Journal Article"], "mesh": ["Humans"], "pmid": 31000001, "doi": "10.1234/x", "label": True,
    }  # fmt: skip
    result = read(json.dumps(item) + '\n\n{"title": \n["no object"]\n{"journal": "J"}\n')
    record = result.records[0].record
    assert (result.format, result.seen, result.records[0].key) == ("jsonl", 4, "a-1")
    assert (record.pmid, record.published) == ("31000001", PartialDate(year=2020, month=5, day=6))
    assert (record.languages, record.publication_types) == (("eng",), ("Journal Article",))
    assert [author.last_name for author in record.authors] == ["Testova", "Probe"]
    assert [(item.line, item.why.split(":")[0]) for item in result.rejected] == [
        (3, "not JSON"),
        (4, "a JSON list, not an object"),
        (5, "neither title nor abstract, identifier or key"),
    ]
    assert result.records[0].label is not None
    assert result.records[0].label.included is True


def test_the_extension_is_never_believed(read):
    """A file is read as what it holds, whatever it is called."""
    assert read(NBIB, name="export.ris").format == "medline"
    assert read("TY  - JOUR\nTI  - One\nER  - \n", name="export.csv").format == "ris"
    assert read("title,abstract\nOne,w\n", name="export.nbib").format == "csv"
    assert read("title,abstract\nOne,TY  - JOUR\n", name="export.ris").format == "csv"
    assert read(BIBTEX, name="export.xml").format == "bibtex"
