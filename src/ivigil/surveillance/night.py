"""One surveillance night: the same steps in the same order for the command line and for the flow.

Each step may be killed and repeated: what it wrote stays, what it did not write is found again from the store.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from ivigil.errors import ConfigurationError, LeaseHeld
from ivigil.sources.base import Window
from ivigil.store import ledger
from ivigil.store.ledger_tables import RunRow
from ivigil.surveillance.after_night import send_heartbeat
from ivigil.surveillance.assessing import assess_reports
from ivigil.surveillance.chasing import chase
from ivigil.surveillance.context import Context
from ivigil.surveillance.drifting import DRIFT, note_drift
from ivigil.surveillance.enriching import enrich
from ivigil.surveillance.full_texts import find_full_texts
from ivigil.surveillance.inbox import FirstLook, import_waiting, look_into
from ivigil.surveillance.lease import Lease, take_lease
from ivigil.surveillance.linking import link_records
from ivigil.surveillance.night_source import SourceOutcome, search_night
from ivigil.surveillance.ranking import score_reports
from ivigil.surveillance.second_reading import read_again
from ivigil.surveillance.steps import Step
from ivigil.surveillance.study_alerts import raise_study_alerts
from ivigil.surveillance.trials import raise_trial_alerts
from ivigil.surveillance.watching import watch_held

log = logging.getLogger(__name__)

NIGHT, SINGLE = "night", "single-source"


@dataclass(frozen=True)
class OpenNight:
    """A night that has begun, or (`covered_by`) a slot that another run has searched through already."""

    run_id: int
    kind: str
    sources: tuple[str, ...]
    lease: Lease | None
    covered_by: int | None = None
    inbox: FirstLook = field(default_factory=dict)

    def keep_lease(self) -> None:
        """Hold the lease for another full term.

        Raises:
            LeaseHeld: it ran out meanwhile and another run took it.
        """
        if self.lease is not None:
            self.lease.renew()


@dataclass(frozen=True)
class Tally:
    """What the steps after the searches counted."""

    new_reports: int = 0
    eligible: int = 0
    alerts: int = 0
    watched: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)


@dataclass(frozen=True)
class NightSummary:
    """What a night did; `as_json` has the documented keys.

    `steps` are those beside the searches, by name; `notes` say what they could not do, and which source was not asked.
    """

    run_id: int
    status: str
    window: Window | None
    sources: tuple[SourceOutcome, ...] = ()
    new_records: int = 0
    changed_records: int = 0
    new_reports: int = 0
    eligible: int = 0
    alerts: int = 0
    watched: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    drift: dict[str, Any] | None = None
    why: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The summary as `ivigil run --json` prints it."""
        expected = [id_ for outcome in self.sources for id_ in outcome.canaries.expected]
        lost = [id_ for outcome in self.sources for id_ in outcome.canaries.lost]
        unknown = [id_ for outcome in self.sources if outcome.canaries.error for id_ in outcome.canaries.expected]
        missing = {*lost, *unknown}
        return {
            "run_id": self.run_id,
            "status": self.status,
            "why": self.why,
            "window": {"start": self.window.start.isoformat(), "end": self.window.end.isoformat()}
            if self.window
            else None,
            "searches": [outcome.as_json() for outcome in self.sources],
            "new_records": self.new_records,
            "changed_records": self.changed_records,
            "new_reports": self.new_reports,
            "eligible": self.eligible,
            "alerts": self.alerts,
            "watched": self.watched,
            **{name: step.as_json() for name, step in self.steps.items()},
            "notes": list(self.notes),
            DRIFT: self.drift,
            "canaries": {
                "expected": expected,
                "found": [id_ for id_ in expected if id_ not in missing],
                "lost": lost,
                "unknown": unknown,
                "unconfirmed": [id_ for outcome in self.sources for id_ in outcome.canaries.unconfirmed],
            },
        }


