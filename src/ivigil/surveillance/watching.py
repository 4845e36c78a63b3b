"""Looks again at what the review holds: retractions and corrections arrive as changes to records already held."""

from __future__ import annotations

from typing import Any

from ivigil.errors import SourceError
from ivigil.records import Record
from ivigil.store import Session, judgements, library, outbox
from ivigil.store.library import Intake
from ivigil.surveillance.context import Context

WATCH = "watch"
RETRACTED_TYPE = "Retracted Publication"
RETRACTED_RELATION = "RetractionIn"
CONCERN_RELATION = "ExpressionOfConcernIn"
CORRECTED_RELATIONS = frozenset({"ErratumIn", "CorrectedandRepublishedIn", "UpdateIn"})


def watch_held(context: Context, run_id: int) -> dict[str, Any]:
    """Fetch the records of included and alerted reports anew and take in what changed.

    Returns `checked`, `changed` and `error`. A source that fails does not stop the others; the next night asks again.
    """
    with context.store.transaction() as session:
        by_source = _held_ids(session)
    intake, checked, errors = Intake(), 0, []
    for source in context.searched_sources():
        ids = by_source.get(source)
        if not ids:
            continue
        try:
            for page in context.source(source).fetch(ids):
                checked += len(page.records)
                with context.store.transaction() as session:
                    intake += library.take_in(session, page.records, run_id=run_id, way=WATCH, now=context.clock.now())
                    library.withdraw(session, source, [*page.deleted, *page.missing], context.clock.now())
        except SourceError as failure:
            errors.append(f"{type(failure).__name__}: {failure}")
    return {"checked": checked, "changed": intake.changed, "error": "; ".join(errors) or None}


def notices(record: Record) -> list[tuple[str, str]]:
    """What a record says happened to it: ('retracted' | 'concern' | 'corrected', where it says so).

    A retraction notice speaks of another paper and is none of these.
    """
    found = []
    if RETRACTED_TYPE in record.publication_types:
        found.append(("retracted", RETRACTED_TYPE))
    for relation in record.relations:
        where = relation.note or relation.pmid or relation.doi or relation.kind
        if relation.kind == RETRACTED_RELATION:
            found.append(("retracted", where))
        elif relation.kind == CONCERN_RELATION:
            found.append(("concern", where))
        elif relation.kind in CORRECTED_RELATIONS:
            found.append(("corrected", where))
    return found


def watched_reports(session: Session) -> set[int]:
    """Reports whose fate matters: labelled or decided included, or told of in an alert."""
    return included_reports(session) | outbox.alerted_reports(session)


def included_reports(session: Session) -> set[int]:
    """Reports that the review includes, by its labels or by a person's decision."""
    labelled = {report for report, included in judgements.labels_by_report(session).items() if included}
    decided = {
        report
        for report, decisions in judgements.standing_decisions(session).items()
        if any(decision.value == "include" for decision in decisions)
    }
    return labelled | decided


def _held_ids(session: Session) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for rows in library.records_of(session, sorted(watched_reports(session))).values():
        for row in rows:
            found.setdefault(row.source, []).append(row.source_id)
    return found
