"""What the team has been told of each study so far, and what would be told of it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivigil.alerts import AlertContent, AlertKind, StudyFacts, message_id_of, read_content, study_facts
from ivigil.store import Session, assessed, full_texts, judgements, library, outbox
from ivigil.store import links as linked
from ivigil.store.outbox import Alert
from ivigil.store.tables import RecordRow, ReportRow
from ivigil.surveillance.agreement import Outcome, outcome
from ivigil.surveillance.alerting import Raising
from ivigil.surveillance.context import Context
from ivigil.surveillance.watching import notices


@dataclass(frozen=True)
class Told:
    """One alert about a study, and the report it is about today."""

    alert: Alert
    content: AlertContent
    report_id: int

    @property
    def thread(self) -> str:
        """What joins all that is told of one study: the key of its first alert."""
        return self.content.thread or self.alert.key


@dataclass(frozen=True)
class Study:
    """A study that was told of: its alerts, oldest first, never none."""

    reports: frozenset[int]
    told: tuple[Told, ...]

    @property
    def newest(self) -> Told:
        """The newest that says anything of the study itself."""
        return next((one for one in reversed(self.told) if one.content.study is not None), self.told[-1])

    @property
    def facts(self) -> StudyFacts | None:
        """The study as the team knows it."""
        return self.newest.content.study

    def facts_of(self, report_id: int) -> StudyFacts | None:
        """One report of the study as the team knows it; None where it was never told of."""
        told = (one.content.study for one in reversed(self.told) if one.report_id == report_id)
        return next((facts for facts in told if facts is not None), None)

    @property
    def thread(self) -> str:
        """The oldest thread."""
        return self.told[0].thread

    def of_kind(self, *kinds: AlertKind) -> list[Told]:
        """Its alerts of these kinds, oldest first."""
        return [one for one in self.told if one.content.kind in kinds]

    def follow_up(self, content: AlertContent) -> AlertContent:
        """The content as one that stands with the earlier ones: in their thread, as a reply to the first message."""
        return content.model_copy(update={"thread": self.thread, "replies_to": message_id_of(self.told[0].alert)})


def studies_told(session: Session) -> list[Study]:
    """Every study that an alert was raised about."""
    alerts = [alert for alert in reversed(outbox.list_alerts(session)) if alert.record_id is not None]
    rows = linked.records_by_id(session, [alert.record_id for alert in alerts if alert.record_id is not None])
    found: dict[int, list[Told]] = {}
    for alert in alerts:
        report_id = rows[alert.record_id].report_id if alert.record_id in rows else None
        if report_id is not None:
            found.setdefault(report_id, []).append(Told(alert, read_content(alert.content), report_id))
    studies = []
    while found:
        reports = frozenset(linked.same_studies(session, [min(found)]) | {min(found)})
        mine = [one for report in reports for one in found.pop(report, [])]
        studies.append(Study(reports, tuple(sorted(mine, key=lambda one: one.alert.alert_id))))
    return studies


def study_of(studies: Sequence[Study], report_id: int) -> Study | None:
    """The study among these that holds a report."""
    return next((study for study in studies if report_id in study.reports), None)


def report_now(at: Raising, content: AlertContent, report_id: int, told: StudyFacts | None = None) -> AlertContent:
    """The content with the facts of a report as they stand in the store.

    What was told of its fate on the word of another document stands, since its own sources never said so and cannot
    take it back.
    """
    report = at.session.get_one(ReportRow, report_id)
    members = members_of(at.session, report_id)
    reading = assessed.assessments_under(at.session, at.context.criteria_hash, [report_id]).get(report_id)
    beside = [member.data for member in members]
    said = {what for member in members for what, _where in notices(member.data, beside)}
    if told is not None and set(told.notices) - said:
        earlier = [state for member in members for state in library.earlier_states(at.session, member.id)]
        said |= set(told.notices) - {what for state in (*earlier, *beside) for what, _where in notices(state)}
    facts = study_facts(
        report.best,
        reading.reading if reading else None,
        [(member.source, member.way) for member in members],
        notices=said,
        reports=len(linked.same_studies(at.session, [report_id]) | {report_id}),
        open_copy=full_texts.url_of(at.session, report.best.doi),
    )
    return content.model_copy(update={"study": facts, "report_id": report_id})


def members_of(session: Session, report_id: int) -> list[RecordRow]:
    """A report's records, oldest first; alerts hang on the first, so that a later record changes no key."""
    return library.records_of(session, [report_id])[report_id]


def name_of(lead: RecordRow) -> str:
    """A report as keys name it."""
    return f"{lead.source}:{lead.source_id}"


def outcome_of(context: Context, session: Session, report_id: int) -> Outcome:
    """What people's decisions on a report come to."""
    decisions = judgements.standing_decisions(session, [report_id]).get(report_id, [])
    return outcome(decisions, reviewers=context.protocol.screening.reviewers_per_report)
