"""`ivigil report`: every part in every format it promises, also of a review that has just begun."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from typer.testing import CliRunner

from ivigil.cli.app import app
from ivigil.cli.report import FORMATS
from ivigil.errors import ConfigurationError


def invoke(home: Path, *words: str):
    return CliRunner().invoke(app, ["report", *words, "--home", str(home), "--as-of", "2026-06-01"])


@pytest.mark.parametrize(("part", "format_"), [(part, format_) for part, made in FORMATS.items() for format_ in made])
def test_a_review_that_has_just_begun_has_a_report(tmp_path, part, format_):
    """Before the first search every part can be made, and says zero rather than nothing."""
    result = invoke(tmp_path, part, "--format", format_)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip()
    if format_ == "svg":
        assert "Reports screened (n = 0)" in " ".join(etree.fromstring(result.stdout.encode()).itertext())


def test_the_file_s_ending_names_the_format(tmp_path):
    """With --out the format follows from the file's name; the folder is made."""
    file = tmp_path / "sent" / "evidence.csv"
    assert invoke(tmp_path, "evidence", "--out", str(file)).exit_code == 0
    assert file.read_text(encoding="utf-8").startswith("study_id,standing,")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("poster",), "'poster' is not a report"),
        (("digest", "--format", "svg"), "the digest is not made as 'svg'"),
        (("evidence", "--format", "svg"), "evidence is not made as 'svg'"),
    ],
)
def test_what_is_not_made_is_named(tmp_path, words, message):
    """Asking for a part or a format that does not exist is bad input, and the answer says what there is."""
    result = invoke(tmp_path, *words)
    assert isinstance(result.exception, ConfigurationError)
    assert message in str(result.exception)
    assert result.exception.hint
