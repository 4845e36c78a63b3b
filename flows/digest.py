"""The digest: sent to those who want it when its day or week is over, and as a page beside the flow run."""

from __future__ import annotations

import re
from datetime import timedelta

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from ivigil.alerts import DeliveryReport, DigestContent
from ivigil.alerts import digest_markdown as digest_page
from ivigil.surveillance.alerting import protocol_name
from ivigil.surveillance.context import Context, open_context
from ivigil.surveillance.delivering import deliver_due
from ivigil.surveillance.digesting import digest_of, raise_digests
from ivigil.surveillance.status import Status, review_status

STEP_SECONDS = timedelta(minutes=10).total_seconds()


@task(name="status", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def read_status(context: Context) -> Status:
    """How the review stands."""
    return review_status(context)


@task(name="send", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def send(context: Context) -> tuple[int, DeliveryReport]:
    """Raise the digests whose day has come, and deliver what is due. Killed and begun again, it raises none twice."""
    raised = raise_digests(context)
    return raised, deliver_due(context)


@task(name="week", cache_policy=NO_CACHE, timeout_seconds=STEP_SECONDS)
def last_week(context: Context) -> DigestContent:
    """The seven days that end yesterday."""
    until = context.clock.today() - timedelta(days=1)
    return digest_of(context, until - timedelta(days=6), until)


@flow(name="digest", description="What ran, what came, what waits for a decision; sent to those who want it.")
def send_digest() -> State[None]:
    """Send and show the digest; where the review is not healthy it ends as `Unhealthy` (failed), to be looked at."""
    with open_context() as context:
        raised, delivery = send(context)
        status = read_status(context)
        page = digest_page(last_week(context), protocol_name(context))
        name = context.protocol.name
    create_markdown_artifact(page, key=f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}-digest")
    if not status.healthy:
        return Failed(name="Unhealthy", message="; ".join(status.problems))
    return Completed(message=f"{raised} digests raised, {delivery.delivered} messages delivered")
