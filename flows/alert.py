"""Delivers what is due: every quarter of an hour by its own deployment, and at the end of each night as a subflow."""

from __future__ import annotations

from datetime import timedelta

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from ivigil.alerts.deliver import DeliveryReport
from ivigil.surveillance.context import Context, open_context
from ivigil.surveillance.delivering import deliver_due


@task(name="deliver", cache_policy=NO_CACHE, timeout_seconds=timedelta(minutes=10).total_seconds())
def deliver(context: Context) -> DeliveryReport:
    """Try every delivery that is due. Retries are the outbox's own: it knows when each channel is due again."""
    return deliver_due(context)


@flow(name="alert", description="Try every alert delivery that is due.")
def deliver_alerts() -> State[None]:
    """Deliver what is due; a run that left an alert undelivered is `Undelivered` (failed), since nobody was told."""
    with open_context() as context:
        outcome = deliver(context)
    told = f"{outcome.delivered} delivered, {outcome.failed} to be tried again, {outcome.dead} given up"
    get_run_logger().info(told)
    if outcome.failed or outcome.dead:
        return Failed(name="Undelivered", message=told)
    return Completed(message=told)
