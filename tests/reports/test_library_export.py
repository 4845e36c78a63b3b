"""The exported library: in rank order, readable by other tools, and the same again when it is imported."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from importlib.util import find_spec

import openpyxl
import pytest
import rispy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivigil.errors import ConfigurationError
from ivigil.records import AbstractSection, Author, MeshHeading, PartialDate, Record
from ivigil.reports.library_export import COLUMNS, WRITERS, ExportRow, write_library
from ivigil.sources.files import read_file

RECORD = Record(
    source="pubmed",
    source_id="31000001",
    title="Immunoglobulin for 5% of patients: a = b + c",
    abstract=(
        AbstractSection(label="BACKGROUND", text="Skin thickening has few remedies."),
        AbstractSection(label="RESULTS", text="The score fell by 35%; ER  - was not affected."),
    ),
    authors=(
        Author(last_name="Testova", fore_name="Ada Maria", initials="AM"),
        Author(last_name="Probe", initials="BC"),
        Author(collective="Example Study Group"),
    ),
    journal="Journal of Examples",
    journal_abbreviation="J Ex",
    issns=("1234-5679",),
    volume="12",
    issue="3",
    pages="45-52",
    published=PartialDate(year=2024, month=5),
    languages=("eng",),
    publication_types=("Journal Article", "Case Reports"),
    mesh=(MeshHeading(descriptor="Scleroderma, Systemic", major=True, qualifiers=("drug therapy",)),),
    keywords=("IVIg", "skin score"),
    pmid="31000001",
    doi="10.1234/example.1",
    pmcid="PMC7000001",
    registry_ids=("NCT01234567",),
)
OTHER = Record(source="embase", source_id="L600000001", title="=SUM of parts", journal=None)
THIRD = Record(source="file", source_id="h-1", title="Third", doi="10.1234/third")
FOURTH = Record(source="file", source_id="h-2", title="Fourth")
ROWS = [
    ExportRow(OTHER, 7, rank=2, score=0.25, verdict="ineligible", label="exclude", reason="wrong population"),
    ExportRow(FOURTH, 9),
    ExportRow(RECORD, 3, rank=1, score=0.9875, verdict="eligible", label="include", note="read twice | agreed"),
    ExportRow(THIRD, 8, rank=3, score=0.1, verdict="needs_full_text", label="maybe"),
]
EXTENSIONS = sorted(WRITERS)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_an_exported_library_is_imported_again_with_equal_labels(tmp_path, extension):
    """What is exported comes back in rank order, with keys, labels, reasons and bibliographic fields unchanged."""
    path = tmp_path / f"library{extension}"
    assert write_library(path, ROWS) == 4
    result = read_file(path)
    assert (result.dialect, result.seen, result.rejected) == ("ivigil", 4, ())
    assert [item.key for item in result.records] == ["ivigil-3", "ivigil-7", "ivigil-8", "ivigil-9"]
    assert {item.record.source for item in result.records} == {"ivigil"}
    labels = [(item.label.included, item.label.reason) if item.label else None for item in result.records]
    assert labels == [(True, None), (False, "wrong population"), (None, None), None]
    back = result.records[0].record
    same = ("title", "journal", "volume", "issue", "pages", "published", "pmid", "doi", "pmcid", "languages", "issns")
    assert {name: getattr(back, name) for name in same} == {name: getattr(RECORD, name) for name in same}
    assert [author.name for author in back.authors] == ["Testova AM", "Probe BC", "Example Study Group"]
    assert back.publication_types == RECORD.publication_types
    assert back.abstract_text.split() == RECORD.abstract_text.split()
    assert result.records[1].record.title == "=SUM of parts"


@pytest.mark.parametrize("extension", [".csv", ".tsv", ".xlsx", ".jsonl"])
def test_tables_keep_registrations_and_headings(tmp_path, extension):
    """Trial registrations, MeSH headings and the sections of an abstract survive every table and JSON lines."""
    path = tmp_path / f"library{extension}"
    write_library(path, ROWS)
    back = read_file(path).records[0].record
    assert back.registry_ids == RECORD.registry_ids
    assert back.mesh == RECORD.mesh
    assert back.keywords == RECORD.keywords
    assert [(part.label, part.text.split()) for part in back.abstract] == [
        (part.label, part.text.split()) for part in RECORD.abstract
    ]


def test_csv_has_asreviews_included_column(tmp_path):
    """`included` is 1, 0 or empty, as ASReview reads it, beside the finer label."""
    path = tmp_path / "library.csv"
    write_library(path, ROWS)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["included"] for row in rows] == ["1", "0", "", ""]
    assert [row["label"] for row in rows] == ["include", "exclude", "maybe", ""]
    assert [row["score"] for row in rows] == ["0.9875", "0.25", "0.1", ""]


def test_ris_is_read_by_rispy_alone(tmp_path):
    """rispy, without any help, finds every entry, its abstract whole, and ASReview's note of the label."""
    path = tmp_path / "library.ris"
    write_library(path, ROWS)
    entries = rispy.load(path, encoding="utf-8")
    assert [entry["accession_number"] for entry in entries] == ["ivigil-3", "ivigil-7", "ivigil-8", "ivigil-9"]
    assert entries[0]["title"] == RECORD.title
    assert entries[0]["abstract"].endswith("ER - was not affected.")
    assert entries[0]["notes"][1] == "ASReview_relevant"
    assert entries[1]["notes"][1] == "ASReview_irrelevant"
    assert all(len(entry["notes"]) == 1 for entry in entries[2:])


