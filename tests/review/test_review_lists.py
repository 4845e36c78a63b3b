"""Lists come from the database a page at a time: filtered, searched, ordered, quick, and true to what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from review_client import local
from starlette.datastructures import QueryParams

from ivigil.review.lists import Listing
from ivigil.store import judgements, ranked
from ivigil.store.tables import AssessmentRow, DecisionRow, RecordRow, ReportRow, ScoreRow
from ivigil.surveillance.agreement import STAGES, VALUES, Outcome, outcome
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide, resolve, undo
from ivigil.surveillance.reviewing import Filter, Order, State, count_states, list_page, neighbours
from ivigil.surveillance.training import labels_of
from library_at_hand import NOW, library_of, paper
from timing import cpu_seconds

MANY = 10_000


def ids(context: Context, wanted: Filter | None = None, reviewer: str = "ada", **options: int) -> list[int]:
    page = list_page(context, wanted or Filter(), reviewer=reviewer, **options)
    return [line.report_id for line in page.lines]


def test_the_open_list_is_the_command_lines(context: Context) -> None:
    """Where one reviewer decides, the pages' list and `ivigil candidates` agree in reports, ranks and scores."""
    listed = list_page(context, Filter(), reviewer="ada")
    printed = list_candidates(context)
    assert [(line.rank, line.report_id, line.score) for line in listed.lines] == [
        (one.rank, one.report_id, one.score) for one in printed
    ]
    decide(context, printed[2].report_id, "maybe", reviewer="ben")
    assert ids(context) == [one.report_id for one in list_candidates(context)]


def test_pages_part_the_list_without_loss(context: Context) -> None:
    """Pages of two hold every report once and in order, say how many there are, and one beyond the last is empty."""
    whole = ids(context)
    assert [id_ for page in (1, 2, 3) for id_ in ids(context, page=page, size=2)] == whole
    assert list_page(context, Filter(), reviewer="ada", page=2, size=4).pages == 2
    beyond = list_page(context, Filter(), reviewer="ada", page=9, size=4)
    assert (beyond.lines, beyond.total) == ((), len(whole))


def test_a_search_finds_words_wherever_they_stand(context: Context) -> None:
    """Title, abstract, author and PMID are found in any case and order."""
    assert len(ids(context, Filter(text="IMMUNOGLOBULIN report"))) == 6
    assert len(ids(context, Filter(text="writer3"))) == 1
    assert len(ids(context, Filter(text="1004"))) == 1
    assert ids(context, Filter(text="nowhere")) == []


def test_filters_narrow(context: Context) -> None:
    """Year, source, threshold and verdict each let through what they say, and ranks stay those of the whole list."""
    page = list_page(context, Filter(above_threshold=False), reviewer="ada")
    assert page.lines
    assert {line.above for line in page.lines} == {False}
    assert page.tally.below == len(page.lines)
    assert [line.rank for line in page.lines] == list(range(7 - len(page.lines), 7))
    assert {line.year for line in list_page(context, Filter(year_from=2023), reviewer="ada").lines} == {2023, 2024}
    assert ids(context, Filter(sources=("europepmc",))) == []
    assert len(ids(context, Filter(has_abstract=True))) == 6
    verdicts = {line.verdict for line in list_page(context, Filter(), reviewer="ada").lines}
    assert sum(len(ids(context, Filter(verdicts=(verdict,)))) for verdict in verdicts if verdict) == 6
    assert ids(context, Filter(order=Order.TITLE)) == sorted(ids(context))


def test_neighbours_follow_the_list(context: Context) -> None:
    """Next and previous keep to the list's order; from a report that left it, its first comes next."""
    first, second, third, *_ = ids(context)
    assert neighbours(context, Filter(), second, reviewer="ada") == (first, third)
    decide(context, second, "include", reviewer="ada")
    assert neighbours(context, Filter(), second, reviewer="ada") == (None, first)


def test_two_reviewers_do_not_see_each_other(tmp_path: Path) -> None:
    """Where two decide, a report stays open to the second, and tells nothing of the first one's word until then."""
    with library_of(tmp_path / "home", [paper(number) for number in range(3)], reviewers=2) as context:
        report = ids(context)[0]
        decide(context, report, "include", reviewer="ada", note="plainly")
        assert report not in ids(context, reviewer="ada")
        assert report in ids(context, reviewer="ben")
        ben = local(context, "ben")
        page = ben.get(f"/reports/{report}").text
        assert "plainly" not in page
        assert "1 of 2 has decided" in page
        assert ids(context, Filter(state=State.INCLUDED), reviewer="ben") == []
        decide(context, report, "exclude", reviewer="ben", reason="too-few")
        assert "plainly" in ben.get(f"/reports/{report}").text
        assert ids(context, Filter(state=State.CONFLICT), reviewer="ben") == [report]
        assert "plainly" in ben.get("/conflicts").text


WORDS = st.tuples(
    st.sampled_from(("ada", "ben", "chair")), st.sampled_from(VALUES), st.sampled_from(STAGES), st.sampled_from("duru")
)


