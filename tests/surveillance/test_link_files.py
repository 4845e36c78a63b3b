"""Linking across files: every record under an id of its own, and only what is certain among the links."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivigil.errors import ConfigurationError
from ivigil.surveillance.from_files import link_files

TITLE = "Capillary density under monthly infusions: a follow-up of forty outpatients"
CSV = f"""id,title,authors,year,journal,volume,pages,doi
1,{TITLE},"Okafor, B.; Lind, C.",2020,Acta Vasa,8,515-523,10.5555/one
2,Lung function under immunoglobulin over ten years at home,"Marel, B.",2016,Chest,110,333-338,
"""
OTHER = f"""id,title,authors,year,journal,volume,pages,doi
1,LUNG FUNCTION UNDER IMMUNOGLOBULIN OVER TEN YEARS AT HOME.,"Marel, Bo",2016,Chest,110,333-8,
3,{TITLE.upper()},"Okafor, B.; Lind, C.",2020,Acta Vasa,,1-7,
"""
RIS = f"""TY  - JOUR
TI  - {TITLE}
AU  - Okafor, B
AU  - Lind, C
PY  - 2020
JO  - Acta Vasa
VL  - 8
SP  - 515
EP  - 523
DO  - 10.5555/one
ER  -
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files of one name in two folders, which use one id for two documents, and a file of another format."""
    for folder, text in (("a", CSV), ("b", OTHER)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "export.csv").write_text(text, encoding="utf-8")
    (tmp_path / "more.ris").write_text(RIS, encoding="utf-8")
    return [tmp_path / "a" / "export.csv", tmp_path / "b" / "export.csv", tmp_path / "more.ris"]


def test_equal_ids_of_two_files_stay_two(files: list[Path]) -> None:
    """A record of each file keeps an id of its own, also where both files have one name and one id."""
    found = link_files(files)
    assert found["records"] == 5
    clusters = [set(members) for members in found["clusters"]]
    assert {f"{files[1]}:1", "2"} in clusters
    assert any(f"{files[0]}:1" in members for members in clusters)
    assert not any({f"{files[0]}:1", f"{files[1]}:1"} <= members for members in clusters)
    assert all(item.keys() >= {"a", "b", "why"} for item in found["links"])


def test_the_order_of_files_changes_no_id(files: list[Path]) -> None:
    """The same files in another order give the same clusters."""
    sets = [{frozenset(members) for members in link_files(order)["clusters"]} for order in (files, files[::-1])]
    assert sets[0] == sets[1]


def test_links_are_what_clusters_rest_on(files: list[Path]) -> None:
    """Links join records of one cluster; what is only suggested stands apart."""
    found = link_files(files)
    for item in found["links"]:
        assert any({item["a"], item["b"]} <= set(members) for members in found["clusters"])
    assert {item["strength"] for item in found["suggestions"]} <= {"suggestion", "certain"}


def test_a_file_given_twice_is_refused(files: list[Path]) -> None:
    """A file named twice would make every record its own duplicate."""
    with pytest.raises(ConfigurationError, match="given twice"):
        link_files([files[0], files[0]])
