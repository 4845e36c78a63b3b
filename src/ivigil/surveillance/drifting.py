"""Whether what comes in still looks like what the champion learned from: measured at night, shown in the status.

Only what a search brought is compared, as the training set is what a search brought: what came by citations, look-ups
or files is of another kind to begin with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from ivigil.screening import FusionScreener
from ivigil.screening.drift import FEWEST, Stream, measure_drift
from ivigil.store import Session, assessed, ledger, library, ranked
from ivigil.store.ledger_tables import RunRow
from ivigil.surveillance.assessing import ELIGIBLE
from ivigil.surveillance.context import Context
from ivigil.surveillance.ranking import load_row
from ivigil.surveillance.training import SEED, document_of, labels_of

DRIFT = "drift"
NEWEST = 500
"""So many reports, the newest, are the stream: it stays cheap, and an old change does not hide in a long average."""
LOOKED_BACK = 14
_NO_TIME = timedelta(microseconds=1)


@dataclass(frozen=True)
class DriftNote:
    """What a night found: which champion, how many reports since it was trained, and the measures where enough came."""

    screener: str
    documents: int
    measures: dict[str, Any] | None

    @property
    def findings(self) -> tuple[str, ...]:
        """What has changed, in sentences."""
        return tuple((self.measures or {}).get("findings", ()))

    @property
    def sentence(self) -> str:
        """The whole in one line."""
        since = f"{self.documents} reports came since {self.screener} learned"
        if self.measures is None:
            return f"{since}: too few to tell of drift ({FEWEST} are needed)."
        return f"{since}: " + (" ".join(self.findings) or "words, scores and prevalence are as they were.")

    def as_json(self) -> dict[str, Any]:
        """Screener, documents, measures, findings, sentence."""
        return {
            "screener": self.screener,
            "documents": self.documents,
            "measures": self.measures,
            "findings": list(self.findings),
            "sentence": self.sentence,
        }


def note_drift(context: Context, run_id: int) -> DriftNote | None:
    """Measure the drift since the champion was trained and keep it with the run.

    None, and nothing kept, where the champion has no threshold: one that has learned from no labels has nothing that
    later reports could drift from.
    """
    note = _measure(context)
    if note is not None:
        with context.store.transaction() as session:
            run = session.get_one(RunRow, run_id)
            run.summary = {**run.summary, DRIFT: note.as_json()}
    return note


def latest_drift(session: Session, screener: str) -> DriftNote | None:
    """What the newest run that measured it found; None where that was of another champion."""
    for run in ledger.runs(session, limit=LOOKED_BACK):
        if kept := run.summary.get(DRIFT):
            note = DriftNote(kept["screener"], kept["documents"], kept["measures"])
            return note if note.screener == screener else None
    return None


def _measure(context: Context) -> DriftNote | None:
    with context.store.reading() as session:
        row = ranked.champion(session, context.protocol.name)
        threshold = ((row.card.get("guarantee") or {}) if row else {}).get("threshold")
        if row is None or threshold is None:
            return None
        known = labels_of(context, session, until=row.trained_at)
        until = context.clock.now() + _NO_TIME
        came = library.brought_by(session, ledger.SEARCH, row.trained_at + _NO_TIME, until)
        scores = ranked.scores_under(session, row.id)
        since = [id_ for id_ in came if id_ in scores and id_ not in known][-NEWEST:]
    if len(since) < FEWEST:
        return DriftNote(row.version, len(since), None)
    champion = load_row(context, row)
    if not isinstance(champion, FusionScreener):
        return None
    with context.store.reading() as session:
        reference = _stream(context, session, list(known), champion.held_out_scores.tolist())
        stream = _stream(context, session, since, [scores[id_] for id_ in since])
    found = measure_drift(reference, stream, threshold=float(threshold), rng=np.random.default_rng(SEED))
    return DriftNote(row.version, len(since), found.to_dict())


def _stream(context: Context, session: Session, ids: Sequence[int], scores: Sequence[float]) -> Stream:
    readings = assessed.assessments_under(session, context.criteria_hash, ids)
    return Stream(
        [document_of(report.best, id_) for id_, report in library.reports_by_id(session, ids).items()],
        scores,
        [reading.verdict == ELIGIBLE for reading in readings.values()],
    )
