"""CSV, TSV and XLSX of each product, from small tables written for these tests."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import openpyxl
import pytest

from ivigil.errors import ImportError_
from ivigil.records import PartialDate, RecordKind
from ivigil.sources.files import ImportResult, read_file


@pytest.fixture
def table(tmp_path):
    def read(content: str | list[dict[str, str]], *, delimiter: str = ",", **options) -> ImportResult:
        if not isinstance(content, str):
            stream = io.StringIO()
            writer = csv.DictWriter(stream, list(content[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(content)
            content = stream.getvalue()
        path = tmp_path / "table.data"
        path.write_text(content, "utf-8", newline="")
        return read_file(path, **options)

    return read


def test_rayyan_table(table):
    """Rayyan's columns, ' and '-joined authors, and the decision inside the notes."""
    result = table([{
        "key": "rayyan-1", "title": "An example", "year": "2024", "month": "5", "day": "", "journal": "Examples",
        "issn": "1234-5679", "authors": "Testova, A. and Probe, B.C.", "abstract": "Words", "language": "English",
        "notes": 'RAYYAN-INCLUSION: {"R One"=>"Maybe"}', "doi": "10.1/x     LK  - https://x", "keywords": "a;b",
        "pubmed_id": "31000001", "pmc_id": "PMC7000001",
    }])  # fmt: skip
    record = result.records[0].record
    assert (result.dialect, record.source_id, record.pmid, record.pmcid) == (
        "rayyan", "rayyan-1", "31000001", "PMC7000001",
    )  # fmt: skip
    assert record.published == PartialDate(year=2024, month=5)
    assert [author.name for author in record.authors] == ["Testova A", "Probe BC"]
    assert record.keywords == ("a", "b")
    assert result.records[0].label is not None
    assert result.records[0].label.included is None


def test_covidence_table(table):
    """Covidence's number is the entry's key, never the record's id, as it counts from 1 in every review."""
    result = table([{
        "Title": "An example", "Authors": "Testova, A.; Probe, B.", "Abstract": "Words", "Published Year": "2024",
        "Published Month": "May", "Journal": "Examples", "Volume": "1", "Issue": "2", "Pages": "3-4",
        "Accession Number": "", "DOI": "10.1234/x", "Ref": "", "Covidence #": "#17", "Study": "Testova 2024",
        "Notes": "Exclusion reason: Wrong patient population; R One: agreed", "Tags": "",
    }])  # fmt: skip
    (item,) = result.records
    assert (result.dialect, item.key, item.record.other_ids) == ("covidence", "#17", (("covidence", "#17"),))
    assert item.record.source_id.startswith("h-")
    assert item.record.published == PartialDate(year=2024, month=5)
    assert item.label is not None
    assert (item.label.included, item.label.reason, item.label.stage) == (
        False,
        "Wrong patient population",
        "full_text",
    )


def test_cochrane_table(table):
    """Cochrane's columns of other databases' numbers give PMID, registrations and other ids."""
    (item,) = table([{
        "CENTRAL ID": "CN-00000001", "Author(s)": "Testova, A; Probe, B", "Title": "A trial", "Source": "Trials",
        "Year": "2011", "Abstract": "Words", "PubMed ID": "PUBMED 21000001", "Embase ID": "EMBASE 600000001",
        "CTgov ID": "NCT01234567", "ICTRP id": "", "Publication Type": "Trial registry record", "DOI": "10.1234/x",
    }]).records  # fmt: skip
    record = item.record
    assert (record.source, record.source_id, record.pmid, record.journal) == (
        "cochrane", "CN-00000001", "21000001", "Trials",
    )  # fmt: skip
    assert (record.registry_ids, record.kind) == (("NCT01234567",), RecordKind.REGISTRATION)


SHEET_DAY = datetime(2024, 5, 6)  # noqa: DTZ001 - a workbook's dates have no zone
EMBASE_HEADER = (
    "Title;Author Names;AiP/IP Entry Date;Full Record Entry Date;Source;Source title;Publication Year;Volume;"
    "Date of Publication;Publication Type;Abstract;Emtree Drug Index Terms;Article Language;Medline PMID;PUI;DOI"
)


def test_embase_table_below_its_preamble(table):
    """Embase's rows above the header are passed over and lines still count from the top of the file."""
    row = (
        "An example;Testova A.M., Probe B.;2024-05-28;;J (2024);Examples;2024;15;1 Dec 2024;Article;W;a, b;English;31;"
        "L600000001;10.1234/x"
    )
    result = table(f'"SEARCH QUERY";"ssc:ti"\n---------\n\n{EMBASE_HEADER}\n{row}\n')
    (item,) = result.records
    assert (result.dialect, result.seen, item.line) == ("embase", 1, 5)
    assert (item.record.source_id, item.record.pmid, item.record.journal) == ("L600000001", "31", "Examples")
    assert item.record.published == PartialDate(year=2024, month=12, day=1)
    assert item.record.entered == date(2024, 5, 28)
    assert [author.name for author in item.record.authors] == ["Testova AM", "Probe B"]
    assert item.record.keywords == ("a", "b")


