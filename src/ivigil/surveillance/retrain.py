"""Trains a challenger and lets it take the champion's place only when it wins."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ivigil.errors import ModelMismatch, TooFewPositives
from ivigil.screening import ElasU4, FusionScreener, Screener
from ivigil.screening.base import MINIMUM_POSITIVES
from ivigil.screening.comparison import UNKNOWN, Comparison, Contender, compare
from ivigil.screening.term_book import counted_once
from ivigil.store import Session, ranked
from ivigil.store.tables import ReportRow, ScreenerRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.lease import leased
from ivigil.surveillance.ranking import load_row, score_reports
from ivigil.surveillance.training import (
    SEED,
    Labelled,
    context_maker,
    criteria_words,
    fit_on,
    keep_screener,
    labelled_reports,
    labels_of,
    passed_of,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RetrainOutcome:
    """Champion, challenger, what was measured, and which it is now; `page` is the comparison in Markdown."""

    champion: str | None
    challenger: str | None
    metrics: dict[str, Any]
    promoted: bool
    why: str
    page: str = ""

    def as_json(self) -> dict[str, Any]:
        """The outcome as `ivigil retrain --json` prints it."""
        return {
            "champion": self.champion,
            "challenger": self.challenger,
            "metrics": self.metrics,
            "promoted": self.promoted,
            "why": self.why,
        }


def retrain(context: Context, *, progress: Callable[[str], None] = lambda _step: None) -> RetrainOutcome:
    """Train on today's labels and decisions; the challenger is promoted when it is not worse.

    Both are held to the same held-out records, by folds and forward in time: the champion's side learns only from what
    was labelled when it was trained, the challenger's from everything. The challenger is kept with its card either way,
    so that a refusal can be looked into.

    Raises:
        LeaseHeld: a run is at work.
        TooFewPositives: fewer than two reports are included.
    """
    with leased(context.store, context.clock) as lease:
        with context.store.transaction() as session:
            held = ranked.champion(session, context.protocol.name)
            labelled = labelled_reports(context, session)
            known_then = labels_of(context, session, until=held.trained_at) if held else {}
            passed_then = passed_of(context, session, until=held.trained_at) if held else {}
            order = [_when(session, int(document.id)) for document in labelled.documents]
        if labelled.included < MINIMUM_POSITIVES:
            raise TooFewPositives(
                f"{labelled.included} included reports are too few to train on (at least {MINIMUM_POSITIVES})",
                hint="decide on more reports, or give the review's labels: ivigil bootstrap --labels FILE",
            )
        learned = held is not None and sum(known_then.values()) >= MINIMUM_POSITIVES
        comparison = None
        if held is not None and learned:
            progress("comparing with the champion")
            comparison = _compare(context, held, labelled, _Known(known_then, passed_then), order)
        progress("training the challenger")
        lease.renew()
        about = {"comparison": comparison.to_dict()} if comparison else None
        trained = keep_screener(context, fit_on(context, labelled), labelled, about=about)
        promoted = comparison.promoted if comparison else True
        why = comparison.why if comparison else "the champion had learned from no labels"
        if promoted:
            with context.store.transaction() as session:
                ranked.promote(session, trained.screener_id, why, context.clock.now())
            progress("ranking")
            score_reports(context)
    return RetrainOutcome(
        champion=held.version if held else None,
        challenger=trained.version,
        metrics=comparison.to_dict() if comparison else {},
        promoted=promoted,
        why=why,
        page=comparison.to_markdown() if comparison else f"# {trained.version}\n\n**Promoted**: {why}\n",
    )


@dataclass(frozen=True)
class _Known:
    """What was known when the champion was trained: who was included, and who passed title and abstract."""

    included: dict[int, bool]
    passed: dict[int, bool]


def _compare(context: Context, held: ScreenerRow, labelled: Labelled, then: _Known, order: list[float]) -> Comparison:
    ids = [int(document.id) for document in labelled.documents]
    before = np.asarray([int(then.included.get(id_, UNKNOWN)) for id_ in ids])
    passed_before = np.asarray([int(then.included.get(id_, False) or then.passed.get(id_, False)) for id_ in ids])
    shipped = context_maker(context)

    def compared(champion_maker: Callable[[], Screener]) -> Comparison:
        return compare(
            Contender(held.version, champion_maker, before, passed_before if any(then.passed.values()) else None),
            Contender(
                "challenger",
                shipped,
                np.asarray(labelled.labels),
                None if labelled.passed is None else np.asarray(labelled.passed),
            ),
            labelled.documents,
            labelled.labels,
            criteria_text=criteria_words(context),
            groups=labelled.groups,
            order=order,
            seeds=(SEED,),
        )

    with counted_once():
        try:
            return compared(_made_again(load_row(context, held), shipped))
        except ModelMismatch as error:
            # its file is gone, or it is of another version or encoder: retraining is the way out of that
            log.warning(
                "%s cannot be made again, so its labels are compared under this recipe: %s", held.version, error
            )
            return compared(shipped)


def _made_again(champion: Screener, shipped: Callable[[], Screener]) -> Callable[[], Screener]:
    """What makes the champion anew, by its own recipe and encoder; likeness to the criteria learns nothing."""
    if isinstance(champion, FusionScreener):
        return champion.untrained
    return ElasU4 if isinstance(champion, ElasU4) else shipped


def _when(session: Session, report_id: int) -> float:
    """Day a report was published, as a number; reports without a date come first."""
    published = session.get_one(ReportRow, report_id).best.first_published
    return float(published.earliest.toordinal()) if published else 0.0
