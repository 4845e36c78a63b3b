"""How sure the number treated is, from a record's text to every face that shows it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html
from sqlalchemy import select

from ivigil.eligibility.certainty import CLEAR
from ivigil.protocol import KnownStudy, Protocol
from ivigil.records import Record
from ivigil.reports.render import render_report
from ivigil.store import ledger
from ivigil.store.tables import AssessmentRow
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.delivering import deliver_due
from ivigil.surveillance.digesting import digest_of
from ivigil.surveillance.evidence import current_evidence
from ivigil.surveillance.feeding import feed
from ivigil.surveillance.reporting import living_report
from ivigil.surveillance.study_alerts import raise_study_alerts
from library_at_hand import NOW, library_of, paper
from sinks import mail_sink, web_sink
from study_texts import ELIGIBLE, UNSURE

TITLES = (
    "Intravenous immunoglobulin in diffuse systemic sclerosis at two hospitals",
    "Monthly intravenous immunoglobulin in systemic sclerosis",
)
DOUBTFUL, PLAIN = 1, 2


def records() -> list[Record]:
    """A report whose number is in doubt, and one whose number is plain."""
    return [
        paper(number, title=title, abstract=abstract, publication_types=("Journal Article",))
        for number, (title, abstract) in enumerate(zip(TITLES, (UNSURE, ELIGIBLE), strict=True))
    ]


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Context]:
    with library_of(tmp_path / "home", records()) as opened:
        yield opened


def words(context: Context) -> str:
    """What is said of the doubtful number, as it was stored."""
    row = next(one for one in list_candidates(context) if one.report_id == DOUBTFUL)
    assert row.verdict == "eligible"
    assert row.reading["n_treated_chance"] < CLEAR
    assert re.fullmatch(r"perhaps \d+, or \d+", row.reading["treated"])
    return row.reading["treated"]


def change_reading(context: Context, report_id: int, **values: object) -> None:
    with context.store.transaction() as session:
        row = session.scalars(select(AssessmentRow).where(AssessmentRow.report_id == report_id)).one()
        row.reading = {name: value for name, value in {**row.reading, **values}.items() if value is not None}


def alert(context: Context) -> int:
    with context.store.transaction() as session:
        run = ledger.open_run(session, "night", as_of=NOW, now=NOW)
        return raise_study_alerts(context, session, run)


def test_candidates_say_how_sure_the_number_is(review: Context) -> None:
    """As plain data a candidate has its number, the chance of it and the words."""
    said = words(review)
    doubtful, plain = sorted((one.as_json() for one in list_candidates(review)), key=lambda one: one["report_id"])
    assert (doubtful["treated"], f"perhaps {doubtful['n_treated']},") == (said, said.split(" or ")[0])
    assert (plain["n_treated"], plain["treated"]) == (14, "14")
    assert doubtful["n_treated_chance"] < CLEAR <= plain["n_treated_chance"]


def test_the_team_is_told_how_sure_the_number_is(review: Context) -> None:
    """Mail, webhook and feed of a new study say a doubtful number with "perhaps" and a plain one plainly."""
    said = words(review)
    with mail_sink() as mail, web_sink() as web:
        channels = {"notify": (mail.url("ada@example.org"), web.url())}
        told = replace(review, settings=review.settings.model_copy(update=channels))
        assert alert(told) == 2
        deliver_due(told)
    subjects = {letter["subject"] for letter in mail.received}
    assert {subject.split(": ")[0] for subject in subjects} == {
        f"[ivig-ssc] Eligible study ({said} treated)",
        "[ivig-ssc] Eligible study (14 treated)",
    }
    letter = next(letter for letter in mail.received if said in letter["subject"])
    for form in ("plain", "html"):
        assert said in letter.get_body((form,)).get_content()
    assert {body["alert"]["study"]["treated"] for body in web.received} == {said, "14"}
    assert feed(told).decode().count(f"({said} treated)") == 1
    assert f"Treated: &lt;b&gt;{said}&lt;/b&gt;" in feed(told).decode()


def test_another_chance_raises_nothing(review: Context) -> None:
    """A night that reads the same number more surely is silent; one that reads another number tells of it."""
    said = words(review)
    number = int(said.split()[1].rstrip(","))
    assert alert(review) == 2
    change_reading(review, DOUBTFUL, n_treated_chance=0.97, treated=str(number))
    assert alert(review) == 0
    change_reading(review, DOUBTFUL, n_treated=number + 1, treated=str(number + 1))
    assert alert(review) == 1


def test_the_digest_says_how_sure_the_number_is(review: Context) -> None:
    """The digest's lines carry the words of the readings."""
    digest = digest_of(review, NOW.date(), NOW.date())
    assert {item.treated for item in (*digest.eligible, *digest.waiting)} == {words(review), "14"}


def test_a_reading_kept_without_words_shows_its_number(review: Context) -> None:
    """Readings stored before there were chances show the bare number."""
    words(review)
    change_reading(review, DOUBTFUL, n_treated=18, n_treated_chance=None, treated="")
    (doubtful,) = (one.as_json() for one in list_candidates(review) if one.report_id == DOUBTFUL)
    assert (doubtful["n_treated"], doubtful["n_treated_chance"], doubtful["treated"]) == (18, None, "18")


def test_the_evidence_table_marks_an_unsure_number(review: Context) -> None:
    """The CSV keeps the number and says "read, unsure" beside it; the page shows the words."""
    said = words(review)
    decide(review, DOUBTFUL, "include", reviewer="ada", stage="full-text")
    decide(review, PLAIN, "include", reviewer="ada", stage="full-text")
    report = living_report(review)
    rows = csv.DictReader(io.StringIO(render_report(report, "evidence", "csv")))
    assert {(row["n_treated"], row["n_from"]) for row in rows} == {
        (said.split()[1].rstrip(","), "read, unsure"),
        ("14", "read"),
    }
    cells = html.fromstring(render_report(report, "evidence", "html")).xpath("//td[@class='n']")
    assert {cell.text for cell in cells} >= {said, "14"}


def test_a_number_of_the_protocol_is_never_in_doubt(review: Context) -> None:
    """Where the protocol states how many were treated, the table shows that, whatever was read."""
    words(review)
    known = KnownStudy(pmid="1000", status="verified", n_treated=18)
    protocol = Protocol.model_validate({**review.protocol.model_dump(), "known_studies": [known.model_dump()]})
    told = replace(review, protocol=protocol)
    decide(told, DOUBTFUL, "include", reviewer="ada", stage="full-text")
    (study,) = [one for one in current_evidence(told).studies if one.n_from == "protocol"]
    assert (study.n_treated, study.n_treated_chance, study.treated) == (18, None, "18")
