"""Finds where a report can be read freely, for those that somebody will want to read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ivigil.alerts.text import is_web_address
from ivigil.errors import SourceError
from ivigil.sources.base import FullText, FullTextLocator
from ivigil.store import Session, assessed, full_texts, inquiries, ledger, library
from ivigil.store.ledger import FULL_TEXTS
from ivigil.surveillance.assessing import ELIGIBLE, NEEDS_FULL_TEXT
from ivigil.surveillance.context import Context
from ivigil.surveillance.enriching import AGAIN, DOCUMENTS_A_NIGHT
from ivigil.surveillance.settled import settled_reports
from ivigil.surveillance.steps import Step
from ivigil.surveillance.watching import watched_reports

MOST_FAILURES = 3
"""So many failures in a row, and a source is left alone until the next night."""


def find_full_texts(context: Context, run_id: int, *, keep_lease: Callable[[], None] = lambda: None) -> Step:
    """Ask every enabled locator about the documents that are due; each answer is one transaction.

    A document without an open copy is asked about again after `AGAIN`, one that has a copy is not.
    """
    asked, found, errors = 0, 0, []
    for locator in context.full_text_locators():
        with context.store.transaction() as session:
            due = _due(context, session, locator.name)[:DOCUMENTS_A_NIGHT]
        if not due:
            continue
        answers = list(_ask(context, run_id, locator, due, keep_lease))
        asked += sum(error is None for _, error in answers)
        found += sum(is_open for is_open, _ in answers)
        errors += [error for _, error in answers if error is not None]
    return Step(errors=tuple(dict.fromkeys(errors)), counts={"asked": asked, "found": found})


def _ask(
    context: Context, run_id: int, locator: FullTextLocator, dois: list[str], keep_lease: Callable[[], None]
) -> Iterator[tuple[bool, str | None]]:
    """Ask about each DOI in turn; gives whether a copy was found, and what went wrong."""
    question = f"locate {len(dois)} documents: {', '.join(f'doi:{doi}' for doi in dois)}"
    with context.store.transaction() as session:
        row_id = ledger.open_lookup(session, run_id, locator.name, question, kind=FULL_TEXTS, now=context.clock.now())
    found, failures, error = 0, 0, None
    for doi in dois:
        keep_lease()
        try:
            answer = locator.locate(doi)
        except SourceError as failure:
            error = f"{type(failure).__name__}: {failure}"
            yield False, error
            if (failures := failures + 1) == MOST_FAILURES:
                break
            continue
        failures = 0
        is_open = _keep(context, locator.name, doi, answer)
        found += is_open
        yield is_open, None
    with context.store.transaction() as session:
        ledger.close_list(session, row_id, listed=found, error=error, now=context.clock.now())


def _keep(context: Context, source: str, doi: str, answer: FullText | None) -> bool:
    """Keep the best copy that a browser may be sent to; whether there is one."""
    copies = answer.copies if answer is not None and answer.doi == doi else ()
    best = next((copy for copy in copies if is_web_address(copy.url)), None)
    now = context.clock.now()
    with context.store.transaction() as session:
        if best is not None:
            full_texts.keep(session, doi, source, best, now=now)
        inquiries.note(session, FULL_TEXTS, source, [(f"doi:{doi}", int(best is not None))], now=now)
    return best is not None


def _due(context: Context, session: Session, source: str) -> list[str]:
    """DOIs to ask this source about: never asked first, as far as they are wanted most."""
    asked = inquiries.asked_at(session, FULL_TEXTS, source)
    found = inquiries.found(session, FULL_TEXTS, source)
    before = context.clock.now() - AGAIN
    wanted = _wanted(context, session)
    never = [doi for doi in wanted if f"doi:{doi}" not in asked]
    again = [doi for doi in wanted if (key := f"doi:{doi}") in asked and not found[key] and asked[key] <= before]
    return never + again


def _wanted(context: Context, session: Session) -> list[str]:
    """DOIs of undecided reports that read as eligible, then of those whose text must be read, then of watched ones."""
    settled = settled_reports(context, session)
    read: dict[str, list[int]] = {ELIGIBLE: [], NEEDS_FULL_TEXT: []}
    for report_id, reading in assessed.assessments_under(session, context.criteria_hash).items():
        if reading.verdict in read and report_id not in settled:
            read[reading.verdict].append(report_id)
    groups = (*read.values(), watched_reports(session))
    ids = [report_id for group in groups for report_id in sorted(group, reverse=True)]
    reports = library.reports_by_id(session, list(dict.fromkeys(ids)))
    dois = [reports[report_id].best.doi for report_id in ids if report_id in reports]
    return list(dict.fromkeys(doi for doi in dois if doi))
