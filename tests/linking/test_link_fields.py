"""Single fields: what each is read as, and when two agree."""

from __future__ import annotations

import pytest

from ivigil.linking import keys
from ivigil.linking.normalise import number_of, plain
from ivigil.linking.people import match_people, read_people
from ivigil.linking.places import match_pages, match_venues, read_pages, read_volume
from ivigil.linking.prepared import prepare
from ivigil.linking.titles import match_titles, read_title
from ivigil.records import Author, Record


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sj&ouml;gren&#8217;s <i>in vivo</i>", "sjogren s in vivo"),
        ("TNF-α and IL-1β", "tnf alpha and il 1beta"),
        ("Ελληνικά", "ελληνικα"),
        ("Größe, Łódź, Ærø", "grosse lodz aero"),
        ("플랫폼 노동", "플랫폼 노동"),
    ],
)
def test_text_becomes_plain(text: str, expected: str):
    """Markup, entities, accents and symbols are levelled; other scripts are kept."""
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("word", "number"), [("ii", "2"), ("p16ink4a", "16.4"), ("two", "2"), ("b", "b"), ("a", ""), ("skin", "")]
)
def test_number_is_read_however_written(word: str, number: str):
    """Digits, Roman numerals, number words and part letters are numbers; the article is not."""
    assert number_of(word) == number


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Skin scores in early disease.", "SKIN SCORES IN EARLY DISEASE", "same"),
        ("[Skin scores in early disease]", "Skin scores in early disease [Review] [31 refs]", "same"),
        ("Skin scores.[Erratum appears in X. 2011;26(2):244 [corrected]]", "Skin scores", "same"),
        ("Skin scores in disease [Hautwerte bei fruehem Befall vieler]", "Hautwerte bei fruehem Befall vieler", "same"),
        ("Tumour-cell mediated softening of skin", "Tumor cellmediated softening of skin", "near"),
        ("Skin scores in early disease: a cohort", "Skin scores in early disease", "part"),
        ("Skin scores in early disease: protocol", "Skin scores in early disease", "notice"),
        ("Reply: skin scores in early disease", "Skin scores in early disease", "notice"),
        ("Skin scores in hypothyroid adults", "Skin scores in hyperthyroid adults", "different"),
        ("Skin scores in disease, part I: methods", "Skin scores in disease, part II: methods", "different"),
        (
            "Pantoprazole versus omeprazole in oesophagitis",
            "Lansoprazole versus omeprazole in esophagitis",
            "similar",
        ),
        ("Discussion on skin scores in early disease", "Skin scores in early disease", "notice"),
        ("Randomised haemodialysis of anaemic patients", "Randomized hemodialysis of anemic patients", "near"),
        ("Phase 2 trial of agent in skin disease", "Phase 3 trial of agent in skin disease", "different"),
        ("Skin scores in treated adults with disease", "Skin scores in untreated adults with disease", "different"),
        ("", "Skin scores", "missing"),
    ],
)
def test_titles_compare(a: str, b: str, expected: str):
    """Spelling, notes and subtitles do not part titles; numbers, opposites and notices do."""
    assert match_titles(read_title(a), read_title(b)) == expected
    assert match_titles(read_title(b), read_title(a)) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("236-42", "236-242", "same"),
        ("569", "567-569", "same"),
        ("e43268", "43268", "same"),
        ("Suppl-42", "S38-S42", "other count"),
        ("c1804", "1014", "other count"),
        ("1-9", "515-523", "other count"),
        ("678-684", "676-682", "near"),
        ("S12", "12-19", "different"),
        ("A12", "S12", "different"),
        ("101-109", "110-119", "different"),
        (None, "1", "missing"),
        ("N.PAG", "1", "missing"),
        ("527-32.e1", "527-532.e1", "same"),
        ("2243-5; author reply 2243-5", "2243-2245", "same"),
    ],
)
def test_pages_compare(a: str | None, b: str | None, expected: str):
    """Abbreviated, damaged and article-number pages are read for what they are."""
    assert match_pages(read_pages(a), read_pages(b)) == expected
    assert match_pages(read_pages(b), read_pages(a)) == expected


