"""A person's decision on a study, as the team is told of it: it always wins over what a machine read.

Including a study tells everybody, whether they knew of it or not. Excluding one takes back what no channel has shown
yet, and tells those that have shown it. Taking a decision back lets what it silenced be told after all.
"""

from __future__ import annotations

from collections.abc import Mapping

from ivigil.alerts import AlertContent, AlertKind, Urgency
from ivigil.store import Session, judgements, outbox
from ivigil.store.tables import DecisionRow
from ivigil.surveillance.agreement import Outcome
from ivigil.surveillance.alerting import Raising, raise_once
from ivigil.surveillance.context import Context
from ivigil.surveillance.places import place_of_decided, places_of
from ivigil.surveillance.told import Study, members_of, outcome_of, report_now, studies_told, study_of

SILENCED = (
    AlertKind.STUDY_ELIGIBLE,
    AlertKind.STUDY_NEEDS_FULL_TEXT,
    AlertKind.STUDY_UPDATED,
    AlertKind.STUDY_MERGED,
    AlertKind.STUDY_DECIDED,
)
"""What an exclusion takes back: that a study was retracted is told all the same."""
OPEN = "open"


def tell_decision(context: Context, session: Session, report_id: int, decision_id: int) -> bool:
    """Tell of what the decisions on a report now come to, in the transaction of the newest; whether that was news."""
    return tell_decisions(context, session, {report_id: decision_id}) == 1


def tell_decisions(context: Context, session: Session, newest: Mapping[int, int]) -> int:
    """Tell of what the decisions on these reports now come to, each report once; returns how many were news.

    Args:
        context: the review.
        session: the transaction in which the decisions are written.
        newest: report id -> id of the newest decision on it.
    """
    news, studies = 0, studies_told(session)
    for report_id, decision_id in newest.items():
        if _tell(context, session, report_id, decision_id, study_of(studies, report_id)):
            news, studies = news + 1, studies_told(session)
    return news


def _tell(context: Context, session: Session, report_id: int, decision_id: int, study: Study | None) -> bool:
    said = outcome_of(context, session, report_id)
    now = str(said) if said in (Outcome.INCLUDE, Outcome.EXCLUDE) else OPEN
    mine = [one for one in study.told if one.report_id == report_id] if study else []
    silenced = [
        one.alert.alert_id for one in mine if one.content.kind in SILENCED and one.content.decision != "exclude"
    ]
    shown = _silence(context, session, silenced, excluded=now == Outcome.EXCLUDE)
    told = next((one.content.decision for one in reversed(mine) if one.content.decision), OPEN)
    if now == told or (now == Outcome.EXCLUDE and not shown):
        return False
    at = Raising(context, session)
    content = _content(at, report_id, study, now)
    lead = members_of(session, report_id)[0]
    audience = shown if now == Outcome.EXCLUDE else None
    return raise_once(context, session, f"study_decided:{decision_id}", content, lead, audience=audience)


def _silence(context: Context, session: Session, alert_ids: list[int], *, excluded: bool) -> set[str]:
    """Take back what was not shown, or let it be told again; returns the channels that have shown it."""
    if excluded:
        return outbox.withdraw(session, alert_ids)
    outbox.restore(session, alert_ids, context.clock.now())
    return set()


def _content(at: Raising, report_id: int, study: Study | None, now: str) -> AlertContent:
    urgency = Urgency.NORMAL if now == Outcome.INCLUDE else Urgency.LOW
    told = study.facts_of(report_id) if study else None
    content = report_now(at, at.content(AlertKind.STUDY_DECIDED, urgency), report_id, told)
    standing = judgements.standing_decisions(at.session, [report_id]).get(report_id, [])
    update = {
        "decision": now,
        "summary": _summary(now, standing),
        "details": tuple(_line(at.context, row) for row in standing),
        "ranking": (
            places_of(at.context, at.session).of(report_id)
            if now == OPEN
            else place_of_decided(at.context, at.session, report_id)
        ),
    }
    content = content.model_copy(update=update)
    return study.follow_up(content) if study else content


def _summary(now: str, standing: list[DecisionRow]) -> str:
    if now == OPEN:
        return "The decision on this report was taken back, or is disputed: it is open again."
    people = list(dict.fromkeys(row.reviewer for row in standing if row.value == now))
    return f"{' and '.join(people) or 'The team'} {now}d this report."


def _line(context: Context, row: DecisionRow) -> str:
    reasons = {reason.code: reason.label for reason in context.protocol.exclusion_reasons}
    why = f", because: {reasons.get(row.reason, row.reason)}" if row.reason else ""
    note = f" ({row.note})" if row.note else ""
    return f"{row.reviewer}: {row.value} at {row.stage.replace('-', ' and ')}{why}{note}"
