"""Raises what the team must know: eligible studies, and what happened to known ones. Each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ivigil.alerts import (
    AlertContent,
    AlertKind,
    ChannelName,
    ProtocolName,
    Ranking,
    Urgency,
    channels_from,
    names_of,
    study_facts,
)
from ivigil.store import Session, judgements, library, outbox
from ivigil.store import links as linked
from ivigil.store.tables import AssessmentRow, RecordRow, ReportRow
from ivigil.surveillance.assessing import ELIGIBLE, NEEDS_FULL_TEXT
from ivigil.surveillance.context import Context
from ivigil.surveillance.watching import notices, watched_reports

STUDY_KINDS = {ELIGIBLE: AlertKind.STUDY_ELIGIBLE, NEEDS_FULL_TEXT: AlertKind.STUDY_NEEDS_FULL_TEXT}
NOTICE_KINDS = {
    "retracted": (AlertKind.STUDY_RETRACTED, Urgency.HIGH),
    "concern": (AlertKind.STUDY_UPDATED, Urgency.HIGH),
    "corrected": (AlertKind.STUDY_CORRECTED, Urgency.NORMAL),
}


@dataclass(frozen=True)
class Places:
    """Where the champion puts the undecided reports."""

    scores: dict[int, float]
    ranks: dict[int, int]
    threshold: float | None
    screener: str | None

    def of(self, report_id: int) -> Ranking:
        """One report's score and rank among the undecided."""
        rank = self.ranks.get(report_id)
        return Ranking(
            score=self.scores.get(report_id),
            rank=rank,
            of=len(self.ranks) if rank else None,
            screener=self.screener,
        )


def raise_study_alerts(context: Context, session: Session, run_id: int) -> int:
    """Raise an alert for each study that became eligible, and for each notice on a watched one; returns how many.

    What is due is worked out from the store, not from what this run did: an alert that a killed run did not write is
    written by the next.
    """
    return _raise_eligible(context, session, run_id) + _raise_notices(context, session, run_id)


def channel_names(context: Context) -> list[ChannelName]:
    """The channels that are set, as the outbox knows them."""
    return names_of(channels_from(context.settings.notify))


def protocol_name(context: Context) -> ProtocolName:
    """The review as alerts name it."""
    return ProtocolName(name=context.protocol.name, title=context.protocol.review.title)


def raise_once(
    context: Context, session: Session, key: str, content: AlertContent, record: RecordRow | None = None
) -> bool:
    """Put an alert into the outbox unless its key has been told of before; returns whether it is new."""
    draft = outbox.AlertDraft(
        key=key,
        kind=str(content.kind),
        urgency=str(content.urgency),
        content=content.as_stored,
        record_id=record.id if record else None,
        run_id=content.run_id,
    )
    return outbox.raise_alert(session, draft, channel_names(context), context.clock.now()) is not None


def _raise_eligible(context: Context, session: Session, run_id: int) -> int:
    places = _places(context, session)
    readings = judgements.assessments_under(session, context.criteria_hash)
    due = [
        (report_id, STUDY_KINDS[row.verdict])
        for report_id, row in sorted(readings.items())
        if report_id in places.ranks and _is_alerted_on(context, row, places)
    ]
    told = _told(session)
    known = watched_reports(session) - {report for reports in told.values() for report in reports}
    raised = 0
    for report_id, kind in sorted(due, key=lambda item: (item[1] is not AlertKind.STUDY_ELIGIBLE, item[0])):
        siblings = linked.same_studies(session, [report_id])
        if siblings & known or siblings & told.get(AlertKind.STUDY_ELIGIBLE, set()):
            continue
        if kind is AlertKind.STUDY_NEEDS_FULL_TEXT and siblings & told.get(kind, set()):
            continue
        members = library.records_of(session, [report_id])[report_id]
        if all(member.withdrawn_at for member in members):
            continue
        report = session.get_one(ReportRow, report_id)
        lead = _lead(members)
        content = AlertContent(
            kind=kind,
            urgency=Urgency.HIGH if kind is AlertKind.STUDY_ELIGIBLE else Urgency.NORMAL,
            protocol=protocol_name(context),
            study=study_facts(report.best, readings[report_id].reading, _found(members)),
            ranking=places.of(report_id),
            run_id=run_id,
            as_of=context.clock.today(),
        )
        if raise_once(context, session, f"{kind}:{lead.source}:{lead.source_id}", content, lead):
            told.setdefault(kind, set()).add(report_id)
            raised += 1
    return raised