@pytest.mark.parametrize(
    ("text", "volume"),
    [("35 ( Pt 1)", "35"), ("29A", "29"), ("XII", "12"), ("2016", None), ("2015-April", None), ("12933 LNCS", "12933")],
)
def test_volume_is_its_number(text: str, volume: str | None):
    """A volume is its number; a year or a month stands for none."""
    assert read_volume(text, 2016 if text == "2016" else 2015) == volume


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("J Clin Oncol", "Journal of Clinical Oncology", True),
        ("Journal of clinical oncology : official journal of the Society", "Journal of Clinical Oncology", True),
        ("BMJ (Clinical research ed.)", "BMJ", True),
        ("Dtsch-Med-Wochenschr", "Deutsche medizinische Wochenschrift (1946)", True),
        ("JPEN. Journal of Parenteral and Enteral Nutrition", "JPEN", True),
        ("2014 4th International Conference on Artificial Life", "International Conference on Artificial Life", True),
        ("American Heart Journal", "European Heart Journal", False),
        ("Cancer", "Cancer Research", False),
        (
            "Hawaii International Conference on System Sciences",
            "International Conference on Information Systems",
            False,
        ),
    ],
)
def test_venues_compare(a: str, b: str, *, same: bool):
    """Abbreviations, initials and places of printing are seen through; another journal is another journal."""
    assert (match_venues(a, b) == "same") is same
    assert match_venues(a, b) == match_venues(b, a)


def people(*names: str) -> tuple[Author, ...]:
    return tuple(
        Author(last_name=last, fore_name=given or None) for last, _, given in (n.partition(", ") for n in names)
    )


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (("Müller, K", "van der Berg, A"), ("Mueller, Karl", "Berg, A"), "same"),
        (("Moritz, Altried",), ("Altried, M",), "same"),
        (("Zhang, W",), ("Zhang, L",), "different"),
        (("Ferro, D",), ("Ferro, D", "Lindt, K", "Marel, B"), "same"),
        (("Tumer Kabad, E", "Cavd Aks, N"), ("Kabad, Ebru Tumer", "Aks, Nils Cavd"), "same"),
        (("Lindt, K", "Marel, B"), ("Ferro, D", "Lindt, K", "Marel, B", "Tosk, L"), "shared"),
        (("ALTS Study Group",), ("Ferro, D",), "missing"),
        (("Ferro, D", "Lindt, K"), ("Osei, P", "Wray, T"), "different"),
    ],
)
def test_people_compare(a: tuple[str, ...], b: tuple[str, ...], expected: str):
    """Accents, particles, initials and turned names do not part people; another initial of a lone author does."""
    first, second = read_people(people(*a)), read_people(people(*b))
    assert match_people(first, second)[0] == expected
    assert match_people(second, first)[0] == expected


def test_common_title_is_no_key_alone():
    """A title that thousands bear is keyed only with author and year, so that no block grows with the store."""
    record = Record(source="x", source_id="1", title="Editorial", authors=(Author(last_name="Ferro"),))
    assert not any(key == "title:editorial" for key in keys(record))
    assert keys(record) == keys(record.model_copy(update={"source_id": "2"}))


def test_empty_record_has_no_key():
    """A record that says nothing is compared with nothing."""
    assert keys(Record(source="x", source_id="1")) == frozenset()


def test_preprint_is_known_by_its_doi():
    """BioRxiv's DOIs are numbers; Cold Spring Harbor's journals under the same prefix are not preprints."""
    assert prepare(Record(source="x", source_id="1", doi="10.1101/2020.03.01.20030001v2")).preprint
    assert prepare(Record(source="x", source_id="1", doi="10.1101/123456")).preprint
    assert not prepare(Record(source="x", source_id="1", doi="10.1101/gad.343434.120")).preprint


def test_registration_is_read_from_the_abstract():
    """A trial number in the abstract's words counts as one in a data bank."""
    record = {"source": "x", "source_id": "1", "abstract": ({"text": "Registered as NCT90000001 and ISRCTN12345678."},)}
    assert prepare(Record.model_validate(record)).trials == {"NCT90000001", "ISRCTN12345678"}
