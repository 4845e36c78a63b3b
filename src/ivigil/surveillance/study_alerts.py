"""Raises what the team must know of studies: new ones, what happened to known ones, what changed. Each once.

What is due is worked out from the store, not from what this run did: an alert that a killed run did not write is
written by the next.
"""

from __future__ import annotations

from ivigil.alerts import AlertKind, Change, Urgency
from ivigil.alerts.templating import words
from ivigil.store import Session, assessed, ledger
from ivigil.store import links as linked
from ivigil.store.tables import ReportRow
from ivigil.surveillance.alert_rule import Call, call_for
from ivigil.surveillance.alerting import Raising
from ivigil.surveillance.context import Context
from ivigil.surveillance.places import Places, places_of
from ivigil.surveillance.study_notices import NIGHTLY, raise_notices
from ivigil.surveillance.study_updates import raise_updates
from ivigil.surveillance.told import Study, members_of, name_of, report_now, studies_told, study_of
from ivigil.surveillance.watching import included_reports

FURTHER = "A further report of a study that this review includes was found."


def raise_study_alerts(context: Context, session: Session, run_id: int) -> int:
    """Raise an alert for each study that is new, has a notice, was joined or has changed; returns how many."""
    at, places = Raising(context, session, run_id), places_of(context, session)
    return _raise_new(at, places) + raise_notices(at) + raise_updates(at, places)


def _raise_new(at: Raising, places: Places) -> int:
    due = []
    for report_id, row in assessed.assessments_under(at.session, at.context.criteria_hash).items():
        if report_id in places.ranks:
            statuses = {criterion["status"] for criterion in row.reading["criteria"].values()}
            call = call_for(row.verdict, statuses, places.of(report_id), at.context.protocol.alerts)
            due += [(report_id, call)] if call is not None else []
    studies, included = studies_told(at.session), included_reports(at.session) - set(places.ranks)
    raised: set[int] = set()
    for report_id, call in sorted(due, key=lambda item: (item[1].kind is not AlertKind.STUDY_ELIGIBLE, item[0])):
        study, siblings = study_of(studies, report_id), linked.same_studies(at.session, [report_id])
        if siblings & included:
            raised |= {report_id} if _raise_further(at, places, report_id, study) else set()
        elif not siblings & raised and not (study and study.of_kind(AlertKind.STUDY_ELIGIBLE, call.kind)):
            raised |= {report_id} if _raise_one(at, places, report_id, call, study) else set()
    return len(raised)


def _raise_further(at: Raising, places: Places, report_id: int, study: Study | None) -> bool:
    """A report of a study that is included: news, unless it was told of, or held when the review began."""
    if study is not None and study.facts_of(report_id) is not None:
        return False
    if ledger.kind_of(at.session, members_of(at.session, report_id)[0].first_run_id) not in NIGHTLY:
        return False
    return _raise_one(at, places, report_id, Call(AlertKind.STUDY_UPDATED, Urgency.NORMAL), study, summary=FURTHER)


def _raise_one(at: Raising, places: Places, report_id: int, call: Call, study: Study | None, summary: str = "") -> bool:
    members = members_of(at.session, report_id)
    if all(member.withdrawn_at for member in members):
        return False
    content = report_now(at, at.content(call.kind, call.urgency), report_id)
    changes = _changed_verdict(study, content.study.verdict if content.study else None)
    ranking = places.explained(at.session, at.session.get_one(ReportRow, report_id))
    content = content.model_copy(update={"summary": summary, "changes": changes, "ranking": ranking})
    content = study.follow_up(content) if study else content
    return at.once(f"{call.kind}:{name_of(members[0])}", content, members[0])


def _changed_verdict(study: Study | None, now: str | None) -> tuple[Change, ...]:
    before = study.facts.verdict if study and study.facts else None
    if before is None or now is None or before == now:
        return ()
    return (Change(what="Verdict", before=words(before), after=words(now)),)
