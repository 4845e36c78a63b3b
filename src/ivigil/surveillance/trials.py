"""The protocol's registered trials: a change of status, or results posted, is told of once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ivigil.alerts import AlertContent, AlertKind, Urgency, study_facts
from ivigil.records import Record, TrialState
from ivigil.sources.identifiers import clean_registry_id
from ivigil.store import Session, library
from ivigil.surveillance.alerting import protocol_name, raise_once
from ivigil.surveillance.context import Context
from ivigil.surveillance.watching import REGISTRY, watched_trials


def raise_trial_alerts(context: Context, session: Session, run_id: int) -> int:
    """Raise an alert for each change of a watched trial since its first reading; returns how many.

    The first reading is the baseline. What is due is worked out from the states the store holds, so that a change is
    told of once whatever was killed in between.
    """
    notes = {clean_registry_id("", trial.id): trial.note for trial in context.protocol.trials}
    raised = 0
    for number in watched_trials(context.protocol):
        row = library.find_by_key(session, REGISTRY, number)
        if row is None:
            continue
        for place, (before, after) in enumerate(pairwise([*library.earlier_states(session, row.id), row.data])):
            changes = list(_changes(before, after))
            if not changes:
                continue
            content = AlertContent(
                kind=AlertKind.TRIAL_CHANGED,
                urgency=Urgency.HIGH if _has_results(after) and not _has_results(before) else Urgency.NORMAL,
                protocol=protocol_name(context),
                summary=f"{number}: {'; '.join(changes)}.",
                details=tuple(note for note in (notes.get(number),) if note),
                study=study_facts(after, None, [(REGISTRY, row.way)]),
                run_id=run_id,
                as_of=context.clock.today(),
            )
            raised += raise_once(context, session, f"{AlertKind.TRIAL_CHANGED}:{number}:{place}", content)
    return raised


def _changes(before: Record, after: Record) -> Iterator[str]:
    """What happened between two readings, in words; changes of anything but status and results are none."""
    was, now = before.trial, after.trial
    if was is None or now is None:
        return
    if was.status != now.status:
        stopped = f" ({now.why_stopped})" if now.why_stopped else ""
        yield f"the trial is now {_said(now)}{stopped}; before it was {_said(was)}"
    if _has_results(after) and not _has_results(before):
        yield f"results were posted on {now.results_posted}"
    elif _has_results(before) and not _has_results(after):
        yield "its posted results are gone"


def _said(state: TrialState) -> str:
    return state.status.replace("_", " ").lower()


def _has_results(record: Record) -> bool:
    return record.trial is not None and record.trial.results_posted is not None
