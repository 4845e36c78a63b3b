"""RIS in every dialect, from small files written for these tests."""

from __future__ import annotations

from datetime import date

import pytest

from ivigil.errors import ImportError_
from ivigil.records import PartialDate, RecordKind
from ivigil.sources.files import ImportResult, read_file


@pytest.fixture
def ris(tmp_path):
    def read(text: str, *, encoding: str = "utf-8", **options) -> ImportResult:
        path = tmp_path / "export.data"
        path.write_bytes(text.encode(encoding))
        return read_file(path, **options)

    return read


EMBASE = """TY  - JOUR
M3  - Conference Abstract
Y1  - 2024
VL  - 15
IS  - 1
SP  - 10
EP  - 12
SN  - 1234-5679
JF  - Journal of Examples
JO  - J. Ex.
UR  - https://www.embase.com/search/results?subaction=viewrecord&id=L600000001&from=export
U2  - L600000001
C5  - 31000001
DB  - Embase
DB  - Medline
U3  - 2024-05-28
U4  - 2024-06-04
L2  - http://dx.doi.org/10.1234/example.1
DO  - 10.1234/Example.1
LK  - https://links.example.org/?id=doi:10.1234%2Fexample.1&atitle=Other
A1  - Testova, A.M.
A1  - de Probe, B.
M1  - (Testova A.M.) Department of Examples
T1  - Immunoglobulin in an example
LA  - English
KW  - human
KW  - skin score
N2  - One sentence of an abstract.
ER  -
"""


def test_embase_tags_are_read_as_embase_means_them(ris):
    """U2 is the accession number, C5 the PMID, N2 the abstract, U3 and U4 the days of entry and revision."""
    (item,) = ris(EMBASE).records
    record = item.record
    assert (record.source, record.source_id, record.pmid, record.doi) == (
        "embase", "L600000001", "31000001", "10.1234/example.1",
    )  # fmt: skip
    assert (record.journal, record.journal_abbreviation) == ("Journal of Examples", "J. Ex.")
    assert (record.volume, record.issue, record.pages, record.year) == ("15", "1", "10-12", 2024)
    assert (record.entered, record.revised) == (date(2024, 5, 28), date(2024, 6, 4))
    assert record.kind is RecordKind.CONFERENCE_ABSTRACT
    assert record.abstract_text == "One sentence of an abstract."
    assert [author.name for author in record.authors] == ["Testova AM", "de Probe B"]
    assert (record.languages, record.keywords) == (("eng",), ("human", "skin score"))


def test_cochrane_gives_the_pmid_in_c3(ris):
    """Cochrane's two spaces after the hyphen, its preamble lines, and 'PUBMED n' in C3 are understood."""
    result = ris("""Record #3 of 18
Provider: John Wiley & Sons, Ltd.
Content: text/plain; charset="UTF-8"

TY  -  JOUR
AN  -  CN-00000001
AU  -  Testova, A
TI  -  A trial of an example
JA  -  Trials
PY  -  2011
C3  -  EMBASE 600000001,PUBMED 21000001,CTgov NCT01234567
M3  -  Journal article
DO  -  10.1186/1745-0000-12-39
AB  -  BACKGROUND: Words.
UR  -  https://www.cochranelibrary.com/central/doi/10.1002/central/CN-00000001/full
ER  -
""")
    (item,) = result.records
    record = item.record
    assert (result.dialect, record.source, record.source_id) == ("cochrane", "cochrane", "CN-00000001")
    assert (record.pmid, record.registry_ids, record.doi) == ("21000001", ("NCT01234567",), "10.1186/1745-0000-12-39")
    assert item.line == 5


