"""Begins a living review, on demand: searches its own window, labels what it holds, trains the first screener."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from ivigil.surveillance.bootstrap import BootstrapOutcome, bootstrap
from ivigil.surveillance.context import Context, open_context
from ivigil.surveillance.reconstructing import Proposal


@task(name="bootstrap", cache_policy=NO_CACHE, timeout_seconds=timedelta(hours=6).total_seconds())
def begin(context: Context, labels: Path | None, *, accept_reconstruction: bool) -> BootstrapOutcome:
    """Search, label, train. A source's own retries are the source's; a repeat of the whole is for a person to start."""
    logger = get_run_logger()

    def confirm(proposal: Proposal) -> bool:
        logger.info("proposed as included: %s", proposal.agreement.sentence)
        return accept_reconstruction

    return bootstrap(context, labels=labels, confirm=None if labels else confirm, progress=logger.info)


@flow(name="bootstrap", description="Search the review's own window, reconstruct its labels, train the first screener.")
def bootstrap_review(labels: Path | None = None, accept_reconstruction: bool = False) -> State[None]:  # noqa: FBT001, FBT002 - a form field in Prefect's UI
    """Bootstrap from a screening export (`labels`, a path on the worker), or from the reconstructed included set."""
    with open_context() as context:
        outcome = begin(context, labels, accept_reconstruction=accept_reconstruction)
    told = (
        f"{outcome.records} records, {outcome.reports} reports, {outcome.included} included, "
        f"{outcome.excluded} excluded (basis: {outcome.basis or 'none: nothing was labelled'})"
    )
    if not outcome.complete:
        why = "; ".join(f"{search.source}: {search.error}" for search in outcome.searches if search.error)
        return Failed(name="Partial", message=f"{why} ({told})")
    return Completed(message=told)
