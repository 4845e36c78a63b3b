"""Gathers the living report from the store: flow, evidence, search log, screeners, as of now."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ivigil import __version__
from ivigil.reports.flow import Previous, PrismaFlow, Update, count_flow
from ivigil.reports.living_report import Edition, LivingReport, ScreenerPoint
from ivigil.reports.search_log import Facts, ImportedFile, LoggedSearch, SearchLog, reporting_items
from ivigil.reports.signal import update_signal
from ivigil.reports.wording import source_title
from ivigil.store import Session, assessed, identified, ledger, library, ranked
from ivigil.store.tables import ScreenerRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.evidence import evidence_table, patients_by_study
from ivigil.surveillance.standing import ReviewState, review_state
from ivigil.surveillance.status import review_status

PROGRAM = f"ivigil {__version__}"
STRATEGY_KINDS = frozenset({ledger.SEARCH, ledger.SWEEP, ledger.RECONCILIATION, ledger.SLICE})
"""Questions that a strategy was asked with; look-ups and citation chases are logged beside them."""


def living_report(context: Context) -> LivingReport:
    """Everything the living report says. Changes nothing."""
    status = review_status(context)
    with context.store.reading() as session:
        state = review_state(context, session)
        evidence = evidence_table(context, session, state)
        flow = _flow(context, session, state, patients_by_study(evidence))
        signal = update_signal(evidence, flow.previous.patients, context.protocol.update)
        log = _search_log(context, session, flow)
        screeners = ranked.screeners(session, context.protocol.name)
        champion = ranked.champion(session, context.protocol.name)
        promoted = champion.id if champion else None
        edition = _edition(context, session)
    return LivingReport(
        edition=edition,
        question=context.protocol.review.question,
        flow=flow,
        evidence=evidence,
        signal=signal,
        log=log,
        screeners=tuple(_screener(row, promoted=row.id == promoted) for row in screeners),
        guarantee=status.guarantee,
        recall=_recall(champion),
        problems=status.problems,
    )


def _flow(context: Context, session: Session, state: ReviewState, patients: dict[int, int]) -> PrismaFlow:
    review = context.protocol.review
    readings = assessed.assessments_under(session, context.criteria_hash)
    return count_flow(
        review.title,
        context.clock.today(),
        review.cutoff,
        Previous(
            studies=review.published.included_studies,
            reports=len(state.included_before),
            patients=review.published.patients,
            records=review.published.records,
        ),
        Update(
            records=state.records,
            held_before=state.held_before,
            included_before=state.included_before,
            fates=state.fates,
            verdicts={report_id: row.verdict for report_id, row in readings.items()},
            reasons=state.reasons,
            studies=state.studies,
            patients=patients,
        ),
    )


def _search_log(context: Context, session: Session, flow: PrismaFlow) -> SearchLog:
    review, strategies = context.protocol.review, context.protocol.strategies
    searches = tuple(
        LoggedSearch(
            run_id=run.id,
            kind=search.kind,
            source=search.source,
            strategy=search.strategy,
            query_hash=search.query_hash,
            date_field=search.date_field,
            window_start=search.window_start,
            window_end=search.window_end,
            searched_at=search.started_at,
            reported=search.reported,
            fetched=search.fetched,
            new_records=search.new_records,
            complete=search.complete,
            error=search.error,
            version=run.summary.get("version"),
        )
        for run, search in identified.all_searches(session)
    )
    files = tuple(
        ImportedFile(
            run_id=run_id,
            imported_at=when,
            format=str(summary.get("format", "")),
            records=_count(summary, "records"),
            new_records=_count(summary, "new_records"),
        )
        for run_id, when, summary in identified.imports(session)
    )
    records, reports = library.count_records(session), library.count_reports(session)
    by_strategy = [search for search in searches if search.kind in STRATEGY_KINDS]
    seen = sorted({search.source for search in by_strategy})
    registers = {count.name for count in flow.registers}
    return SearchLog(
        title=review.title,
        as_of=context.clock.today(),
        version=PROGRAM,
        strategy_basis=review.strategy_basis.value,
        strategies=dict(strategies),
        searches=searches,
        files=files,
        items=reporting_items(
            Facts(
                databases=[source_title(name) for name in seen if name not in registers],
                registers=[source_title(name) for name in sorted(registers)],
                strategy_basis=review.strategy_basis.value,
                review=review.title,
                records=records,
                duplicates=records - reports,
                citations=sum(count.count for count in flow.citations),
                files=len(files),
            ),
            by_strategy,
        ),
    )


def _edition(context: Context, session: Session) -> Edition:
    review = context.protocol.review
    last = ledger.last_complete_run(session)
    today = context.clock.today()
    return Edition(
        title=review.title,
        name=context.protocol.name,
        version=f"{today:%Y.%m.%d}" + (f"-run{last.id}" if last else ""),
        as_of=today,
        last_night=last.as_of if last else None,
        program=PROGRAM,
        protocol_hash=hashlib.sha256(context.protocol.model_dump_json().encode()).hexdigest(),
        original_doi=review.doi,
        original_pmid=review.pmid,
    )


def _screener(row: ScreenerRow, *, promoted: bool) -> ScreenerPoint:
    card = row.card
    labels = card.get("labels") or {}
    return ScreenerPoint(
        version=row.version,
        recipe=str((card.get("recipe") or {}).get("name", "")),
        trained_at=row.trained_at,
        included=int(labels.get("included", 0)),
        excluded=int(labels.get("excluded", labels.get("unlabelled", 0))),
        promoted=promoted,
        measures={str(metric["metric"]): float(metric["model"]["value"]) for metric in card.get("metrics", ())},
    )


def _recall(champion: ScreenerRow | None) -> Sequence[tuple[float, float]]:
    curve = champion.card.get("recall") if champion else None
    return tuple((float(share), float(found)) for share, found in curve or ())


def _count(summary: dict[str, object], name: str) -> int:
    value = summary.get(name, 0)
    return value if isinstance(value, int) else 0
