"""Follows citations both ways: a second way in for studies that the words of a strategy miss.

Forward, to what cites an included study; backward, to what a systematic review on the question lists. Every document
has its own state at each source, so that a chase that was cut short goes on with what is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from ivigil.errors import SourceError
from ivigil.records import Record
from ivigil.sources.base import DocumentIds, Reference, ReferenceLists, Resolver
from ivigil.store import Session, assessed, inquiries, ledger, library
from ivigil.store.ledger import CITATIONS, REFERENCES
from ivigil.store.library import Intake
from ivigil.surveillance.context import Context
from ivigil.surveillance.documents import document_of, key_of, referred
from ivigil.surveillance.searching import LookUp, SearchOutcome, ask_source
from ivigil.surveillance.steps import Step
from ivigil.surveillance.watching import included_reports

CITATIONS_EVERY = timedelta(days=7)
EMPTY_LISTS_AGAIN = timedelta(days=30)
"""A reference list that is not deposited yet may be later; one that was read does not change."""
DOCUMENTS_A_NIGHT, REVIEWS_A_NIGHT = 60, 10
MOST_FAILURES = 3
"""So many failures in a night, and a source is left alone until the next."""
REVIEW_TYPES = frozenset({"systematic review", "meta-analysis", "systematic review as topic", "network meta-analysis"})
REVIEW_TITLE = re.compile(
    r"\bsystematic(?:\s+\w+){0,3}\s+reviews?\b|\bmeta-?\s?analys[ei]s\b|\bscoping review\b", re.IGNORECASE
)


@dataclass
class _Trail:
    """What a night's chase came to so far."""

    intake: Intake = field(default_factory=Intake)
    errors: list[str] = field(default_factory=list)
    cited: int = 0
    citing: int = 0
    reviews: int = 0
    references: int = 0

    def add(self, outcome: SearchOutcome) -> None:
        self.intake += outcome.intake
        if outcome.error:
            self.errors.append(outcome.error)

    def as_step(self) -> Step:
        counts = {
            "cited": self.cited,
            "citing": self.citing,
            "reviews": self.reviews,
            "references": self.references,
        }
        return Step(self.intake.new, self.intake.changed, tuple(dict.fromkeys(self.errors)), counts)


def chase(context: Context, run_id: int, *, keep_lease: Callable[[], None] = lambda: None) -> Step:
    """Ask every enabled citation index and reference list about the documents that are due. Linking is the caller's."""
    trail = _Trail()
    for index in context.citation_indexes():
        with context.store.transaction() as session:
            asked = inquiries.asked_at(session, CITATIONS, index.name)
            due = _due(included_documents(context, session), asked, context.clock.now() - CITATIONS_EVERY)
        failures = 0
        for document in due[:DOCUMENTS_A_NIGHT]:
            key = key_of(document)
            way = f"cites {key}"
            question = LookUp(index.name, CITATIONS, way, way, partial(index.citing, document))
            outcome = ask_source(context, run_id, question, keep_lease=keep_lease)
            trail.add(outcome)
            if outcome.complete:
                trail.cited, trail.citing = trail.cited + 1, trail.citing + outcome.fetched
                _note(context, CITATIONS, index.name, key, outcome.fetched)
            elif (failures := failures + 1) == MOST_FAILURES:
                break
    resolvers = context.resolvers()
    for lists in context.reference_lists() if resolvers else ():
        _read_reviews(context, run_id, lists, resolvers, trail, keep_lease)
    return trail.as_step()


def included_documents(context: Context, session: Session) -> list[DocumentIds]:
    """The known included studies and every report included since, each once."""
    known = [
        DocumentIds(doi=study.doi, pmid=study.pmid)
        for study in context.protocol.verified_studies
        if study.doi or study.pmid
    ]
    held = [document_of(record) for record in library.best_of(session, sorted(included_reports(session)))]
    named = [document for document in held if document.pmid or document.doi]
    found: dict[str, DocumentIds] = {}
    dois: set[str] = set()
    for document in [*named, *known]:
        if document.doi not in dois:
            found.setdefault(key_of(document), document)
        dois |= {document.doi} if document.doi else set()
    return list(found.values())


