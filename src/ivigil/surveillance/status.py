"""How the review stands: the ledger, the watermarks, the canaries, the champion, and whether all is well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ivigil.store import judgements, ledger, library, outbox
from ivigil.store.ledger_tables import RunRow
from ivigil.surveillance.context import Context

SHOWN_RUNS = 14


@dataclass(frozen=True)
class Status:
    """The state of one review; `healthy` is false when the last complete run is old or a canary is lost."""

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
        }


def review_status(context: Context) -> Status:
    """Read the state of the review from its store. Changes nothing."""
    limit = timedelta(hours=context.settings.stale_after_hours)
    with context.store.transaction() as session:
        runs = ledger.runs(session, limit=SHOWN_RUNS)
        last = ledger.last_complete_run(session)
        marks = {(mark.source, mark.query_hash): mark.complete_through for mark in ledger.watermarks(session)}
        canaries = ledger.latest_canaries(session)
        champion = judgements.champion(session, context.protocol.name)
        deliveries = outbox.summary(session)
        counts = {"records": library.count_records(session), "reports": library.count_reports(session)}
        labels = judgements.labels_by_report(session)
        newest = ledger.runs(session, limit=1)
    counts |= {"included": sum(labels.values()), "labelled": len(labels)}
    problems = []
    if last is None:
        problems.append("no night has been completed yet")
    elif context.clock.now() - last.as_of > limit:
        problems.append(f"the last complete night is of {last.as_of:%Y-%m-%d %H:%M} UTC, over {limit} ago")
    problems += [f"{row.source} no longer returns {', '.join(row.lost)}" for row in canaries if row.lost]
    if newest and newest[0].status in (ledger.PARTIAL, ledger.FAILED):
        problems.append(f"the newest run is {newest[0].status}: {newest[0].why}")
    if deliveries["dead"]:
        problems.append(f"{deliveries['dead']} deliveries were given up")
    lost = [id_ for row in canaries for id_ in row.lost]
    stale = last is None or context.clock.now() - last.as_of > limit
    return Status(
        healthy=not stale and not lost,
        problems=tuple(problems),
        runs=tuple(_run_json(run) for run in runs),
        sources=tuple(_source_json(context, name, marks) for name in _known_sources(context)),
        canaries={"expected": [id_ for row in canaries for id_ in row.expected], "lost": lost},
        screener=_screener_json(champion.version, champion.card) if champion else None,
        guarantee=_guarantee(champion.card if champion else None),
        last_heartbeat=last.as_of.isoformat() if last else None,
        counts=counts,
        deliveries=deliveries,
    )


def _known_sources(context: Context) -> list[str]:
    return list(dict.fromkeys([*context.settings.sources, *context.protocol.strategies]))


def _source_json(context: Context, name: str, marks: dict[tuple[str, str], date]) -> dict[str, Any]:
    searched = name in context.settings.sources and name in context.protocol.strategies
    through = [day for (source, _hash), day in marks.items() if source == name]
    if name not in context.protocol.strategies:
        why = "no strategy in the protocol"
    elif name not in context.settings.sources:
        why = "not enabled"
    else:
        why = None
    return {
        "source": name,
        "searched": searched,
        "why_not": why,
        "complete_through": max(through).isoformat() if through else None,
    }


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
