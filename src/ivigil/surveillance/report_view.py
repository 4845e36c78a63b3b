"""One report as its reader sees it: text, criteria with their words, records, links, history, and who said what.

Where two decide independently, nobody sees another's word on a stage before both have given theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivigil.eligibility.certainty import treated_words
from ivigil.errors import NotFound
from ivigil.records import Record
from ivigil.store import Session, assessed, full_texts, judgements, library, ranked
from ivigil.store import links as linked
from ivigil.store.judgements import MAYBE, UNDO
from ivigil.store.tables import AssessmentRow, DecisionRow, EarlierReadingRow, LinkRow, RecordRow, ReportRow
from ivigil.surveillance.agreement import STAGES, Outcome, outcome_at
from ivigil.surveillance.context import Context
from ivigil.surveillance.reviewing import viewpoint


@dataclass(frozen=True)
class Criterion:
    """One criterion as it was read; `start` and `end` point into `field`, where words were found."""

    name: str
    status: str
    evidence: str
    phrase: str
    note: str
    field: str
    start: int
    end: int


@dataclass(frozen=True)
class SecondReading:
    """What a second reader read in the same text. `disputed` where the two verdicts differ."""

    model: str
    verdict: str
    n_treated: int | None
    rules_verdict: str
    disputed: bool
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class HeldRecord:
    """One source's record of the report."""

    record_id: int
    source: str
    source_id: str
    version: str
    way: str
    first_seen: datetime
    superseded: tuple[datetime, ...]
    withdrawn: datetime | None
    leads: bool


@dataclass(frozen=True)
class HeldLink:
    """Why two records are one report, or two reports one study."""

    records: tuple[int, int]
    kind: str
    state: str
    rule: str
    why: str


@dataclass(frozen=True)
class Sibling:
    """Another report of the same study."""

    report_id: int
    title: str


@dataclass(frozen=True)
class Event:
    """Something that happened to the report, and who or what did it."""

    at: datetime
    what: str
    who: str
    detail: str = ""
    undone: bool = False


@dataclass(frozen=True)
class StageView:
    """What was decided at one stage, as far as this reader may know."""

    stage: str
    outcome: Outcome
    mine: str | None
    mine_id: int | None
    hidden: int
    blind: bool
    said: tuple[tuple[str, str, str | None], ...]


@dataclass(frozen=True)
class ReportView:
    """Everything on one report."""

    report_id: int
    asked_for: int
    study_id: int | None
    record: Record
    full_text_url: str | None
    criteria: tuple[Criterion, ...]
    verdict: str | None
    treated: str
    design: str | None
    organ_systems: tuple[str, ...]
    reading_is_old: bool
    second: SecondReading | None
    score: float | None
    above: bool | None
    screener: str | None
    label: bool | None
    records: tuple[HeldRecord, ...]
    links: tuple[HeldLink, ...]
    siblings: tuple[Sibling, ...]
    stages: tuple[StageView, ...]
    history: tuple[Event, ...]

    def at(self, stage: str) -> StageView:
        """What was decided at a stage."""
        return next(view for view in self.stages if view.stage == stage)


def view_report(context: Context, report_id: int, *, reviewer: str) -> ReportView:
    """One report as this reviewer may see it.

    Raises:
        NotFound: no such report.
    """
    with context.store.reading() as session:
        report = library.resolve_report(session, report_id)
        if report is None:
            raise NotFound(f"no report {report_id}", hint="it may never have been held: look it up in the list")
        rows = library.records_of(session, [report.id])[report.id]
        decisions = judgements.decision_history(session, report.id)
        standing = judgements.standing_decisions(session, [report.id]).get(report.id, [])
        needed = context.protocol.screening.reviewers_per_report
        stages = tuple(stage_view(standing, stage, reviewer=reviewer, needed=needed) for stage in STAGES)
        scores = ranked.scores_of(session, report.id)
        assessments = assessed.assessments_of(session, report.id)
        reading = _present(assessments, report, context.criteria_hash)
        seen, _card = viewpoint(context, session, reviewer)
        champion = ranked.champion(session, context.protocol.name)
        score = next(
            (
                row.score
                for _v, row in scores
                if row.screener_id == seen.screener_id and row.text_hash == report.text_hash
            ),
            None,
        )
        said = reading.reading if reading else {}
        return ReportView(
            report_id=report.id,
            asked_for=report_id,
            study_id=report.study_id,
            record=report.best,
            full_text_url=full_texts.url_of(session, report.best.doi),
            criteria=tuple(_criterion(name, value) for name, value in (said.get("criteria") or {}).items()),
            verdict=said.get("verdict"),
            treated=treated_words(said.get("n_treated"), said.get("treated")),
            design=said.get("design"),
            organ_systems=tuple(said.get("organ_systems") or ()),
            reading_is_old=bool(assessments) and reading is None,
            second=_second(said),
            score=score,
            above=None if score is None or seen.threshold is None else score >= seen.threshold,
            screener=champion.version if champion else None,
            label=judgements.label_of(session, report.id),
            records=tuple(_held(session, row, report) for row in rows),
            links=tuple(_link(link) for link in linked.links_among(session, [row.id for row in rows], whole=False)),
            siblings=_siblings(session, report),
            stages=stages,
            history=_history(
                session,
                rows,
                decisions,
                scores,
                [*assessed.earlier_readings_of(session, report.id), *assessments],
                stages,
                reviewer,
            ),
        )


