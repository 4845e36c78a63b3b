"""The benchmark reads sets, measures methods side by side, and refuses rows that cannot be true."""

from __future__ import annotations

import gzip
import random
from dataclasses import replace
from pathlib import Path

import pytest

from ivigil.errors import ConfigurationError, IvigilError
from ivigil.linking import cluster
from ivigil.linking.benchmark import (
    benchmark,
    check_baseline,
    installed_methods,
    link_by_identifier,
    read_set,
    to_record,
)
from ivigil.linking.metrics import Counts, count_pairs, count_records

RECORDS = """ID,title,author,year,journal,volume,number,pages,doi
1,Skin softening under monthly infusion,"Marel, B and Tosk, L",2015,J Rheum,42,2,236-242,10.5555/A
2,Skin Softening under Monthly Infusion.,"Marel, Bo and Tosk, Lena",2015,Journal of Rheumatology,42,UNKNOWN,236-42,https://doi.org/10.5555/a
3,Lung function over ten years of follow-up,"Ferro, D",2016,Chest,110,nan,333-338,
4,LUNG FUNCTION OVER TEN YEARS OF FOLLOW-UP,"Ferro, D",2016,Chest,110,,333-338,
5,Another matter altogether,"Lindt, K",2001,Chest,90,,1-2,
"""
GOLD = 'merged_ids\n"1;2"\n"3;4"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "small"
    path.mkdir()
    (path / "records.csv.gz").write_bytes(gzip.compress(RECORDS.encode()))
    (path / "gold.csv").write_text(GOLD, encoding="utf-8")
    return path


def test_rows_stand_side_by_side(folder: Path):
    """Ours and the baseline are measured in one run, by record and by pair, with speed and memory."""
    rows = benchmark(folder.parent, ["ours", "exact-identifier"])
    assert [(row.set, row.method, row.level) for row in rows] == [
        ("small", method, level) for method in ("ours", "exact-identifier") for level in ("record", "pair")
    ]
    assert rows[0].counts == Counts(tp=2, fp=0, fn=0, tn=3)
    assert rows[2].counts == Counts(tp=1, fp=0, fn=1, tn=3)
    assert all(row.records_per_second > 0 and row.peak_memory_mb > 10 for row in rows)
    assert rows[0].as_json()["sensitivity"] == 1


def test_memory_is_the_methods_own(folder: Path):
    """What the process that asks for a benchmark holds is not counted as a method's memory."""
    ballast = bytearray(b"x") * 300_000_000
    row = benchmark(folder, ["ours"])[0]
    assert len(ballast) > row.peak_memory_mb * 1_000_000


def test_placeholder_is_no_value(folder: Path):
    """'UNKNOWN' and 'nan' are empty cells, and a DOI loses its resolver and its capitals."""
    records = read_set(folder).records
    assert records["2"].issue is None
    assert records["3"].issue is None
    assert records["2"].doi == records["1"].doi == "10.5555/a"


def test_author_without_comma_is_a_surname():
    """A name that is not written 'family, given' is kept whole."""
    record = to_record({"ID": "1", "title": "T", "author": "Study Group and Marel, B"})
    assert [author.name for author in record.authors] == ["Study Group", "Marel B"]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("gold.csv", 'merged_ids\n"1;99"\n', r"gold.csv:2: merged_ids: no record 99"),
        ("gold.csv", "ids\n1\n", "lacks the column merged_ids"),
        ("records.csv.gz", gzip.compress(b"ID,title\n1,a\n1,b\n", mtime=0), r"records.csv.gz:3: ID: 1 stands twice"),
        ("records.csv.gz", b"not gzip", "cannot be read"),
    ],
)
def test_broken_set_is_named(folder: Path, file: str, content: str | bytes, said: str):
    """A set that cannot be measured is refused with file, line and column."""
    (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigurationError, match=said):
        read_set(folder)


def test_folder_without_sets_is_refused(tmp_path: Path):
    """An empty folder is an error and not an empty table."""
    with pytest.raises(ConfigurationError, match="no set"):
        benchmark(tmp_path)


def test_unknown_method_is_refused(folder: Path):
    """A method that does not exist or is not installed is named."""
    with pytest.raises(ConfigurationError, match="magic"):
        benchmark(folder, ["ours", "magic"])
    assert installed_methods()[:2] == ["ours", "exact-identifier"]


def test_baseline_that_found_nothing_is_questioned(folder: Path):
    """A baseline's row of zero is an error where it had something to find, and where counts do not add up."""
    labelled = read_set(folder)
    row = benchmark(folder, ["exact-identifier"])[0]
    check_baseline(row, labelled)
    with pytest.raises(IvigilError, match="not what this method does"):
        check_baseline(replace(row, counts=Counts(tp=0, fp=0, fn=2, tn=3)), labelled)
    with pytest.raises(IvigilError, match="do not add up"):
        check_baseline(replace(row, counts=Counts(tp=2, fp=0, fn=2, tn=3)), labelled)


@pytest.mark.parametrize(
    ("name", "least"),
    [("cytology_screening", 0.992), ("respiratory", 0.97), ("digital_work", 0.997), ("special_cases", 0.333)],
)
def test_public_set_has_no_false_merge(shared: Path, name: str, least: float):
    """On public sets no two documents are wrongly joined, and no fewer duplicates found than bib-dedupe finds."""
    labelled = read_set(shared / "data" / "linking" / name)
    ids = list(labelled.records)
    found = cluster(labelled.records).clusters
    by_record = count_records(ids, labelled.known, found)
    assert count_pairs(ids, labelled.known, found).fp == by_record.fp == 0
    assert by_record.sensitivity is not None
    assert by_record.sensitivity >= least


@pytest.mark.parametrize("name", ["cytology_screening", "respiratory", "digital_work"])
def test_lost_fields_lead_to_no_false_merge(shared: Path, name: str):
    """Where half of the places, identifiers and some authors are lost, fewer are joined, and still none wrongly."""
    labelled = read_set(shared / "data" / "linking" / name)
    chance = random.Random(11)
    poor = {}
    for id_, record in labelled.records.items():
        lost = [field for field in ("volume", "pages", "doi", "pmid") if chance.random() < 0.5]
        lost += [field for field in ("journal", "published") if chance.random() < 0.2]
        kept = record.authors[: chance.choice([0, 1, 3, None, None, None])]
        poor[id_] = record.model_copy(update={**dict.fromkeys(lost), "authors": kept, "abstract": ()})
    found = cluster(poor).clusters
    counts = count_pairs(list(poor), labelled.known, found)
    assert counts.fp == 0
    assert counts.tp > 100


def test_identifier_baseline_takes_identifiers_alone(folder: Path):
    """The exact-identifier row joins shared DOIs and PMIDs and nothing else."""
    assert link_by_identifier(read_set(folder)) == [["1", "2"]]
