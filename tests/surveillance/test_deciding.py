"""Decisions are appended, undone by another row, and come to a label only where people agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigil.errors import ConfigurationError, NotFound
from ivigil.store import judgements
from ivigil.surveillance.agreement import STAGES, VALUES, Outcome, cohen_kappa, outcome, outcome_at
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide, resolve, undo
from ivigil.surveillance.training import labels_of
from library_at_hand import library_of, paper

TITLES, FULL = STAGES


@pytest.fixture(params=[1, 2], ids=["single", "dual"])
def context(request: pytest.FixtureRequest, tmp_path: Path, store_url: str) -> Iterator[Context]:
    """A library of three reports that one or two reviewers must decide on."""
    records = [paper(number) for number in range(3)]
    with library_of(tmp_path / "home", records, url=store_url, reviewers=request.param) as opened:
        yield opened


def label(context: Context, report_id: int) -> bool | None:
    with context.store.transaction() as session:
        return labels_of(context, session).get(report_id)


def test_an_undo_brings_back_what_stood_before(context: Context) -> None:
    """Undoing a change of mind brings the first decision back; undoing that one too leaves none; all rows stay."""
    report = list_candidates(context)[0].report_id
    first = decide(context, report, "include", reviewer="ada")
    second = decide(context, report, "exclude", reviewer="ada", reason="too-few")
    undo(context, second, reviewer="ada")
    with context.store.transaction() as session:
        assert [row.id for row in judgements.standing_decisions(session)[report]] == [first]
    undo(context, first, reviewer="ada")
    with context.store.transaction() as session:
        assert judgements.standing_decisions(session) == {}
        assert len(judgements.decision_history(session, report)) == 4
    assert report in {candidate.report_id for candidate in list_candidates(context)}


def test_an_undo_is_ones_own_and_once(context: Context) -> None:
    """Another's decision, one undone already, an undo itself and an unknown number are refused in words."""
    report = list_candidates(context)[0].report_id
    number = decide(context, report, "maybe", reviewer="ada")
    with pytest.raises(ConfigurationError, match="not yours"):
        undo(context, number, reviewer="ben")
    taken = undo(context, number, reviewer="ada")
    with pytest.raises(ConfigurationError, match="already"):
        undo(context, number, reviewer="ada")
    for unknown in (taken, 999):
        with pytest.raises(NotFound):
            undo(context, unknown, reviewer="ada")


def test_a_conflict_is_no_label_until_it_is_resolved(context: Context) -> None:
    """Two who disagree leave no label behind, whoever was last; a resolution gives one, and a later doubt takes it."""
    report = list_candidates(context)[0].report_id
    decide(context, report, "include", reviewer="ada")
    decide(context, report, "exclude", reviewer="ben", reason="too-few")
    assert label(context, report) is None
    resolve(context, report, "exclude", reviewer="chair", stage=TITLES, reason="too-few", note="four patients")
    assert label(context, report) is False
    decide(context, report, "include", reviewer="ada")
    assert label(context, report) is None


def test_one_vote_of_two_is_no_label(context: Context) -> None:
    """Where two must decide, one vote waits for the other; where one does, it counts."""
    report = list_candidates(context)[0].report_id
    decide(context, report, "include", reviewer="ada")
    dual = context.protocol.screening.reviewers_per_report == 2
    assert label(context, report) is (None if dual else True)
    decide(context, report, "include", reviewer="ben")
    assert label(context, report) is True


def test_a_report_is_listed_until_enough_have_decided(context: Context) -> None:
    """One decision of two leaves a report in the list, as does a conflict; what settles it takes it out."""
    dual = context.protocol.screening.reviewers_per_report == 2
    report = list_candidates(context)[0].report_id

    def listed() -> bool:
        return report in {one.report_id for one in list_candidates(context)}

    decide(context, report, "include", reviewer="ada")
    assert listed() is dual
    decide(context, report, "exclude", reviewer="grace")
    assert listed() is dual
    decide(context, report, "include", reviewer="grace")
    assert not listed()


