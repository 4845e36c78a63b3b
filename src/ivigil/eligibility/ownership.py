"""Whether the authors speak of patients of their own, or of what others have published."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

from ivigil.eligibility.bearing import is_of_before_and_after
from ivigil.eligibility.case import Case
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.numbers import SMALL, TENS
from ivigil.eligibility.roles import Mention, mention_of
from ivigil.eligibility.text import Part, Sentence

_PEOPLE = r"(?:patients?|cases?|subjects|participants|women|men|adults|people|individuals|persons|cohorts?|series)"
_PLACE = (
    r"(?:cent(?:re|er)s?|hospitals?|institut\w*|units?|clinics?|departments?|services?|practice|registr(?:y|ies)|"
    r"databases?|records|files|charts?)"
)
_REPORT = (
    r"(?:report|describe|present|add|share|stud(?:y|ied)|analy[sz]ed?|reviewed|"
    r"review (?:here )?(?:our|\d+)|identified|included|collected|"
    r"evaluated|assessed|compared|examined|looked (?:back )?at|measured|retrieved|surveyed|reported|described|"
    r"collected|gathered|traced|selected|observed|saw|"
    r"presented)"
)
_OWN = re.compile(
    rf"\b(?:our|own|the authors')\s(?:\w+[\s-]){{0,3}}?(?:{_PEOPLE}|{_PLACE})\b"
    rf"|\b(?:we|the authors)\s(?:\w+\s)?(?:treated|gave|given|administered|followed|infused|enrolled|recruited|"
    rf"randomi[sz]ed|prescribed|offered|switched|started)\b"
    rf"|\b(?:we|the authors)\s(?:\w+\s)?{_REPORT}\b(?P<object>[^.;:]{{0,80}}?)\b{_PEOPLE}\b"
    rf"|\bexperience (?:of|with|in|at|from)\b[^.;]{{0,40}}\b(?:{_PEOPLE}|{_PLACE})\b"
    rf"|\b(?:single|one|two|three)[- ]cent(?:re|er)\b|\bconsecutive (?:\w+[\s-]){{0,4}}{_PEOPLE}\b"
    rf"|\b(?:seen|followed|treated|attending|admitted|hospitali[sz]ed)\s(?:\w+\s){{0,2}}?(?:at|in|to)\s(?:\w+[\s-]){{0,4}}?"
    rf"{_PLACE}\b|\b(?:informed consent|chart review|medical (?:records|files|charts)|case (?:notes|records))\b",
)
_OWN_PLACE = re.compile(
    rf"\bour (?:own )?(?:\w+ )?{_PLACE}\b|\bour own (?:\w+ )?(?:{_PEOPLE}|figures|data|observations?|experience)\b"
    r"|\b(?:add|share|report|communicate|contribute)\s(?:here\s)?our\b",
)
_OF_OTHERS = re.compile(
    r"\b(?:published|literature|articles?|publications?|papers?|studies|trials|medline|embase|pubmed|reports of)\b",
)
_RECEIVING = re.compile(r"P.*T|T.*[VG].*P|[VG].*T.*P")
# "data from a cohort of 46 patients and review of the literature"
_OWN_IN_TITLE = re.compile(
    r"\b(?:cohort|registry|survey|series) of\b|\breal[- ](?:life|world) (?:experience|data|cohort)\b"
    r"|\bown (?:cases|experience)\b|\bcent(?:re|er) experience\b"
    r"|\b(?:cohort|case series|experience) and (?:a )?(?:\w+ )?review\b",
)
# "we searched our files and the main databases": for what others reported
_SEARCHED = re.compile(r"\bsearch\w*\b[^.;]*\b(?:databases|literature|medline|embase|pubmed|cochrane)\b")
# what became of people, in the past and in figures: "fell from 24 to 17", "six improved", "p=0.03"
_RESULT = re.compile(
    r"\bp\s?[<>=\u2264]\s?0?[.\u00b7]\d"
    r"|\b(?:fell|rose|dropped|decreased|increased|declined|improved|worsened|responded|relapsed|recovered|regained|"
    r"changed|halved|resolved|healed|died|stopped|developed|occurred|discontinued|withdrew|completed|remained|"
    r"softened|(?:was|were) (?:\w+ )?(?:\d|stable|unchanged|reduced|lowered|tapered|observed|seen|recorded|"
    r"noted|randomi[sz]ed|treated|enrolled|better|higher|lower|similar|alive|dead))\b",
)
_FIGURE = re.compile(rf"(?<![\w-])\d|\b(?:{'|'.join([*SMALL, *TENS])}|half|all)\b")
_NOT_YET = re.compile(r"\b(?:will|would|shall|plan(?:s|ned)? to|expect(?:s|ed)?|assum\w+|power)\b")
_REPORTING = frozenset([Part.RESULTS, Part.CONCLUSIONS, Part.METHODS, Part.BODY])
_LABORATORY = word_set(
    """
    mice mouse murine rats rabbits animals healthy fibroblast fibroblasts keratinocytes cells cultured cultures
    incubated vitro
    """
)
_IN_A_DISH = word_set("cultured cultures incubated preincubated incubation preincubation vitro immunoblotting")
# without one of these in a sentence the patterns above find nothing
_OWN_WORDS = word_set(
    """
    our own we authors experience centre center consecutive seen followed treated attending admitted hospitalised
    hospitalized consent chart charts records files notes
    """
)
_SEARCHED_WORDS = word_set("databases literature medline embase pubmed cochrane")


@lru_cache(maxsize=1)  # asked of the same case by the design and by the publication type
def speaks_of_own(case: Case) -> Sentence | None:
    """The first sentence on patients that the authors treated, saw or gathered themselves."""
    for sentence in case.document.sentences:
        if sentence.part is Part.TITLE and _OWN_IN_TITLE.search(sentence.lowered):
            return sentence
        if sentence.part is Part.BACKGROUND or not sentence.says_any(_OWN_WORDS):
            continue
        text = sentence.lowered
        if sentence.says_any(_SEARCHED_WORDS) and (search := _SEARCHED.search(text)) is not None:
            text = text[: search.start()]  # "we collected our patients, and searched MEDLINE"
        for match in _OWN.finditer(text):
            if not _OF_OTHERS.search(match["object"] or ""):
                return sentence
    return None


def tells_of_own_place(case: Case) -> bool:
    """Whether a letter gives results of its authors' own place: "in our hospital", not "in our paper"."""
    return results_told(case) > 0 and any(
        sentence.part is not Part.TITLE and _OWN_PLACE.search(sentence.lowered) for sentence in case.document.sentences
    )


