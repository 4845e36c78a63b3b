"""A library goes out to another tool and comes back: what was decided there is decided here, and nothing else moves."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ivigil.alerts import AlertContent, AlertKind, read_content
from ivigil.store import judgements, outbox
from ivigil.store.tables import DecisionRow, LabelRow, RecordRow
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.exporting import export_library
from ivigil.surveillance.importing import import_file
from ivigil.surveillance.night import run_night
from review_at_work import at, settings_for

LATER = date(2024, 9, 1)
HOOK = "json://team.example.org"  # never asked: these tests deliver nothing
EXTENSIONS = (".csv", ".ris", ".xlsx", ".jsonl", ".tsv")


@pytest.fixture(scope="module")
def listed(bootstrapped: Path, tmp_path_factory, simulator, protocol) -> Path:
    """The home folder of a review with candidates, some decided on."""
    home = tmp_path_factory.mktemp("listed")
    shutil.copytree(bootstrapped, home, dirs_exist_ok=True)
    with at(settings_for(home, simulator, notify=(HOOK,)), protocol, simulator, LATER) as context:
        run_night(context)
        first, second, third, *_ = [found.report_id for found in list_candidates(context)]
        decide(context, first, "include", reviewer="ada", note="read twice")
        decide(context, second, "exclude", reviewer="ada", stage="full-text", reason="too-few")
        decide(context, third, "maybe", reviewer="ada")
    return home


@pytest.fixture
def review(tmp_path: Path, listed: Path, simulator, protocol) -> Iterator[Context]:
    shutil.copytree(listed, tmp_path, dirs_exist_ok=True)
    with at(settings_for(tmp_path, simulator, notify=(HOOK,)), protocol, simulator, LATER) as context:
        yield context


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def fill_in(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def counts(context: Context) -> list[int]:
    with context.store.transaction() as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in (RecordRow, LabelRow, DecisionRow)]


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_our_own_export_coming_back_changes_nothing(review: Context, tmp_path: Path, extension: str) -> None:
    """Every entry is known again by its key: no record, no label and no decision is added."""
    file = tmp_path / f"library{extension}"
    written = export_library(review, file)
    before = counts(review)
    outcome = import_file(review, file)
    assert (outcome["seen"], outcome["returned"], outcome["rejected"]) == (written, written, [])
    assert (outcome["new_records"], outcome["decisions"]) == (0, 0)
    assert counts(review) == before


def test_a_decision_made_in_a_table_comes_back_with_stage_reason_and_reviewer(review: Context, tmp_path: Path) -> None:
    """A cell filled in elsewhere is a decision here, at its stage, with the protocol's reason, under who made it."""
    file = tmp_path / "candidates.csv"
    export_library(review, file, undecided_only=True)
    rows = table(file)
    rows[0] |= {"label": "include", "stage": "full_text"}
    rows[1] |= {"label": "exclude", "reason": "Fewer than five adults with SSc treated"}
    rows[2] |= {"label": "exclude", "reason": "looks odd"}
    fill_in(file, rows)
    assert import_file(review, file, reviewer="grace")["decisions"] == 3
    assert import_file(review, file, reviewer="grace")["decisions"] == 0
    keys = [int(row["report_key"].removeprefix("ivigil-")) for row in rows[:3]]
    with review.store.transaction() as session:
        held = judgements.standing_decisions(session, keys)
        found = [(d.value, d.stage, d.reason, d.note, d.reviewer) for key in keys for d in held[key]]
    assert found == [
        ("include", "full-text", None, None, "grace"),
        ("exclude", "title-abstract", "too-few", None, "grace"),
        ("exclude", "title-abstract", None, "reason given: looks odd", "grace"),
    ]


def test_what_asreview_marks_in_a_table_comes_back(review: Context, tmp_path: Path) -> None:
    """ASReview keeps our columns and adds its own: its labels are the decisions."""
    file = tmp_path / "asreview.csv"
    export_library(review, file, undecided_only=True)
    rows = table(file)
    for at_, row in enumerate(rows):
        row["asreview_label"] = ("1", "0", "")[at_] if at_ < 3 else ""
    fill_in(file, rows)
    outcome = import_file(review, file)
    assert (outcome["decisions"], outcome["new_records"]) == (2, 0)


