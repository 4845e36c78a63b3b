"""The retraining flow: by its schedule only when due, with the comparison as an artifact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from prefect.logging import disable_run_logger

import retrain as retraining
from ivigil.surveillance.retrain import RetrainOutcome

OUTCOME = RetrainOutcome("v1", "v2", {}, promoted=True, why="it loses less", page="# v2 against v1\n")


@pytest.fixture
def flow(monkeypatch) -> SimpleNamespace:
    """The flow with a review whose rule says `due`, and everything it trains and shows noted."""
    seen = SimpleNamespace(due=None, trained=0, artifacts=[])

    @contextmanager
    def opened() -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(protocol=SimpleNamespace(name="my_review"))

    def challenge(_context) -> RetrainOutcome:
        seen.trained += 1
        return OUTCOME

    monkeypatch.setattr(retraining, "open_context", opened)
    monkeypatch.setattr(retraining, "retrain_due", lambda _context: seen.due)
    monkeypatch.setattr(retraining, "challenge", challenge)
    monkeypatch.setattr(
        retraining, "create_markdown_artifact", lambda page, **about: seen.artifacts.append((page, about["key"]))
    )
    return seen


def run(**parameters: bool):
    with disable_run_logger():
        return retraining.retrain_screener.fn(**parameters)


def test_a_slot_without_cause_trains_nothing(flow) -> None:
    """The scheduled run ends well and says that nothing was due."""
    state = run(if_due=True)
    assert (state.name, state.is_completed(), flow.trained, flow.artifacts) == ("NotDue", True, 0, [])


def test_a_due_slot_trains_and_shows_the_comparison(flow) -> None:
    """When the rule says so the challenger is trained, and the comparison is an artifact of the review's own key."""
    flow.due = "10 decisions since v1 was trained"
    state = run(if_due=True)
    assert state.message == "promoted: it loses less"
    assert flow.artifacts == [("# v2 against v1\n", "my-review-retraining")]


def test_by_hand_it_is_always_done(flow) -> None:
    """A person who starts the flow gets a challenger, due or not."""
    run()
    assert flow.trained == 1