def test_a_title_that_looks_like_a_formula_stays_text(tmp_path):
    """Excel is handed '=SUM of parts' as a string, never as a formula."""
    path = tmp_path / "library.xlsx"
    write_library(path, ROWS)
    sheet = openpyxl.load_workbook(path)["library"]
    cell = sheet.cell(row=3, column=COLUMNS.index("title") + 1)
    assert (cell.value, cell.data_type) == ("=SUM of parts", "s")


def test_an_unknown_extension_is_refused_by_name(tmp_path):
    """An extension without a writer names the file and the extensions that have one; nothing is written."""
    path = tmp_path / "library.docx"
    with pytest.raises(ConfigurationError, match=r"library\.docx.*'\.docx'") as caught:
        write_library(path, ROWS)
    assert ".ris" in (caught.value.hint or "")
    assert not path.exists()


WORDS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff<>&"
    ),
    max_size=60,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    title=WORDS.filter(str.strip),
    abstract=WORDS,
    reason=WORDS,
    label=st.sampled_from(["include", "exclude", "maybe", None]),
    extension=st.sampled_from([".ris", ".csv", ".tsv", ".jsonl"]),
    score=st.floats(0, 1),
)
def test_any_text_survives_export_and_import(tmp_path, title, abstract, reason, label, extension, score):
    """Whatever a title, abstract or reason says, it comes back word for word, with its label."""
    record = Record(source="x", source_id="1", title=title, abstract=(AbstractSection(text=f"a {abstract}"),))
    path = tmp_path / f"any{extension}"
    write_library(path, [ExportRow(record, 1, rank=1, score=score, label=label, reason=reason)])
    result = read_file(path)
    (back,) = result.records
    assert back.record.title.split() == title.split()
    assert back.record.abstract_text.split() == f"a {abstract}".split()
    expected = {"include": True, "exclude": False, "maybe": None}
    if label is None:
        assert back.label is None
    else:
        assert back.label is not None
        assert back.label.included is expected[label]
        assert (back.label.reason or "").split() == reason.split()


READ_BY_ASREVIEW = """
import json, pathlib, sys
from asreview.data.loader import load_records
for path in map(pathlib.Path, sys.argv[1:]):
    print(json.dumps([[record.title, record.included] for record in load_records(path)]))
"""


def asreviews_python() -> str:
    """An interpreter that has ASReview: this one, or one apart, since ASReview 3.0 wants pandas and rispy older."""
    if find_spec("asreview"):
        return sys.executable
    apart = os.environ.get("IVIGIL_ASREVIEW_PYTHON")
    if not apart:
        pytest.skip("IVIGIL_ASREVIEW_PYTHON names no interpreter with ASReview: python -m venv, pip install asreview")
    return apart


def test_asreview_reads_the_labels(tmp_path):
    """ASReview's own reader finds every record of every format, with our labels, and none where we have none."""
    python = asreviews_python()
    paths = [tmp_path / f"library{extension}" for extension in (".ris", ".csv", ".tsv", ".xlsx")]
    for path in paths:
        write_library(path, ROWS)
    said = subprocess.run(  # in a folder of its own: importing ASReview leaves a cache file where it is
        [python, "-c", READ_BY_ASREVIEW, *paths], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    labels = {RECORD.title: 1, OTHER.title: 0, THIRD.title: None, FOURTH.title: None}
    assert [json.loads(line) for line in said.stdout.splitlines()] == [list(map(list, labels.items()))] * len(paths)