def stage_view(standing: Sequence[DecisionRow], stage: str, *, reviewer: str, needed: int) -> StageView:
    """A stage as one reviewer may see it: where two must decide, others' words stay hidden until both are there."""
    here = [row for row in standing if row.stage == stage]
    mine = next((row for row in here if row.reviewer == reviewer), None)
    votes = sum(row.value != MAYBE for row in here)
    open_to_all = needed == 1 or votes >= needed or any(row.resolves for row in here)
    shown = [row for row in here if open_to_all or row.reviewer == reviewer]
    return StageView(
        stage=stage,
        outcome=outcome_at(here, stage, reviewers=needed),
        mine=mine.value if mine else None,
        mine_id=mine.id if mine else None,
        hidden=len(here) - len(shown),
        blind=not open_to_all,
        said=tuple((row.reviewer, row.value, row.reason) for row in shown),
    )


def _present(assessments: Sequence[AssessmentRow], report: ReportRow, criteria_hash: str) -> AssessmentRow | None:
    """The reading of today's text by today's criteria."""
    wanted = (criteria_hash, report.text_hash)
    return next((row for row in assessments if (row.criteria_hash, row.text_hash) == wanted), None)


def _criterion(name: str, value: dict[str, Any]) -> Criterion:
    return Criterion(
        name=name,
        status=value["status"],
        evidence=value.get("evidence") or "",
        phrase=value.get("phrase") or "",
        note=value.get("note") or "",
        field=value.get("field") or "",
        start=value.get("start") or 0,
        end=value.get("end") or 0,
    )


def _second(said: dict[str, Any]) -> SecondReading | None:
    """The second reader's reading beside the rules', as it was set there."""
    second = said.get("second_reading")
    if second is None:
        return None
    return SecondReading(
        model=second["model"],
        verdict=second["verdict"],
        n_treated=second.get("n_treated"),
        rules_verdict=said["rules_verdict"],
        disputed=not second["agrees"],
        criteria=tuple(_criterion(name, value) for name, value in (second.get("criteria") or {}).items()),
    )


def _held(session: Session, row: RecordRow, report: ReportRow) -> HeldRecord:
    return HeldRecord(
        record_id=row.id,
        source=row.source,
        source_id=row.source_id,
        version=row.data.version,
        way=row.way,
        first_seen=row.created_at,
        superseded=tuple(library.superseded_at(session, row.id)),
        withdrawn=row.withdrawn_at,
        leads=row.data.key == report.best.key,
    )


def _link(link: LinkRow) -> HeldLink:
    return HeldLink((link.record_a, link.record_b), link.kind, link.state, link.rule, link.why)


def _siblings(session: Session, report: ReportRow) -> tuple[Sibling, ...]:
    others = sorted(linked.same_studies(session, [report.id]) - {report.id})
    held = library.reports_by_id(session, others)
    return tuple(Sibling(id_, held[id_].title) for id_ in others)


def _history(
    session: Session,
    rows: Sequence[RecordRow],
    decisions: Sequence[DecisionRow],
    scores: Sequence[tuple[str, Any]],
    readings: Sequence[AssessmentRow | EarlierReadingRow],
    stages: Sequence[StageView],
    reviewer: str,
) -> tuple[Event, ...]:
    """What happened, newest first; decisions that are hidden from this reader are left out."""
    events = [Event(row.created_at, "found", row.source, f"by {row.way}") for row in rows]
    for row in rows:
        events += [Event(when, "changed", row.source) for when in library.superseded_at(session, row.id)]
        if row.withdrawn_at is not None:
            events.append(Event(row.withdrawn_at, "withdrawn", row.source))
    events += [Event(row.scored_at, "scored", f"screener {version}", f"{row.score:.2f}") for version, row in scores]
    events += [Event(row.assessed_at, "read", "criteria", row.reading["verdict"].replace("_", " ")) for row in readings]
    blind = {stage.stage for stage in stages if stage.blind}
    undone = {row.undoes for row in decisions if row.undoes is not None}
    events += [
        _decision(said, undone=said.id in undone)
        for said in decisions
        if said.reviewer == reviewer or said.stage not in blind
    ]
    return tuple(sorted(events, key=lambda event: event.at, reverse=True))


def _decision(row: DecisionRow, *, undone: bool) -> Event:
    what = f"settled: {row.value}" if row.resolves else "took a decision back" if row.value == UNDO else row.value
    detail = " · ".join(part for part in (row.stage.replace("-", " "), row.reason, row.note) if part)
    return Event(row.made_at, what, row.reviewer, detail, undone)
