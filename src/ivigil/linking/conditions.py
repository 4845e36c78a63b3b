"""What speaks against one report, and the conditions that rules ask for beyond single fields."""

from __future__ import annotations

from collections.abc import Callable

from ivigil.linking.evidence import Evidence
from ivigil.linking.people import PeopleMatch as P
from ivigil.linking.places import FieldMatch as F
from ivigil.linking.places import is_meeting
from ivigil.linking.titles import TitleMatch as T

SAME_ID_TITLES = frozenset({T.SAME, T.NEAR, T.PART, T.SIMILAR})
MAX_PREPRINT_YEARS = 4
MAX_OPENING_PAGE = 10
MAX_ISSUES = 24  # in a volume; a higher number is an export's own count


def conflicts(evidence: Evidence) -> frozenset[str]:
    """What speaks against one report: nothing, or some of registration, notice, doi, id, meeting, pages, volume, years.

    A rule holds only against what it names in `despite`.
    """
    a, b = evidence.a, evidence.b
    said = {
        "registration": a.registration != b.registration or (a.registration and a.trials.isdisjoint(b.trials)),
        "notice": evidence.title is T.NOTICE,
        "doi": evidence.doi is F.DIFFERENT,
    }
    if not (evidence.doi is F.NEAR or evidence.one_preprint):
        said["id"] = evidence.other_id("pmid") or evidence.other_id("pmcid")
        if not (evidence.doi is F.SAME or evidence.shared_id("pmid")):
            said |= _place_conflicts(evidence)
    return frozenset(name for name, holds in said.items() if holds)


def _place_conflicts(evidence: Evidence) -> dict[str, bool]:
    return {
        "meeting": evidence.one_meeting_abstract and not _one_supplement(evidence),
        "pages": evidence.pages is F.DIFFERENT,
        "volume": evidence.volume is F.DIFFERENT and evidence.pages is not F.SAME,
        "years": evidence.year is F.DIFFERENT and not evidence.same_place,
    }


def same_id_of(name: str) -> Callable[[Evidence], bool]:
    """One identifier in both, and not another document altogether under it: exports do mix identifiers up."""

    def check(evidence: Evidence) -> bool:
        if evidence.shared_id(name) is None:
            return False
        return evidence.title in SAME_ID_TITLES or (
            evidence.title is not T.NOTICE and evidence.people in {P.SAME, P.SHARED}
        )

    return check


def exclusive(evidence: Evidence) -> bool:
    """Whether no two documents fit the place: a range of pages that only one can fill.

    Letters share one range with their replies, and journals that count each issue or each paper from page 1 use
    ranges again; so the range has at least three pages, begins after the first, and an author is shared.
    """
    if another_issue(evidence) or (_serial(evidence) and not _one_issue(evidence)):
        return False
    pages = evidence.a.pages
    return evidence.span >= 3 and pages is not None and (pages.first or 0) > 1 and evidence.shared_people >= 1


def exclusive_to_team(evidence: Evidence) -> bool:
    """As `exclusive`, and two authors shared, or the issue: a columnist may fill the same pages in every issue."""
    return exclusive(evidence) and (evidence.shared_people >= 2 or evidence.issue is F.SAME)


def telling_place(evidence: Evidence) -> bool:
    """Whether volume and page mean one place: a short title needs the journal too, and a column's the issue."""
    if _serial(evidence):
        return _one_issue(evidence)
    if evidence.distinctive:
        return evidence.venue is not F.DIFFERENT or evidence.people in {P.SAME, P.SHARED}
    return evidence.venue is F.SAME and evidence.people is not P.MISSING and not another_issue(evidence)


def no_other_issue(evidence: Evidence) -> bool:
    """Where no page is given, a title tells only if it is long, or three authors stand by it, and issues agree."""
    if _serial(evidence):
        return _one_issue(evidence)
    if another_issue(evidence) and evidence.volume is F.SAME:
        return False
    return evidence.distinctive or evidence.shared_people >= 3 or evidence.issue is F.SAME


def meeting_paper(evidence: Evidence) -> bool:
    """Whether both are papers of one meeting; in a journal the earlier of two is often the abstract of the later."""
    return (
        evidence.distinctive
        and not evidence.one_meeting_abstract
        and not (evidence.a.supplement or evidence.b.supplement)
        and (is_meeting(evidence.a.venue) or is_meeting(evidence.b.venue))
    )


def _serial(evidence: Evidence) -> bool:
    return evidence.a.title.serial or evidence.b.title.serial


def _one_issue(evidence: Evidence) -> bool:
    """Whether a column can be one text: the same journal, volume and issue, or a page that opens no issue."""
    if evidence.venue is not F.SAME or evidence.volume is not F.SAME or another_issue(evidence):
        return False
    pages = evidence.a.pages
    inside = evidence.pages is F.SAME and pages is not None and (pages.first or 0) > MAX_OPENING_PAGE
    return evidence.issue is F.SAME or inside


def another_issue(evidence: Evidence) -> bool:
    """Whether the issues differ, and both numbers can be those of issues and not the running numbers of an export."""
    numbers = (evidence.a.issue, evidence.b.issue)
    return evidence.issue is F.DIFFERENT and all(
        number is not None and number.isdigit() and int(number) <= MAX_ISSUES for number in numbers
    )


def _one_supplement(evidence: Evidence) -> bool:
    """Whether a congress abstract and a record not known for one can be one, for both stand in one volume."""
    return evidence.same_place or (
        evidence.venue is F.SAME
        and evidence.volume is F.SAME
        and evidence.year is F.SAME
        and evidence.pages is not F.DIFFERENT
        and not (evidence.a.indexed or evidence.b.indexed)
    )


def preprint_in_time(evidence: Evidence) -> bool:
    """Whether one is a preprint and the other came within the years that a paper can take."""
    return evidence.one_preprint and (evidence.years_apart or 0) <= MAX_PREPRINT_YEARS
