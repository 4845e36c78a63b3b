"""Canaries: each strategy must still return the studies it is known to hold. Silence is not proof of nothing new."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivigil.errors import SourceError
from ivigil.protocol import KnownStudy
from ivigil.store import library
from ivigil.surveillance.context import Context
from ivigil.surveillance.own_ids import OWN_IDS, OwnIds


@dataclass(frozen=True)
class CanaryOutcome:
    """Identifiers a source's strategy should return, and those it did not."""

    source: str
    expected: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    error: str | None = None
    studies: dict[str, KnownStudy] = field(default_factory=dict)


def check_canaries(context: Context, source: str) -> CanaryOutcome:
    """Ask a source which of the known studies its strategy returns now. Writes nothing."""
    studies = expected_identifiers(context, source)
    if not studies:
        return CanaryOutcome(source)
    expected = tuple(sorted(studies))
    try:
        held = context.source(source).held(context.protocol.strategies[source], expected)
    except SourceError as failure:
        return CanaryOutcome(source, expected, (), f"{type(failure).__name__}: {failure}", studies)
    return CanaryOutcome(source, expected, tuple(id_ for id_ in expected if id_ not in held), None, studies)


def expected_identifiers(context: Context, source: str) -> dict[str, KnownStudy]:
    """Identifier in the source's own form -> the known study it stands for.

    PubMed and Europe PMC hold whatever has a PMID. Of another source it is not known what it holds until a search has
    brought it; from then on it must bring it again.
    """
    own = OWN_IDS.get(source, OwnIds(".+"))
    studies = [study for study in context.protocol.verified_studies if study.canary]
    found = {identifier: study for study in studies if (identifier := own.of_study(study))}
    if found:
        return found
    with context.store.transaction() as session:
        for study in studies:
            row = library.found_by_search(session, source, pmid=study.pmid, doi=study.doi)
            if row is not None and own.fits(row.source_id):
                found[row.source_id] = study
    return found
