"""Why the screener ranked a report where it did."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ivigil.errors import IvigilError, NotFound
from ivigil.screening import Screener
from ivigil.screening.base import Neighbour, TermWeight
from ivigil.store import library, ranked
from ivigil.surveillance.context import Context
from ivigil.surveillance.ranking import load_row
from ivigil.surveillance.training import document_of

log = logging.getLogger(__name__)
_loaded: dict[tuple[Path, str], Screener] = {}  # the champion in use: loading it anew takes longer than asking it


@dataclass(frozen=True)
class Likeness:
    """A labelled report and how like it the explained one is (cosine, 0 to 1)."""

    report_id: int
    title: str
    likeness: float


@dataclass(frozen=True)
class Why:
    """What moved a report's score (`blocks` add up to it); `unknown` says why nothing can be said."""

    screener: str = ""
    terms_for: tuple[TermWeight, ...] = ()
    terms_against: tuple[TermWeight, ...] = ()
    nearest_included: tuple[Likeness, ...] = ()
    nearest_excluded: tuple[Likeness, ...] = ()
    blocks: Mapping[str, float] = field(default_factory=dict)
    criteria_likeness: float | None = None
    criteria_terms: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unknown: str = ""


def explain_report(context: Context, report_id: int) -> Why:
    """What moved the champion's score of a report. A model that cannot be read is said, not raised.

    Raises:
        NotFound: no such report.
    """
    with context.store.reading() as session:
        report = library.resolve_report(session, report_id)
        if report is None:
            raise NotFound(f"no report {report_id}")
        row = ranked.champion(session, context.protocol.name)
    if row is None:
        return Why(unknown="No screener has been trained yet.")
    key = (context.screener_folder, row.sha256)
    try:
        if key not in _loaded:
            screener = load_row(context, row)
            _loaded.clear()
            _loaded[key] = screener
        found = _loaded[key].explain(document_of(report.best, report.id))
    except IvigilError as error:
        log.warning("nothing can be explained: %s", error, extra={"screener": row.version})
        unreadable = f"Screener {row.version} cannot be read from its file, so nothing can be explained."
        return Why(screener=row.version, unknown=unreadable)
    return Why(
        screener=row.version,
        terms_for=found.terms_for,
        terms_against=found.terms_against,
        nearest_included=_named(context, found.nearest_included),
        nearest_excluded=_named(context, found.nearest_excluded),
        blocks=found.blocks,
        criteria_likeness=found.criteria_likeness,
        criteria_terms=found.criteria_terms,
        notes=found.notes,
    )


def _named(context: Context, neighbours: tuple[Neighbour, ...]) -> tuple[Likeness, ...]:
    named = []
    with context.store.reading() as session:
        for neighbour in neighbours:
            if not neighbour.id.isdigit():
                continue
            report = library.resolve_report(session, int(neighbour.id))
            if report is not None:
                named.append(Likeness(report.id, report.title, neighbour.likeness))
    return tuple(named)
