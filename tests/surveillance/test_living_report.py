"""The living report from the store: its numbers are the store's, and what is sent around is inert."""

from __future__ import annotations

import csv
import io
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from lxml import etree, html

from ivigil.errors import ConfigurationError
from ivigil.reports.render import RENDERERS, render_report
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.night import run_night
from ivigil.surveillance.reporting import living_report
from review_at_work import at, settings_for

LATER = date(2026, 6, 1)
UPDATE = "coalesce(runs.kind, '') <> 'bootstrap' AND r.way NOT LIKE 'enrich%' AND r.way NOT IN ('labels', 'watch')"
FROM = "FROM records r LEFT JOIN runs ON runs.id = r.first_run_id"


@pytest.fixture(scope="module")
def decided(bootstrapped: Path, tmp_path_factory, simulator, protocol) -> Iterator[Context]:
    """The review two years later, with decisions of every sort; the tests only read it."""
    home = tmp_path_factory.mktemp("decided")
    shutil.copytree(bootstrapped, home, dirs_exist_ok=True)
    with at(settings_for(home, simulator), protocol, simulator, LATER) as context:
        assert run_night(context).status == "complete"
        _decide(context)
        yield context


def _decide(context: Context) -> None:
    eligible = [found.report_id for found in list_candidates(context) if found.verdict == "eligible"]
    others = [found.report_id for found in list_candidates(context) if found.verdict == "ineligible"]
    for report in eligible[:5]:
        decide(context, report, "include", reviewer="ada")
    for report in eligible[:2]:
        decide(context, report, "include", reviewer="ada", stage="full-text")
    decide(context, eligible[2], "exclude", reviewer="ada", stage="full-text", reason="too-few")
    decide(context, eligible[3], "exclude", reviewer="ada", stage="full-text", reason="not-retrieved")
    for report in others[:7]:
        decide(context, report, "exclude", reviewer="ada", reason="not-ssc")
    decide(context, others[8], "include", reviewer="ada")
    decide(context, others[8], "exclude", reviewer="grace")


def test_every_number_of_the_flow_is_the_store_s(decided: Context) -> None:
    """Counted again in plain SQL, over the database file, each box holds the same number."""
    flow = living_report(decided).flow
    database = sqlite3.connect(decided.settings.home / "ivigil.sqlite3")

    def count(sql: str) -> int:
        return database.execute(sql).fetchone()[0]

    def decided_as(value: str, stage: str) -> str:
        return (
            f"SELECT r.report_id FROM decisions d JOIN records r ON r.id = d.record_id "
            f"WHERE d.value = '{value}' AND d.stage = '{stage}'"
        )

    new = (
        f"SELECT DISTINCT r.report_id {FROM} WHERE {UPDATE} AND r.report_id NOT IN "
        f"(SELECT report_id FROM records JOIN runs ON runs.id = first_run_id WHERE runs.kind = 'bootstrap')"
    )
    for counts, route in (((*flow.databases, *flow.registers), "NOT"), (flow.citations, "")):
        chased = f"{route} (r.way LIKE 'cites %' OR r.way LIKE 'reference_of %')"
        rows = database.execute(f"SELECT r.source, count(*) {FROM} WHERE {UPDATE} AND {chased} GROUP BY r.source")
        assert {each.name: each.count for each in counts} == dict(rows.fetchall())
    assert flow.identified == count(f"SELECT count(*) {FROM} WHERE {UPDATE}")
    reports = count(f"SELECT count(*) FROM ({new})")
    fresh = count(f"SELECT count(*) {FROM} WHERE {UPDATE} AND r.report_id IN ({new})")
    assert flow.duplicates == fresh - reports
    assert flow.held_before == flow.identified - fresh
    assert flow.screened + flow.awaiting_screening == reports - flow.withdrawn
    judged = decided_as("include", "full-text") + " UNION " + decided_as("exclude", "full-text")
    included, passed = decided_as("include", "full-text"), decided_as("include", "title-abstract")
    disputed = f"{passed} INTERSECT {decided_as('exclude', 'title-abstract')}"
    assert flow.sought == count(f"SELECT count(*) FROM ({passed} EXCEPT SELECT * FROM ({disputed}))")
    assert flow.excluded == count(
        f"SELECT count(*) FROM ({decided_as('exclude', 'title-abstract')} EXCEPT SELECT * FROM ({disputed}))"
    )
    assert flow.not_retrieved == count("SELECT count(*) FROM decisions WHERE reason = 'not-retrieved'")
    assert flow.assessed + flow.not_retrieved == count(f"SELECT count(*) FROM ({judged})")
    assert flow.awaiting_full_text == flow.sought - count(f"SELECT count(*) FROM ({judged})")
    assert flow.new_reports == count(f"SELECT count(*) FROM ({included})")
    assert flow.new_studies == count(
        f"SELECT count(DISTINCT study_id) FROM reports WHERE id IN ({included}) AND study_id NOT IN (SELECT study_id "
        f"FROM reports JOIN records r ON r.report_id = reports.id JOIN labels ON record_id = r.id WHERE included)"
    )
    assert flow.previous.reports == count(
        "SELECT count(DISTINCT report_id) FROM labels JOIN records r ON r.id = record_id WHERE included"
    )
    waiting = dict(
        database.execute(
            f"SELECT verdict, count(*) FROM assessments a JOIN reports p ON p.id = a.report_id AND p.text_hash = "
            f"a.text_hash WHERE a.report_id IN ({new}) AND (a.report_id IN ({disputed}) OR a.report_id NOT IN "
            f"(SELECT r.report_id FROM decisions d JOIN records r ON r.id = d.record_id)) GROUP BY verdict"
        ).fetchall()
    )
    assert {each.name: each.count for each in flow.awaiting_by_verdict} == waiting
    assert (flow.previous.studies, flow.previous.patients) == (12, 266)
    assert (flow.total_studies, flow.excluded, flow.new_reports) == (12 + flow.new_studies, 7, 2)