@lru_cache(maxsize=1)
def results_told(case: Case) -> int:
    """How many sentences tell in figures what became of people: a plan or a guideline has none, a review hardly any."""
    return sum(tells_a_result(sentence) for sentence in case.document.sentences)


def tells_a_result(sentence: Sentence) -> bool:
    """Whether a sentence tells in figures what became of people."""
    return (
        sentence.part in _REPORTING
        and _RESULT.search(sentence.lowered) is not None
        and _FIGURE.search(sentence.lowered) is not None
        and not any(other.search(sentence.lowered) for other in (_NOT_YET, _SEARCHED, _OF_OTHERS))
    )


def gives_to_patients(case: Case) -> bool:
    """Whether some clause says that people were given the intervention, whatever else was done in the laboratory."""
    for clause in case.clauses:
        if not _RECEIVING.search(clause.tags) or clause.sentence.part is Part.BACKGROUND:
            continue
        if clause.sentence.part is Part.TITLE:
            if mention_of(clause) is Mention.NAMED:
                return True
            continue
        words = clause.sentence.field.tokens.words[clause.items[0].first : clause.items[-1].last]
        if mention_of(clause) is Mention.GIVEN and _LABORATORY.isdisjoint(words):
            return True
    return False


def in_a_dish(sentence: Sentence) -> bool:
    """Whether a sentence tells of cells or serum that were cultured or incubated."""
    return sentence.says_any(_IN_A_DISH)


def samples_the_treated(case: Case) -> bool:
    """Whether a laboratory's samples are of patients before and after they were given the intervention.

    A title says so by the condition alone: "autoantibodies before and after it in systemic sclerosis".
    """
    for _, group in itertools.groupby((*case.lines[:1], *case.own_lines), key=lambda line: id(line.sentence)):
        lines = list(group)
        sentence, tags = lines[0].sentence, {tag for line in lines for tag in line.tags}
        of_people = "P" in tags or ("D" in tags and sentence.part is Part.TITLE)
        if of_people and not tags.isdisjoint("TB") and is_of_before_and_after(sentence):
            return True
    return False