def test_web_of_science_keeps_affiliations_out_of_identifiers(ris):
    """In Web of Science RIS C3 is an affiliation and AN the accession number; the month stands in DA."""
    (item,) = ris("""TY  - JOUR
AU  - Probe, BC
TI  - Example in capitals
T2  - JOURNAL OF EXAMPLES
LA  - English
AB  - First paragraph.
   Second paragraph.
C3  - University 21000001
SN  - 1234-5679
J9  - J EX
JI  - J. Ex.
DA  - SEP 22
PY  - 2010
C7  - e12292
DO  - 10.1371/journal.example.1
AN  - WOS:000282053100002
ER  -
""").records
    record = item.record
    assert (record.source, record.source_id, record.pmid) == ("wos", "WOS:000282053100002", None)
    assert record.published == PartialDate(year=2010, month=9, day=22)
    assert (record.pages, record.journal_abbreviation) == ("e12292", "J. Ex.")
    assert record.abstract_text == "First paragraph. Second paragraph."


def test_scopus_hides_its_id_in_the_address(ris):
    """Scopus' EID comes out of UR, its PMID out of C2, and the publisher's notice off the abstract."""
    (item,) = ris("""TY  - JOUR
AU  - Testova, A.
TI  - An example
PY  - 2024
T2  - Journal of Examples
C7  - 2864
DO  - 10.1234/example.2
UR  - https://www.scopus.com/inward/record.uri?eid=2-s2.0-85000000001&doi=10.1234%2fexample.2&partnerID=40
AB  - The text itself. © 2024 The Authors. Published by Example Press. All rights reserved.
C2  - 38000001
M3  - Review
DB  - Scopus
N1  - Export Date: 05 August 2024; Cited By: 2
ER  -
""").records
    record = item.record
    assert (record.source, record.source_id, record.pmid) == ("scopus", "2-s2.0-85000000001", "38000001")
    assert (record.abstract_text, record.publication_types) == ("The text itself.", ("Review",))


def test_ovid_names_its_database_and_writes_after_the_end(ris):
    """Ovid's numbering, resolver DOIs, tags after ER and database name are understood."""
    result = ris("""1.
TY  - JOUR
DB  - APA PsycInfo <2021>
ID  - 2021-00001-001
DO  - https://dx.doi.org/10.1234/example.3
T1  - An example.
A1  - Testova, Ada
Y1  - 1989//
N2  - Words.
JF  - Journal of Examples
M3  - Cognitive Therapy [3311]
PT  - Journal, Peer Reviewed Journal
L2  - http://ovidsp.ovid.com/ovidweb.cgi?T=JS&D=psyc20&AN=2021-00001-001
ER  -
NL  - J Ex

Link to the Ovid Full Text or citation: https://example.org

2.
TY  - JOUR
DB  - ERIC
ID  - EJ000001
T1  - Another example.
Y1  - 1990//
N2  - More words.
ER  -
""")
    first, second = (item.record for item in result.records)
    assert (result.seen, result.rejected) == (2, ())
    assert (first.source, first.source_id, first.doi) == ("psycinfo", "2021-00001-001", "10.1234/example.3")
    assert (first.year, first.journal_abbreviation) == (1989, "J Ex")
    assert first.publication_types == ("Journal, Peer Reviewed Journal",)
    assert (second.source, second.source_id) == ("eric", "EJ000001")


def test_ebsco_puts_the_doi_where_types_go(ris):
    """EBSCO's DOI is found in M3 or L3, its id in the address, and its copyright line is no abstract."""
    (item,) = ris("""TY  - JOUR
AU  - Testova, Ada
T1  - An example.
JO  - Examples
Y1  - 2024/04/03/
M3  - 10.1234/example.4
SP  - 1
EP  - 60
SN  - 12345679
AB  - The words. [ABSTRACT FROM AUTHOR]
AB  - Copyright of Examples is the property of Example Press and its content may not be copied.
UR  - https://search.ebscohost.com/login.aspx?direct=true&db=ccm&AN=176000001&site=ehost-live
DP  - EBSCOhost
DB  - ccm
ER  -
""").records
    record = item.record
    assert (record.source, record.source_id, record.doi) == ("cinahl", "ccm:176000001", "10.1234/example.4")
    assert record.published == PartialDate(year=2024, month=4, day=3)
    assert (record.abstract_text, record.publication_types) == ("The words.", ())
    assert record.issns == ("1234-5679",)


