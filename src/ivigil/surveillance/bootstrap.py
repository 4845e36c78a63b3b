"""Begins a living review: searches its own window, reconstructs its labelled set, trains the first screener."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivigil.sources.base import DateField, SearchRequest, Window
from ivigil.sources.files import ImportResult, Rejected, read_file
from ivigil.store import judgements, ledger, library
from ivigil.store.ledger_tables import RunRow
from ivigil.surveillance.assessing import assess_reports
from ivigil.surveillance.context import Context
from ivigil.surveillance.importing import find_entry, write_labels
from ivigil.surveillance.lease import Lease, leased
from ivigil.surveillance.linking import link_records
from ivigil.surveillance.ranking import score_reports
from ivigil.surveillance.reconstructing import (
    BOOTSTRAP,
    RECONSTRUCTION_BASIS,
    Agreement,
    Proposal,
    propose,
    read_list,
    reconstruction_of,
)
from ivigil.surveillance.searching import SearchOutcome, search_source
from ivigil.surveillance.training import Trained, train_champion

EXPORT_BASIS = "screening-export"


@dataclass(frozen=True)
class Missed:
    """Entries of a screening export that no search found, and those that could not be read."""

    unmatched: int
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True)
class BootstrapOutcome:
    """What the bootstrap did; `unmatched` counts entries of the export that no search had found."""

    run_id: int
    searches: tuple[SearchOutcome, ...]
    records: int
    reports: int
    included: int
    excluded: int
    basis: str | None
    screener: Trained | None
    unmatched: int = 0
    rejected: tuple[dict[str, Any], ...] = ()
    reconstruction: Agreement | None = None

    @property
    def complete(self) -> bool:
        """Whether every search was whole."""
        return all(search.complete for search in self.searches)

    def as_json(self) -> dict[str, Any]:
        """The outcome as `ivigil bootstrap --json` prints it; of a reconstruction, `labels` says how."""
        agreement = self.reconstruction.as_json() if self.reconstruction else {}
        return {
            "run_id": self.run_id,
            "searches": [
                {
                    "source": search.source,
                    "query_hash": search.query_hash,
                    "reported": search.reported,
                    "fetched": search.fetched,
                    "complete": search.complete,
                    "error": search.error,
                }
                for search in self.searches
            ],
            "records": self.records,
            "reports": self.reports,
            "labels": {"included": self.included, "excluded": self.excluded, "basis": self.basis, **agreement},
            "reconstruction": agreement or None,
            "unmatched": self.unmatched,
            "rejected": list(self.rejected),
            "screener": self.screener.as_json() if self.screener else None,
        }


def bootstrap(
    context: Context,
    *,
    labels: Path | None = None,
    confirm: Callable[[Proposal], bool] | None = None,
    progress: Callable[[str], None] = lambda _step: None,
) -> BootstrapOutcome:
    """Search the review's window and label what it holds, then train.

    With `labels` (the team's screening export) those are the labels. Without it an included set is reconstructed;
    `confirm` is asked, and a refusal (or no `confirm`) leaves everything unlabelled. With a search that failed nothing
    is labelled: repeat the bootstrap.

    Raises:
        LeaseHeld: a run is at work.
        ImportError_: the labels file cannot be read; nothing was searched.
    """
    export = read_file(labels) if labels is not None else None
    review = context.protocol.review
    now = context.clock.now()
    with leased(context.store, context.clock) as lease:
        with context.store.transaction() as session:
            ledger.close_interrupted(session, now=now)
            run_id = ledger.open_run(session, BOOTSTRAP, as_of=now, now=now)
        searches = []
        for source in context.searched_sources():
            progress(f"searching {source} {review.start}..{review.cutoff}")
            lease.renew()
            request = SearchRequest(
                context.protocol.strategies[source], Window(review.start, review.cutoff), DateField.PUBLISHED
            )
            searches.append(search_source(context, run_id, source, request, keep_lease=lease.renew))
        progress("linking")
        with context.store.transaction() as session:
            link_records(session, now=now)
            assess_reports(context, session)
        complete, unmatched = all(search.complete for search in searches), 0
        if complete:
            progress("labelling")
            if export is not None:
                unmatched = _label_by_export(context, export, run_id)
            else:
                _label_by_reconstruction(context, run_id, confirm)
        trained = _train(context, lease, progress) if complete else None
        missed = Missed(unmatched, tuple(export.rejected) if export else ())
        return _close(context, run_id, tuple(searches), trained, missed)


def _label_by_export(context: Context, export: ImportResult, run_id: int) -> int:
    """Label the held records that the export names; what it names and no search found is taken in. Returns how many."""
    now = context.clock.now()
    with context.store.transaction() as session:
        unmatched = [entry for entry in export.records if find_entry(session, entry) is None]
        library.take_in(session, [entry.record for entry in unmatched], run_id=run_id, way="labels", now=now)
        link_records(session, now=now)
        assess_reports(context, session)
        write_labels(context, session, export.records, basis=EXPORT_BASIS)
    return len(unmatched)


def _label_by_reconstruction(context: Context, run_id: int, confirm: Callable[[Proposal], bool] | None) -> None:
    with context.store.transaction() as session:
        labelled = judgements.has_labels(session, RECONSTRUCTION_BASIS)
    if labelled or confirm is None:
        return
    read = read_list(context, run_id)
    with context.store.transaction() as session:
        proposal = propose(context, session, read)
    if not confirm(proposal):
        return
    included = {study.report_id: study for study in proposal.included}
    with context.store.transaction() as session:
        judged = sorted({*included, *proposal.not_included})
        for report_id, rows in library.records_of(session, judged).items():
            study = included.get(report_id)
            judgements.set_label(
                session,
                study.record_id if study else rows[0].id,
                included=study is not None,
                basis=RECONSTRUCTION_BASIS,
                reason=study.ground if study else "not included",
                stage=None,
                now=context.clock.now(),
            )
        run = session.get_one(RunRow, run_id)
        run.summary = {**run.summary, "reconstruction": proposal.agreement.as_json()}


def _train(context: Context, lease: Lease, progress: Callable[[str], None]) -> Trained | None:
    progress("training the screener")
    lease.renew()
    with context.store.transaction() as session:
        included = sum(judgements.labels_by_report(session).values())
    trained = train_champion(context, why="first screener, trained by bootstrap") if included else None
    progress("ranking")
    score_reports(context)
    return trained


def _close(
    context: Context,
    run_id: int,
    searches: tuple[SearchOutcome, ...],
    trained: Trained | None,
    missed: Missed,
) -> BootstrapOutcome:
    with context.store.transaction() as session:
        labelled = judgements.labels_by_report(session)
        bases = sorted(judgements.label_bases(session))
        reconstructed = reconstruction_of(session) if RECONSTRUCTION_BASIS in bases else None
        outcome = BootstrapOutcome(
            run_id=run_id,
            searches=searches,
            records=library.count_records(session),
            reports=library.count_reports(session),
            included=sum(labelled.values()),
            excluded=len(labelled) - sum(labelled.values()),
            basis="+".join(bases) or None,
            screener=trained,
            unmatched=missed.unmatched,
            rejected=tuple({"line": entry.line, "why": entry.why} for entry in missed.rejected),
            reconstruction=reconstructed,
        )
        errors = "; ".join(f"{search.source}: {search.error}" for search in searches if search.error)
        ledger.close_run(
            session,
            run_id,
            status=ledger.COMPLETE if outcome.complete else ledger.PARTIAL,
            summary=outcome.as_json(),
            now=context.clock.now(),
            why=errors or None,
        )
    return outcome
