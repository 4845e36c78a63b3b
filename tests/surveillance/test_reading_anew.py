"""A reader of another version reads anew what is held: what it reads otherwise is told of once, and nothing else is."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import ivigil
from dying_day import paper, protocol
from ivigil.criteria import Criteria
from ivigil.eligibility import READER, Assessment, assess, close_look, reader_with
from ivigil.eligibility.close_look import CloseLook
from ivigil.eligibility.number_model import WEIGHTS
from ivigil.eligibility.reader import READS, reader_name
from ivigil.records import AbstractSection, Record
from ivigil.store.tables import AssessmentRow, EarlierReadingRow
from ivigil.surveillance import assessing
from ivigil.surveillance.candidates import list_candidates, show_report
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.delivering import deliver_due
from ivigil.surveillance.night import NightSummary, run_night
from ivigil.surveillance.report_view import view_report
from review_at_work import Killed, kill_at_commit
from sinks import WebSink, web_sink
from study_texts import UNSURE
from surveillance_fakes import Memory, on, serve

Read = Callable[[Record, Criteria, CloseLook | None], Assessment]
Told = dict[int, tuple[str, dict[str, tuple[str, str]]]]
EARLIER = "an earlier reader"
SAME, RECOUNTED, FOUND, LOST, INCLUDED, EXCLUDED = range(1, 7)
MISREAD = {RECOUNTED: "Twelve", FOUND: "Three", LOST: "Twenty", INCLUDED: "Twelve", EXCLUDED: "Twelve"}


def held(number: int) -> Record:
    """What the source holds: of one study it says in the title how few were treated."""
    if number == LOST:
        return paper(number, "Three", title="Intravenous immunoglobulin in diffuse systemic sclerosis: three patients")
    return paper(number)


def misreading(record: Record, criteria: Criteria, close: CloseLook | None = None) -> Assessment:
    """What the earlier reader takes the texts to say."""
    number = int(record.source_id)
    return assess(paper(number, MISREAD.get(number)), criteria, close)


@contextmanager
def reader(read: Read, name: str = EARLIER) -> Iterator[None]:
    """The reader that another version of ivigil had."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assessing, "reader_with", lambda _close: name)
        patch.setattr(assessing, "assess", read)
        yield


class Review:
    """A review of six studies, and what its one channel was told."""

    def __init__(self, context: Context, web: WebSink) -> None:
        self.context, self.web = context, web

    def night(self, kill_at: int = 0) -> NightSummary:
        """The next night, an hour later, killed at a commit where one is named, with its delivery."""
        now = self.context.clock.now() + timedelta(hours=1)
        self.context = replace(self.context, clock=Clock(now, lambda: now))
        summary = run_night(kill_at_commit(self.context, kill_at) if kill_at else self.context)
        deliver_due(self.context)
        return summary

    def told(self) -> Told:
        """Study -> the kind of what was told of it since this was asked last, and the changes; each study once."""
        deliver_due(self.context)
        found = {}
        for alert in (body["alert"] for body in self.web.received):
            changes = {one["what"]: (one["before"], one["after"]) for one in alert["changes"]}
            found[int(alert["study"]["ids"]["pmid"]) - 39000000] = (alert["kind"], changes)
        assert len(found) == len(self.web.received)
        self.web.received.clear()
        return found


@pytest.fixture
def review(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Review]:
    serve(monkeypatch, Memory(holdings=[held(number) for number in range(SAME, EXCLUDED + 1)]))
    with web_sink() as web:
        url = web.url().get_secret_value()
        with on(tmp_path, protocol(), date(2024, 5, 1), url=store_url, notify=url) as context:
            yield Review(context, web)


def begun(review: Review) -> None:
    """The earlier reader's night, after which two studies are decided on."""
    with reader(misreading):
        assert review.night().eligible == 5
    assert set(review.told()) == {SAME, RECOUNTED, LOST, INCLUDED, EXCLUDED}
    decide(review.context, INCLUDED, "include", reviewer="ada")
    decide(review.context, EXCLUDED, "exclude", reviewer="ada", reason="too-few")
    assert set(review.told()) == {INCLUDED, EXCLUDED}


def is_the_news(told: Told) -> bool:
    """Whether what was told is what the readers read otherwise of studies that nobody has decided on."""
    return (
        set(told) == {RECOUNTED, FOUND, LOST}
        and told[RECOUNTED] == ("study_updated", {"Treated": ("12", "15")})
        and told[FOUND][0] == "study_eligible"
        and (told[LOST][0], told[LOST][1]["Verdict"]) == ("study_updated", ("eligible", "ineligible"))
    )


def test_what_is_read_otherwise_is_told_once(review: Review) -> None:
    """A study found, recounted or lost is told of once; what people decided, and what is read as before, is not."""
    begun(review)
    night = review.night()
    assert is_the_news(review.told())
    assert (night.eligible, night.alerts) == (1, 3), "eligible is what was not so before"
    assert [review.night().alerts, review.night().alerts] == [0, 0]
    assert review.told() == {}


def test_a_night_killed_while_it_reads_anew_is_made_good(review: Review) -> None:
    """Killed at each commit of the night that reads anew, the next one tells the same, once."""
    begun(review)
    for number in range(1, 100):
        try:
            review.night(kill_at=number)
        except Killed:
            continue
        break
    assert number > 5
    assert is_the_news(review.told())