def test_rayyan_restores_collapsed_tags(ris):
    """A tag that Rayyan left on the line before it is a tag again, and does not end up in the DOI or address."""
    (item,) = ris("""TY  - JOUR
AN  - rayyan-42000001
TI  - An example
Y1  - 2024
T2  - Examples
UR  - https://www.embase.com/search/results?id=L2029000001&from=export     U2  - L2029000001
N1  - RAYYAN-INCLUSION: {"Reviewer One"=>"Included"}
DO  - 10.1234/example.5     LK  - https://links.example.org/?id=doi:10.9999%2Fother
ER  -
""").records
    record = item.record
    assert (record.source, record.source_id, record.doi) == ("rayyan", "rayyan-42000001", "10.1234/example.5")
    assert record.url == "https://www.embase.com/search/results?id=L2029000001&from=export"
    assert record.other_ids == (("embase", "L2029000001"),)
    assert item.label is not None
    assert item.label.included is True


@pytest.mark.parametrize(
    ("marks", "dialect"),
    [
        ("KW  - eppi-reviewer\nU1  - 102000001", "eppi"),
        ("PD  - \nNS  - \nAN  - ", "covidence"),
        ("ID  - RefID:888-testova2024", "refworks"),
        ("ST  - An example\nID  - 889", "endnote"),
        ("DA  - 2024///", "zotero"),
        ("UR  - https://search.proquest.com/docview/2214000001\nAN  - 2214000001; 51887", "proquest"),
        ("UR  - https://lens.org/012-345-678-901-23X", "lens"),
        ("UR  - https://app.dimensions.ai/details/publication/pub.1000000001", "dimensions"),
        ("T1  - An example\nID  - 2020-00001-005", "psycnet"),
        ("AN  - ivigil-12", "ivigil"),
        ("KW  - nothing telling", "ris"),
    ],
)
def test_each_product_is_told_by_its_marks(ris, marks, dialect):
    """The dialect follows from what one product alone writes; without marks the file is plain RIS."""
    result = ris(f"TY  - JOUR\nTI  - An example\nAU  - Brown, A\nPY  - 2024\n{marks}\nER  - \n")
    assert result.dialect == dialect
    assert (result.records[0].record.title, result.records[0].record.year) == ("An example", 2024)


def test_endnote_accession_numbers_are_pmids_only_when_they_look_it(ris):
    """In an EndNote library a bare number is PubMed's; Web of Science's own form stays an accession number."""
    text = "TY  - JOUR\nTI  - An example\nAN  - {}\nST  - An example\nID  - 1\nER  - \n"
    (pubmed,) = ris(text.format("31000001")).records
    (wos,) = ris(text.format("WOS:000282053100002")).records
    assert (pubmed.record.pmid, wos.record.pmid) == ("31000001", None)
    assert wos.record.source_id == "WOS:000282053100002"


def test_the_source_can_be_named(ris):
    """`source` overrides what the dialect says, for every record."""
    assert {item.record.source for item in ris(EMBASE, source="cochrane_hand_search").records} == {
        "cochrane_hand_search"
    }


def test_an_impossible_year_is_no_date(ris):
    """A year that is none ('10 15') leaves the date out instead of inventing one."""
    assert ris("TY  - JOUR\nTI  - One\nPY  - 10 15\nER  - \n").records[0].record.published is None


def test_a_label_tag_can_be_named(ris):
    """`label_column` reads any tag as the label, and a file without it is refused with what there is."""
    text = "TY  - JOUR\nTI  - One\nC1  - included\nER  - \n"
    label = ris(text, label_column="c1").records[0].label
    assert label is not None
    assert label.included is True
    with pytest.raises(ImportError_, match="no column or field 'C4'") as caught:
        ris(text, label_column="C4")
    assert caught.value.hint == "there are: C1, TI, TY"
