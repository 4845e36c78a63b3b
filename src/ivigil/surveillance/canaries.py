"""Canaries: each strategy must return the studies its source is known to hold. Silence is not proof of nothing new.

What a source is known to hold is what its own identifiers name (a PMID, PubMed), what the protocol says, and whatever
it has returned once. A study that it was never seen to hold is asked for all the same, and is no alarm: it may not be
there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ivigil.errors import SourceError
from ivigil.protocol import KnownStudy
from ivigil.store import Session, ledger, library
from ivigil.surveillance.context import Context
from ivigil.surveillance.own_ids import OWN_IDS, OwnIds


@dataclass(frozen=True)
class CanaryOutcome:
    """Identifiers a source's strategy must return, those it did not, and those it was never yet seen to hold."""

    source: str
    expected: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    error: str | None = None
    unconfirmed: tuple[str, ...] = ()
    studies: dict[str, KnownStudy] = field(default_factory=dict)


@dataclass(frozen=True)
class Askable:
    """The known studies that a source can be asked for, by its own identifier, and which of them it surely holds."""

    studies: dict[str, KnownStudy]
    expected: frozenset[str]


def check_canaries(context: Context, source: str) -> CanaryOutcome:
    """Ask a source which of the known studies its strategy returns now. Writes nothing."""
    with context.store.reading() as session:
        asked = askable_studies(context, session, source)
    if not asked.studies:
        return CanaryOutcome(source)
    identifiers = tuple(sorted(asked.studies))
    try:
        held = context.source(source).held(context.protocol.strategies[source], identifiers)
    except SourceError as failure:
        error = f"{type(failure).__name__}: {failure}"
        return _outcome(source, asked, asked.expected, frozenset(), error)
    expected = asked.expected | (held & asked.studies.keys())
    return _outcome(source, asked, expected, expected - held, None)


def askable_studies(context: Context, session: Session, source: str) -> Askable:
    """The known studies a source can be asked for."""
    own = OWN_IDS.get(source, OwnIds(".+"))
    confirmed = ledger.canaries_returned(session, source)
    found: dict[str, KnownStudy] = {}
    expected: set[str] = set()
    for study in context.protocol.verified_studies:
        if not study.canary:
            continue
        brought = library.found_by_search(session, source, pmid=study.pmid, doi=study.doi)
        identifier = own.of_study(study)
        if identifier is None and brought is not None and own.fits(brought.source_id):
            identifier = brought.source_id
        if identifier is None:
            continue
        found[identifier] = study
        if own.assures or brought is not None or identifier in confirmed or source in study.held_by:
            expected.add(identifier)
    return Askable(found, frozenset(expected))


def unconfirmed_canaries(context: Context, session: Session, source: str) -> tuple[str, ...]:
    """The known studies that a source was asked for and never yet seen to hold."""
    if not ledger.was_asked_for_canaries(session, source):
        return ()
    asked = askable_studies(context, session, source)
    return tuple(sorted(asked.studies.keys() - asked.expected))


def _outcome(
    source: str, asked: Askable, expected: frozenset[str], lost: frozenset[str], error: str | None
) -> CanaryOutcome:
    unconfirmed = asked.studies.keys() - expected
    return CanaryOutcome(
        source, tuple(sorted(expected)), tuple(sorted(lost)), error, tuple(sorted(unconfirmed)), asked.studies
    )
