"""How old the patients were: ages in the text, words for the young and the grown, subject headings."""

from __future__ import annotations

import re

from ivigil.criteria import Adults
from ivigil.eligibility.case import Case, quote, quote_line
from ivigil.eligibility.counting import Count, count_of
from ivigil.eligibility.lexicon import Match, word_set
from ivigil.eligibility.reading import Reading, Status, quote_value
from ivigil.eligibility.sample_size import Treated
from ivigil.eligibility.text import Part, Sentence

# "no adult took part", "by analogy with adults", "adapted from that of adults", "comparable to reports in adults"
_NOT_STUDIED = word_set("no not without analogy unlike like that extrapolated borrowed reports reported published")
_DIGIT = re.compile(r"\d")
_YEARS = r"\s*(?:years?|yrs?|y\b)"
# for sentences in lower case, which are searched faster
_RANGE = re.compile(
    r"\b(?:aged?|ages|range[:,]?|ranging from)\s*(?:of\s|between\s|from\s|range[:,]?\s)?"
    rf"(\d{{1,2}})\s*(?:-|\u2013|to|and)\s*(\d{{1,2}}){_YEARS}",
)
# without a word for age a number of years is a duration: "over 12 years"
_FROM = re.compile(
    r"\b(?:aged?|ages|years? of age)\s*(?:of\s)?(?:\u2265|>=?|at least|over|older than|above)\s*(\d{1,2})\b|"
    rf"(?:\u2265|>=?|at least|over|above)\s*(\d{{1,2}}){_YEARS}\s(?:of age|old)\b|\bolder than (\d{{1,2}})\b|"
    r"\baged? (\d{1,2})(?: years?)? (?:and|or) (?:older|over|above)|"
    r"(\d{1,2}) years? (?:of age )?(?:and|or) (?:older|over|above)",
)
_AGE = r"(\d{1,2}(?:[.\u00b7]\d+)?)"
# "the mean age of the 14 was 49", "of 14 patients": how many they were, not how old
_OF_SO_MANY = r"(?<!of the )(?<!of these )(?<!of those )(?<!of all )"
_SO_MANY = r"(?![\d.])(?!\s(?:\w+\s)?(?:patients|participants|subjects|cases|women|men|adults|individuals|people)\b)"
_MEAN = re.compile(
    rf"\b(?:mean|median|average)\s(?:\w+\s){{0,2}}?age(?:\s\w+){{0,5}}?[\s:,=]*\(?{_OF_SO_MANY}{_AGE}{_SO_MANY}|"
    rf"\bage[d,:]?\s*(?:of\s|was\s)?(?:mean|median)\s*{_AGE}|\bage[d,:]?\s*(?:of\s|was\s)?{_AGE}\s*\u00b1",
)
_CHILDREN_TREATED = re.compile(r"^(?=[^P]*$).*(?:[NK]x{0,3}J|J[^;,]{0,4}[VG]x{0,2}T|T[^;,]{0,3}[VG]x?tx?J)")
# each with words without one of which in a sentence it finds nothing
_STATED = (
    (_RANGE, word_set("age aged ages range ranging")),
    (_FROM, word_set("age aged ages old older over above")),
    (_MEAN, word_set("age aged")),
)
_OF_AN_AGE = frozenset[str]().union(*(words for _, words in _STATED))
_AT_ONSET = re.compile(r"\b(?:onset|diagnosis|symptoms?)\b")
# whose children they are, and what is only compared or practised
_KEPT_OUT = word_set("excluded excluding exclusion exclude ineligible")
_OFFSPRING = word_set(
    "wish wished wishing childbearing pregnancy pregnancies pregnant birth births born delivered delivery newborns "
    "gestation gestational neonatal neonates obstetric"
)
_PREGNANT = word_set("pregnancy pregnancies pregnant gestation gestational maternal obstetric")
_WERE_LEFT_OUT = re.compile(r"\b(?:was|were)\s(?:excluded|not\s(?:included|enrolled|recruited|studied|eligible))\b")
_NEWBORN = word_set("infant infants newborn newborns neonate neonates neonatal baby babies")
_NOT_PEOPLE = word_set(
    """
    practice care data literature rheumatology medicine population onset disease guidelines trials life services service
    clinic clinics counterparts counterpart transition transfer cohorts
    """
)