def open_night(context: Context, *, sources: Sequence[str] | None = None, slot: datetime | None = None) -> OpenNight:
    """Take the lease, close what a killed run left open, and open the ledger row.

    A scheduled `slot` that a complete run has already searched through is recorded as covered instead: after downtime
    a scheduler fires every slot it missed, and one run covers them all.

    Raises:
        LeaseHeld: another run is at work.
    """
    enabled = context.searched_sources()
    wanted = tuple(sources) if sources else tuple(enabled)
    for name in wanted:
        if name not in enabled:
            raise ConfigurationError(f"{name!r} is not an enabled source with a strategy", field="--source")
    kind = NIGHT if set(wanted) == set(enabled) else SINGLE
    lease = take_lease(context.store, context.clock)
    try:
        with context.store.transaction() as session:
            interrupted = ledger.close_interrupted(session, now=context.clock.now())
            if interrupted:
                log.warning("closed interrupted runs", extra={"runs": interrupted})
            done = ledger.last_complete_run(session, NIGHT)
            if slot is not None and done is not None and done.as_of >= slot:
                run_id = ledger.cover_run(session, NIGHT, as_of=slot, covered_by=done.id, now=context.clock.now())
                covered_by = done.id
            else:
                run_id = ledger.open_run(session, kind, as_of=context.clock.now(), now=context.clock.now())
                covered_by = None
    except BaseException:
        lease.release()
        raise
    if covered_by is not None:
        lease.release()
        return OpenNight(run_id, NIGHT, wanted, None, covered_by)
    return OpenNight(run_id, kind, wanted, lease, inbox=look_into(context.settings.home))


def night_source(context: Context, night: OpenNight, source: str) -> SourceOutcome:
    """One source's part of the night."""
    return search_night(context, night.run_id, source, keep_lease=night.keep_lease)


def import_step(context: Context, night: OpenNight) -> Step:
    """Import what waits in the inbox since before the night began."""
    return import_waiting(context, night.run_id, night.inbox, keep_lease=night.keep_lease)


def chase_step(context: Context, night: OpenNight) -> Step:
    """Follow the citations that are due."""
    return chase(context, night.run_id, keep_lease=night.keep_lease)


def link_step(context: Context, night: OpenNight) -> int:
    """Link what came in; returns how many reports are new."""
    with context.store.transaction() as session:
        outcome = link_records(session, now=context.clock.now())
    log.info("linked", extra={"run": night.run_id, "records": outcome.records, "new_reports": outcome.new_reports})
    return outcome.new_reports


def enrich_step(context: Context, night: OpenNight) -> tuple[dict[str, Step], int]:
    """Fill in what is thin, link what came, and find open full texts; returns also how many reports are new."""
    enriched = enrich(context, night.run_id, keep_lease=night.keep_lease)
    new_reports = link_step(context, night)
    located = find_full_texts(context, night.run_id, keep_lease=night.keep_lease)
    return {"enriched": enriched, "full_texts": located}, new_reports


def score_step(context: Context, night: OpenNight) -> int:
    """Score what has no score under the champion; returns how many."""
    count = score_reports(context)
    log.info("scored", extra={"run": night.run_id, "reports": count})
    return count


def assess_step(context: Context, night: OpenNight) -> tuple[int, int]:
    """Read the criteria of what is unread and raise the alerts that follow, in one transaction; then look for drift.

    Where a second reader is set, the alerts wait for `second_reading_step`.

    Returns how many candidates read in this run are eligible, and how many alerts were raised.
    """
    with context.store.transaction() as session:
        eligible = assess_reports(context, session)
        alerts = 0 if context.settings.second_reader else raise_study_alerts(context, session, night.run_id)
        alerts += raise_trial_alerts(context, session, night.run_id)
    log.info("assessed", extra={"run": night.run_id, "eligible": eligible, "alerts": alerts})
    note_drift(context, night.run_id)
    return eligible, alerts


def second_reading_step(context: Context, night: OpenNight) -> int:
    """Have a second reader read too, where one is set, and raise the alerts that waited for it; returns how many."""
    if context.settings.second_reader is None:
        return 0
    readings = read_again(context, keep_lease=night.keep_lease)
    with context.store.transaction() as session:
        alerts = raise_study_alerts(context, session, night.run_id)
    log.info("read again", extra={"run": night.run_id, **asdict(readings), "alerts": alerts})
    return alerts


