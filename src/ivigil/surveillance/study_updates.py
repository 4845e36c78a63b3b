"""Raises what is different about studies that were told of: joined ones, and changes since the newest message."""

from __future__ import annotations

import hashlib

from ivigil.alerts import AlertContent, AlertKind, Change, Urgency, changes_between
from ivigil.store.tables import ReportRow
from ivigil.surveillance.agreement import Outcome
from ivigil.surveillance.alerting import Raising
from ivigil.surveillance.places import Places
from ivigil.surveillance.told import Study, members_of, name_of, outcome_of, report_now, studies_told

CAN_WAIT = frozenset({"Reports of the study", "Full text", "Abstract"})


def raise_updates(at: Raising, places: Places) -> int:
    """Raise one alert for each study that was joined from several told of, or has changed; returns how many.

    A study that people exclude is left alone; of one that they include, what a machine reads is left alone.
    """
    raised = 0
    for study in studies_told(at.session):
        said = outcome_of(at.context, at.session, study.newest.report_id)
        if said is Outcome.EXCLUDE:
            continue
        apart = _threads_apart(study)
        changes = _changes(at, study, decided=said is Outcome.INCLUDE)
        if apart:
            raised += _raise_merged(at, places, study, apart, changes)
        elif changes:
            raised += _raise_changed(at, places, study, changes)
    return raised


def _threads_apart(study: Study) -> list[str]:
    """The threads that nobody was told are one, first the one they go on in; none where all is said."""
    threads = list(dict.fromkeys(one.thread for one in study.told))
    joined = {thread for one in study.of_kind(AlertKind.STUDY_MERGED) for thread in (one.thread, *one.content.joins)}
    return threads if len(threads) > 1 and set(threads) - joined else []


def _raise_merged(at: Raising, places: Places, study: Study, threads: list[str], changes: tuple[Change, ...]) -> bool:
    firsts = [next(one for one in study.told if one.thread == thread) for thread in threads]
    lines = [
        f"Told of on {one.alert.raised_at:%Y-%m-%d}: {one.content.study.title}" for one in firsts if one.content.study
    ]
    content = _now(at, places, study, AlertKind.STUDY_MERGED, Urgency.NORMAL).model_copy(
        update={
            "summary": f"{len(firsts)} studies that the team was told of apart are one.",
            "details": tuple(lines),
            "changes": (Change(what="Studies", before=str(len(firsts)), after="1"), *changes),
            "joins": tuple(threads[1:]),
        }
    )
    named = hashlib.sha256("\n".join(sorted(threads)).encode()).hexdigest()[:32]
    return at.once(f"study_merged:{named}", content, members_of(at.session, study.newest.report_id)[0])


def _raise_changed(at: Raising, places: Places, study: Study, changes: tuple[Change, ...]) -> bool:
    urgency = Urgency.LOW if {change.what for change in changes} <= CAN_WAIT else Urgency.NORMAL
    content = _now(at, places, study, AlertKind.STUDY_UPDATED, urgency).model_copy(update={"changes": changes})
    lead = members_of(at.session, study.newest.report_id)[0]
    # Each message has one that follows it at most: the same change, found again, is the same alert.
    return at.once(f"study_updated:{name_of(lead)}:{study.newest.alert.alert_id}", content, lead)


def _changes(at: Raising, study: Study, *, decided: bool) -> tuple[Change, ...]:
    now = report_now(at, at.content(AlertKind.STUDY_UPDATED), study.newest.report_id, study.facts).study
    if study.facts is None or now is None:
        return ()
    return changes_between(study.facts, now, read=not decided)


def _now(at: Raising, places: Places, study: Study, kind: AlertKind, urgency: Urgency) -> AlertContent:
    """What is told of the study as it stands, in its thread."""
    report_id = study.newest.report_id
    content = study.follow_up(report_now(at, at.content(kind, urgency), report_id, study.facts))
    if report_id not in places.ranks:
        return content
    ranking = places.explained(at.session, at.session.get_one(ReportRow, report_id))
    return content.model_copy(update={"ranking": ranking})
