"""Writes the library for another tool: in rank order, with labels, scores and reasons."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import cast

from ivigil.reports.library_export import Decision, ExportRow, write_library
from ivigil.store import judgements, library
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
        rows += _settled(context, first_rank=len(rows) + 1)
    if str(file) == "-":
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / f"candidates{suffix}"
            write_library(written, rows)
            sys.stdout.write(written.read_text(encoding="utf-8-sig"))
    else:
        write_library(file, rows)
    return len(rows)


def _settled(context: Context, *, first_rank: int) -> list[ExportRow]:
    with context.store.transaction() as session:
        labels = judgements.labels_by_report(session)
        decisions = judgements.standing_decisions(session)
        champion = judgements.champion(session, context.protocol.name)
        scores = judgements.scores_under(session, champion.id) if champion else {}
        ids = sorted({*labels, *decisions}, key=lambda id_: (-scores.get(id_, float("-inf")), id_))
        best = {
            row.id: row.best for row in library.standing_reports(session) if row.id in labels or row.id in decisions
        }
        readings = judgements.assessments_under(session, context.criteria_hash, ids)
        rows = []
        for rank, report_id in enumerate((id_ for id_ in ids if id_ in best), start=first_rank):
            last = decisions[report_id][-1] if report_id in decisions else None
            label = last.value if last else ("include" if labels[report_id] else "exclude")
            rows.append(
                ExportRow(
                    record=best[report_id],
                    report_id=report_id,
                    rank=rank,
                    score=scores.get(report_id),
                    verdict=readings[report_id].verdict if report_id in readings else None,
                    label=cast("Decision", label),
                    reason=last.reason if last else None,
                    note=last.note if last else None,
                )
            )
        return rows
