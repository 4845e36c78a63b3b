"""The drop folder: files are imported once, moved where they belong, and never half."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, select

from ivigil.store.ledger_tables import LeaseRow, SearchRow
from ivigil.store.tables import RecordRow
from ivigil.surveillance.inbox import look_into, source_of
from ivigil.surveillance.night import import_step, open_night, run_night
from review_at_work import Killed, held, kill_at_commit
from surveillance_fakes import Memory, fake_protocol, on, serve

RIS = """TY  - JOUR
TI  - Immunoglobulin infusions in a cohort nobody searched for
AU  - Rivera, A.
PY  - 2024
DO  - 10.5555/inbox.{number}
ER  -
"""
DAY = date(2024, 2, 1)


@pytest.fixture
def review(tmp_path, monkeypatch):
    serve(monkeypatch, Memory())
    with on(tmp_path, fake_protocol("memory"), DAY) as context:
        yield context


def drop(context, name: str, text: str) -> None:
    file = context.settings.home / "inbox" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def records_of(context) -> dict[str, str]:
    with context.store.transaction() as session:
        return {row.doi: row.source for row in session.scalars(select(RecordRow))}


def test_a_dropped_file_is_imported_and_moved(review) -> None:
    """A night imports what lies in the inbox, names its source by its folder, counts it and moves it."""
    drop(review, "embase/2026-05.ris", RIS.format(number=1) + RIS.format(number=2))
    summary = run_night(review)
    imported = summary.as_json()["imported"]
    assert (summary.new_records, summary.new_reports) == (2, 2)
    assert [file["records"] for file in imported["files"]] == [2]
    assert records_of(review) == {"10.5555/inbox.1": "embase", "10.5555/inbox.2": "embase"}
    inbox = review.settings.home / "inbox"
    assert (inbox / "done" / str(summary.run_id) / "embase" / "2026-05.ris").is_file()
    assert look_into(review.settings.home) == {}
    with review.store.transaction() as session:
        row = session.scalars(select(SearchRow).where(SearchRow.kind == "import")).one()
        assert (row.source, row.strategy, row.reported, row.fetched) == ("embase", "inbox/embase/2026-05.ris", 2, 2)


def test_the_same_content_twice_brings_nothing_new(review) -> None:
    """A file that was imported before, under whatever name, is moved and said to be known."""
    drop(review, "embase/may.ris", RIS.format(number=1))
    first = run_night(review).run_id
    drop(review, "embase/june.ris", RIS.format(number=1))
    again = run_night(review)
    (file,) = again.as_json()["imported"]["files"]
    assert file["note"] == f"the same content was imported by run {first}"
    assert (again.new_records, again.changed_records) == (0, 0)
    assert look_into(review.settings.home) == {}


def test_an_unreadable_file_is_set_aside_with_its_reason(review) -> None:
    """What is no export goes to rejected/ with a sentence beside it; the night goes on and says so."""
    drop(review, "notes.txt", "Please remember to export Embase again.")
    drop(review, "good.ris", RIS.format(number=3))
    summary = run_night(review)
    assert (summary.status, summary.new_records) == ("complete", 1)
    rejected = review.settings.home / "inbox" / "rejected"
    assert (rejected / "notes.txt").is_file()
    assert "notes.txt" in (rejected / "notes.txt.why.txt").read_text(encoding="utf-8")
    assert any("notes.txt was rejected" in note for note in summary.notes)


def test_a_reader_that_breaks_does_not_break_the_night(review, monkeypatch) -> None:
    """A file that no reader was prepared for is set aside too: the next night must not stumble over it again."""

    def broken(*_args, **_named):
        raise RuntimeError("never thought of")

    monkeypatch.setattr("ivigil.surveillance.inbox.read_file", broken)
    drop(review, "odd.ris", RIS.format(number=4))
    assert run_night(review).status == "complete"
    why = (review.settings.home / "inbox" / "rejected" / "odd.ris.why.txt").read_text(encoding="utf-8")
    assert "RuntimeError: never thought of" in why


@pytest.mark.parametrize("name", [".hidden.ris", "copy.ris.part", "~$book.xlsx", "embase/x.crdownload", "a.ris.tmp"])
def test_half_copied_files_are_left(review, name: str) -> None:
    """Names that browsers and copying programs give to unfinished files are not touched."""
    drop(review, name, RIS.format(number=5))
    assert run_night(review).new_records == 0
    assert (review.settings.home / "inbox" / name).is_file()


def test_a_file_that_grows_during_the_night_is_left(review) -> None:
    """What changed, or came, after the night began waits for the next one."""
    drop(review, "growing.ris", RIS.format(number=6))
    night = open_night(review)
    drop(review, "growing.ris", RIS.format(number=6) + RIS.format(number=7))
    drop(review, "late.ris", RIS.format(number=8))
    assert import_step(review, night).counts == {"files": [], "rejected": [], "left": ["growing.ris"]}
    night.lease.release()
    assert run_night(review).new_records == 3


@pytest.mark.parametrize("commit", range(1, 12))
def test_a_night_killed_while_importing_is_made_good(tmp_path, monkeypatch, commit: int) -> None:
    """Killed at any commit, the next night holds what an undisturbed one holds, and no file is lost."""
    serve(monkeypatch, Memory())
    states = []
    for name, number in (("whole", 10_000), ("killed", commit)):
        with on(tmp_path / name, fake_protocol("memory"), DAY) as context:
            drop(context, "embase/a.ris", RIS.format(number=1))
            drop(context, "scopus-b.ris", RIS.format(number=2))
            try:
                run_night(kill_at_commit(context, number))
            except Killed:
                with context.store.transaction() as session:
                    session.execute(delete(LeaseRow))
            run_night(context)
            done = (context.settings.home / "inbox" / "done").rglob("*.ris")
            states.append((held(context.store), sorted(file.name for file in done)))
    assert states[0] == states[1]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("embase/2026-05.ris", "embase"),
        ("Embase/deep/er.ris", "embase"),
        ("scopus-2026-05.csv", "scopus"),
        ("cochrane_may.ris", "cochrane"),
        ("export.ris", None),
        ("My exports 2026/wos.txt", "wos"),
        ("savedrecs.txt", None),
    ],
)
def test_a_name_may_say_the_source(name: str, source: str | None) -> None:
    """The folder names the source; else the beginning of the file's name, where it is a source's."""
    assert source_of(name) == source