def reviews_on_the_question(context: Context, session: Session) -> list[DocumentIds]:
    """The review itself, and the reports that read as systematic reviews of its population and intervention."""
    review = context.protocol.review
    own = [DocumentIds(doi=review.doi, pmid=review.pmid)] if review.doi or review.pmid else []
    readings = assessed.assessments_under(session, context.criteria_hash)
    found = []
    for report in library.standing_reports(session):
        if not reads_as_review(report.best) or not (report.best.pmid or report.best.doi):
            continue
        criteria = readings[report.id].reading.get("criteria", {}) if report.id in readings else {}
        if all(criteria.get(name, {}).get("status") != "not_met" for name in ("population", "intervention")):
            found.append(document_of(report.best))
    return list({key_of(document): document for document in [*own, *found]}.values())


def reads_as_review(record: Record) -> bool:
    """Whether a record is of a systematic review or meta-analysis, by its publication types or its title."""
    types = {name.lower() for name in record.publication_types}
    return bool(types & REVIEW_TYPES) or REVIEW_TITLE.search(record.title) is not None


def _read_reviews(
    context: Context,
    run_id: int,
    lists: ReferenceLists,
    resolvers: Sequence[Resolver],
    trail: _Trail,
    keep_lease: Callable[[], None],
) -> None:
    """Read the reference lists that are due at one source, and look up what they name and the library lacks."""
    now = context.clock.now()
    with context.store.transaction() as session:
        asked = inquiries.asked_at(session, REFERENCES, lists.name)
        read = {key for key, count in inquiries.found(session, REFERENCES, lists.name).items() if count}
        reviews = [one for one in reviews_on_the_question(context, session) if key_of(one) not in read]
        due = _due(reviews, asked, now - EMPTY_LISTS_AGAIN)
    failures = 0
    for review in due[:REVIEWS_A_NIGHT]:
        keep_lease()
        references, error = ask_references(context, run_id, lists, review)
        if error is not None:
            trail.errors.append(error)
            if (failures := failures + 1) == MOST_FAILURES:
                return
            continue
        if _look_up(context, run_id, review, references, resolvers, trail, keep_lease):
            trail.reviews, trail.references = trail.reviews + 1, trail.references + len(references)
            _note(context, REFERENCES, lists.name, key_of(review), len(references))


def ask_references(
    context: Context, run_id: int, lists: ReferenceLists, document: DocumentIds
) -> tuple[tuple[Reference, ...], str | None]:
    """A document's reference list, empty where it is not known, and what failed. The ledger has a row of it."""
    now = context.clock.now()
    with context.store.transaction() as session:
        row_id = ledger.open_lookup(
            session, run_id, lists.name, f"references of {key_of(document)}", kind=REFERENCES, now=now
        )
    try:
        found, error = lists.references(document) or (), None
    except SourceError as failure:
        found, error = (), f"{type(failure).__name__}: {failure}"
    with context.store.transaction() as session:
        ledger.close_list(session, row_id, listed=len(found), error=error, now=now)
    return found, error


def _look_up(
    context: Context,
    run_id: int,
    review: DocumentIds,
    references: Sequence[Reference],
    resolvers: Sequence[Resolver],
    trail: _Trail,
    keep_lease: Callable[[], None],
) -> bool:
    """Fetch what the list names and the library lacks, from the first resolver that has it; whether all answered.

    Where one fails the next is not asked in its place: the night after begins anew, and ends as if none had failed.
    """
    key = key_of(review)
    wanted = list({key_of(one): one for one in map(referred, references) if one is not None}.values())
    for resolver in resolvers:
        with context.store.transaction() as session:
            wanted = [one for one in wanted if not _is_held(session, one)]
        if not wanted:
            break
        question = LookUp(
            resolver.name,
            REFERENCES,
            f"look up {len(wanted)} references of {key}",
            f"reference_of {key}",
            partial(resolver.look_up, tuple(wanted)),
        )
        outcome = ask_source(context, run_id, question, keep_lease=keep_lease)
        trail.add(outcome)
        if not outcome.complete:
            return False
    return True


def _is_held(session: Session, document: DocumentIds) -> bool:
    return library.find_record(session, pmid=document.pmid, doi=document.doi) is not None


def _due(documents: Iterable[DocumentIds], asked: dict[str, datetime], before: datetime) -> list[DocumentIds]:
    """Those never asked about, then those asked about longest ago."""
    waiting = [one for one in documents if key_of(one) not in asked or asked[key_of(one)] <= before]
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(waiting, key=lambda one: (asked.get(key_of(one), never), key_of(one)))


def _note(context: Context, kind: str, source: str, key: str, count: int) -> None:
    with context.store.transaction() as session:
        inquiries.note(session, kind, source, [(key, count)], now=context.clock.now())
