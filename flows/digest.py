"""The week at a glance: what ran, what came, what waits for a decision, as a page beside the flow run."""

from __future__ import annotations

import re
from datetime import timedelta

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from ivigil.surveillance.candidates import Candidate, list_candidates
from ivigil.surveillance.context import Context, open_context
from ivigil.surveillance.status import Status, review_status

SHOWN = 20
STEP_SECONDS = timedelta(minutes=10).total_seconds()


@task(name="status", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def read_status(context: Context) -> Status:
    """How the review stands."""
    return review_status(context)


@task(name="candidates", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def read_candidates(context: Context) -> list[Candidate]:
    """The best of what waits for a decision."""
    return list_candidates(context, SHOWN)


@flow(name="digest", description="What ran, what came, what waits for a decision.")
def weekly_digest() -> State[None]:
    """Write the digest; a review that is not healthy ends it as `Unhealthy` (failed), so that somebody looks."""
    with open_context() as context:
        status = read_status(context)
        candidates = read_candidates(context)
        title, name = context.protocol.review.title, context.protocol.name
    key = re.sub(r"[^a-z0-9]+", "-", name.lower())
    create_markdown_artifact(digest_markdown(title, status, candidates), key=f"{key}-digest")
    if not status.healthy:
        return Failed(name="Unhealthy", message="; ".join(status.problems))
    return Completed(message=f"{status.counts['reports']} reports held")


def digest_markdown(title: str, status: Status, candidates: list[Candidate]) -> str:
    """The digest's page."""
    lines = [f"# {title}", ""]
    lines += [f"- **{problem}**" for problem in status.problems] or ["All is well."]
    lines += ["", "| run | as of | status | new records | eligible | alerts |", "|---:|---|---|---:|---:|---:|"]
    lines += [
        f"| {run['run_id']} | {run['as_of'][:16]} | {run['status']} "
        f"| {run['new_records'] or 0} | {run['eligible'] or 0} | {run['alerts'] or 0} |"
        for run in status.runs
    ]
    lines += ["", status.guarantee, "", "| # | verdict | title | year |", "|---:|---|---|---|"]
    lines += [
        f"| {found.rank} | {found.verdict or 'unread'} | {found.best.title.replace('|', ' ')} "
        f"| {found.best.year or ''} |"
        for found in candidates
    ]
    return "\n".join(lines) + "\n"
