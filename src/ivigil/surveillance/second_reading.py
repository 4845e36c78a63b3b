"""Has a second reader read the criteria beside the rules, where one is set. Nothing depends on it.

Its reading is kept with its prompt, model and cost, and shown beside the rules'. Where one of the two would include
what the other excludes, the report needs its full text: a person decides. A reader that does not answer leaves the
night whole, and is asked again the next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ivigil.eligibility.second_reader import asked_of, disputed, messages, read_answer, set_beside
from ivigil.errors import TransportError
from ivigil.settings import SecondReader
from ivigil.store import assessed
from ivigil.store.pending import Pending
from ivigil.store.second_readings import SecondReadingRow, without_second_reading
from ivigil.surveillance.assessing import INELIGIBLE
from ivigil.surveillance.context import Context
from ivigil.surveillance.places import Places, places_of
from ivigil.surveillance.second_reader import Reply, ask

log = logging.getLogger(__name__)

LONGEST_SECONDS = 600.0
"""How long a night waits for the second reader in all."""
FAILURES = 3
"""Failed questions in a row after which it is taken to be away."""


@dataclass(frozen=True)
class SecondReadings:
    """What a night's second readings came to."""

    read: int = 0
    disputed: int = 0
    failed: int = 0
    cost: float | None = None


def read_again(context: Context, *, keep_lease: Callable[[], None] = lambda: None) -> SecondReadings:
    """Ask the second reader about the reports that matter most and that it has not read, the best ranked first."""
    reader = context.settings.second_reader
    if reader is None:
        return SecondReadings()
    read = disagreed = failed = in_a_row = 0
    costs: list[float] = []
    until = time.monotonic() + LONGEST_SECONDS
    for pending, reading in _waiting(context, reader):
        if in_a_row >= FAILURES or time.monotonic() > until:
            log.warning("the second reader is left alone for this night", extra={"failed": failed})
            break
        keep_lease()
        asked = messages(pending.best, asked_of(reading), _task(context), _minimum(context))
        try:
            reply = ask(reader, asked)
        except TransportError as failure:
            log.warning("no second reading: %s", failure, extra={"report": pending.report_id, "model": reader.model})
            failed, in_a_row = failed + 1, in_a_row + 1
            continue
        in_a_row = 0
        is_disputed = _keep(context, reader, pending, reading, asked, reply)
        read, disagreed = read + 1, disagreed + is_disputed
        costs += [reply.cost] if reply.cost is not None else []
    return SecondReadings(read, disagreed, failed, sum(costs) if costs else None)


def _waiting(context: Context, reader: SecondReader) -> list[tuple[Pending, dict[str, Any]]]:
    """Undecided reports with an abstract that the rules did not exclude, or that the screener thinks likely even so."""
    with context.store.transaction() as session:
        places = places_of(context, session)
        rules = assessed.assessments_under(session, context.criteria_hash)
        worth = [id_ for id_ in places.ranks if id_ in rules and _is_worth_it(places, id_, rules[id_].verdict)]
        unread = without_second_reading(session, context.criteria_hash, reader.model, worth)
        found = [unread[id_] for id_ in worth if id_ in unread and unread[id_][0].best.abstract]
        return [(pending, row.reading) for pending, row in found[: reader.reports_per_night]]


def _is_worth_it(places: Places, report_id: int, verdict: str) -> bool:
    place = places.of(report_id)
    likely = place.threshold is not None and place.score is not None and place.score >= place.threshold
    return verdict != INELIGIBLE or likely


def _keep(
    context: Context,
    reader: SecondReader,
    pending: Pending,
    reading: dict[str, Any],
    asked: list[dict[str, str]],
    reply: Reply,
) -> bool:
    """Store an answer and set it beside the rules' reading, in one transaction; whether the two are in dispute."""
    second, error = None, None
    try:
        second = read_answer(reply.text, pending.best, reading)
    except ValueError as unusable:
        error = str(unusable)
    facts = {"report": pending.report_id, "model": reader.model, "cost": reply.cost}
    facts |= {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens, "error": error}
    log.info("second reading", extra=facts)
    with context.store.transaction() as session:
        mine = [pending.report_id]
        held = without_second_reading(session, context.criteria_hash, reader.model, mine).get(pending.report_id)
        if held is None or held[0].text_hash != pending.text_hash:
            return False  # read by another run meanwhile, or of a text that is no longer there
        session.add(
            SecondReadingRow(
                report_id=pending.report_id,
                criteria_hash=context.criteria_hash,
                text_hash=pending.text_hash,
                model=reader.model,
                verdict=second["verdict"] if second else None,
                reading=second or {},
                prompt=asked,
                answer=reply.text,
                error=error,
                input_tokens=reply.input_tokens,
                output_tokens=reply.output_tokens,
                cost=reply.cost,
                read_at=context.clock.now(),
            )
        )
        if second is None:
            return False
        row = held[1]
        row.reading = set_beside(row.reading, {"model": reader.model, **second})
        row.verdict = row.reading["verdict"]
        return disputed(row.reading["rules_verdict"], second["verdict"])


def _task(context: Context) -> str:
    review = context.protocol.review
    return review.criteria_text or review.question or review.title


def _minimum(context: Context) -> int | None:
    size = context.protocol.criteria.sample_size
    return size.minimum if size is not None else None