def close_night(
    context: Context,
    night: OpenNight,
    outcomes: Sequence[SourceOutcome],
    tally: Tally,
    *,
    failure: str | None = None,
) -> NightSummary:
    """Close the ledger row and give the lease back."""
    reasons = [failure] if failure else []
    reasons += [error for outcome in outcomes for error in outcome.errors]
    if tally.watched.get("error"):
        reasons.append(f"watch: {tally.watched['error']}")
    status = ledger.FAILED if failure else (ledger.PARTIAL if reasons else ledger.COMPLETE)
    starts = [outcome.window.start for outcome in outcomes]
    with context.store.reading() as session:
        drift = session.get_one(RunRow, night.run_id).summary.get(DRIFT)
    summary = NightSummary(
        run_id=night.run_id,
        status=status,
        window=Window(min(starts), context.clock.today()) if starts else None,
        sources=tuple(outcomes),
        new_records=sum(outcome.intake.new for outcome in outcomes)
        + sum(step.new for step in tally.steps.values())
        + tally.watched.get("new", 0),
        changed_records=sum(outcome.intake.changed for outcome in outcomes)
        + sum(step.changed for step in tally.steps.values()),
        new_reports=tally.new_reports,
        eligible=tally.eligible,
        alerts=tally.alerts + sum(outcome.alerts for outcome in outcomes),
        watched=tally.watched,
        steps=tally.steps,
        notes=tuple(_notes(context, outcomes, tally)),
        drift=drift,
        why="; ".join(reasons) or None,
    )
    with context.store.transaction() as session:
        row = session.get_one(RunRow, night.run_id)
        if row.status == ledger.RUNNING:
            ledger.close_run(
                session,
                night.run_id,
                status=status,
                summary=summary.as_json(),
                now=context.clock.now(),
                why=summary.why,
            )
    if night.lease is not None:
        night.lease.release()
    if night.kind == NIGHT:
        send_heartbeat(context, status)
    return summary


def run_night(
    context: Context,
    *,
    sources: Sequence[str] | None = None,
    slot: datetime | None = None,
    progress: Callable[[str], None] = lambda _step: None,
) -> NightSummary:
    """A whole night; `progress` is told each step's name as it begins.

    Raises:
        LeaseHeld: another run is at work; nothing was done.
    """
    night = open_night(context, sources=sources, slot=slot)
    if night.lease is None:
        return NightSummary(night.run_id, ledger.COVERED, None, why=f"run {night.covered_by} already covers this slot")
    lease = night.lease
    outcomes: list[SourceOutcome] = []
    try:
        for source in night.sources:
            progress(f"searching {source}")
            lease.renew()
            outcomes.append(night_source(context, night, source))
        progress("importing from the inbox")
        lease.renew()
        steps = {"imported": import_step(context, night)}
        progress("following citations")
        lease.renew()
        steps["chased"] = chase_step(context, night)
        progress("looking again at what is held")
        lease.renew()
        watched = watch_held(context, night.run_id, keep_lease=night.keep_lease)
        progress("linking")
        new_reports = link_step(context, night)
        progress("filling in thin records")
        lease.renew()
        filled_in, more_reports = enrich_step(context, night)
        steps |= filled_in
        new_reports += more_reports
        progress("ranking")
        lease.renew()
        score_step(context, night)
        progress("reading the criteria")
        eligible, alerts = assess_step(context, night)
        alerts += second_reading_step(context, night)
    except LeaseHeld:
        raise
    except Exception as failure:
        close_night(context, night, outcomes, Tally(), failure=f"{type(failure).__name__}: {failure}")
        raise
    progress("closing the ledger")
    return close_night(context, night, outcomes, Tally(new_reports, eligible, alerts, watched, steps))


def _notes(context: Context, outcomes: Sequence[SourceOutcome], tally: Tally) -> list[str]:
    found = [f"{name}: {why}" for name, why in context.unconfigured_sources().items()]
    found += [f"reconciliation: {o.reconciled.error}" for o in outcomes if o.reconciled and o.reconciled.error]
    return found + [f"{name}: {error}" for name, step in tally.steps.items() for error in step.errors]
