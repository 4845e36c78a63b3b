"""The ranked list: every undecided report, best first. Nothing is hidden; the threshold only raises alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ivigil.eligibility.certainty import treated_words
from ivigil.errors import NotFound
from ivigil.linking.best_values import provenance
from ivigil.records import Record
from ivigil.store import Session, assessed, full_texts, judgements, library, ranked
from ivigil.store import links as linked
from ivigil.store.tables import EarlierReadingRow, LinkRow, RecordRow, ReportRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.settled import settled_reports


@dataclass(frozen=True)
class Candidate:
    """One undecided report with its place in the list."""

    rank: int
    report_id: int
    study_id: int | None
    best: Record
    score: float | None
    verdict: str | None
    reading: dict[str, Any]
    sources: tuple[str, ...]
    ways: tuple[str, ...] = ()
    full_text_url: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The candidate as `ivigil candidates --json` prints it."""
        return {
            "rank": self.rank,
            "report_id": self.report_id,
            "study_id": self.study_id,
            "title": self.best.title,
            "year": self.best.year,
            "journal": self.best.journal,
            "ids": identifiers(self.best),
            "score": self.score,
            "verdict": self.verdict,
            "reasons": self.reading.get("reasons", []),
            "criteria": self.reading.get("criteria", {}),
            "n_treated": self.reading.get("n_treated"),
            "n_treated_chance": self.reading.get("n_treated_chance"),
            "treated": treated_words(self.reading.get("n_treated"), self.reading.get("treated")),
            "design": self.reading.get("design"),
            "organ_systems": self.reading.get("organ_systems", []),
            "sources": list(self.sources),
            "ways": list(self.ways),
            "abstract_missing": not self.best.abstract,
            "full_text_url": self.full_text_url,
        }


def identifiers(record: Record) -> dict[str, Any]:
    """The identifiers a record has, by kind."""
    found: dict[str, Any] = {"pmid": record.pmid, "doi": record.doi, "pmcid": record.pmcid}
    found["registry"] = list(record.registry_ids)
    return {kind: value for kind, value in found.items() if value}


def list_candidates(context: Context, top: int | None = None) -> list[Candidate]:
    """Undecided reports by falling score; those without a score last, newest first among equals."""
    with context.store.reading() as session:
        settled = settled_reports(context, session)
        champion = ranked.champion(session, context.protocol.name)
        scores = ranked.scores_under(session, champion.id) if champion else {}
        undecided = [(report_id, year) for report_id, year in library.report_years(session) if report_id not in settled]
        undecided.sort(key=lambda item: (-scores.get(item[0], float("-inf")), -(item[1] or 0), item[0]))
        return _details(context, session, [report_id for report_id, _year in undecided[:top]], scores)


def _details(context: Context, session: Session, report_ids: list[int], scores: dict[int, float]) -> list[Candidate]:
    readings = assessed.assessments_under(session, context.criteria_hash, report_ids)
    records = library.records_of(session, report_ids)
    reports = library.reports_by_id(session, report_ids)
    readable = full_texts.urls_of(session, (report.best.doi for report in reports.values()))
    found = []
    for rank, report_id in enumerate(report_ids, start=1):
        report = reports[report_id]
        reading = readings.get(report_id)
        found.append(
            Candidate(
                rank=rank,
                report_id=report_id,
                study_id=report.study_id,
                best=report.best,
                score=scores.get(report_id),
                verdict=reading.verdict if reading else None,
                reading=reading.reading if reading else {},
                sources=tuple(dict.fromkeys(row.source for row in records[report_id])),
                ways=tuple(dict.fromkeys(row.way for row in records[report_id])),
                full_text_url=readable.get(report.best.doi or ""),
            )
        )
    return found


def show_report(context: Context, report_id: int) -> dict[str, Any]:
    """Everything held on one report, as plain data.

    Raises:
        NotFound: no such report.
    """
    with context.store.reading() as session:
        report = library.resolve_report(session, report_id)
        if report is None:
            raise NotFound(f"no report {report_id}", hint="ivigil candidates lists them")
        rows = library.records_of(session, [report.id])[report.id]
        return {
            "report_id": report.id,
            "asked_for": report_id,
            "study_id": report.study_id,
            "title": report.best.title,
            "ids": identifiers(report.best),
            "full_text_url": full_texts.url_of(session, report.best.doi),
            "best": report.best.model_dump(mode="json", exclude_defaults=True),
            "provenance": provenance([row.data for row in rows]),
            "records": [_record_json(session, row) for row in rows],
            "links": [_link_json(link) for link in linked.links_among(session, [row.id for row in rows], whole=False)],
            "study_reports": sorted(linked.same_studies(session, [report.id]) - {report.id}),
            "label": judgements.labels_by_report(session).get(report.id),
            "scores": _scores(session, report),
            "assessments": _assessments(session, report),
            "decisions": _decisions(session, report.id),
        }


def _record_json(session: Session, row: RecordRow) -> dict[str, Any]:
    return {
        "record_id": row.id,
        "source": row.source,
        "source_id": row.source_id,
        "version": row.data.version,
        "way": row.way,
        "first_seen": row.created_at.isoformat(),
        "superseded": [when.isoformat() for when in library.superseded_at(session, row.id)],
        "withdrawn": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
    }


def _link_json(link: LinkRow) -> dict[str, Any]:
    return {
        "link_id": link.id,
        "records": [link.record_a, link.record_b],
        "kind": link.kind,
        "strength": link.strength,
        "rule": link.rule,
        "why": link.why,
        "state": link.state,
    }


def _scores(session: Session, report: ReportRow) -> list[dict[str, Any]]:
    return [
        {
            "screener": version,
            "score": row.score,
            "present_text": row.text_hash == report.text_hash,
            "at": row.scored_at.isoformat(),
        }
        for version, row in ranked.scores_of(session, report.id)
    ]


def _assessments(session: Session, report: ReportRow) -> list[dict[str, Any]]:
    """What was read in the report's texts; each reading with what earlier readers read in the same text before it."""
    earlier = assessed.earlier_readings_of(session, report.id)
    return [
        {
            "present_text": row.text_hash == report.text_hash,
            "at": row.assessed_at.isoformat(),
            "reader": row.reader,
            "earlier": [_earlier_json(one) for one in earlier if one.assessment_id == row.id],
            **row.reading,
        }
        for row in assessed.assessments_of(session, report.id)
    ]


def _earlier_json(row: EarlierReadingRow) -> dict[str, Any]:
    return {"at": row.assessed_at.isoformat(), "reader": row.reader, **row.reading}


def _decisions(session: Session, report_id: int) -> list[dict[str, Any]]:
    standing = judgements.standing_decisions(session, [report_id]).get(report_id, [])
    return [
        {
            "decision_id": row.id,
            "reviewer": row.reviewer,
            "decision": row.value,
            "stage": row.stage,
            "reason": row.reason,
            "note": row.note,
            "at": row.made_at.isoformat(),
        }
        for row in standing
    ]