def test_older_embase_table_gives_journal_and_year_in_one_cell(table):
    """An Embase table of 20 columns has journal, year and date in 'Source', and the DOI in a link."""
    (item,) = table([{
        "Title": "An example", "Author Names": "Liu R., Adler D.G.", "Abstract": "Words",
        "Source": "Endoscopic Examples (2014) 3:3 (152-160). Date of Publication: May 2014",
        "Emtree Medical Index Terms": "x", "Open URL Link": "http://x.org/?sid=EMBASE&id=doi:10.4103%2F2303-9027&at=Y",
    }]).records  # fmt: skip
    record = item.record
    assert (record.journal, record.doi) == ("Endoscopic Examples", "10.4103/2303-9027")
    assert record.published == PartialDate(year=2014, month=5)


def test_scopus_table(table):
    """Scopus' EID is the id and '[No abstract available]' is no abstract."""
    (item,) = table([{
        "Authors": "Wilson L.N.; Gardner J.D.", "Author full names": "Wilson, Lauren N. (58975547800); Gardner, J. (1)",
        "Title": "An example", "Year": "2024", "Source title": "Examples", "Art. No.": "2864", "Page start": "",
        "DOI": "10.1234/x", "Abstract": "[No abstract available]", "PubMed ID": "38000001", "Document Type": "Article",
        "Source": "Scopus", "EID": "2-s2.0-85000000001", "Index Keywords": "A; B",
    }]).records  # fmt: skip
    record = item.record
    assert (record.source_id, record.pmid, record.pages, record.abstract) == (
        "2-s2.0-85000000001",
        "38000001",
        "2864",
        (),
    )
    assert record.journal == "Examples"


def test_pubmed_table(table):
    """PubMed's table gives date, volume, issue and pages in its citation, and the day of entry."""
    (item,) = table([{
        "PMID": "31000001", "Title": "An example.", "Authors": "Griffin DK, Larkin DM, O'Connor RE.",
        "Citation": "Eur J Ex. 2020 Feb;63(2):103640. doi: 10.1234/x. Epub 2019 Mar 25.", "First Author": "Griffin DK",
        "Journal/Book": "Eur J Ex", "Publication Year": "2020", "Create Date": "2019/03/30", "PMCID": "PMC7000001",
        "NIHMS ID": "", "DOI": "10.1234/x",
    }]).records  # fmt: skip
    record = item.record
    assert record.key == ("pubmed", "31000001", "0")
    assert (record.volume, record.issue, record.pages, record.entered) == ("63", "2", "103640", date(2019, 3, 30))
    assert record.published == PartialDate(year=2020, month=2)
    assert [author.last_name for author in record.authors] == ["Griffin", "Larkin", "O'Connor"]


def test_ebsco_table_with_excel_text_cells(table):
    """EBSCO's `="..."` cells give their text, and its American dates their day."""
    result = table(
        "Article Title,Author,Journal Title,ISSN,Publication Date,Volume,Accession Number,DOI,Doctype,Abstract,PLink\n"
        '"An example","Rogers, Kris; Mart, R.","Examples",="12345679",="4/3/2024","19","176000001","10.1234/x",Article,'
        '"Words","https://search.ebscohost.com/login.aspx?direct=true&db=ccm&AN=176000001&site=x"\n'
    )
    record = result.records[0].record
    assert (record.source, record.source_id, record.issns) == ("cinahl", "ccm:176000001", ("1234-5679",))
    assert record.published == PartialDate(year=2024, month=4, day=3)
    assert record.pmid is None


def test_zotero_and_openalex_tables(table):
    """Zotero's item key and OpenAlex' work id are ids; OpenAlex writes given names first."""
    zotero = table([{
        "Key": "ABCD2345", "Item Type": "preprint", "Publication Year": "2024", "Author": "Yang, Z.; Jiang, B.",
        "Title": "An example", "Publication Title": "Examples", "DOI": "10.1234/x", "Abstract Note": "Words",
        "Date": "2024-05-01", "Automatic Tags": "a; b",
    }]).records[0].record  # fmt: skip
    assert (zotero.source_id, zotero.kind, zotero.keywords) == ("ABCD2345", RecordKind.PREPRINT, ("a", "b"))
    openalex = table([{
        "id": "https://openalex.org/W4000000001", "doi": "https://doi.org/10.1234/X", "title": "An example",
        "display_name": "An example", "publication_year": "2024", "publication_date": "2024-02-01", "language": "en",
        "type": "article", "ids.pmid": "https://pubmed.ncbi.nlm.nih.gov/38000001",
        "primary_location.source.display_name": "Examples", "abstract": "Words",
        "authorships.author.display_name": "Alba Vicente|Josep de Sanjuan", "created_date": "2024-01-30",
    }]).records[0].record  # fmt: skip
    assert (openalex.source_id, openalex.doi, openalex.pmid) == ("W4000000001", "10.1234/x", "38000001")
    assert [author.last_name for author in openalex.authors] == ["Vicente", "Sanjuan"]
    assert openalex.entered == date(2024, 1, 30)


