"""RIS as it is really written: one space, no end marks, other encodings, files joined end to end."""

from __future__ import annotations

import pytest

from ivigil.sources.files import ImportResult, read_file


@pytest.fixture
def ris(tmp_path):
    def read(text: str, *, encoding: str = "utf-8", **options) -> ImportResult:
        path = tmp_path / "export.data"
        path.write_bytes(text.encode(encoding))
        return read_file(path, **options)

    return read


EMBASE = """TY  - JOUR
U2  - L600000001
DB  - Embase
A1  - Testova, A.M.
T1  - Immunoglobulin in an example
ER  -
"""


def test_one_space_before_the_hyphen_loses_nothing(ris):
    """A file that writes 'TY - JOUR', of which rispy finds no record at all, is imported whole."""
    one = "TY - JOUR\nTI - First example\nAU - Testova, A\nAB - Words, and\nmore of them\nPY - 2020\nER - \n\n"
    result = ris(one + one.replace("First", "Second"))
    assert [item.record.title for item in result.records] == ["First example", "Second example"]
    assert result.records[0].record.abstract_text == "Words, and more of them"
    assert (result.seen, result.records[1].line) == (2, 9)


def test_a_dash_in_an_abstract_is_no_tag(ris):
    """In a file that writes its tags rightly, a continued line such as 'BP - fell' stays in the abstract."""
    (item,) = ris("TY  - JOUR\nTI  - An example\nAB  - Pressures:\nBP - fell by 10\nHR - rose\nER  - \n").records
    assert item.record.abstract_text == "Pressures: BP - fell by 10 HR - rose"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_line_ends_and_encodings_lose_no_first_record(ris, newline, encoding):
    """Every line end, byte-order mark and UTF-16 gives the same records, the first among them."""
    text = (EMBASE + EMBASE.replace("L600000001", "L600000002").replace("Testova", "Příkladová")).replace("\n", newline)
    records = [item.record for item in ris(text, encoding=encoding).records]
    assert [record.source_id for record in records] == ["L600000001", "L600000002"]
    assert records[1].authors[0].last_name == "Příkladová"


def test_windows_text_is_read_with_a_note(ris):
    """What is not UTF-8 is read as Windows-1252, and the note names the first such line."""
    result = ris("TY  - JOUR\nTI  - Exámple – one\nER  - \n", encoding="cp1252")
    assert result.records[0].record.title == "Exámple – one"
    assert result.notes == ("read as Windows-1252: line 2 is not UTF-8",)


def test_joined_files_keep_each_databases_reading(ris):
    """Files joined end to end, byte-order mark and all, are read entry by entry in each one's own dialect."""
    scopus = (
        "\ufeffTY  - JOUR\nTI  - Two\nDB  - Scopus\nUR  - https://www.scopus.com/x?eid=2-s2.0-85000000001&y\nER  - \n"
    )
    result = ris(EMBASE * 2 + scopus)
    assert [item.record.source for item in result.records] == ["embase", "embase", "scopus"]
    assert result.dialect == "embase"


def test_an_entry_without_er_is_kept_with_a_note(ris):
    """An entry that ER does not close, which rispy drops, is kept, and a note says where."""
    result = ris("TY  - JOUR\nTI  - One\n\nTY  - JOUR\nTI  - Two\nER  - \n\nTY  - JOUR\nTI  - Three\n")
    assert [item.record.title for item in result.records] == ["One", "Two", "Three"]
    assert result.notes == (
        "line 1: the entry has no ER; it ends where the next begins",
        "line 8: the last entry has no ER; the file may be cut short",
    )


def test_an_entry_without_ty_is_rejected_by_line(ris):
    """Tags that no TY opens are counted and rejected, before the first entry and between two."""
    result = ris(
        "AU  - Lost, A\nTI  - Lost\nER  - \nTY  - JOUR\nTI  - Kept\nER  - \nTI  - Lost too\nER  - \n"
        "TY  - JOUR\nTI  - Kept too\nER  - \n"
    )
    assert [item.record.title for item in result.records] == ["Kept", "Kept too"]
    assert [(item.line, item.why) for item in result.rejected] == [
        (1, "no TY line opens this entry"),
        (7, "no TY line opens this entry"),
    ]
    assert result.seen == 4


def test_an_empty_entry_is_rejected_with_its_reason(ris):
    """An entry that names no document is rejected, never dropped or invented."""
    result = ris("TY  - JOUR\nAU  - Nobody, A\nER  - \nTY  - JOUR\nDO  - 10.1234/only\nER  - \n")
    assert [(item.line, item.why) for item in result.rejected] == [(1, "neither title nor abstract, identifier or key")]
    assert result.records[0].record.doi == "10.1234/only"


def test_an_id_does_not_depend_on_the_place_in_the_file(ris):
    """An entry without a database's number has the same id wherever it stands, and other words have another."""
    one, two = "TY  - JOUR\nTI  - One\nER  - \n", "TY  - JOUR\nTI  - Two\nER  - \n"
    first = [item.record.source_id for item in ris(one + two).records]
    second = [item.record.source_id for item in ris("\n\n" + two + one).records]
    assert first == second[::-1]
    assert len(set(first)) == 2
