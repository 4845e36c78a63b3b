"""How the review stands: the ledger, the watermarks, the canaries, the champion, and whether all is well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ivigil.store import judgements, ledger, library, outbox, ranked
from ivigil.store.ledger_tables import RunRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.drifting import DriftNote, latest_drift
from ivigil.surveillance.source_states import source_states

SHOWN_RUNS = 14


@dataclass(frozen=True)
class Status:
    """The state of one review.

    `healthy` is false when the last complete run is old, a canary is lost, or a source is failing. Drift is a reason to
    look, so it is said and makes nothing unhealthy.
    """

    healthy: bool
    problems: tuple[str, ...]
    runs: tuple[dict[str, Any], ...]
    sources: tuple[dict[str, Any], ...]
    canaries: dict[str, Any]
    screener: dict[str, Any] | None
    guarantee: str
    last_heartbeat: str | None
    counts: dict[str, int]
    deliveries: dict[str, int]
    drift: DriftNote | None = None

    def as_json(self) -> dict[str, Any]:
        """The status as `ivigil status --json` prints it."""
        return {
            "healthy": self.healthy,
            "problems": list(self.problems),
            "runs": list(self.runs),
            "sources": list(self.sources),
            "canaries": self.canaries,
            "screener": self.screener,
            "guarantee": self.guarantee,
            "last_heartbeat": self.last_heartbeat,
            "counts": self.counts,
            "deliveries": self.deliveries,
            "drift": self.drift.as_json() if self.drift else None,
        }


def review_status(context: Context) -> Status:
    """Read the state of the review from its store. Changes nothing."""
    hours = context.settings.stale_after_hours
    limit = timedelta(hours=hours)
    with context.store.reading() as session:
        runs = ledger.runs(session, limit=SHOWN_RUNS)
        last = ledger.last_complete_run(session)
        sources = source_states(context, session)
        searched = {state.source for state in sources if state.searched}
        canaries = [row for row in ledger.latest_canaries(session) if row.source in searched]
        champion = ranked.champion(session, context.protocol.name)
        deliveries = outbox.summary(session)
        counts = {"records": library.count_records(session), "reports": library.count_reports(session)}
        labels = judgements.labels_by_report(session)
        newest = ledger.runs(session, limit=1)
        drift = latest_drift(session, champion.version) if champion else None
    counts |= {"included": sum(labels.values()), "labelled": len(labels)}
    problems = []
    if last is None:
        problems.append("no night has been completed yet")
    elif context.clock.now() - last.as_of > limit:
        problems.append(f"the last complete night is of {last.as_of:%Y-%m-%d %H:%M} UTC, over {hours} hours ago")
    problems += [f"{row.source} no longer returns {', '.join(row.lost)}" for row in canaries if row.lost]
    problems += [episode.sentence for state in sources for episode in state.failing]
    problems += [f"{state.source}: {state.why_not}" for state in sources if state.enabled and not state.configured]
    if newest and newest[0].status in (ledger.PARTIAL, ledger.FAILED):
        problems.append(f"the newest run is {newest[0].status}: {newest[0].why}")
    if deliveries["dead"]:
        count = deliveries["dead"]
        problems.append(f"{count} {'delivery was' if count == 1 else 'deliveries were'} given up")
    if newest:
        problems += [note for note in newest[0].summary.get("notes", []) if "not configured" not in note]
    lost = [id_ for row in canaries for id_ in row.lost]
    stale = last is None or context.clock.now() - last.as_of > limit
    return Status(
        healthy=not stale and not lost and not any(state.failing for state in sources),
        problems=tuple(problems),
        runs=tuple(_run_json(run) for run in runs),
        sources=tuple(state.as_json() for state in sources),
        canaries={
            "expected": [id_ for row in canaries for id_ in row.expected],
            "lost": lost,
            "unconfirmed": [id_ for state in sources for id_ in state.unconfirmed],
        },
        screener=_screener_json(champion.version, champion.card) if champion else None,
        guarantee=_guarantee(champion.card if champion else None),
        last_heartbeat=last.as_of.isoformat() if last else None,
        counts=counts,
        deliveries=deliveries,
        drift=drift,
    )


def _run_json(run: RunRow) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "kind": run.kind,
        "as_of": run.as_of.isoformat(),
        "status": run.status,
        "why": run.why,
        "new_records": run.summary.get("new_records"),
        "new_reports": run.summary.get("new_reports"),
        "eligible": run.summary.get("eligible"),
        "alerts": run.summary.get("alerts"),
    }


def _screener_json(version: str, card: dict[str, Any]) -> dict[str, Any]:
    recipe = card.get("recipe") or {}
    return {
        "version": version,
        "recipe": recipe.get("name"),
        "statement": recipe.get("statement"),
        "encoder": recipe.get("encoder"),
        "trained_at": card.get("trained_at"),
        "labels": card.get("labels"),
    }


def _guarantee(card: dict[str, Any] | None) -> str:
    if card is None:
        return "No screener has been trained yet, so the list is not ranked and promises nothing."
    said = (card.get("guarantee") or {}).get("sentence") or (card.get("recipe") or {}).get("statement")
    return str(said) if said else "Too few included studies are known for the list to promise anything."
