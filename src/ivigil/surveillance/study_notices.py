"""Raises what happened to studies that matter: retractions, concerns, corrections, and comments on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ivigil.alerts import AlertKind, Link, Urgency
from ivigil.alerts.about import links
from ivigil.store import Session, library
from ivigil.store.tables import RecordRow
from ivigil.surveillance.agreement import Outcome
from ivigil.surveillance.alerting import Raising
from ivigil.surveillance.told import Study, members_of, name_of, outcome_of, report_now, studies_told, study_of
from ivigil.surveillance.watching import notices, watched_reports

RETRACTED, CONCERN, CORRECTED, COMMENT = "retracted", "concern", "corrected", "comment"
KINDS = {
    RETRACTED: (AlertKind.STUDY_RETRACTED, Urgency.HIGH),
    CONCERN: (AlertKind.STUDY_UPDATED, Urgency.HIGH),
    CORRECTED: (AlertKind.STUDY_CORRECTED, Urgency.NORMAL),
    COMMENT: (AlertKind.STUDY_UPDATED, Urgency.LOW),
}
SUMMARIES = {
    CONCERN: "The editors have published a concern about a report of this review.",
    COMMENT: "A comment on a report of this review was published.",
}
ABOUT_OTHERS = {
    "RetractionOf": RETRACTED,
    "ExpressionOfConcernFor": CONCERN,
    "ErratumFor": CORRECTED,
    "CorrectedandRepublishedFrom": CORRECTED,
    "CommentOn": COMMENT,
}
"""What a document says of the one it is about. The document itself is no study; the one it is about is told of."""
RECENT = timedelta(days=30)
"""How long a document that speaks of a study may wait for the run that tells of it."""
NIGHTLY = frozenset({"night", "single-source"})
"""Kinds of run that bring news; what the review began with is none."""


@dataclass(frozen=True)
class Notice:
    """What happened, who says so, and the document that says it where it is one of its own."""

    what: str
    said: str
    document: RecordRow | None = None


def raise_notices(at: Raising) -> int:
    """Raise an alert for each notice on a report that is included or was told of; returns how many.

    One notice reaches us from several sources in different words, and as a document of its own, so a report is told
    of once a kind; of comments each is told.
    """
    studies, speaking = studies_told(at.session), _speaking(at)
    raised = 0
    for report_id in sorted(watched_reports(at.session)):
        if outcome_of(at.context, at.session, report_id) is Outcome.EXCLUDE:
            continue
        members, study = members_of(at.session, report_id), study_of(studies, report_id)
        facts = study.facts_of(report_id) if study else None
        told = set(facts.notices) if facts is not None else None
        seen: set[str] = set()
        for notice in (*_own(at.session, members, told), *_of_others(members, speaking, told or set())):
            if notice.what == COMMENT or notice.what not in seen:
                seen.add(notice.what)
                raised += _raise(at, members, study, notice)
    return raised


def _own(session: Session, members: Sequence[RecordRow], told: set[str] | None) -> Iterator[Notice]:
    """What the report's own records say that is new.

    Of a report that was never told of, an old correction that was there when we first looked is no news; a retraction
    always is.
    """
    for member in members:
        earlier = library.earlier_states(session, member.id) if told is None else []
        before = {notice for state in earlier for notice in notices(state)}
        for what, where in notices(member.data, [other.data for other in members]):
            first_seen = what == RETRACTED or (bool(earlier) and (what, where) not in before)
            if first_seen if told is None else what not in told:
                yield Notice(what, f"{member.source} says so: {where}")


def _speaking(at: Raising) -> dict[str, list[Notice]]:
    """Identifier -> what documents that came in lately say of the one it names."""
    found: dict[str, list[Notice]] = {}
    for row in library.found_since(at.session, at.context.clock.now() - RECENT, NIGHTLY):
        for relation in row.data.relations:
            what = ABOUT_OTHERS.get(relation.kind)
            if what is not None and row.withdrawn_at is None:
                said = f"{row.source}: {row.data.title}"
                for identifier in filter(None, (relation.pmid, relation.doi)):
                    found.setdefault(identifier, []).append(Notice(what, said, row))
    return found


def _of_others(
    members: Sequence[RecordRow], speaking: Mapping[str, Sequence[Notice]], told: set[str]
) -> Iterator[Notice]:
    """What documents say of this report that is new, each document once, from whichever source."""
    own = {member.report_id for member in members}
    seen: set[tuple[str, int | None]] = set()
    for identifier in sorted({id_ for member in members for id_ in (member.pmid, member.doi) if id_}):
        for notice in speaking.get(identifier, ()):
            by = notice.document.report_id if notice.document else None
            if by not in own and (notice.what, by) not in seen and notice.what not in told:
                seen.add((notice.what, by))
                yield notice


def _raise(at: Raising, members: Sequence[RecordRow], study: Study | None, notice: Notice) -> bool:
    kind, urgency = KINDS[notice.what]
    lead = members[0]
    if lead.report_id is None:
        return False
    content = report_now(
        at, at.content(kind, urgency), lead.report_id, study.facts_of(lead.report_id) if study else None
    )
    facts = content.study
    if facts is not None and notice.what != COMMENT:
        facts = facts.model_copy(update={"notices": tuple(sorted({*facts.notices, notice.what}))})
    said = {"summary": SUMMARIES.get(notice.what, ""), "details": (notice.said,), "actions": _read_at(notice)}
    content = content.model_copy(update={**said, "study": facts})
    content = study.follow_up(content) if study else content
    return at.once(_key(at.session, kind, lead, study, notice), content, lead)


def _key(session: Session, kind: AlertKind, lead: RecordRow, study: Study | None, notice: Notice) -> str:
    if notice.what == COMMENT and notice.document is not None and notice.document.report_id is not None:
        return f"study_comment:{name_of(members_of(session, notice.document.report_id)[0])}"
    if notice.what == CONCERN:
        return f"study_concern:{name_of(lead)}"
    # A retraction that was taken back may come again.
    again = len(study.of_kind(kind)) if study and notice.what == RETRACTED else 0
    return f"{kind}:{name_of(lead)}{f':{again + 1}' if again else ''}"


def _read_at(notice: Notice) -> tuple[Link, ...]:
    held = links(notice.document.data)[:1] if notice.document is not None else ()
    return tuple(Link(label="Read it", url=link.url) for link in held)
