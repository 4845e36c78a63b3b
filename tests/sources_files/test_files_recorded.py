"""Every recorded export: nothing lost on the way in, and the same references the same from every product."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

import pytest

from ivigil.records import Record
from ivigil.sources.files import read_file

# Rows above the first record of a table: the header, and what a product writes before it.
ROWS_ABOVE = {"csv_embase.csv": 4, "csv_excel.csv": 4, "xlsx_embase.xlsx": 4}
REJECTED = {
    "csv_abstrackr.csv": 5,  # rows of citations not yet labelled have 8 of 17 cells, and a line of prose announces them
    "asreview_baseline_reference_types.ris": 61,  # entries that hold nothing but their type
}
# Of the ten references, how many each product's export holds. Covidence had found two of them to be duplicates.
PRODUCTS = {
    "ris_embase.ris": 10,
    "csv_embase.csv": 10,
    "csv_excel.csv": 10,
    "xlsx_embase.xlsx": 10,
    "csv_rayyan.csv": 10,
    "ris_rayyan.ris": 10,
    "csv_zotero.csv": 10,
    "ris_zotero.ris": 10,
    "ris_endnote.ris": 10,
    "ris_mendeley.ris": 10,
    "ris_refworks.ris": 10,
    "ris_eppireviewer.ris": 10,
    "xlsx_eppireviewer.xlsx": 10,
    "csv_covidence.csv": 8,
    "ris_covidence_endnote.ris": 8,
    "ris_covidence_mendeley.ris": 8,
    "ris_covidence_refworks.ris": 8,
    "ris_covidence_zotero.ris": 8,
    "csv_abstrackr.csv": 6,
}
NO_DOI = {"csv_abstrackr.csv", "xlsx_eppireviewer.xlsx"}
NO_YEAR = {"csv_abstrackr.csv"}
TITLE_AND_YEAR_ONLY = {"xlsx_eppireviewer.xlsx"}


def exports(shared: Path) -> list[Path]:
    files = sorted((shared / "contracts" / "exports").iterdir())
    return [path for path in files if path.suffix != ".md"]


def count_lines(data: bytes, pattern: str) -> int:
    return sum(1 for line in data.lstrip(b"\xef\xbb\xbf").split(b"\n") if re.match(pattern.encode(), line.strip(b"\r")))


def count_csv_rows(data: bytes) -> int:
    """Rows by their quotes alone: a line end inside an odd number of quotes is part of a cell."""
    rows, quotes, filled = 0, 0, False
    for byte in data + b"\n":
        quotes += byte == ord('"')
        if byte == ord("\n") and quotes % 2 == 0:
            rows += filled
            filled = False
        elif chr(byte) not in "\r\n":
            filled = True
    return rows


def count_sheet_rows(path: Path) -> int:
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    return len(re.findall(r"<row [^>]*>\s*<c", sheet))


def count_entries(path: Path) -> int:
    """How many entries a file has, counted without any of the package's code."""
    data = path.read_bytes()
    if path.name == "rispy_example_wos.ris":
        return count_lines(data, r"ER$")
    by_suffix = {
        ".ris": r"\s*TY\s+-",
        ".txt": r"\s*TY\s+-",
        ".nbib": r"OWN\s+-",
        ".bib": r"@",
        ".enw": r"%T ",
    }
    if path.suffix in by_suffix:
        return count_lines(data, by_suffix[path.suffix])
    if path.suffix == ".xml":
        return data.count(b"</record>")
    above = ROWS_ABOVE.get(path.name, 1)
    if path.suffix == ".xlsx":
        return count_sheet_rows(path) - above
    # The blank row of Embase's preamble counts for nothing, here as in the reader.
    blank = 1 if path.name == "csv_embase.csv" else 0
    return count_csv_rows(data) - above + blank


def folded(text: str | None) -> str:
    return "".join(char for char in (text or "").casefold() if char.isalnum())


def worded(text: str, product: str) -> str:
    # abstrackr drops letters outside ASCII before anyone can import them.
    return folded(text.encode("ascii", "ignore").decode() if product == "csv_abstrackr.csv" else text)


def by_title(path: Path) -> dict[str, Record]:
    return {folded(item.record.title): item.record for item in read_file(path).records}


def test_every_recorded_export_comes_out_as_it_went_in(shared):
    """Records and rejected entries of every recorded export add up to its entries, counted another way."""
    files = exports(shared)
    table = [f"{'file':<50} {'format':<12} {'dialect':<11} entries records rejected"]
    for path in files:
        result = read_file(path)
        row = (result.format, result.dialect, count_entries(path), len(result.records), len(result.rejected))
        table.append(f"{path.name:<50} {row[0]:<12} {row[1]:<11} {row[2]:>7} {row[3]:>7} {row[4]:>8}")
        assert row[3] + row[4] == result.seen == row[2], path.name
        assert row[4] == REJECTED.get(path.name, 0), path.name
    sys.stdout.write("\n".join(table) + "\n")
    assert len(files) >= 72


def test_every_rejected_entry_has_its_line_and_reason(shared):
    """The ragged rows of an abstrackr export are rejected by the line they start on, with both widths."""
    result = read_file(shared / "contracts" / "exports" / "csv_abstrackr.csv")
    lines = [item.line for item in result.rejected]
    text = (shared / "contracts" / "exports" / "csv_abstrackr.csv").read_text("utf-8").split("\n")
    assert lines[0] == 36
    assert text[35].startswith("citations that are not yet")
    assert all(text[line - 1].startswith("4189342") for line in lines[1:])
    assert all("where the header has 17" in item.why for item in result.rejected)


