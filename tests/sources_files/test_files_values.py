"""Names, dates, identifiers and languages as export files write them; and what must always hold of a file."""

from __future__ import annotations

import string

import pytest
import rispy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivigil.errors import ImportError_
from ivigil.records import PartialDate
from ivigil.sources.files import read_file
from ivigil.sources.files.dates import read_date, read_day
from ivigil.sources.files.identifiers import clean_issns, clean_pmcid, clean_pmid, find_registrations
from ivigil.sources.files.languages import read_languages
from ivigil.sources.files.names import read_author, split_authors
from ivigil.sources.identifiers import clean_doi


@pytest.mark.parametrize(
    ("text", "year", "expected"),
    [
        ("2024", None, "2024"),
        ("2024///", None, "2024"),
        ("1989//", None, "1989"),
        ("2024/04/03/", None, "2024-04-03"),
        ("2024-02-01", None, "2024-02-01"),
        ("20190325", None, "2019-03-25"),
        ("1 Dec 2024", None, "2024-12-01"),
        ("September  1, 2021", None, "2021-09-01"),
        ("2019/10//undefined", None, "2019-10"),
        ("4/3/2024", None, "2024-04-03"),
        ("Jun", 2011, "2011-06"),
        ("SEP 22", 2010, "2010-09-22"),
        ("2020 Feb", None, "2020-02"),
        ("2020 Winter", None, "2020-01"),
        ("2023-02-30", None, "2023-02"),
        ("2023-13-01", None, "2023"),
        ("10 15", None, None),
        ("Sep 18", None, None),
        ("", 2020, None),
    ],
)
def test_dates_keep_the_precision_they_give(text, year, expected):
    """A date is read to the part its text gives, and a part that cannot be is dropped rather than invented."""
    when = read_date(text, year=year)
    assert (str(when) if when else None) == expected


def test_a_range_keeps_its_words():
    """A range of months is its first month, with the source's own words."""
    assert read_date("2010 Sep-Oct") == PartialDate(year=2010, month=9, text="2010 Sep-Oct")
    assert read_day("2020 Feb") is None


@given(st.text(max_size=30), st.none() | st.integers(1500, 2099))
def test_no_text_breaks_the_date_reader(text, year):
    """Any text is a date or none; nothing raises."""
    when = read_date(text, year=year)
    assert when is None or 1 <= when.year <= 9999


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Yang, Z.", ("Yang", None, "Z")),
        ("McNamara, M.E.", ("McNamara", None, "ME")),
        ("Sampson SD", ("Sampson", None, "SD")),
        ("Adler D.G.", ("Adler", None, "DG")),
        ("Brownstein C D", ("Brownstein", None, "CD")),
        ("van Acker, B.", ("van Acker", None, "B")),
        ("Dos Santos H.B.", ("Dos Santos", None, "HB")),
        ("Curry Rogers, Kristina", ("Curry Rogers", "Kristina", "K")),
        ("Keefer, Amy Jo", ("Keefer", "Amy Jo", "AJ")),
        ("Pérez-de la Fuente R", ("Pérez-de la Fuente", None, "R")),
        ("Pinto-Gouveia, Jean-Paul", ("Pinto-Gouveia", "Jean-Paul", "JP")),
        ("J. Smith", ("Smith", None, "J")),
        ("Plato", ("Plato", None, None)),
    ],
)
def test_names(name, expected):
    """Surname, given names and initials, however they are parted."""
    author = read_author(name)
    assert author is not None
    assert (author.last_name, author.fore_name, author.initials) == expected


