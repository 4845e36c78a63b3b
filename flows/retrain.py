"""Trains a challenger on labels and decisions, by the protocol's rule or on demand; it is champion only if it wins."""

from __future__ import annotations

import re
from datetime import timedelta

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from ivigil.surveillance.context import Context, open_context
from ivigil.surveillance.retrain import RetrainOutcome, retrain
from ivigil.surveillance.retrain_due import retrain_due
from nightly import is_busy


@task(
    name="retrain",
    cache_policy=NO_CACHE,
    retries=3,
    retry_delay_seconds=[60, 300, 900],
    retry_condition_fn=is_busy,
    timeout_seconds=timedelta(hours=6).total_seconds(),
)
def challenge(context: Context) -> RetrainOutcome:
    """Train, evaluate, promote the winner; waits a while for a night that is still at work."""
    return retrain(context, progress=get_run_logger().info)


@flow(name="retrain", description="Train a challenger; promote it only if it beats the champion.")
def retrain_screener(if_due: bool = False) -> State[None]:  # noqa: FBT001, FBT002 - a form field in Prefect's UI
    """Retrain, and show the comparison beside the flow run; with `if_due` only when the protocol's rule says so."""
    with open_context() as context:
        why = retrain_due(context)
        if if_due and why is None:
            return Completed(name="NotDue", message="too little was judged since the last training")
        get_run_logger().info(why or "asked for")
        outcome = challenge(context)
        key = re.sub(r"[^a-z0-9]+", "-", context.protocol.name.lower())
    create_markdown_artifact(outcome.page, key=f"{key}-retraining", description=outcome.why)
    return Completed(message=f"{'promoted' if outcome.promoted else 'not promoted'}: {outcome.why}")