def test_the_full_text_overrules_the_abstract(context: Context) -> None:
    """What was included by its abstract and excluded by its full text is excluded."""
    report = list_candidates(context)[0].report_id
    for reviewer in ("ada", "ben"):
        decide(context, report, "include", reviewer=reviewer)
        decide(context, report, "exclude", reviewer=reviewer, stage=FULL, reason="no-outcome")
    assert label(context, report) is False


def test_only_a_conflict_is_resolved_and_only_by_a_vote(context: Context) -> None:
    """Resolving what nobody disputes, or by a maybe, is refused and leaves no row."""
    report = list_candidates(context)[0].report_id
    decide(context, report, "include", reviewer="ada")
    with pytest.raises(ConfigurationError, match="nobody disagrees"):
        resolve(context, report, "include", reviewer="chair", stage=TITLES)
    with pytest.raises(ConfigurationError, match="settled by"):
        resolve(context, report, "maybe", reviewer="chair", stage=TITLES)
    with context.store.transaction() as session:
        assert len(judgements.decision_history(session, report)) == 1


@dataclass(frozen=True)
class Said:
    id: int
    stage: str
    value: str
    resolves: bool


SAYINGS = st.lists(st.tuples(st.sampled_from(STAGES), st.sampled_from(VALUES), st.booleans()), max_size=8).map(
    lambda rows: [
        Said(n, stage, value, resolves and value != "maybe") for n, (stage, value, resolves) in enumerate(rows)
    ]
)


@given(SAYINGS, st.sampled_from([1, 2]))
def test_an_outcome_is_what_the_counted_votes_say(sayings: list[Said], reviewers: int) -> None:
    """A settled outcome has a vote for it and none against among those that count; otherwise it is open or disputed."""
    for stage in STAGES:
        here = [said for said in sayings if said.stage == stage]
        newest = max((said.id for said in here if said.resolves), default=-1)
        votes = [said.value for said in here if said.id >= newest and said.value != "maybe"]
        found = outcome_at(sayings, stage, reviewers=reviewers)
        if found in (Outcome.INCLUDE, Outcome.EXCLUDE):
            assert set(votes) == {str(found)}
            assert newest >= 0 or len(votes) >= reviewers
        elif found is Outcome.CONFLICT:
            assert set(votes) == {"include", "exclude"}
        else:
            assert len(votes) < reviewers
    assert outcome(sayings, reviewers=reviewers) in Outcome


def test_kappa_of_a_worked_table() -> None:
    """20 and 15 of 50 agreed on, 5 and 10 not: observed 0.7, expected 0.5, kappa 0.4, standard error 0.127."""
    table = [("i", "i")] * 20 + [("i", "e")] * 5 + [("e", "i")] * 10 + [("e", "e")] * 15
    kappa = cohen_kappa(table)
    assert kappa is not None
    assert (kappa.observed, kappa.expected) == pytest.approx((0.7, 0.5))
    assert kappa.value == pytest.approx(0.4)
    assert (kappa.high - kappa.low) / 2 / 1.96 == pytest.approx(0.127, abs=0.0005)


@given(st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)), max_size=40))
def test_kappa_keeps_to_its_bounds(pairs: list[tuple[str, str]]) -> None:
    """Kappa lies between -1 and 1 inside its interval, is the same whoever is named first, and 1 when all agree."""
    found = cohen_kappa(pairs)
    if not pairs:
        assert found is None
        return
    assert found is not None
    turned = cohen_kappa([(b, a) for a, b in pairs])
    if found.value is None:
        assert found.expected == 1
        return
    assert turned.value == pytest.approx(found.value)
    assert -1 <= found.low <= found.value <= found.high <= 1
    if all(a == b for a, b in pairs):
        assert found.value == pytest.approx(1)