def test_suffixes_groups_and_given_names_first():
    """A suffix is no given name, a group is no person, and OpenAlex' order is turned round."""
    junior = read_author("King, Martin L., Jr.")
    assert junior is not None
    assert (junior.last_name, junior.fore_name, junior.suffix) == ("King", "Martin L.", "Jr.")
    group = read_author("European Scleroderma Trials and Research Group")
    assert group is not None
    assert group.collective == "European Scleroderma Trials and Research Group"
    turned = read_author("Alba María Vicente", given_first=True)
    assert turned is not None
    assert (turned.last_name, turned.fore_name) == ("Vicente", "Alba María")
    assert read_author(" ; ") is None


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Yang, Z.; Jiang, B.", ["Yang, Z.", "Jiang, B."]),
        ("Yang, Z. and Jiang, B.", ["Yang, Z.", "Jiang, B."]),
        ("Liu R., Adler D.G.", ["Liu R.", "Adler D.G."]),
        ("Griffin DK, Larkin DM, O'Connor RE", ["Griffin DK", "Larkin DM", "O'Connor RE"]),
        ("Yang, Z., Jiang, B.", ["Yang, Z.", "Jiang, B."]),
        ("Wilson, Lauren N. (58975547800); Gardner, J.D. (57190394669)", ["Wilson, Lauren N.", "Gardner, J.D."]),
        ("Alba Vicente|Josep Sanjuan", ["Alba Vicente", "Josep Sanjuan"]),
        ("Longrich, N.R.\n and Pereda, X.", ["Longrich, N.R.", "Pereda, X."]),
        ("Curry Rogers, Kristina", ["Curry Rogers, Kristina"]),
    ],
)
def test_one_cell_of_names(cell, names):
    """A cell of many names is parted at the safest separator it has; a single name stays whole."""
    assert split_authors([cell]) == names


def test_initials_parted_from_their_name_are_put_back():
    """EPPI-Reviewer's 'Dos Santos', 'H B' is one author."""
    assert split_authors(["Troiano L P", "Dos Santos", "H B", "Li Q"]) == ["Troiano L P", "Dos Santos, H B", "Li Q"]


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1234/ABC.1", "10.1234/abc.1"),
        ("https://doi.org/10.1234/abc", "10.1234/abc"),
        ("http://dx.doi.org/10.1016/S0140-6736(05)67889-0", "10.1016/s0140-6736(05)67889-0"),
        ("doi: 10.1234/abc.", "10.1234/abc"),
        ("(10.1234/abc)", "10.1234/abc"),
        ("10.1234/abc [doi]", "10.1234/abc"),
        ("10.1002/(SICI)1097-0258(1998)17:<61::X>3.0.CO;2-2", "10.1002/(sici)1097-0258(1998)17:<61::x>3.0.co;2-2"),
        ("https://x.org/?sid=EMBASE&id=doi:10.1234%2Fabc&atitle=10.9999/other", "10.1234/abc"),
        ("https://www.scopus.com/x?eid=2-s2.0-1&doi=10.1234%2fabc&partnerID=40", "10.1234/abc"),
        ("https://example.org/10.1234/not-a-resolver", None),
        ("2-s2.0-85000000001", None),
        ("", None),
    ],
)  # fmt: skip
def test_dois(text, doi):
    """A DOI loses its resolver, its case and what stands around it, and nothing else becomes one."""
    assert clean_doi(text) == doi


def test_other_identifiers():
    """PMIDs, PMCIDs, ISSNs and registrations are found in the forms that exports give them."""
    pmids = [
        "31000001",
        "PUBMED 21314913",
        "31000001.0",
        "https://pubmed.ncbi.nlm.nih.gov/38000001/",
        "PMID: 7",
        "0",
        "x",
    ]
    assert [clean_pmid(text) for text in pmids] == ["31000001", "21314913", "31000001", "38000001", "7", None, None]
    assert [clean_pmcid(text) for text in ("PMC7000001", "pmc 1", "7000001")] == ["PMC7000001", None, None]
    assert clean_issns(["1234-5679 (electronic)", "12345679; 2345-678x", "9783161484100"]) == ("1234-5679", "2345-678X")
    found = find_registrations(
        ["ClinicalTrials.gov/NCT01234567", "EudraCT 2009-012345-67; NCT01234567", "ISRCTN96803379"]
    )
    assert found == ("NCT01234567", "2009-012345-67", "ISRCTN96803379")


