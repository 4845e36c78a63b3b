"""Takes an export file into the library, with the labels it carries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivigil.errors import NotFound
from ivigil.sources.files import ImportedRecord, ImportResult, read_file
from ivigil.store import Session, judgements, ledger, library
from ivigil.store.ledger import IMPORT
from ivigil.store.library import Intake
from ivigil.store.tables import RecordRow
from ivigil.surveillance.assessing import assess_reports
from ivigil.surveillance.context import Context
from ivigil.surveillance.lease import leased
from ivigil.surveillance.linking import link_records
from ivigil.surveillance.ranking import score_reports
from ivigil.surveillance.returning import returned_report, take_back


@dataclass(frozen=True)
class Taken:
    """What a file brought; `counts` has the keys of `ivigil import --json`, reports apart."""

    intake: Intake
    counts: dict[str, Any]


def import_file(
    context: Context,
    file: Path,
    *,
    source: str | None = None,
    label_column: str | None = None,
    reviewer: str | None = None,
) -> dict[str, Any]:
    """Read a file, take its records in, link, score and assess them; labels become the review's labels.

    Entries of our own export bring no records: what was decided on them elsewhere comes back as decisions, by the
    reviewers the file names, else by `reviewer`.

    Everything is read before anything is written: a file that cannot be read leaves the library as it was.

    Raises:
        ImportError_: the file cannot be read; names file and line.
        LeaseHeld: a run is at work.
    """
    found = read_file(file, source=source, label_column=label_column)
    now = context.clock.now()
    with leased(context.store, context.clock):
        with context.store.transaction() as session:
            ledger.close_interrupted(session, now=now)
            run_id = ledger.open_run(session, IMPORT, as_of=now, now=now)
            taken = take_in_file(context, session, run_id, found, name=file.name, reviewer=reviewer)
            linked = link_records(session, now=now)
        score_reports(context)
        with context.store.transaction() as session:
            assess_reports(context, session)
            outcome = taken.counts | {"reports": linked.new_reports}
            ledger.close_run(session, run_id, status=ledger.COMPLETE, summary=outcome, now=now, why=None)
    return outcome


def take_in_file(
    context: Context, session: Session, run_id: int, found: ImportResult, *, name: str, reviewer: str | None = None
) -> Taken:
    """Take a file's records in and write its labels, in the caller's transaction. Linking is the caller's too."""
    back, fresh = [], []
    for entry in found.records:
        report_id = returned_report(session, entry)
        if report_id is None:
            fresh.append(entry)
        else:
            back.append((report_id, entry))
    records = [entry.record for entry in fresh]
    intake = library.take_in(session, records, run_id=run_id, way=IMPORT, now=context.clock.now())
    labels = write_labels(context, session, fresh, basis=f"import:{name}"[:40])
    decisions = take_back(context, session, back, reviewer=reviewer)
    return Taken(
        intake,
        {
            "format": found.format,
            "dialect": found.dialect,
            "seen": found.seen,
            "records": len(found.records),
            "new_records": intake.new,
            "changed_records": intake.changed,
            "returned": len(back),
            "labels": labels + decisions,
            "decisions": decisions,
            "rejected": [{"line": entry.line, "why": entry.why} for entry in found.rejected],
        },
    )


def write_labels(context: Context, session: Session, entries: Iterable[ImportedRecord], *, basis: str) -> int:
    """Write the include/exclude labels of imported records; returns how many records have one.

    Where reviewers disagree the record gets no label: that is a conflict for people to resolve.
    """
    written = 0
    for entry in entries:
        label = entry.label
        if label is None or label.included is None:
            continue
        row = find_entry(session, entry)
        if row is None:
            raise NotFound(f"the entry at line {entry.line} is not in the library")
        judgements.set_label(
            session,
            row.id,
            included=label.included,
            basis=basis,
            reason=label.reason,
            stage=label.stage,
            passed=True if label.included else entry.passed,
            now=context.clock.now(),
        )
        written += 1
    return written


def find_entry(session: Session, entry: ImportedRecord) -> RecordRow | None:
    """The held record an entry names: by its own source and id, else by PMID or DOI."""
    record = entry.record
    own = library.find_by_key(session, record.source, record.source_id)
    return own or library.find_record(session, pmid=record.pmid, doi=record.doi)