@pytest.mark.parametrize("product", PRODUCTS)
def test_ten_references_are_the_same_from_every_product(shared, product):
    """Title, first author, year, DOI and abstract of the ten references agree with Embase's own export."""
    folder = shared / "contracts" / "exports"
    expected, found = by_title(folder / "ris_embase.ris"), by_title(folder / product)
    common = sorted(expected.keys() & found.keys())
    assert len(common) == PRODUCTS[product]
    for title in common:
        ours, theirs = found[title], expected[title]
        if product not in NO_YEAR:
            assert ours.year == theirs.year
        if product not in NO_DOI:
            assert ours.doi == theirs.doi is not None
        if product not in TITLE_AND_YEAR_ONLY:
            assert folded(ours.authors[0].last_name) == folded(theirs.authors[0].last_name)
            assert len(ours.authors) == len(theirs.authors)
            assert worded(ours.abstract_text, product) == worded(theirs.abstract_text, product)


def test_references_shared_by_other_databases_agree_on_doi(shared):
    """Wherever two exports of the reference set share a DOI, title, first author and year agree too."""
    held: dict[str, dict[str, Record]] = {}
    names = re.compile(r"(csv|ris|xlsx|pubmed)_")
    for path in exports(shared):
        if names.match(path.name):
            for item in read_file(path).records:
                held.setdefault(item.record.doi or "", {})[path.name] = item.record
    held.pop("")
    compared = 0
    for doi, records in held.items():
        first, *others = records.values()
        for other in others:
            compared += 1
            assert folded(other.title) == folded(first.title), doi
            assert folded(other.authors[0].name.split()[0]) == folded(first.authors[0].name.split()[0]), doi
            assert other.year == first.year, doi
    assert compared > 150


def test_labels_of_recorded_exports(shared):
    """Rayyan's and abstrackr's decisions, EPPI's flag and ASReview's notes come out as labels."""
    folder = shared / "contracts" / "exports"
    expected = {
        "csv_rayyan.csv": (2, 2, 2),
        "ris_rayyan.ris": (2, 2, 2),
        "csv_abstrackr.csv": (2, 2, 2),
        "xlsx_eppireviewer.xlsx": (8, 2, 0),
        "asreview_baseline_tag-notes_labels.ris": (10, 10, 0),
    }
    for name, counts in expected.items():
        labels = [item.label for item in read_file(folder / name).records if item.label]
        said = [label.included for label in labels]
        assert (said.count(True), said.count(False), said.count(None)) == counts, name
    rayyan = read_file(folder / "csv_rayyan.csv").records
    assert {item.label.reviewer for item in rayyan if item.label} == {"Emily"}
    abstrackr = read_file(folder / "csv_abstrackr.csv").records
    assert {item.label.reviewer for item in abstrackr if item.label} == {"Anonymous"}


@pytest.mark.parametrize(
    ("name", "source", "ids"),
    [
        ("ris_embase.ris", "embase", r"L\d+"),
        ("xlsx_embase.xlsx", "embase", r"L\d+"),
        ("ris_scopus.ris", "scopus", r"2-s2\.0-\d+"),
        ("csv_scopus.csv", "scopus", r"2-s2\.0-\d+"),
        ("ris_webofscience.ris", "wos", r"WOS:\d+"),
        ("rispy_example_wos.ris", "wos", r"WOS:\d+"),
        ("ris_cochrane_procite.ris", "cochrane", r"CN-\d+"),
        ("csv_cochrane.csv", "cochrane", r"CN-\d+"),
        ("ris_rayyan.ris", "rayyan", r"rayyan-\d+"),
        ("csv_rayyan.csv", "rayyan", r"rayyan-\d+"),
        ("ris_eppireviewer.ris", "eppi", r"\d{9}"),
        ("ris_cinahl.ris", "ebsco", r"\w+:\d+"),
        ("csv_cinahl.csv", "ebsco", r"\w+:\d+"),
        ("ris_psychInfo_ovid.ris", "psycinfo", r"\d{4}-\d{5}-\d{3}"),
        ("ris_eric_ovid.ris", "eric", r"E[JD]\d+"),
        ("pubmed_export.nbib", "pubmed", r"\d{8}"),
        ("csv_pubmed.csv", "pubmed", r"\d{8}"),
        ("csv_openalex.csv", "openalex", r"W\d+"),
        ("csv_zotero.csv", "zotero", r"[A-Z0-9]{8}"),
        ("ris_zotero.ris", "zotero", r"h-[0-9a-f]{20}"),
    ],
)
def test_records_carry_their_databases_own_ids(shared, name, source, ids):
    """Each product's records come from the database it stands for, under that database's number where it has one."""
    result = read_file(shared / "contracts" / "exports" / name)
    assert {item.record.source for item in result.records} == {source}
    assert all(re.fullmatch(ids, item.record.source_id) for item in result.records)
    assert len({item.record.source_id for item in result.records}) == len(result.records)


def test_pubmed_xml_is_read_as_the_live_source_reads_it(shared):
    """A recorded EFetch answer saved as a file gives the records of the live parser, with their lines."""
    from ivigil.sources.pubmed.parse import parse_articles

    path = shared / "contracts" / "pubmed" / "findpapers_efetch.xml"
    result = read_file(path)
    assert [item.record for item in result.records] == list(parse_articles(path.read_bytes()).records)
    assert [item.line for item in result.records] == [4]
    assert result.seen == path.read_bytes().count(b"</PubmedArticle>")


def test_answers_that_are_no_exports_are_refused(shared):
    """Error pages, searches and cut XML of PubMed are refused, never read as a file without entries."""
    from ivigil.errors import ImportError_

    for name in ("efetch_html_instead_of_xml.html", "esearch1.xml", "errors/SYNTHETIC_truncated.xml"):
        with pytest.raises(ImportError_):
            read_file(shared / "contracts" / "pubmed" / name)