def test_languages():
    """Names and codes become ISO 639-2/B; a language nobody knows is 'und' and never dropped."""
    assert read_languages(["English; French", "zh", "en-GB", "jpn", "Klingon"]) == ("eng", "fre", "chi", "jpn", "und")
    assert read_languages(["", "."]) == ()


LINE = st.text(string.ascii_letters + string.digits + " .,:-()%&äéß–'\"", min_size=1, max_size=40).filter(str.strip)
TAGS = st.sampled_from(["TI", "AB", "AU", "KW", "T2", "N1", "DO", "AN", "ID", "DB", "M3", "C3", "SN", "UR", "U1"])
ENTRY = st.lists(st.tuples(TAGS, LINE), min_size=1, max_size=8)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(ENTRY, min_size=1, max_size=6), st.sampled_from(["  - ", " - ", "  -  "]), st.booleans())
def test_every_entry_of_any_ris_file_is_accounted_for(tmp_path, entries, hyphen, closed):
    """Whatever tags a RIS file holds, with one space or two, closed or not, each entry is read or rejected once."""
    path = tmp_path / "any.ris"
    end = f"ER{hyphen}\n" if closed else ""
    path.write_text(
        "\n".join(
            f"TY{hyphen}JOUR\n" + "".join(f"{tag}{hyphen}{value}\n" for tag, value in entry) + end for entry in entries
        ),
        "utf-8",
    )
    result = read_file(path)
    assert result.format == "ris"
    assert len(result.records) + len(result.rejected) == result.seen == len(entries)
    starts = [number for number, line in enumerate(path.read_text("utf-8").split("\n"), 1) if line.startswith("TY")]
    assert sorted([item.line for item in result.records] + [item.line for item in result.rejected]) == starts
    if closed and hyphen != " - ":
        assert len(rispy.load(path, encoding="utf-8")) == len(entries)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_break_the_reader(tmp_path, data):
    """Any bytes at all are read and accounted for, or refused with an import error."""
    path = tmp_path / "anything"
    path.write_bytes(data)
    try:
        result = read_file(path)
    except ImportError_:
        return
    assert len(result.records) + len(result.rejected) == result.seen > 0


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(LINE, min_size=0, max_size=6), min_size=1, max_size=8))
def test_every_row_of_any_table_is_accounted_for(tmp_path, rows):
    """Rows of any width are read or rejected, each once."""
    path = tmp_path / "any.csv"
    cells = ["\n".join(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows)]
    path.write_text("\n".join(["title,abstract,doi", *cells]) + "\n", "utf-8")
    filled = [row for row in rows if row]
    if not filled:
        with pytest.raises(ImportError_, match="holds no entries"):
            read_file(path)
        return
    result = read_file(path)
    assert len(result.records) + len(result.rejected) == result.seen == len(filled)
    assert len(result.rejected) == sum(1 for row in filled if len(row) != 3)


def test_a_count_that_does_not_add_up_fails_the_import(tmp_path, monkeypatch):
    """A tokenizer that lost an entry without a word fails the file by both counts, instead of importing the rest."""
    from dataclasses import replace

    from ivigil.sources.files import reader
    from ivigil.sources.files.sniff import Format

    whole = reader.TOKENIZERS[Format.RIS]

    def lossy(text, path):
        tokens = whole(text, path)
        return replace(tokens, entries=tokens.entries[1:])

    monkeypatch.setitem(reader.TOKENIZERS, Format.RIS, lossy)
    path = tmp_path / "two.ris"
    path.write_text("TY  - JOUR\nTI  - One\nER  - \nTY  - JOUR\nTI  - Two\nER  - \n")
    with pytest.raises(ImportError_, match="2 entries were seen, but 1 read and 0 rejected"):
        read_file(path)
