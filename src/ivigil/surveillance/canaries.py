"""Canaries: each strategy must still return the studies it is known to hold. Silence is not proof of nothing new."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivigil.errors import SourceError
from ivigil.protocol import KnownStudy
from ivigil.store import ledger
from ivigil.surveillance.context import Context


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
    """Identifier in the source's own form -> the known study it stands for."""
    form = {"pubmed": "{}", "europepmc": "MED/{}"}.get(source)
    if form is None:
        return {}
    return {
        form.format(study.pmid): study for study in context.protocol.verified_studies if study.pmid and study.canary
    }


def newly_lost(context: Context, outcome: CanaryOutcome) -> list[str]:
    """Of the lost ones, those that the newest readable check before this still found: each loss is told once."""
    with context.store.transaction() as session:
        before = {row.source: set(row.lost) for row in ledger.latest_canaries(session)}
    return [id_ for id_ in outcome.lost if id_ not in before.get(outcome.source, set())]
