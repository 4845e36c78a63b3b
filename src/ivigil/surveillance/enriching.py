"""Fills in thin records: what one source left out, another is asked for.

Nothing a source said is overwritten. What is found is a record of the source it came from, linked to the same report; a
report shows the best value of each field and says which record gave it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from ivigil.linking import compare, keys
from ivigil.linking.best_values import best_values
from ivigil.records import Record, RecordKind
from ivigil.sources.base import DocumentIds, Resolver
from ivigil.store import Session, inquiries, judgements, library
from ivigil.store.ledger import ENRICHMENT
from ivigil.store.tables import RecordRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.documents import document_of
from ivigil.surveillance.searching import LookUp, ask_source
from ivigil.surveillance.steps import Step

AGAIN = timedelta(days=30)
"""After so long a source that knew nothing of a document is asked once more."""
DOCUMENTS_A_NIGHT = 60
PREPRINT_SERVERS = "rxiv"
PUBLISHED_AS = frozenset({"publishedas", "published-as", "ispreprintof", "is-preprint-of", "preprintof"})


@dataclass(frozen=True)
class Thin:
    """One document to be filled in, under the name it is remembered by, and what is held of it."""

    about: str
    document: DocumentIds
    held: tuple[Record, ...]


@dataclass
class _Match:
    """Tells which records of an answer are of the documents that were asked for."""

    asked: Sequence[Thin]
    found: set[str] = field(default_factory=set)
    by_key: dict[str, list[tuple[Thin, Record]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for thin in self.asked:
            for record in thin.held:
                for key in keys(record):
                    self.by_key.setdefault(key, []).append((thin, record))

    def __call__(self, _session: Session, record: Record) -> bool:
        """Whether the record certainly belongs to what is held: a look-up by title may bring another paper."""
        pairs = [pair for key in keys(record) for pair in self.by_key.get(key, ())]
        mine = {thin.about for thin, held in pairs if (link := compare(record, held)) and link.strength == "certain"}
        self.found |= mine
        return bool(mine)


def enrich(context: Context, run_id: int, *, keep_lease: Callable[[], None] = lambda: None) -> Step:
    """Ask every enabled resolver about the thin documents it has not been asked about lately.

    Linking is the caller's.
    """
    new, changed, asked, found, errors = 0, 0, 0, 0, []
    resolvers = context.resolvers()
    with context.store.transaction() as session:
        documents = _documents(session) if resolvers else []
    for resolver in resolvers:
        with context.store.transaction() as session:
            due = _due(context, session, resolver, documents)[:DOCUMENTS_A_NIGHT]
        if not due:
            continue
        match = _Match(due)
        question = LookUp(
            resolver.name,
            ENRICHMENT,
            f"look up {len(due)} thin documents: {', '.join(thin.about for thin in due)}",
            ENRICHMENT,
            partial(resolver.look_up, tuple(thin.document for thin in due)),
            wants=match,
        )
        outcome = ask_source(context, run_id, question, keep_lease=keep_lease)
        new, changed = new + outcome.intake.new, changed + outcome.intake.changed
        asked, found = asked + len(due), found + len(match.found)
        if outcome.error:
            errors.append(outcome.error)
            continue
        # An entry that could not be read may be of any of those that were not found: they are asked about again.
        answered = [thin for thin in due if thin.about in match.found or not outcome.unread]
        counts = [(thin.about, int(thin.about in match.found)) for thin in answered]
        with context.store.transaction() as session:
            inquiries.note(session, ENRICHMENT, resolver.name, counts, now=context.clock.now())
    return Step(new, changed, tuple(errors), {"asked": asked, "found": found})


def is_thin(record: Record) -> bool:
    """Whether a report lacks its abstract or every identifier. A registration has no DOI and no PMID by its nature."""
    return record.kind is not RecordKind.REGISTRATION and (not record.abstract or not (record.pmid or record.doi))


def published_dois(record: Record) -> list[str]:
    """Under which DOIs a preprint says, or its server, that it was published."""
    return [one.doi for one in record.relations if one.kind.lower() in PUBLISHED_AS and one.doi]


@dataclass(frozen=True)
class _Document:
    """One report as its sources gave it, what look-ups added apart: what another source said makes it no less thin.

    Thereby each resolver is asked about it once, whichever of them failed on whichever night.
    """

    own: Record
    rows: Sequence[RecordRow]

    @property
    def held(self) -> tuple[Record, ...]:
        return tuple(row.data for row in self.rows)


def _documents(session: Session) -> list[_Document]:
    """The reports that nobody excluded and that are thin or preprints, newest first."""
    excluded = {id_ for id_, included in judgements.labels_by_report(session).items() if not included}
    wanted = [id_ for id_ in library.report_ids(session) if id_ not in excluded]
    found = []
    for _report_id, rows in sorted(library.records_of(session, wanted).items(), reverse=True):
        given = [row.data for row in rows if row.way != ENRICHMENT] or [row.data for row in rows]
        if not given:
            continue
        own = best_values(given)
        if (own.title or own.doi or own.pmid) and (is_thin(own) or _is_preprint(own)):
            found.append(_Document(own, rows))
    return found


def _due(context: Context, session: Session, resolver: Resolver, documents: Sequence[_Document]) -> list[Thin]:
    """What to ask this resolver about: not what it was asked about lately."""
    asked = inquiries.asked_at(session, ENRICHMENT, resolver.name)
    before = context.clock.now() - AGAIN
    wanted = [thin for document in documents for thin in _wanted(session, document, resolver.name)]
    return [thin for thin in wanted if thin.about not in asked or asked[thin.about] <= before]


def _wanted(session: Session, document: _Document, resolver: str) -> list[Thin]:
    """A thin report that the resolver has said nothing of, a preprint without an article, an article of a preprint."""
    lead = document.rows[0]
    whole = Thin(f"{lead.source}:{lead.source_id}"[:450], document_of(document.own), document.held)
    articles = [doi for record in document.held for doi in published_dois(record)] if _is_preprint(document.own) else []
    if resolver == PREPRINT_SERVERS:
        return [whole] if _is_preprint(document.own) and not articles else []
    is_asked = is_thin(document.own) and all(row.source != resolver for row in document.rows)
    return ([whole] if is_asked else []) + [
        Thin(f"doi:{doi}", DocumentIds(doi=doi), document.held)
        for doi in dict.fromkeys(articles)
        if library.find_record(session, doi=doi) is None
    ]


def _is_preprint(record: Record) -> bool:
    return record.kind is RecordKind.PREPRINT and record.doi is not None
