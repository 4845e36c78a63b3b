"""The rules by which two reports belong to one study."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from ivigil.linking.evidence import Evidence
from ivigil.linking.links import Link, Strength
from ivigil.linking.normalise import plain
from ivigil.linking.people import PeopleMatch
from ivigil.linking.prepared import Prepared
from ivigil.linking.titles import TitleMatch
from ivigil.linking.vocabulary import COMMON_STEMS

# How PubMed and Crossref name a relation by which one document belongs to the other's study.
_STUDY_RELATIONS = {
    "erratumin": "a correction", "erratumfor": "a correction", "retractionin": "its retraction",
    "retractionof": "its retraction", "partialretractionin": "its retraction", "partialretractionof": "its retraction",
    "expressionofconcernin": "a notice of concern", "expressionofconcernfor": "a notice of concern",
    "updatein": "an update", "updateof": "an update", "correctedandrepublishedin": "a corrected reprint",
    "correctedandrepublishedfrom": "a corrected reprint", "retractedandrepublishedin": "a reprint after retraction",
    "retractedandrepublishedfrom": "a reprint after retraction", "republishedin": "a reprint",
    "republishedfrom": "a reprint", "associateddataset": "its data", "summaryforpatientsin": "its summary",
    "originalreportin": "its summary", "has-preprint": "its preprint", "is-preprint-of": "its preprint",
    "is-version-of": "a version", "published-as": "its publication", "publishedas": "its publication",
    "result": "its results", "results": "its results", "derived": "a report drawn from it",
}  # fmt: skip
_PLAN = re.compile(
    r"\b(?:study protocol|protocol|rationale(?: and)?(?: study)?(?: design)?|design(?: and)?(?: rationale| methods)?"
    r"|statistical analysis plan|trial design|study design|methods)\b"
)
MAX_REGISTRATIONS = 2
MAX_YEARS = 6
MIN_TEAM = 2
MIN_TOPIC_WORDS = 3
STEM_LETTERS = 6


@dataclass(frozen=True)
class StudyRule:
    """One way in which two reports can belong to one study."""

    name: str
    why: Callable[[Evidence], str]
    holds: Callable[[Evidence], bool]
    strength: Strength


def study_link(evidence: Evidence) -> Link | None:
    """The first rule by which the two are reports of one study, None where none holds."""
    if not _worth_asking(evidence):
        return None
    for rule in STUDY_RULES:
        if rule.holds(evidence):
            return Link("study", rule.strength, rule.name, rule.why(evidence))
    return None


def _worth_asking(evidence: Evidence) -> bool:
    """Whether any rule can hold; most pairs that share a key are of two studies, and this is quickly said."""
    a, b = evidence.a, evidence.b
    return (
        evidence.title in {TitleMatch.SAME, TitleMatch.NEAR}
        or _perhaps_abstract(a) != _perhaps_abstract(b)
        or a.title.plan != b.title.plan
        or not a.trials.isdisjoint(b.trials)
        or bool(a.relations or b.relations)
    )


def topic_words(title: str) -> frozenset[str]:
    """The stems of a plain title's words that say what was studied."""
    return frozenset(word[:STEM_LETTERS] for word in title.split() if _tells_topic(word))


@lru_cache(maxsize=50_000)
def _tells_topic(word: str) -> bool:
    return len(word) > 2 and not word.startswith(COMMON_STEMS)


def _stated(evidence: Evidence) -> str | None:
    return next((_STUDY_RELATIONS[kind] for kind in evidence.relations() if kind in _STUDY_RELATIONS), None)


def _registrations(evidence: Evidence) -> list[str]:
    return sorted(evidence.a.trials & evidence.b.trials)


def _own_registration(evidence: Evidence) -> bool:
    """One registration, and neither report names so many, or is so written, that it may be another's."""
    pair = (evidence.a, evidence.b)
    return bool(_registrations(evidence)) and all(
        len(one.trials) <= MAX_REGISTRATIONS and one.own_study and not one.title.notices - {"protocol"} for one in pair
    )


def _in_time(evidence: Evidence) -> bool:
    return evidence.years_apart is None or evidence.years_apart <= MAX_YEARS


def _abstract_and_paper(evidence: Evidence) -> bool:
    """Exactly one is known for a congress abstract, and it did not come long after the paper."""
    flags = [_perhaps_abstract(one) for one in (evidence.a, evidence.b)]
    if flags[0] == flags[1] or not _in_time(evidence):
        return False
    abstract, paper = (evidence.a, evidence.b) if flags[0] else (evidence.b, evidence.a)
    written = not (paper.title.notices or abstract.title.notices) and paper.own_study and not paper.registration
    return written and (abstract.year is None or paper.year is None or abstract.year <= paper.year + 1)


