"""The surveillance night as a flow: the steps of `ivigil run`, with retries, timeouts, concurrency and artifacts.

How a night ends is read from its state:

- Completed: every source was searched whole, or another run had covered this slot (the message says which).
- Partial, of type FAILED: a source stayed incomplete after its retries. Red on purpose: it needs no repair of the code,
  the next night covers the gap, but "nothing new" has not been proved. (Automations listen for
  `prefect.flow-run.Partial`; those that listen for `prefect.flow-run.Failed` alone do not hear it.)
- Failed: a step raised; the ledger has the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from prefect import flow, get_run_logger, runtime, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import FlowRunContext
from prefect.futures import PrefectFuture
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task

from alert import deliver_alerts
from events import emit_night
from ivigil.errors import IncompleteSearch, LeaseHeld, MalformedResponse, RateLimited, TransportError
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context, open_context
from ivigil.surveillance.lease import LASTS
from ivigil.surveillance.night import (
    NightSummary,
    OpenNight,
    Tally,
    assess_step,
    chase_step,
    close_night,
    enrich_step,
    import_step,
    link_step,
    night_source,
    open_night,
    score_step,
    second_reading_step,
)
from ivigil.surveillance.night_source import SourceOutcome
from ivigil.surveillance.steps import Step
from ivigil.surveillance.watching import watch_held

SHOWN = 50
STEP_SECONDS = timedelta(minutes=15).total_seconds()
# A search that outlived its lease could meet another run's; it renews the lease as it starts.
SEARCH_SECONDS = LASTS.total_seconds() * 0.8
PASSING = frozenset(error.__name__ for error in (TransportError, RateLimited, MalformedResponse, IncompleteSearch))
"""Failures of a source that may be over in minutes; a refused query or a wrong key is not."""


class Unfinished(Exception):
    """A source did not give a whole answer; `outcome` is what came of it so far."""

    def __init__(self, outcome: Any, why: str) -> None:
        super().__init__(outcome, why)
        self.outcome, self.why = outcome, why

    def __repr__(self) -> str:  # what Prefect logs
        return f"Unfinished: {self.why}"

    __str__ = __repr__


def is_passing(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed source is worth another try soon."""
    failure = state.data
    return isinstance(failure, Unfinished) and any(f"{name}: " in failure.why for name in PASSING)