@pytest.fixture(scope="module", params=[1, 2], ids=["single", "dual"])
def one_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """One report, on which one or two have to decide."""
    home = tmp_path_factory.mktemp("one")
    with library_of(home, [paper(1)], reviewers=request.param) as opened:
        yield opened


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS, max_size=7))
def test_the_database_and_the_rule_come_to_the_same(one_report: Context, words: list[tuple[str, ...]]) -> None:
    """Whatever is decided, undone and resolved, a list's state is what the rule for one report says."""
    context = one_report
    with context.store.transaction() as session:
        from sqlalchemy import delete

        session.execute(delete(DecisionRow).where(DecisionRow.undoes.is_not(None)))
        session.execute(delete(DecisionRow))
    (report,) = ids(context, Filter(state=State.ALL))
    for reviewer, value, stage, how in words:
        with context.store.reading() as session:
            standing = judgements.standing_decisions(session).get(report, [])
        mine = [row for row in standing if row.reviewer == reviewer and row.stage == stage]
        if how == "u" and mine:
            undo(context, mine[-1].id, reviewer=reviewer)
        elif how == "r" and value != "maybe" and outcome([r for r in standing if r.stage == stage]) is Outcome.CONFLICT:
            resolve(context, report, value, reviewer=reviewer, stage=stage)
        else:
            decide(context, report, value, reviewer=reviewer, stage=stage)
    needed = context.protocol.screening.reviewers_per_report
    with context.store.reading() as session:
        said = outcome(judgements.standing_decisions(session).get(report, []), reviewers=needed)
        label = labels_of(context, session).get(report)
    found, _tally = count_states(context, reviewer="ada")
    assert found[State.INCLUDED] == (said is Outcome.INCLUDE) == (label is True)
    assert found[State.EXCLUDED] == (said is Outcome.EXCLUDE) == (label is False)
    assert found[State.CONFLICT] == (said is Outcome.CONFLICT)


@given(st.dictionaries(st.sampled_from(("state", "verdict", "from", "abstract", "sort", "page", "q", "x")), st.text()))
@example({"from": "0", "to": "0"})
def test_any_address_is_a_list(params: dict[str, str]) -> None:
    """Whatever an address says, it opens a list, and the list's own address opens the same one."""
    listing = Listing.of(QueryParams(params))
    assert Listing.of(QueryParams(listing.query())) == listing


def test_a_view_is_kept_under_a_name(context: Context) -> None:
    """A saved view comes back with its filter, is one's own, and is forgotten when asked."""
    ada = local(context)
    ada.submit("/views", name="Below, with lung", query="threshold=below&q=lung&page=3")
    assert "/candidates?threshold=below&amp;q=lung" in ada.get("/candidates").text
    assert "Below, with lung" not in local(context, "ben").get("/candidates").text
    ada.submit("/views/drop", name="Below, with lung")
    assert "Below, with lung" not in ada.get("/candidates").text


@pytest.fixture(scope="module")
def ten_thousand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Ten thousand candidates, read and scored; written straight to the tables, as linking them would take minutes."""
    with library_of(tmp_path_factory.mktemp("many"), [paper(1)]) as context:
        with context.store.transaction() as session:
            champion = ranked.champion(session, context.protocol.name)
            reading = session.query(AssessmentRow).first().reading
            records = [paper(number) for number in range(2, MANY + 1)]
            reports = [ReportRow(best=one, text_hash="t" * 64, year=one.year, created_at=NOW) for one in records]
            session.add_all(reports)
            session.flush()
            for place, (report, one) in enumerate(zip(reports, records, strict=True)):
                session.add(
                    RecordRow(
                        source="pubmed", source_id=one.source_id, pmid=one.pmid, content_hash="c" * 64, data=one,
                        created_at=NOW, changed_at=NOW, report_id=report.id,
                    )
                )  # fmt: skip
                session.add(
                    ScoreRow(
                        report_id=report.id, screener_id=champion.id, text_hash="t" * 64, score=place / MANY,
                        scored_at=NOW,
                    )
                )  # fmt: skip
                session.add(
                    AssessmentRow(
                        report_id=report.id, criteria_hash=context.criteria_hash, text_hash="t" * 64,
                        verdict=reading["verdict"], reading=reading, assessed_at=NOW,
                    )
                )  # fmt: skip
        yield context


def _milliseconds(action) -> float:
    return 1000 * cpu_seconds(action)


@pytest.mark.slow
def test_ten_thousand_candidates_open_at_once(ten_thousand: Context) -> None:
    """A page of 10,000 candidates takes under 300 ms, plain, searched and filtered; a decision under 100 ms."""
    ada = local(ten_thousand)
    listed = list_page(ten_thousand, Filter(), reviewer="ada")
    assert listed.total == MANY
    for query in ("", "?q=report+on+777", "?system=cutaneous&design=other", "?threshold=below&page=40"):
        assert _milliseconds(lambda query=query: ada.get(f"/candidates{query}")) < 300, query
    reports = iter([line.report_id for line in listed.lines])
    assert _milliseconds(lambda: ada.submit(f"/reports/{next(reports)}/decisions", as_json=True, value="include")) < 100


def test_states_are_counted(context: Context) -> None:
    """An include waits for its full text, a maybe waits, and each is counted once where it stands."""
    first, second, third, *_ = ids(context)
    decide(context, first, "include", reviewer="ada")
    decide(context, second, "maybe", reviewer="ada")
    decide(context, third, "exclude", reviewer="ada", reason="too-few")
    found, tally = count_states(context, reviewer="ada")
    assert (found[State.INCLUDED], found[State.FULL_TEXT], found[State.MAYBE], found[State.EXCLUDED]) == (1, 1, 1, 1)
    assert tally.open == found[State.OPEN] == 3
    decide(context, first, "include", reviewer="ada", stage="full-text")
    assert count_states(context, reviewer="ada")[0][State.FULL_TEXT] == 0