def _perhaps_abstract(one: Prepared) -> bool:
    return one.meeting_abstract or (one.supplement and not one.indexed)


def _one_team(evidence: Evidence, least: int) -> bool:
    """The same first author, and at least so many more persons in common, most of the shorter list."""
    a, b = evidence.a.people, evidence.b.people
    return (
        evidence.people in {PeopleMatch.SAME, PeopleMatch.SHARED}
        and (evidence.shared_people >= least or evidence.shared_people == min(len(a), len(b)) >= MIN_TEAM)
        and a[0].surname == b[0].surname
        and (not a[0].initial or not b[0].initial or a[0].initial == b[0].initial)
    )


def _one_topic(evidence: Evidence, least: float) -> bool:
    """Whether the topic words of one title mostly stand in the other, abbreviations read from its abstract."""
    a, b = topic_words(evidence.a.title.text), topic_words(evidence.b.title.text)
    shared = len(a & b)
    if not a or not b:
        return False
    if shared >= MIN_TOPIC_WORDS and shared / min(len(a), len(b)) >= least:
        return True
    return shared >= MIN_TOPIC_WORDS - 1 and min(_held_in(a, evidence.b), _held_in(b, evidence.a)) >= least


def _held_in(words: frozenset[str], other: Prepared) -> float:
    text = frozenset(word[:STEM_LETTERS] for word in f"{other.title.text} {plain(other.abstract)}".split())
    return len(words & text) / len(words)


def _plan_and_result(evidence: Evidence) -> bool:
    """One is the plan of a study whose title, the words of planning apart, is the other's."""
    plans = [one.title.plan for one in (evidence.a, evidence.b)]
    if plans[0] == plans[1] or not _in_time(evidence):
        return False
    bare = [" ".join(_PLAN.sub(" ", one.title.text).split()) for one in (evidence.a, evidence.b)]
    shorter, longer = sorted(bare, key=len)
    if len(shorter) < 30:
        return False
    return evidence.people in {PeopleMatch.SAME, PeopleMatch.SHARED} and fuzz.partial_ratio(shorter, longer) >= 88


def _same_title(evidence: Evidence) -> bool:
    return (
        evidence.title in {TitleMatch.SAME, TitleMatch.NEAR}
        and evidence.distinctive
        and evidence.people in {PeopleMatch.SAME, PeopleMatch.SHARED}
        and _in_time(evidence)
        and not evidence.a.title.notices - {"protocol"}
    )


STUDY_RULES: tuple[StudyRule, ...] = (
    StudyRule(
        "stated-relation",
        lambda evidence: f"one is stated to be {_stated(evidence)} of the other",
        lambda evidence: _stated(evidence) is not None,
        "certain",
    ),
    StudyRule(
        "same-registration",
        lambda evidence: f"both report {', '.join(_registrations(evidence))}",
        _own_registration,
        "certain",
    ),
    # The same words and people in two places: the abstract and its paper, or two abstracts of one study.
    StudyRule(
        "abstract-and-paper",
        lambda _: "a congress abstract and a paper under the same title by the same authors",
        lambda evidence: _abstract_and_paper(evidence) and _same_title(evidence),
        "certain",
    ),
    # Titles and numbers of patients change on the way from congress to journal; the team and the question stay.
    StudyRule(
        "abstract-and-paper-retitled",
        lambda evidence: (
            f"a congress abstract and a paper on one topic by {evidence.shared_people} of the same authors"
        ),
        lambda evidence: _abstract_and_paper(evidence) and _one_team(evidence, 3) and _one_topic(evidence, 0.6),
        "certain",
    ),
    StudyRule(
        "plan-and-result",
        lambda _: "a protocol and a report under one title by the same authors",
        _plan_and_result,
        "certain",
    ),
    StudyRule(
        "same-title-elsewhere",
        lambda _: "the same title by the same authors in another place",
        _same_title,
        "suggestion",
    ),
    StudyRule(
        "names-registration",
        lambda evidence: f"both name {', '.join(_registrations(evidence))}",
        lambda evidence: bool(_registrations(evidence)),
        "suggestion",
    ),
    StudyRule(
        "abstract-and-paper-maybe",
        lambda evidence: f"a congress abstract and a paper by {evidence.shared_people} of the same authors",
        lambda evidence: _abstract_and_paper(evidence) and _one_team(evidence, 2) and _one_topic(evidence, 0.34),
        "suggestion",
    ),
)
