"""How sure the number treated is, on the workspace's pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from review_client import Client, client_of, local
from sqlalchemy import select

from ivigil.store.tables import AssessmentRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.decision_links import PURPOSE
from ivigil.surveillance.report_view import view_report
from ivigil.surveillance.signing import signer
from library_at_hand import keep_second_reading, library_of, paper
from study_texts import ELIGIBLE, UNSURE

DOUBTFUL, PLAIN = 1, 2


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A report whose number is in doubt, and one whose number is plain."""
    title = "Intravenous immunoglobulin in diffuse systemic sclerosis in the {}"
    records = [
        paper(
            number,
            title=title.format(("north", "south")[number]),
            abstract=text,
            publication_types=("Journal Article",),
        )
        for number, text in enumerate((UNSURE, ELIGIBLE))
    ]
    with library_of(tmp_path / "home", records) as opened:
        yield opened


def said_of(context: Context) -> str:
    said = view_report(context, DOUBTFUL, reviewer="ada").treated
    assert re.fullmatch(r"perhaps \d+, or \d+", said)
    return said


def words_at(reader: Client, address: str, path: str) -> list[str]:
    """The text of each element that the path finds, on one line."""
    found = html.fromstring(reader.get(address).text).xpath(path)
    return [" ".join(element.text_content().split()) for element in found]


def test_the_list_says_how_sure_each_number_is(context: Context) -> None:
    """A line says "perhaps" of a doubtful number, and a plain number plainly."""
    found = words_at(local(context), "/candidates", "//li[@data-report]//span[@class='fact'][contains(., 'treated')]")
    assert sorted(found) == ["14 treated", f"{said_of(context)} treated"]


def test_a_report_s_page_says_how_sure_its_number_is(context: Context) -> None:
    """The report's page has the words above its criteria, and in the note of the criterion itself."""
    said = said_of(context)
    shown = words_at(local(context), f"/reports/{DOUBTFUL}", "//aside//section[1]")
    assert shown[0].count(f"{said} treated") == 2
    assert "14 treated" in words_at(local(context), f"/reports/{PLAIN}", "//aside//section[1]")[0]


def test_a_second_reader_s_number_stands_beside(context: Context) -> None:
    """Where a second reader gave a number, the page shows both, each as its own."""
    keep_second_reading(context, DOUBTFUL)
    with context.store.transaction() as session:
        row = session.scalars(select(AssessmentRow).where(AssessmentRow.report_id == DOUBTFUL)).one()
        row.reading = {**row.reading, "second_reading": {**row.reading["second_reading"], "n_treated": 23}}
    shown = words_at(local(context), f"/reports/{DOUBTFUL}", "//aside//section[1]")[0]
    assert f"{said_of(context)} treated" in shown
    assert "23 treated, as it reads" in shown


def test_a_decision_by_mail_says_how_sure_the_number_is(context: Context) -> None:
    """The page that a message's link opens has the words before it asks for a decision."""
    token = signer(context, PURPOSE).sign([DOUBTFUL, "include", "ada@example.org"])
    shown = words_at(client_of(context), f"/decide/{token}", "//section[@aria-label='The report']")
    assert f"{said_of(context)} treated" in shown[0]


def test_the_studies_say_how_sure_a_read_number_is(context: Context) -> None:
    """An included study's number, where the machine read it, is shown as surely as it was read."""
    said = said_of(context)
    decide(context, DOUBTFUL, "include", reviewer="ada", stage="full-text")
    decide(context, PLAIN, "include", reviewer="ada", stage="full-text")
    cells = words_at(local(context), "/studies", "//table//td[contains(@class, 'r')]")
    assert sorted(cells) == ["14 read by the machine", f"{said} read by the machine"]