def test_the_earlier_reading_stays(review: Review) -> None:
    """Until the next night the earlier reading is shown; then the new one stands, and the earlier is kept beside it."""
    begun(review)
    assert view_report(review.context, RECOUNTED, reviewer="ada").treated == "12"
    review.night()
    assert view_report(review.context, RECOUNTED, reviewer="ada").treated == "15"
    (reading,) = show_report(review.context, RECOUNTED)["assessments"]
    assert (reading["reader"], reading["n_treated"], reading["present_text"]) == (READER, 15, True)
    assert [(one["reader"], one["n_treated"]) for one in reading["earlier"]] == [(EARLIER, 12)]
    history = [event for event in view_report(review.context, LOST, reviewer="ada").history if event.what == "read"]
    assert [event.detail for event in history] == ["ineligible", "eligible"]
    with reader(misreading):
        review.night()
    (reading,) = show_report(review.context, RECOUNTED)["assessments"]
    assert (reading["n_treated"], [one["n_treated"] for one in reading["earlier"]]) == (12, [12, 15])


def test_an_equal_reading_changes_nothing(review: Review) -> None:
    """A reader that reads the same leaves each reading as it stands, tells nobody, and reads nothing a second time."""
    with reader(assess):
        review.night()
    review.told()
    with review.context.store.reading() as session:
        before = {row.id: (row.reading, row.assessed_at) for row in session.scalars(select(AssessmentRow))}
    night = review.night()
    assert (night.eligible, night.alerts, review.told()) == (0, 0, {})
    with review.context.store.reading() as session:
        rows = list(session.scalars(select(AssessmentRow)))
        assert {row.id: (row.reading, row.assessed_at) for row in rows} == before
        assert {row.reader for row in rows} == {READER}
        assert session.scalars(select(EarlierReadingRow)).all() == []

    def is_read_again(record: Record, _criteria: Criteria, _close: CloseLook | None) -> Assessment:
        raise AssertionError(f"{record.key} was read again")

    with reader(is_read_again, READER):
        review.night()


def test_with_the_language_model_held_reports_are_read_anew(review: Review) -> None:
    """Words with a close look are another reader than words alone; numbers that are plain stay, and nobody is told."""

    def readings() -> dict[int, tuple[str, int]]:
        with review.context.store.reading() as session:
            return {row.id: (row.reader, row.reading["n_treated"]) for row in session.scalars(select(AssessmentRow))}

    review.night()
    review.told()
    before = readings()
    settings = review.context.settings.model_copy(update={"embedding_model": None})
    review.context = replace(review.context, settings=settings)
    assert (review.night().alerts, review.told()) == (0, {})
    name = reader_with(close_look(None))
    assert readings() == {place: (name, treated) for place, (_, treated) in before.items()}
    assert {reader for reader, _ in before.values()} == {READER} != {name}


def test_a_night_looks_closely_at_a_number_that_the_words_leave_open(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the language model the night keeps and tells the number as the close look reads it, once."""
    open_number = paper(FOUND, abstract=(AbstractSection(text=UNSURE),))
    serve(monkeypatch, Memory(holdings=[open_number]))
    criteria = review.context.protocol.criteria
    by_words, closely = assess(open_number, criteria), assess(open_number, criteria, close_look(None))
    assert by_words.n_treated_chance != closely.n_treated_chance
    settings = review.context.settings.model_copy(update={"embedding_model": None})
    review.context = replace(review.context, settings=settings)
    assert review.night().alerts == 1
    (row,) = list_candidates(review.context)
    assert (row.verdict, row.reading["n_treated"]) == (closely.verdict, closely.n_treated)
    assert row.reading["n_treated_chance"] == pytest.approx(closely.n_treated_chance)
    (body,) = (body["alert"]["study"] for body in review.web.received)
    assert body["treated"] == closely.treated
    assert review.night().alerts == 0


@pytest.mark.parametrize("changed", [WEIGHTS, "folding.py", "new.py", "part/new.json"])
def test_whatever_changes_in_the_reader_makes_it_another(tmp_path: Path, changed: str) -> None:
    """A learned number, a source or a file that is new gives the reader another name; what Python compiles does not."""
    for part in READS:
        copy = shutil.copytree if (Path(ivigil.__path__[0]) / part).is_dir() else shutil.copy
        copy(Path(ivigil.__path__[0]) / part, tmp_path / part)
    compiled = tmp_path / "eligibility" / "__pycache__" / "other.pyc"
    compiled.parent.mkdir(exist_ok=True)
    compiled.write_bytes(b"compiled")
    assert reader_name(tmp_path) == READER
    file = tmp_path / "eligibility" / changed
    file.parent.mkdir(exist_ok=True)
    file.write_bytes((file.read_bytes() if file.exists() else b"") + b"\n")
    assert reader_name(tmp_path) != READER


def test_a_reading_comes_from_nothing_else() -> None:
    """What the reader imports of ivigil is what its name is worked out from, and the errors that it raises."""
    imported = {
        node.module.split(".")[1]
        for file in (Path(ivigil.__path__[0]) / "eligibility").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ivigil.")
    }
    assert imported - {"errors"} == {part.removesuffix(".py") for part in READS}
