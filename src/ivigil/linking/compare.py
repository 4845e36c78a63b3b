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
    """How two records belong together, None where nothing says so. Symmetric."""
    return decide(prepare(a), prepare(b))


def decide(a: Prepared, b: Prepared) -> Link | None:
    """As `compare`, of records already prepared."""
    return report_link(evidence := Evidence(a, b)) or study_link(evidence)


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
