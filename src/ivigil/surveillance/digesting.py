"""The digest: what a stretch of nights brought, put together from the store, and raised when its day has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ivigil.alerts import (
    AlertKind,
    DigestContent,
    DigestItem,
    Link,
    SourceState,
    Urgency,
    read_content,
    study_facts,
    subscribers_from,
)
from ivigil.settings import Cadence
from ivigil.store import Session, assessed, judgements, ledger, library, outbox
from ivigil.store.ledger_tables import RunRow
from ivigil.store.tables import ReportRow
from ivigil.surveillance.alert_rule import call_for
from ivigil.surveillance.alerting import Raising, raise_once
from ivigil.surveillance.assessing import ELIGIBLE
from ivigil.surveillance.context import Context
from ivigil.surveillance.places import Places, places_of
from ivigil.surveillance.status import review_status

DAYS: dict[Cadence, int] = {"daily": 1, "weekly": 7}
SHOWN = 10
DONE = (ledger.COMPLETE, ledger.PARTIAL, ledger.FAILED)


@dataclass(frozen=True)
class Stretch:
    """Whole days, UTC, both ends included."""

    since: date
    until: date

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.since, time(), tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.until + timedelta(days=1), time(), tzinfo=UTC)

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.start <= moment < self.end


def raise_digests(context: Context) -> int:
    """Raise each digest that somebody wants and whose stretch is over; returns how many.

    A day ends at midnight UTC, a week on Sunday. A stretch begins where the last digest ended, so that what a machine
    that was off did not tell is told by the next. Channels that are set later are not given old digests.
    """
    wanted = {subscriber.subscription.digest for subscriber in subscribers_from(context.settings)}
    raised = 0
    for cadence in (name for name in DAYS if name in wanted):
        stretch = _due(context, cadence)
        if stretch is None:
            continue
        digest = digest_of(context, stretch.since, stretch.until, cadence)
        with context.store.transaction() as session:
            content = Raising(context, session).content(AlertKind.DIGEST, Urgency.LOW)
            content = content.model_copy(update={"digest": digest})
            raised += raise_once(context, session, f"digest:{cadence}:{stretch.until}", content, adoptable=False)
    return raised


def digest_of(context: Context, since: date, until: date, cadence: Cadence = "weekly") -> DigestContent:
    """What the nights as of these days (both included) brought, and how the review stands now."""
    stretch = Stretch(since, until)
    status = review_status(context)
    with context.store.transaction() as session:
        places = places_of(context, session)
        nights = [
            run
            for run in ledger.runs_between(session, stretch.start, stretch.end)
            if run.kind == "night" and run.status in DONE
        ]
        new = set(library.reports_created(session, stretch.start, stretch.end)) & set(places.ranks)
        readings = assessed.assessments_under(session, context.criteria_hash)
        verdicts = {id_: row.verdict for id_, row in readings.items()}
        waiting = [id_ for id_ in places.ranks if id_ in readings and _is_called_for(context, places, readings[id_])]
        eligible = [id_ for id_ in places.ranks if id_ in new and verdicts.get(id_) == ELIGIBLE]
        others = [id_ for id_ in places.ranks if id_ in new and id_ not in eligible]
        older = [id_ for id_ in waiting if id_ not in new]
        searches = [search for run in nights for search in ledger.searches_of(session, run.id)]
        return DigestContent(
            cadence="daily" if cadence == "daily" else "weekly",
            since=since,
            until=until,
            runs=len(nights),
            complete=sum(run.status == ledger.COMPLETE for run in nights),
            records_fetched=sum(search.fetched for search in searches),
            new_records=_sum(nights, "new_records"),
            new_reports=_sum(nights, "new_reports"),
            eligible=_items(context, session, places, eligible[:SHOWN], readings),
            candidates=_items(context, session, places, others[:SHOWN], readings),
            waiting=_items(context, session, places, older[:SHOWN], readings),
            decisions_due=len(waiting),
            decisions_made=sum(
                stretch.holds(row.made_at) for rows in judgements.standing_decisions(session).values() for row in rows
            ),
            sources=_sources(status.sources, until),
            problems=status.problems,
            guarantee=status.guarantee,
        )


def _due(context: Context, cadence: Cadence) -> Stretch | None:
    today = context.clock.today()
    until = today - timedelta(days=1 if cadence == "daily" else today.isoweekday())
    with context.store.transaction() as session:
        told = [read_content(alert.content).digest for alert in outbox.list_alerts(session, kind=str(AlertKind.DIGEST))]
        first = ledger.first_run(session)
    last = max((digest.until for digest in told if digest and digest.cadence == cadence), default=None)
    if first is None or (last is not None and last >= until) or first.as_of.date() > until:
        return None
    since = until - timedelta(days=DAYS[cadence] - 1)
    return Stretch(last + timedelta(days=1) if last else since, until)


def _is_called_for(context: Context, places: Places, row: Any) -> bool:
    statuses = {criterion["status"] for criterion in row.reading["criteria"].values()}
    return call_for(row.verdict, statuses, places.of(row.report_id), context.protocol.alerts) is not None


def _items(
    context: Context, session: Session, places: Places, report_ids: Iterable[int], readings: dict[int, Any]
) -> tuple[DigestItem, ...]:
    found = []
    for report_id in report_ids:
        report, reading = session.get_one(ReportRow, report_id), readings.get(report_id)
        facts, place = study_facts(report.best, reading.reading if reading else None), places.of(report_id)
        public = context.settings.public_url
        held = (*facts.links[:1], *([Link(label="workspace", url=f"{public}/reports/{report_id}")] if public else []))
        found.append(
            DigestItem(
                title=facts.title,
                byline=". ".join(part for part in (facts.authors, facts.journal, facts.published) if part),
                verdict=facts.verdict,
                n_treated=facts.n_treated,
                treated=facts.treated,
                rank=place.rank,
                score=place.score,
                link=held[0] if held else None,
            )
        )
    return tuple(found)


def _sources(sources: Iterable[dict[str, Any]], until: date) -> tuple[SourceState, ...]:
    """Each source that is searched, and whether it was searched whole through the stretch's last day."""
    found = []
    for source in sources:
        if not source.get("searched"):
            continue
        through = date.fromisoformat(source["complete_through"]) if source.get("complete_through") else None
        gap = None if through is not None and through >= until else "not searched whole to the end of these days"
        found.append(SourceState(source=source["source"], complete_through=through, problem=gap))
    return tuple(found)


def _sum(runs: Iterable[RunRow], what: str) -> int:
    return sum(int(run.summary.get(what) or 0) for run in runs)