def test_what_rayyan_writes_into_its_notes_comes_back_by_reviewer(review: Context, tmp_path: Path) -> None:
    """Rayyan renames the entries and notes each reviewer's word beside our note, which still names the report."""
    file = tmp_path / "rayyan.ris"
    export_library(review, file, undecided_only=True)
    entries = file.read_text(encoding="utf-8").split("ER  -")
    entries[0] = entries[0].replace("AN  - ivigil-", "AN  - rayyan-9000") + (
        'N1  - RAYYAN-INCLUSION: {"ada"=>"Included", "grace"=>"Excluded"} | RAYYAN-EXCLUSION-REASONS: too-few\n'
    )
    file.write_text("ER  -".join(entries), encoding="utf-8")
    outcome = import_file(review, file)
    assert (outcome["decisions"], outcome["new_records"], outcome["returned"]) == (2, 0, outcome["seen"])


def decided(context: Context) -> list[AlertContent]:
    """What was told of decisions, oldest first."""
    with context.store.transaction() as session:
        alerts = outbox.list_alerts(session, kind=str(AlertKind.STUDY_DECIDED))
    return [read_content(alert.content) for alert in reversed(alerts)]


def test_what_was_decided_elsewhere_is_told_like_a_decision_here(review: Context, tmp_path: Path) -> None:
    """Each decision that a file brings is told once, in the words of one made here; coming back again it is silent."""
    file = tmp_path / "candidates.csv"
    export_library(review, file, undecided_only=True)
    rows = table(file)
    reports = [int(row["report_key"].removeprefix("ivigil-")) for row in rows[:4]]
    rows[0]["label"] = rows[1]["label"] = "include"
    rows[2]["label"] = "maybe"
    fill_in(file, rows)
    before = len(decided(review))
    import_file(review, file, reviewer="grace")
    import_file(review, file, reviewer="grace")
    told = decided(review)[before:]
    assert {content.report_id for content in told} == set(reports[:2])
    assert len(told) == 2
    assert [content.decision for content in told] == ["include"] * 2
    decide(review, reports[3], "include", reviewer="grace")
    here = decided(review)[-1]
    assert {content.summary for content in told} == {here.summary} == {"grace included this report."}
    assert {content.details for content in told} == {here.details}


def test_an_exclusion_from_elsewhere_takes_back_what_waits(review: Context, tmp_path: Path) -> None:
    """An exclusion that a file brings ends the alert that no channel has shown yet, and tells nobody."""
    with review.store.transaction() as session:
        excluded = next(
            alert.content["report_id"]
            for alert in outbox.list_alerts(session, kind=str(AlertKind.STUDY_ELIGIBLE))
            if not judgements.standing_decisions(session, [alert.content["report_id"]])
        )
    file = tmp_path / "candidates.csv"
    export_library(review, file, undecided_only=True)
    rows = table(file)
    next(row for row in rows if row["report_key"] == f"ivigil-{excluded}")["label"] = "exclude"
    fill_in(file, rows)
    before = len(decided(review))
    assert import_file(review, file, reviewer="grace")["decisions"] == 1
    assert len(decided(review)) == before
    with review.store.transaction() as session:
        (alert,) = [one for one in outbox.list_alerts(session) if one.content.get("report_id") == excluded]
    assert not alert.adoptable
    assert [delivery.state for delivery in alert.deliveries] == [outbox.WITHDRAWN]


def test_two_who_differ_in_one_file_are_one_conflict_and_no_message(review: Context, tmp_path: Path) -> None:
    """What a file's reviewers come to is told, not each of their words: where they differ nothing is."""
    file = tmp_path / "rayyan.ris"
    export_library(review, file, undecided_only=True)
    entries = file.read_text(encoding="utf-8").split("ER  -")
    entries[0] += 'N1  - RAYYAN-INCLUSION: {"ada"=>"Included", "grace"=>"Excluded"}\n'
    file.write_text("ER  -".join(entries), encoding="utf-8")
    before = len(decided(review))
    assert import_file(review, file)["decisions"] == 2
    assert len(decided(review)) == before


def test_another_installation_s_number_is_not_taken_for_ours(review: Context, tmp_path: Path) -> None:
    """An entry that carries our number and another paper's title is a record of its own, with a label of its own."""
    candidate = list_candidates(review)[0]
    foreign = {
        "key": "x",
        "report_key": f"ivigil-{candidate.report_id}",
        "title": "Quite another paper",
        "label": "include",
    }
    file = tmp_path / "foreign.jsonl"
    file.write_text(json.dumps(foreign) + "\n", encoding="utf-8")
    outcome = import_file(review, file)
    assert (outcome["returned"], outcome["new_records"], outcome["decisions"], outcome["labels"]) == (0, 1, 0, 1)
