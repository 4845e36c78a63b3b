"""Where the champion puts the undecided reports, and what it saw in one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from ivigil.alerts import Neighbour, Ranking, Term
from ivigil.errors import ScreenerError
from ivigil.screening import Screener
from ivigil.screening.base import TermWeight
from ivigil.store import Session, library, ranked
from ivigil.store.tables import ReportRow, ScreenerRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.ranking import load_row
from ivigil.surveillance.settled import settled_reports
from ivigil.surveillance.training import document_of

log = logging.getLogger(__name__)

TERMS_FOR, TERMS_AGAINST = 6, 3


@dataclass
class Places:
    """Scores, ranks and the threshold; the model is read from its file only when something is to be explained."""

    context: Context
    champion: ScreenerRow | None
    scores: dict[int, float]
    ranks: dict[int, int]
    threshold: float | None
    _screener: Screener | None = field(default=None, repr=False)
    _unreadable: bool = field(default=False, repr=False)

    def of(self, report_id: int) -> Ranking:
        """One report's score and rank among the undecided."""
        rank = self.ranks.get(report_id)
        return Ranking(
            score=self.scores.get(report_id),
            rank=rank,
            of=len(self.ranks) if rank else None,
            screener=self.champion.version if self.champion else None,
            threshold=self.threshold,
        )

    def explained(self, session: Session, report: ReportRow) -> Ranking:
        """The same, with the words that moved the score and the included study that reads most like it.

        A model that cannot be read explains nothing; an alert goes out all the same.
        """
        place = self.of(report.id)
        if self.champion is None or place.score is None or self._unreadable:
            return place
        try:
            self._screener = self._screener or load_row(self.context, self.champion)
        except ScreenerError as unreadable:
            log.warning("nothing can be explained: %s", unreadable, extra={"screener": self.champion.version})
            self._unreadable = True
            return place
        seen = self._screener.explain(document_of(report.best, report.id))
        nearest = next(iter(seen.nearest_included), None)
        held = library.resolve_report(session, int(nearest.id)) if nearest and nearest.id.isdecimal() else None
        return place.model_copy(
            update={
                "terms_for": tuple(map(_term, seen.terms_for[:TERMS_FOR])),
                "terms_against": tuple(map(_term, seen.terms_against[:TERMS_AGAINST])),
                "nearest": Neighbour(title=held.best.title, likeness=nearest.likeness) if held and nearest else None,
            }
        )


def places_of(context: Context, session: Session) -> Places:
    """The undecided reports as the champion ranks them."""
    settled = settled_reports(context, session)
    champion = ranked.champion(session, context.protocol.name)
    scores = ranked.scores_under(session, champion.id) if champion else {}
    undecided = [report_id for report_id in library.report_ids(session) if report_id not in settled]
    order = sorted(undecided, key=lambda id_: (-scores.get(id_, float("-inf")), id_))
    threshold = ((champion.card.get("guarantee") or {}) if champion else {}).get("threshold")
    return Places(
        context,
        champion,
        scores,
        {report_id: rank for rank, report_id in enumerate(order, start=1)},
        float(threshold) if threshold is not None else None,
    )


def place_of_decided(context: Context, session: Session, report_id: int) -> Ranking:
    """A decided report's score: it has no rank any more, so the others need not be looked at."""
    champion = ranked.champion(session, context.protocol.name)
    threshold = ((champion.card.get("guarantee") or {}) if champion else {}).get("threshold")
    score = ranked.score_of(session, champion.id, report_id) if champion else None
    return Ranking(
        score=score,
        screener=champion.version if champion else None,
        threshold=float(threshold) if threshold is not None else None,
    )


def _term(found: TermWeight) -> Term:
    return Term(term=found.term, weight=found.weight)