def is_busy(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a run could not begin because another one was at work."""
    return isinstance(state.data, LeaseHeld)


@task(
    name="open",
    cache_policy=NO_CACHE,
    retries=3,
    retry_delay_seconds=[60, 300, 900],
    retry_condition_fn=is_busy,
    timeout_seconds=STEP_SECONDS,
)
def open_(context: Context, slot: datetime | None) -> OpenNight:
    """Take the lease and open the ledger row; waits a while for a run that somebody started by hand."""
    return open_night(context, slot=slot)


@task(
    name="search",
    task_run_name="search-{source}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[30, 180],
    retry_jitter_factor=0.3,
    retry_condition_fn=is_passing,
    timeout_seconds=SEARCH_SECONDS,
)
def search(context: Context, night: OpenNight, source: str) -> SourceOutcome:
    """Search one source; an incomplete search fails the task, so that it shows and can be tried again."""
    if night.lease is not None:
        night.lease.renew()
    outcome = night_source(context, night, source)
    if outcome.errors:
        raise Unfinished(outcome, "; ".join(outcome.errors))
    return outcome


@task(name="import", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def import_(context: Context, night: OpenNight) -> Step:
    """Import what waits in the inbox."""
    if night.lease is not None:
        night.lease.renew()
    return import_step(context, night)


@task(name="chase", cache_policy=NO_CACHE, timeout_seconds=SEARCH_SECONDS)
def chase(context: Context, night: OpenNight) -> Step:
    """Follow the citations that are due."""
    if night.lease is not None:
        night.lease.renew()
    return chase_step(context, night)


@task(name="enrich", cache_policy=NO_CACHE, timeout_seconds=SEARCH_SECONDS)
def enrich(context: Context, night: OpenNight) -> tuple[dict[str, Step], int]:
    """Fill in what is thin, link what came, and find open full texts."""
    if night.lease is not None:
        night.lease.renew()
    return enrich_step(context, night)


@task(
    name="watch",
    cache_policy=NO_CACHE,
    retries=1,
    retry_delay_seconds=60,
    retry_condition_fn=is_passing,
    timeout_seconds=STEP_SECONDS,
)
def watch(context: Context, night: OpenNight) -> dict[str, Any]:
    """Look again at what the review holds."""
    if night.lease is not None:
        night.lease.renew()
    watched = watch_held(context, night.run_id, keep_lease=night.keep_lease)
    if watched["error"]:
        raise Unfinished(watched, watched["error"])
    return watched


@task(name="link", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def link(context: Context, night: OpenNight) -> int:
    """Link what came in."""
    return link_step(context, night)


@task(name="score", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def score(context: Context, night: OpenNight) -> int:
    """Rank what has no score."""
    if night.lease is not None:
        night.lease.renew()
    return score_step(context, night)


@task(name="assess", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def assess(context: Context, night: OpenNight) -> tuple[int, int]:
    """Read the criteria of what is unread and raise the alerts that follow."""
    return assess_step(context, night)


@task(name="read-again", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def read_again(context: Context, night: OpenNight) -> int:
    """Ask the second reader, where one is set."""
    return second_reading_step(context, night)


@task(name="close", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def close(
    context: Context, night: OpenNight, outcomes: Sequence[SourceOutcome], tally: Tally, failure: str | None = None
) -> NightSummary:
    """Close the ledger row and give the lease back."""
    return close_night(context, night, outcomes, tally, failure=failure)


@task(name="publish", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=10, timeout_seconds=STEP_SECONDS)
def publish(context: Context, summary: NightSummary) -> None:
    """Show the ranked list and the ledger row beside the flow run."""
    key = re.sub(r"[^a-z0-9]+", "-", context.protocol.name.lower())
    create_table_artifact(ranked_rows(context), key=f"{key}-ranked-list", description="Undecided reports, best first")
    create_markdown_artifact(ledger_markdown(summary), key=f"{key}-ledger", description=f"Run {summary.run_id}")


@flow(
    name="nightly",
    description="Search, link, rank, assess, alert.",
    task_runner=ThreadPoolTaskRunner(max_workers=4),  # type: ignore[arg-type]
)
def nightly() -> State[None]:
    """One surveillance night; on a schedule, the slot's time goes into the ledger."""
    with open_context() as context:
        night = open_(context, scheduled_slot())
        if night.lease is None:
            return Completed(message=f"run {night.covered_by} had searched through this slot already")
        summary = work_through(context, night)
        delivery = deliver_alerts(return_state=True)
        publish(context, summary)
        emit_night(context, summary)
    told = (
        f"{summary.new_records} new records, {summary.new_reports} new reports, {summary.eligible} eligible, "
        f"{summary.alerts} alerts ({delivery.message})"
    )
    get_run_logger().info("run %s: %s", summary.run_id, told)
    if summary.why:
        return Failed(name="Partial", message=f"{summary.why} ({told})")
    return Completed(message=told)


def work_through(context: Context, night: OpenNight) -> NightSummary:
    """The steps of an open night in the order of `run_night`; a step that raises closes the night as failed."""
    outcomes: list[SourceOutcome] = []
    try:
        # A limit named after the tag (`prefect gcl create tag:source-pubmed --limit 1`) keeps the reviews that share a
        # Prefect server from searching a source all at once; without the limit the tag is only a label.
        searches: list[PrefectFuture[SourceOutcome]] = [
            search.with_options(tags=[f"source-{source}"]).submit(context, night, source) for source in night.sources
        ]
        for future in searches:
            future.wait()
        outcomes += [cast("SourceOutcome", settled(future.state)) for future in searches]
        steps = {"imported": import_(context, night), "chased": chase(context, night)}
        watched = settled(watch(context, night, return_state=True))
        new_reports = link(context, night)
        filled_in, more_reports = enrich(context, night)
        steps |= filled_in
        new_reports += more_reports
        score(context, night)
        eligible, alerts = assess(context, night)
        alerts += read_again(context, night)
    except LeaseHeld:
        raise  # another run took the lease: the ledger row is that run's to close
    except Exception as failure:
        close(context, night, outcomes, Tally(), failure=f"{type(failure).__name__}: {failure}")
        raise
    return close(context, night, outcomes, Tally(new_reports, eligible, alerts, watched, steps))


def settled(state: State[Any]) -> Any:
    """What a task came to: its result, or the outcome of one that stayed unfinished. Other failures are raised."""
    result = state.result(raise_on_failure=False)
    if isinstance(result, Unfinished):
        return result.outcome
    if isinstance(result, BaseException):
        raise result
    return result


def scheduled_slot() -> datetime | None:
    """The time this run was scheduled for; None when a person started it."""
    run = FlowRunContext.get()
    if run is None or run.flow_run is None or not run.flow_run.auto_scheduled:
        return None
    return datetime.fromtimestamp(runtime.flow_run.scheduled_start_time.timestamp(), UTC)


def ranked_rows(context: Context) -> list[dict[str, Any]]:
    """The best candidates as rows of the table artifact."""
    return [
        {
            "rank": candidate.rank,
            "verdict": candidate.verdict,
            "score": None if candidate.score is None else round(candidate.score, 3),
            "title": candidate.best.title,
            "year": candidate.best.year,
            "pmid": candidate.best.pmid,
            "doi": candidate.best.doi,
            "sources": ", ".join(candidate.sources),
            "report": candidate.report_id,
        }
        for candidate in list_candidates(context, SHOWN)
    ]


def ledger_markdown(summary: NightSummary) -> str:
    """A run's ledger row as a markdown page."""
    lines = [
        f"# Run {summary.run_id}: {summary.status}",
        "",
        f"Window {summary.window.start} to {summary.window.end}" if summary.window else "",
        "",
        "| source | reported | fetched | new | changed | complete | canaries lost | why |",
        "|---|---:|---:|---:|---:|---|---|---|",
    ]
    for outcome in summary.sources:
        found = outcome.search
        why = "; ".join(outcome.errors).replace("|", "\\|").replace("\n", " ")
        lines.append(
            f"| {found.source} | {found.reported} | {found.fetched} | {found.intake.new} | {found.intake.changed} "
            f"| {'yes' if found.complete else '**no**'} | {', '.join(outcome.canaries.lost)} | {why} |"
        )
    lines += [
        "",
        (
            f"{summary.new_records} new records, {summary.changed_records} changed, {summary.new_reports} new reports, "
            f"{summary.eligible} eligible, {summary.alerts} alerts."
        ),
    ]
    return "\n".join(lines) + "\n"
