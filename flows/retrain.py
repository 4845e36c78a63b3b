"""Trains a challenger on labels and decisions, on demand; it becomes champion only if it wins."""

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


@task(name="retrain", cache_policy=NO_CACHE, timeout_seconds=timedelta(hours=6).total_seconds())
def challenge(context: Context) -> RetrainOutcome:
    """Train, evaluate, promote the winner."""
    return retrain(context, progress=get_run_logger().info)


@flow(name="retrain", description="Train a challenger; promote it only if it beats the champion.")
def retrain_screener() -> State[None]:
    """Retrain, and show the comparison beside the flow run."""
    with open_context() as context:
        outcome = challenge(context)
        key = re.sub(r"[^a-z0-9]+", "-", context.protocol.name.lower())
    rows = "\n".join(f"| {name} | {value} |" for name, value in outcome.metrics.items())
    create_markdown_artifact(
        f"# {'Promoted' if outcome.promoted else 'Not promoted'}\n\nChampion {outcome.champion or 'none'}, "
        f"challenger {outcome.challenger}. {outcome.why}\n\n| measure | value |\n|---|---|\n{rows}\n",
        key=f"{key}-retraining",
    )
    return Completed(message=f"{'promoted' if outcome.promoted else 'not promoted'}: {outcome.why}")
