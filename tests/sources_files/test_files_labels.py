"""Labels in export files: who said what, why, and at which stage."""

from __future__ import annotations

import pytest

from ivigil.errors import ImportError_
from ivigil.sources.files import ImportedRecord, Label, read_file


@pytest.fixture
def labelled(tmp_path):
    def read(text: str, **options) -> list[ImportedRecord]:
        path = tmp_path / "labelled"
        path.write_text(text, "utf-8")
        return list(read_file(path, **options).records)

    return read


def ris(note: str) -> str:
    return f"TY  - JOUR\nTI  - One\nN1  - {note}\nER  - \n"


def test_rayyan_labels_of_several_reviewers(labelled):
    """Each reviewer in Rayyan's Ruby hash is a label; the reasons belong to those who excluded."""
    note = (
        'RAYYAN-INCLUSION: {"R One"=>"Included", "R \\"Two\\""=>"Excluded", "R Three"=>"Undecided"}'
        " | RAYYAN-LABELS: later | RAYYAN-EXCLUSION-REASONS: wrong population,wrong outcome"
    )
    (item,) = labelled(ris(note))
    assert item.labels == (
        Label(included=True, reviewer="R One"),
        Label(included=False, reason="wrong population,wrong outcome", reviewer='R "Two"'),
    )
    assert item.label == Label(included=None, reason="wrong population,wrong outcome")


def test_rayyan_reviewers_who_agree(labelled):
    """Reviewers who agree add up to their one verdict."""
    (item,) = labelled(ris('RAYYAN-INCLUSION: {"A"=>"Excluded", "B"=>"Excluded"}'))
    assert item.label == Label(included=False)


@pytest.mark.parametrize(
    ("note", "label"),
    [
        ("ASReview_relevant", Label(included=True)),
        ("Read before. ASReview_irrelevant. Read after.", Label(included=False)),
        ("ASReview_not_seen", None),
        ("ASReview_relevantly speaking", None),
        ("Exclusion reason: Wrong study design; agreed", Label(False, "Wrong study design", "full_text")),
        ('RAYYAN-INCLUSION: {"A"=>"Undecided"}', None),
        ("nothing", None),
    ],
)
def test_labels_in_notes(labelled, note, label):
    """ASReview's and Covidence's notes are labels wherever they stand in the note; others are none."""
    assert labelled(ris(note))[0].label == label


@pytest.mark.parametrize(
    ("column", "included", "excluded"),
    [
        ("included", "1", "0"),
        ("asreview_label", "1", "0"),
        ("label_included", "1.0", "0.0"),
        ("Label", "include", "exclude"),
        ("final_included", "TRUE", "FALSE"),
        ("decision", "Accepted", "Rejected"),
        ("Included", "I", "E"),
    ],
)
def test_label_columns(labelled, column, included, excluded):
    """The label columns of screening tools and data sets are read without being named; empty and -1 say nothing."""
    rows = "".join(f"T{at},{cell}\n" for at, cell in enumerate([included, excluded, "", "-1"]))
    labels = [item.label for item in labelled(f"title,{column}\n{rows}")]
    assert labels == [Label(included=True), Label(included=False), None, None]


def test_stages_are_kept_and_the_later_counts(labelled):
    """A title-and-abstract label beside a final one is kept; the final one is what the record is labelled."""
    items = labelled("id,title,abstract,label,label_ta\n1,A,w,0,1\n2,B,w,,1\n")
    assert items[0].labels == (Label(included=False), Label(included=True, stage="title_abstract"))
    assert items[0].label == Label(included=False)
    assert items[1].label == Label(included=True, stage="title_abstract")


def test_reason_reviewer_and_stage_columns(labelled):
    """Columns beside a label say why, who and when."""
    (item,) = labelled("title,decision,reason,reviewer,stage\nA,exclude,wrong population,R One,full_text\n")
    assert item.labels == (Label(False, "wrong population", "full_text", "R One"),)


def test_a_column_of_other_words_is_no_label(tmp_path):
    """A column called 'label' that holds other words labels nothing, and a note names the line that showed it."""
    path = tmp_path / "table.csv"
    path.write_text("title,label\nA,1\nB,rheumatology\n")
    result = read_file(path)
    assert [item.label for item in result.records] == [None, None]
    assert result.notes == ("column 'label' is not read as labels: line 3 says 'rheumatology'",)


def test_a_named_label_column_must_say_something_clear(tmp_path):
    """With `label_column`, a cell that is no label rejects its row by line, and a missing column the file."""
    path = tmp_path / "table.csv"
    path.write_text("title,Verdict of R1\nA,yes\nB,perhaps later\nC,\n")
    result = read_file(path, label_column="verdict of  R1")
    assert [item.label.included if item.label else None for item in result.records] == [True, None]
    assert [(item.line, item.why) for item in result.rejected] == [(3, "verdict of r1: 'perhaps later' is no label")]
    with pytest.raises(ImportError_, match="no column or field 'Verdict'"):
        read_file(path, label_column="Verdict")


def test_abstrackr_reviewers(labelled):
    """In abstrackr 1, -1 and 0 are include, exclude and maybe, one column a reviewer, named as in the file."""
    head = "(internal) id,pubmed id,abstract,title,consensus,labeled_at,R One,labeled_at,R Two,general notes (R One),general notes (R Two)\n"  # noqa: E501
    items = labelled(head + "1,0,w,A,o,,1,2024-08-15,-1,,\n2,0,w,B,o,,0,,,,\n3,0,w,C,o,,,,,,\n")
    assert items[0].labels == (Label(True, reviewer="R One"), Label(False, reviewer="R Two"))
    assert items[0].label == Label(included=None)
    assert items[1].labels == (Label(None, reviewer="R One"),)
    assert items[2].labels == ()