def read_adults(case: Case, treated: Treated) -> Reading:  # noqa: PLR0911 - a cascade: the first case that applies decides
    """Say whether the treated were adults; by the protocol's assumption where nothing is said."""
    section = case.criteria.adults
    if section is None:
        raise ValueError("the protocol sets no age")
    children = _sentence_with(case, "child")
    adults = _sentence_with(case, "adult")
    stated = _stated_age(case, section)
    if children is None:
        if stated is not None:
            return stated
        return _without_children(case, section, adults)
    sentence, in_title = children
    if (counted := _counted_adults(case)) is not None:
        return counted
    if adults is not None or (stated is not None and stated.status is Status.MET):
        group = treated.count.line.sentence if treated.count is not None else None
        if group is not None and {match.label for match in group.matches("age")} == {"adult"}:
            return quote(group, Status.MET, "adults counted apart from children")
        return quote(sentence, Status.UNCLEAR, "adults and children; how many were adults is not said")
    if stated is not None:
        return stated
    if in_title or _are_treated(case, sentence):
        return quote(sentence, Status.NOT_MET, "children or adolescents")
    if any(line.sentence is sentence and "J" in line.tags for line in case.lines):
        return quote(sentence, Status.UNCLEAR, "children are named; who was treated is not said")
    return _without_children(case, section, adults)


def _are_treated(case: Case, sentence: Sentence) -> bool:
    """Whether a sentence says that children, and nobody else, were given the intervention or were its patients."""
    return any(_CHILDREN_TREATED.search(line.tags) for line in case.lines if line.sentence is sentence)


def adults_apart(case: Case) -> Count | None:
    """The adults where they are counted apart from the young: "nine adults and two children", "nine were adults"."""
    for line in case.lines:
        words = line.sentence.field.tokens.words
        for place, item in enumerate(line.items):
            if item.tag == "P" and words[item.first] in {"adult", "adults"}:
                for back in range(max(0, place - 3), place):
                    if line.items[back].tag in "NK":
                        return count_of(line, back, place + 1)
    return None


def _counted_adults(case: Case) -> Reading | None:
    minimum = case.minimum
    apart = adults_apart(case)
    if apart is None or apart.value < minimum:
        return None
    return quote(apart.line.sentence, Status.MET, "adults counted apart", start=apart.start, end=apart.end)


def _sentence_with(case: Case, label: str) -> tuple[Sentence, bool] | None:
    if label not in case.labels.get("age", ()):
        return None
    of_mothers = label == "child" and not _PREGNANT.isdisjoint(case.document.title.tokens.words)
    for sentence in case.document.sentences:
        if sentence.part is Part.BACKGROUND or (of_mothers and not _are_treated(case, sentence)):
            continue
        words = sentence.field.tokens.words
        for match in sentence.matches("age"):
            if match.label == label and _are_studied(sentence, match, words):
                return sentence, sentence.part is Part.TITLE
    return None


def _are_studied(sentence: Sentence, match: Match, words: list[str]) -> bool:
    """Whether a word for an age is said of people who were studied: not "adult practice", no children who were born."""
    around = words[sentence.first : sentence.last]
    if match.label == "child" and not (_OFFSPRING.isdisjoint(around) and _KEPT_OUT.isdisjoint(around)):
        return False
    if match.label == "child" and _WERE_LEFT_OUT.search(sentence.text):
        return False
    if words[match.first] in _NEWBORN and not _OFFSPRING.isdisjoint(words):
        return False
    before = words[max(sentence.first, match.first - 2) : match.first]
    behind = words[match.last : match.last + 2]
    if "fc" in behind:  # the neonatal Fc receptor
        return False
    return _NOT_STUDIED.isdisjoint(before) and (match.label == "child" or _NOT_PEOPLE.isdisjoint(behind))


def _stated_age(case: Case, section: Adults) -> Reading | None:
    for sentence in case.document.sentences:
        if not sentence.says_any(_OF_AN_AGE):
            continue
        text = sentence.lowered
        if _DIGIT.search(text) is None:
            continue
        for pattern, words in _STATED:
            match = pattern.search(text) if sentence.says_any(words) else None
            if match is None or _AT_ONSET.search(text, match.start(), match.end()):
                continue
            ages = [float(age.replace("\u00b7", ".")) for age in match.groups() if age]
            youngest, oldest = min(ages), max(ages)
            start, end = sentence.start + match.start(), sentence.start + match.end()
            if pattern is _MEAN:
                status = Status.MET if youngest >= section.minimum_age else Status.NOT_MET
            elif youngest >= section.tolerated_age:
                status = Status.MET
            elif pattern is _RANGE and oldest < section.minimum_age:
                status = Status.NOT_MET
            else:
                status = Status.UNCLEAR
            return quote(sentence, status, "", start=start, end=end)
    return None


def _without_children(case: Case, section: Adults, adults: tuple[Sentence, bool] | None) -> Reading:
    if adults is not None:
        return quote(adults[0], Status.MET)
    headings = [heading.descriptor for heading in case.record.mesh]
    for name in section.mesh:
        if name in headings:
            return quote_value(case.record, "mesh", name, Status.MET)
    for name in section.paediatric_mesh:
        if name in headings:
            return quote_value(case.record, "mesh", name, Status.NOT_MET, "indexed for children only")
    if section.assumed:
        for line in case.lines:
            if "D" in line.tags:
                place = line.tags.index("D")
                return quote_line(line, place, place + 1, Status.MET, "adults unless said otherwise")
    return Reading(Status.UNCLEAR, note="no age is said")
