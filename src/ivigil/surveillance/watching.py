"""Looks again at what the review holds: retractions and corrections arrive as changes to records already held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from ivigil.protocol import Protocol
from ivigil.records import Record, Relation
from ivigil.sources.identifiers import clean_registry_id
from ivigil.sources.retraction import RETRACTED_TYPE, standing
from ivigil.store import Session, judgements, library, outbox
from ivigil.store.ledger import WATCH
from ivigil.store.library import Intake
from ivigil.surveillance.context import Context
from ivigil.surveillance.documents import document_of
from ivigil.surveillance.own_ids import OWN_IDS, askable
from ivigil.surveillance.searching import LookUp, ask_source

REGISTRY = "clinicaltrials"
NOTICE_GIVERS = ("crossref",)
"""Resolvers that collect notices (Crossref with Retraction Watch): asked about every watched document, held or not."""
CORRECTIONS = frozenset({"ErratumIn", "CorrectedandRepublishedIn", "UpdateIn"})


def watch_held(context: Context, run_id: int, *, keep_lease: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Fetch the records of included and alerted reports anew, and the protocol's trials; take in what changed.

    Returns `checked`, `new`, `changed` and `error`. A source that fails does not stop the others; the next night asks
    again.
    """
    intake, checked, errors = Intake(), 0, []
    for question in _questions(context):
        outcome = ask_source(context, run_id, question, keep_lease=keep_lease)
        intake, checked = intake + outcome.intake, checked + outcome.fetched
        errors += [outcome.error] if outcome.error else []
    return {"checked": checked, "new": intake.new, "changed": intake.changed, "error": "; ".join(errors) or None}


def notices(record: Record, beside: Iterable[Record] = ()) -> list[tuple[str, str]]:
    """What a record says happened to it: ('retracted' | 'concern' | 'corrected', where it says so).

    A retraction notice speaks of another paper and is none of these. A retraction that was taken back is none either,
    whichever of the records `beside` it, of the same report, says so.
    """
    taken_back = tuple(notice for other in beside for notice in standing(other).reinstatements)
    said = standing(record.model_copy(update={"relations": (*record.relations, *taken_back)}))
    found = [("retracted", _where(relation)) for relation in said.retractions if said.retracted]
    if said.retracted and not found:
        found.append(("retracted", RETRACTED_TYPE))
    found += [("concern", _where(relation)) for relation in said.concerns]
    return found + [("corrected", _where(relation)) for relation in said.corrections if relation.kind in CORRECTIONS]


def watched_trials(protocol: Protocol) -> list[str]:
    """The numbers of the protocol's trials that the registry can be asked about."""
    numbers = [clean_registry_id("", trial.id) for trial in protocol.trials]
    return [number for number in dict.fromkeys(numbers) if OWN_IDS[REGISTRY].fits(number)]


def _where(relation: Relation) -> str:
    named = f"PMID {relation.pmid}" if relation.pmid else f"doi:{relation.doi}" if relation.doi else relation.kind
    return relation.note or named


def _questions(context: Context) -> Iterator[LookUp]:
    """What each source is asked about what is watched: by its own ids, by DOI, by registration number."""
    with context.store.transaction() as session:
        held = _held_ids(session)
        documents = [document_of(best) for best in library.best_of(session, sorted(watched_reports(session)))]
    for source in context.searched_sources():
        if ids := askable(source, held.get(source, [])):
            asked = f"fetch {len(ids)} held records: {', '.join(ids)}"
            yield LookUp(
                source, WATCH, asked, WATCH, partial(context.source(source).fetch, ids), withdraws_missing=True
            )
    named = [document for document in documents if document.doi]
    for resolver in context.resolvers():
        if resolver.name in NOTICE_GIVERS and named:
            asked = f"look up {len(named)} watched documents: {', '.join(str(one.doi) for one in named)}"
            yield LookUp(resolver.name, WATCH, asked, WATCH, partial(resolver.look_up, named))
    numbers = [number for number in watched_trials(context.protocol) if number not in held.get(REGISTRY, [])]
    if numbers and REGISTRY in context.enabled_sources():
        asked = f"fetch {len(numbers)} trials: {', '.join(numbers)}"
        yield LookUp(REGISTRY, WATCH, asked, WATCH, partial(context.source(REGISTRY).fetch, numbers))


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
