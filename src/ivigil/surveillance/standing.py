"""Where every report stands between the previous version of the review and the next: read once, used by all reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ivigil.reports.flow import Fate, Identified, Route, Said, fate_of
from ivigil.store import Session, identified, judgements
from ivigil.store.identified import FirstSeen
from ivigil.surveillance.bootstrap import BOOTSTRAP
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import STAGES

FULL_TEXT = STAGES[1]
REGISTERS = frozenset({"clinicaltrials", "ictrp"})
ADDED_LATER = ("enrichment", "watch")
"""Ways by which a record is fetched of a document that was identified already."""
CITATION_WAYS = ("cites", "reference", "citation")
LABELS_WAY = "labels"


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
    before = {row.report_id for row in seen if row.run_kind == BOOTSTRAP or row.way == LABELS_WAY}
    said: dict[int, list[Said]] = defaultdict(list)
    reasons: dict[int, str] = {}
    decided_on: dict[int, date] = {}
    wording = {reason.code: reason.label for reason in context.protocol.exclusion_reasons}
    for label in labels:
        if label.report_id not in before:
            value = "include" if label.included else "exclude"
            said[label.report_id].append(Said(value, full_text=label.stage == "full_text", reason=label.reason))
            if label.reason:
                reasons[label.report_id] = wording.get(label.reason, label.reason)
    for report_id, decisions in judgements.standing_decisions(session).items():
        for decision in decisions:
            said[report_id].append(Said(decision.value, decision.stage == FULL_TEXT, decision.reason))
            decided_on[report_id] = decision.made_at.date()
            if decision.reason:
                reasons[report_id] = wording.get(decision.reason, decision.reason)
    return ReviewState(
        records=tuple(_identified(row) for row in seen if _is_of_update(row)),
        held_before=frozenset(before),
        included_before=frozenset(label.report_id for label in labels if label.included and label.report_id in before),
        fates={report_id: fate_of(words) for report_id, words in said.items()},
        reasons=reasons,
        decided_on=decided_on,
        studies=identified.studies_of_reports(session),
    )


def _is_of_update(row: FirstSeen) -> bool:
    return row.run_kind != BOOTSTRAP and row.way != LABELS_WAY and not row.way.startswith(ADDED_LATER)


def _identified(row: FirstSeen) -> Identified:
    if row.way.startswith(CITATION_WAYS):
        route = Route.CITATION
    else:
        route = Route.REGISTER if row.source in REGISTERS else Route.DATABASE
    return Identified(row.source, route, row.report_id, withdrawn=row.withdrawn)