def test_every_part_is_made_in_every_format_it_promises(decided: Context) -> None:
    """SVG is XML, CSV has as many rows as the report has, HTML fetches nothing and runs nothing."""
    report = living_report(decided)
    for part, formats in RENDERERS.items():
        for format_ in formats:
            text = render_report(report, part, format_)
            if format_ == "svg":
                etree.fromstring(text.encode())
            elif format_ == "html":
                page = html.fromstring(text)
                assert not page.xpath("//script | //link | //img | //iframe | //*[@onclick or @onload or @style]")
                assert not re.search(r"url\((?!#)|@import", text)
                assert all(link.startswith(("#", "https://")) for link in page.xpath("//a/@href"))
    searches = list(csv.DictReader(io.StringIO(render_report(report, "search-log", "csv"))))
    assert len(searches) == len(report.log.searches) > 2
    assert all(row["strategy"] and row["complete"] == "True" for row in searches)
    studies = list(csv.DictReader(io.StringIO(render_report(report, "evidence", "csv"))))
    assert sum(row["standing"] == "previous version" for row in studies) == 12
    assert len(report.log.items) == 16


def test_a_new_study_moves_the_evidence_and_the_signal(decided: Context) -> None:
    """Included on its full text, a study stands in the table, in the growth and in the update signal."""
    report = living_report(decided)
    new = [study for study in report.evidence.studies if study.standing.value == "new"]
    assert len(new) == report.flow.new_studies == report.signal.new_studies
    assert report.signal.new_patients == sum(study.n_treated or 0 for study in new) == report.flow.new_patients
    last = report.growth()[-1]
    assert (last.studies, last.patients) == (report.flow.total_studies, report.flow.total_patients)
    assert report.edition.cite_as.count("2026-06-01") == 1


def test_a_format_that_is_not_made_is_named_with_those_that_are(decided: Context) -> None:
    """Asking for what does not exist says what does."""
    report = living_report(decided)
    with pytest.raises(ConfigurationError, match="evidence is not made as 'svg'"):
        render_report(report, "evidence", "svg")
    with pytest.raises(ConfigurationError, match="'poster' is not a report"):
        render_report(report, "poster", "html")


def test_the_screener_s_curves_are_drawn_from_its_card(decided: Context) -> None:
    """The report has the learning curve and the recall curve of what was measured on held-out reports."""
    report = living_report(decided)
    assert 0 <= report.screeners[-1].measures["loss"] < 0.5
    assert report.recall[0] == (0, 0)
    assert report.recall[-1] == (1, 1)
    assert list(report.recall) == sorted(report.recall)
    page = render_report(report, "living", "html")
    assert "Held-out included reports found" in page
    assert "Learning curve: held-out loss" in page
