"""What comes back from another tool: entries of our own export, and what people decided on them there."""

from __future__ import annotations

from collections.abc import Sequence

from ivigil.linking.normalise import plain
from ivigil.sources.files import ImportedRecord, Label
from ivigil.store import Session, judgements, library
from ivigil.surveillance.agreement import EXCLUDE, FULL_TEXT, INCLUDE, MAYBE, TITLE_ABSTRACT
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decision_row, leading_record
from ivigil.surveillance.study_decisions import tell_decisions

LABELLED_FULL_TEXT = "full_text"
"""How files name the later stage."""
SOMEBODY = "import"
"""Who decided, where neither the file nor the caller says."""
_VALUES = {True: INCLUDE, False: EXCLUDE, None: MAYBE}


def returned_report(session: Session, entry: ImportedRecord) -> int | None:
    """The report an entry of our own export stands for; None for any other entry.

    The number alone is not believed: another installation's export has the same numbers for other reports.
    """
    if entry.report_key is None:
        return None
    report = library.resolve_report(session, int(entry.report_key.rpartition("-")[2]))
    if report is None:
        return None
    ours, theirs = report.best, entry.record
    for mine, other in ((ours.pmid, theirs.pmid), (ours.doi, theirs.doi)):
        if mine and other:
            return report.id if mine == other else None
    return report.id if plain(ours.title) == plain(theirs.title) else None


def take_back(
    context: Context, session: Session, entries: Sequence[tuple[int, ImportedRecord]], *, reviewer: str | None
) -> int:
    """Append what the entries' reviewers decided and does not stand already; returns how many decisions are new.

    What they come to is told as of decisions made here: each report once, however many a file has a word on it.

    A reviewer that the file or the caller names has a word of their own, though others said the same. Where nobody is
    named, only what differs from the standing word is news: the rest is our own export coming back.

    Args:
        context: the review.
        session: of the caller's transaction.
        entries: (report, entry) pairs.
        reviewer: who decided where the file does not say.
    """
    ids = [report_id for report_id, _ in entries]
    standing = judgements.standing_decisions(session, ids)
    labels = judgements.labels_by_report(session)
    written, newest = 0, {}
    for report_id, entry in entries:
        for label in entry.labels:
            value = _VALUES[label.included]
            stage = FULL_TEXT if label.stage == LABELLED_FULL_TEXT else TITLE_ABSTRACT
            who = label.reviewer or reviewer
            said = {(one.reviewer, one.value) for one in standing.get(report_id, ()) if one.stage == stage}
            if who is not None and (who, value) in said:
                continue
            labelled = report_id in labels and _VALUES[labels[report_id]] == value
            if who is None and (labelled or value in {what for _, what in said}):
                continue
            reason, note = _reason(context, label)
            row = decision_row(
                context,
                leading_record(session, report_id),
                value,
                reviewer=who or SOMEBODY,
                reason=None if value == INCLUDE else reason,
                stage=stage,
                note=note,
            )
            newest[report_id] = judgements.append_decision(session, row)
            written += 1
    tell_decisions(context, session, newest)
    return written


def _reason(context: Context, label: Label) -> tuple[str | None, str | None]:
    """The protocol's code for a reason, or the reason as a note where the protocol has none like it."""
    if not label.reason:
        return None, None
    for known in context.protocol.exclusion_reasons:
        if label.reason in (known.code, known.label):
            return known.code, None
    return None, f"reason given: {label.reason}"
