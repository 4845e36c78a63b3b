"""Writes the library for another tool: in rank order, with labels, scores and reasons."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple, cast

from ivigil.reports.library_export import Decision, ExportRow, write_library
from ivigil.store import assessed, identified, judgements, library, ranked
from ivigil.store.tables import DecisionRow
from ivigil.surveillance.agreement import Outcome, outcome
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context


def export_library(
    context: Context, file: Path, *, suffix: str | None = None, top: int | None = None, undecided_only: bool = False
) -> int:
    """Write candidates, and behind them (unless `undecided_only`) everything labelled or decided; returns how many.

    The file's extension says how; '-' with a `suffix` writes to standard output.
    """
    rows = [
        ExportRow(
            record=candidate.best,
            report_id=candidate.report_id,
            rank=candidate.rank,
            score=candidate.score,
            verdict=candidate.verdict,
        )
        for candidate in list_candidates(context, top)
    ]
    if not undecided_only:
        listed = {row.report_id for row in rows}
        rows += _settled(context, listed, first_rank=len(rows) + 1)
    if str(file) == "-":
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / f"candidates{suffix}"
            write_library(written, rows)
            sys.stdout.write(written.read_text(encoding="utf-8-sig"))
    else:
        write_library(file, rows)
    return len(rows)


def _settled(context: Context, listed: set[int], *, first_rank: int) -> list[ExportRow]:
    with context.store.transaction() as session:
        labels = {label.report_id: label for label in identified.review_labels(session)}
        included = judgements.labels_by_report(session)
        decisions = judgements.standing_decisions(session)
        champion = ranked.champion(session, context.protocol.name)
        scores = ranked.scores_under(session, champion.id) if champion else {}
        ids = sorted({*labels, *decisions} - listed, key=lambda id_: (-scores.get(id_, float("-inf")), id_))
        best = {
            row.id: row.best for row in library.standing_reports(session) if row.id in labels or row.id in decisions
        }
        readings = assessed.assessments_under(session, context.criteria_hash, ids)
        rows = []
        for rank, report_id in enumerate((id_ for id_ in ids if id_ in best), start=first_rank):
            if report_id in decisions:
                said = _decided(decisions[report_id])
            else:
                label = labels[report_id]
                said = _Said("include" if included[report_id] else "exclude", label.stage, label.reason, None)
            rows.append(
                ExportRow(
                    record=best[report_id],
                    report_id=report_id,
                    rank=rank,
                    score=scores.get(report_id),
                    verdict=readings[report_id].verdict if report_id in readings else None,
                    label=said.label,
                    reason=said.reason,
                    note=said.note,
                    stage=said.stage,
                )
            )
        return rows


class _Said(NamedTuple):
    label: Decision
    stage: str | None
    reason: str | None
    note: str | None


def _decided(decisions: list[DecisionRow]) -> _Said:
    """What the decisions come to; a maybe where people differ or nobody has voted."""
    come_to = outcome(decisions)
    label = cast("Decision", come_to.value) if come_to in (Outcome.INCLUDE, Outcome.EXCLUDE) else "maybe"
    last = next((row for row in reversed(decisions) if row.value == label), decisions[-1])
    return _Said(label, last.stage.replace("-", "_"), last.reason if last.value == label else None, last.note)