def test_a_row_of_another_width_is_rejected_by_its_line(table):
    """A row that does not fit the header is rejected with the line it starts on; blank rows and cells do no harm."""
    result = table(
        'title,abstract,doi\nOne,"two\nlines",10.1/a\nShort,row\n\nToo,many,cells,here\nTwo,b,10.1/b,,\n,,\n'
    )
    assert [item.record.title for item in result.records] == ["One", "Two"]
    assert [(item.line, item.why) for item in result.rejected] == [
        (4, "2 cells where the header has 3"),
        (6, "4 cells where the header has 3"),
    ]
    assert (result.seen, result.records[1].line) == (4, 7)


def test_an_open_quote_fails_the_file_instead_of_swallowing_rows(table):
    """A quote that never closes would swallow every later row; the file is refused at that line."""
    with pytest.raises(ImportError_, match=r":3: quotes do not match"):
        table('title,abstract\nOne,fine\nTwo,"never closed\nThree,lost\n')


def test_a_table_without_a_title_column_is_refused(table):
    """A table in which no column is known is refused with what could have been read."""
    with pytest.raises(ImportError_, match="no known format") as caught:
        table("alpha,beta\n1,2\n")
    assert "RIS" in (caught.value.hint or "")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter(table, delimiter):
    """Comma, semicolon, tab and bar are told apart by the header they make."""
    result = table([{"title": "One, two; three", "abstract": "w", "pmid": "31"}], delimiter=delimiter)
    assert (result.records[0].record.title, result.records[0].record.pmid) == ("One, two; three", "31")


def test_generic_columns_and_keys(table):
    """Plain columns are read whatever their case; a counter is the entry's key and not the record's id."""
    result = table([{"ID": "7", "Title": "One", "Abstract": "w", "Year": "2020", "PMID": "31.0", "Label": "1"}])
    (item,) = result.records
    assert (result.dialect, item.key, item.record.source, item.record.pmid) == ("table", "7", "file", "31")
    assert item.record.source_id.startswith("h-")


def test_titles_alone_are_told_apart_by_their_keys(table):
    """Two rows with the same bare title are two documents where the file gives them two ids."""
    result = table([{"id": "1", "title": "Reply"}, {"id": "2", "title": "Reply"}])
    assert len({item.record.source_id for item in result.records}) == 2


def test_a_row_with_nothing_but_its_key_is_kept(table):
    """A row that only has its id is still one of the file's documents: kept, and ranked last by those who rank."""
    result = table(
        [{"id": "7", "title": "", "abstract": "", "label": "0"}, {"id": "", "title": "", "abstract": "", "label": "0"}]
    )
    assert [item.key for item in result.records] == ["7"]
    assert [item.line for item in result.rejected] == [3]


def test_workbook(tmp_path):
    """Numbers, dates and empty cells of a workbook become text; a sheet that is not read is noted."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["exported by someone"])
    sheet.append(["Title", "Year", "PMID", "Date", "Included"])
    sheet.append(["One", 2024, 31000001, SHEET_DAY, 1])
    sheet.append(["Two", 2023.0, None, date(2023, 1, 2), 0])
    book.create_sheet("notes").append(["nothing here"])
    path = tmp_path / "any.name"
    book.save(path)
    result = read_file(path)
    first, second = result.records
    assert (result.format, result.seen, first.line) == ("xlsx", 2, 3)
    assert (first.record.pmid, first.record.published) == ("31000001", PartialDate(year=2024, month=5, day=6))
    assert (second.record.year, second.record.pmid) == (2023, None)
    assert [item.label.included for item in result.records if item.label] == [True, False]
    assert result.notes == ("sheet 'notes' was not read",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
        (b"PK\x03\x04 no workbook", "not a readable workbook"),
        (b"\xd0\xcf\x11\xe0 old", "old Excel"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page"),
        (b"<?xml version='1.0'?><eSearchResult/>", "XML of a kind that is not known"),
        (b"title,abstract\n", "holds no entries"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, content, message):
    """A file that is empty, broken or something else is an error that names it, never a file without entries."""
    path = tmp_path / "strange"
    path.write_bytes(content)
    with pytest.raises(ImportError_, match=message) as caught:
        read_file(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    """A path that is not there is an import error too."""
    with pytest.raises(ImportError_, match="cannot be read"):
        read_file(tmp_path / "nowhere.ris")
