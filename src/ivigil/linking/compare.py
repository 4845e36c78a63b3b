"""Decides on one pair of records."""

from __future__ import annotations

from ivigil.linking.conditions import conflicts
from ivigil.linking.evidence import Evidence
from ivigil.linking.links import Link
from ivigil.linking.places import FieldMatch
from ivigil.linking.prepared import Prepared, prepare
from ivigil.linking.rules import RULES
from ivigil.linking.studies import study_link
from ivigil.linking.titles import TitleMatch
from ivigil.records import Record


def compare(a: Record, b: Record) -> Link | None:
    """How two records belong together foremost, None where nothing says so. Symmetric."""
    return next(iter(decide(prepare(a), prepare(b))), None)


def decide(a: Prepared, b: Prepared, *, two_documents: bool = False) -> tuple[Link, ...]:
    """Every link between two records: that they are one report, else that they are of one study.

    Where one report is only suggested, a certain link of one study stands beside it and holds until somebody says.
    `two_documents` where somebody has said that they are not one report: then only the study is asked for.
    """
    evidence = Evidence(a, b)
    report = None if two_documents else report_link(evidence)
    if report is not None and report.strength == "certain":
        return (report,)
    study = study_link(evidence)
    if report is None:
        return () if study is None else (study,)
    return (report,) if study is None or study.strength != "certain" else (report, study)


def report_link(evidence: Evidence) -> Link | None:
    """The first rule by which the two are one report, None where none holds."""
    if evidence.title in {TitleMatch.DIFFERENT, TitleMatch.MISSING} and not _agree_elsewhere(evidence):
        return None
    against = conflicts(evidence)
    for rule in RULES:
        if against <= rule.despite and rule.holds(evidence):
            return Link("report", rule.strength, rule.name, rule.why)
    return None


def _agree_elsewhere(evidence: Evidence) -> bool:
    """Whether an identifier or the pages agree, so that another title needs a closer look."""
    return (
        evidence.pages is FieldMatch.SAME
        or evidence.doi is FieldMatch.SAME
        or bool(evidence.shared_id("pmid") or evidence.shared_id("pmcid"))
    )


def exclude(a: Prepared, b: Prepared) -> bool:
    """Whether two records cannot be one report by any chain of others."""
    evidence = Evidence(a, b)
    return bool(conflicts(evidence)) and ((link := report_link(evidence)) is None or link.strength != "certain")
