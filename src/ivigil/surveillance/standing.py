"""Where every report stands between the previous version of the review and the next: read once, used by all reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ivigil.reports.flow import Fate, Identified, Route
from ivigil.store import Session, identified, judgements
from ivigil.store.identified import FirstSeen
from ivigil.surveillance.agreement import EXCLUDE, FULL_TEXT, INCLUDE, TITLE_ABSTRACT, Outcome, outcome_at
from ivigil.surveillance.context import Context
from ivigil.surveillance.reconstructing import BOOTSTRAP
from ivigil.surveillance.returning import LABELLED_FULL_TEXT

NOT_RETRIEVED = "not-retrieved"
"""The exclusion reason that says a full text could not be had; PRISMA counts it in a box of its own."""
REGISTERS = frozenset({"clinicaltrials", "ictrp"})
ADDED_LATER = ("enrichment", "watch")
"""Ways by which a record is fetched of a document that was identified already."""
CITATION_WAYS = ("cites", "reference", "citation")
LABELS_WAY = "labels"


@dataclass(frozen=True)
class Word:
    """One standing word on a report: a decision, or the label of a screening made elsewhere (of no number: 0)."""

    value: str
    stage: str = TITLE_ABSTRACT
    reason: str | None = None
    id: int = 0
    resolves: bool = False


@dataclass(frozen=True)
class ReviewState:
    """Every report's place.

    `held_before` were screened for the previous version, `included_before` are those it included, `fresh` came since.
    `fates` covers every report that a person has judged; `decided_on` is the day of the last word on it, `reasons` the
    label of the reason it was excluded for.
    """

    records: tuple[Identified, ...]
    held_before: frozenset[int]
    included_before: frozenset[int]
    fates: Mapping[int, Fate]
    reasons: Mapping[int, str]
    decided_on: Mapping[int, date]
    studies: Mapping[int, int]

    @property
    def fresh(self) -> frozenset[int]:
        """Reports identified since the previous version."""
        return frozenset(record.report_id for record in self.records) - self.held_before


def review_state(context: Context, session: Session) -> ReviewState:
    """Read the state of the review. A label on a report that came later is the word of a screening made elsewhere."""
    seen = identified.first_seen(session)
    labels = identified.review_labels(session)
    judged = {label.report_id for label in labels} or {row.report_id for row in seen}
    before = judged & {row.report_id for row in seen if row.run_kind == BOOTSTRAP or row.way == LABELS_WAY}
    said: dict[int, list[Word]] = defaultdict(list)
    reasons: dict[int, str] = {}
    decided_on: dict[int, date] = {}
    wording = {reason.code: reason.label for reason in context.protocol.exclusion_reasons}
    for label in labels:
        if label.report_id not in before:
            stage = FULL_TEXT if label.stage == LABELLED_FULL_TEXT else TITLE_ABSTRACT
            said[label.report_id].append(Word(INCLUDE if label.included else EXCLUDE, stage, label.reason))
            if label.reason:
                reasons[label.report_id] = wording.get(label.reason, label.reason)
    for report_id, decisions in judgements.standing_decisions(session).items():
        for decision in decisions:
            said[report_id].append(
                Word(decision.value, decision.stage, decision.reason, decision.id, resolves=decision.resolves)
            )
            decided_on[report_id] = decision.made_at.date()
            if decision.reason:
                reasons[report_id] = wording.get(decision.reason, decision.reason)
    return ReviewState(
        records=tuple(_identified(row) for row in seen if _is_of_update(row, before)),
        held_before=frozenset(before),
        included_before=frozenset(label.report_id for label in labels if label.included and label.report_id in before),
        fates={
            report_id: fate_of(words, context.protocol.screening.reviewers_per_report)
            for report_id, words in said.items()
        },
        reasons=reasons,
        decided_on=decided_on,
        studies=identified.studies_of_reports(session),
    )


def fate_of(words: Sequence[Word], reviewers: int = 1) -> Fate:
    """What became of a report where so many have to decide; a word on its full text outweighs those on its abstract."""
    final = [word for word in words if word.stage == FULL_TEXT]
    if final:
        match outcome_at(final, FULL_TEXT, reviewers=reviewers):
            case Outcome.INCLUDE:
                return Fate.INCLUDED
            case Outcome.EXCLUDE:
                had = any(word.value == EXCLUDE and word.reason != NOT_RETRIEVED for word in final)
                return Fate.EXCLUDED_FULL_TEXT if had else Fate.NOT_RETRIEVED
            case _:
                return Fate.AWAITING_FULL_TEXT
    first = outcome_at(words, TITLE_ABSTRACT, reviewers=reviewers)
    ends = {Outcome.INCLUDE: Fate.AWAITING_FULL_TEXT, Outcome.EXCLUDE: Fate.EXCLUDED}
    return ends.get(first, Fate.AWAITING_SCREENING)


def _is_of_update(row: FirstSeen, before: Container[int]) -> bool:
    """Whether a record counts as identified since: the bootstrap too may bring what the review cannot have seen."""
    if row.way == LABELS_WAY or row.way.startswith(ADDED_LATER):
        return False
    return row.run_kind != BOOTSTRAP or row.report_id not in before


def _identified(row: FirstSeen) -> Identified:
    if row.way.startswith(CITATION_WAYS):
        route = Route.CITATION
    else:
        route = Route.REGISTER if row.source in REGISTERS else Route.DATABASE
    return Identified(row.source, route, row.report_id, withdrawn=row.withdrawn)