def _is_alerted_on(context: Context, row: AssessmentRow, places: Places) -> bool:
    """Eligible always; needing its full text only above the threshold, and while no criterion speaks against it."""
    if row.verdict == ELIGIBLE:
        return True
    if row.verdict != NEEDS_FULL_TEXT or not context.protocol.alerts.needs_full_text_above_threshold:
        return False
    if any(criterion["status"] == "not_met" for criterion in row.reading["criteria"].values()):
        return False
    score = places.scores.get(row.report_id)
    return places.threshold is not None and score is not None and score >= places.threshold


def _raise_notices(context: Context, session: Session, run_id: int) -> int:
    raised = 0
    for report_id, members in sorted(library.records_of(session, sorted(watched_reports(session))).items()):
        for member in members:
            earlier = library.earlier_states(session, member.id)
            before = {notice for state in earlier for notice in notices(state)}
            for what, where in notices(member.data):
                # An old correction that was there when we first looked is no news; a retraction always is.
                if what != "retracted" and (not earlier or (what, where) in before):
                    continue
                kind, urgency = NOTICE_KINDS[what]
                report = session.get_one(ReportRow, report_id)
                content = AlertContent(
                    kind=kind,
                    urgency=urgency,
                    protocol=protocol_name(context),
                    details=(f"{member.source} says so: {where}",),
                    study=study_facts(report.best, None, _found(members)),
                    run_id=run_id,
                    as_of=context.clock.today(),
                )
                # One notice reaches us from several sources in different words; the report is told of once a kind.
                lead = _lead(members)
                raised += raise_once(context, session, f"{kind}:{lead.source}:{lead.source_id}", content, lead)
    return raised


def _places(context: Context, session: Session) -> Places:
    settled = set(judgements.labels_by_report(session)) | set(judgements.standing_decisions(session))
    champion = judgements.champion(session, context.protocol.name)
    scores = judgements.scores_under(session, champion.id) if champion else {}
    undecided = [report_id for report_id in library.report_ids(session) if report_id not in settled]
    order = sorted(undecided, key=lambda id_: (-scores.get(id_, float("-inf")), id_))
    threshold = ((champion.card.get("guarantee") or {}) if champion else {}).get("threshold")
    return Places(
        scores,
        {report_id: rank for rank, report_id in enumerate(order, start=1)},
        float(threshold) if threshold is not None else None,
        champion.version if champion else None,
    )


def _told(session: Session) -> dict[str, set[int]]:
    """Alert kind -> reports told of."""
    alerts = [alert for alert in outbox.list_alerts(session) if alert.record_id is not None]
    rows = linked.records_by_id(session, [alert.record_id for alert in alerts if alert.record_id is not None])
    told: dict[str, set[int]] = {}
    for alert in alerts:
        report_id = rows[alert.record_id].report_id if alert.record_id in rows else None
        if report_id is not None:
            told.setdefault(alert.kind, set()).add(report_id)
    return told


def _lead(members: Sequence[RecordRow]) -> RecordRow:
    """The record that alerts on a report hang on: its oldest, so that a later one changes no key."""
    return min(members, key=lambda member: member.id)


def _found(members: Iterable[RecordRow]) -> list[tuple[str, str]]:
    return [(member.source, member.way) for member in members]
