"""How a clause bears on a treatment that it names: kept out for it, had before, allowed if needed, a general truth."""

from __future__ import annotations

import re

from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.tagging import Item, Line
from ivigil.eligibility.text import Sentence
from ivigil.eligibility.words import PAIRS, TAG_OF

_KEEP_OUT = {word for word, tag in TAG_OF.items() if tag == "e"} - {"naive"} | {
    *("excludes", "exclusions", "disqualified", "disqualify", "barred", "discarded", "rejected"),
}
_NOT = frozenset(["not", "never", "nor", "neither", "cannot"])
_DENYING = _KEEP_OUT | _NOT | {first for (first, _), tag in PAIRS.items() if tag == "e"}
_NOBODY = frozenset(["no", "nobody", "none", "neither"])
# what is denied to those who are kept out: "were not admitted", "could not take part"
_TAKE_PART = word_set(
    """
    admit include recruit enrol enroll accept admitted included recruited enrolled enroled accepted sampled eligible
    considered invited approached entered selected retained asked qualify qualified participate take enter join suitable
    candidates randomised randomized allowed permitted screened tested analysed analyzed
    """
)
# "it, rituximab and cyclophosphamide were forbidden"
_FORBIDDEN = re.compile(
    r"(?:\s\([^)]*\))?(?:,\s[\w-]+(?:\s[\w-]+)?)*(?:,?\s(?:and|or)\s[\w-]+(?:\s[\w-]+){0,2})?\s(?:was|were)\s"
    r"(?:(?:all|also|both|strictly)\s)?(?:prohibited|forbidden|disallowed|excluded|not\s(?:permitted|allowed|eligible))\b",
)
_FORBIDDING = word_set("prohibited forbidden disallowed excluded permitted allowed eligible")
_AFTER_ALL = frozenset(["after", "following", "once"])
_REACH = 3  # words between "not" and what is denied
# "within three months before baseline": exposure that had to have ended
_ENDED = re.compile(
    r"\b(?:within|(?:in|during)(?=\sthe\s(?:last|past|previous|preceding)))\s(?:the\s)?"
    r"(?:last\s|past\s|previous\s|preceding\s)?[\w-]+\s"
    r"(?:days?|weeks?|months?|years?)\s(?:before|of|prior to|preceding)\s(?:\w+\s){0,2}?"
    r"(?:baseline|screening|enrol\w*|inclusion|(?:study )?entry|randomi[sz]ation|sampling|vaccination|the study)\b"
    r"|\b(?:stopped|discontinued|withdrawn|ceased)\b[^.;]{0,40}\b(?:before|prior to)\s(?:\w+\s){0,2}?"
    r"(?:baseline|screening|enrol\w*|inclusion|entry|randomi[sz]ation)\b|\bwash-?\s?out\b",
)
_ENDED_WORDS = word_set("within last past previous preceding stopped discontinued withdrawn ceased wash washout")
_TRIED = re.compile(
    r"\bhad (?:already )?failed\b|\bunsuccessfully\b|\b(?:previous|prior|earlier) (?:drugs|lines|treatments?|therap\w+|"
    r"immunosuppress\w+)\b|^\W*(?:before|prior to) [\w-]+(?: [\w-]+)?, ",
)
_TRIED_WORDS = frozenset(["failed", "unsuccessfully", "previous", "prior", "earlier", "before"])
_FAILED = re.compile(
    r"\b(?:(?:refractory|unresponsive|resistan(?:t|ce)|intoleran(?:t|ce)|not respond(?:ed|ing)?|"
    r"(?:inadequate|insufficient|no|non-?) ?response|"
    r"(?:inadequately|insufficiently|incompletely|poorly|not) (?:respond(?:ed|ing)|responsive)) (?:to|of)|"
    r"(?:inadequately|insufficiently|incompletely|poorly|not|un-?)\s?controlled (?:by|with|on|under)|"
    r"failure of|failing|despite)\s(?:[\w-]+\s){0,2}$",
)
_FAILED_BEHIND = re.compile(r"^\)?\s(?:had|has) (?:already |previously )?failed\b")
# "no patient received it during the study", "its resumption was forbidden until the end of follow-up"
_KEPT_OFF = re.compile(
    r"\b(?:no|not|nobody|none|neither|forbidden|prohibited|disallowed|withheld)\b[^.;]{0,60}\b(?:during|throughout|"
    r"until the end of|in the course of|for the duration of|while on|in)\s(?:the\s|this\s)?(?:whole\s|entire\s)?"
    r"(?:study|trial|follow-?\s?up|observation)\b"
    r"|\b(?:no|not)\b[^.;]{0,40}\b(?:permitted|allowed|given|received)\s(?:from|after)\s(?:study )?"
    r"(?:inclusion|entry|enrol\w+|baseline|randomi[sz]ation)(?: on\w*)?\b",
)
_KEPT_OFF_WORDS = word_set(
    """
    study trial follow followup observation inclusion entry enrolment enrollment baseline randomisation randomization
    """
)
# what is told of a treatment that had not helped
_PAST_WORDS = word_set(
    """
    stopped discontinued withdrawn failed failure failing inefficacy ineffective unsuccessful unsuccessfully previous
    previously earlier prior past before refractory resistant progressed progression tried despite unresponsive
    """
)
_FORMER = re.compile(r"\b(?:historical|previous|prior|earlier|former|past)\s$")
# what is given for a failure, or for a lack, of another treatment's making
_IF_NEEDED = word_set(
    "rescue rescued salvage escape substitution substituted hypogammaglobulinaemia hypogammaglobulinemia"
)
# "when serum IgG fell below 4 g/l", "in two with IgG under 4 g/l"
_IF_LACKING = re.compile(
    r"\b(?:if|when|whenever|once|where|with|whose|as)\b[^.;,]{0,40}\b(?:below|under|less than|lower than)\s\d[\d.]*\s"
    r"(?:m?g|mmol|units?|x)\b",
)
_STUDIES = frozenset(["trial", "study"])
# "left the trial for it", "were withdrawn to be given it"
_LEFT_FOR = re.compile(
    r"\b(?:left|leave|leaving|withdrew|withdrawn|discontinued)\b[^.;,]{0,30}\b(?:trial|study)\b[^.;,]{0,12}\s"
    r"(?:for|to (?:start|receive|begin|be given))\b",
)
_LACKING_WORDS = frozenset(["below", "under", "less", "lower"])
# "an alternative to it", "a substitute for it": what is tried is something else
_INSTEAD = frozenset([
    *((word, "to") for word in ("alternative", "alternatives", "opposite")),
    *((word, "for") for word in ("alternative", "substitute", "substitutes", "replacement")),
    ("opposite", "of"), ("instead", "of"), ("rather", "than"),
])  # fmt: skip
# "patients naive to it who began treatment"
_BEGAN = re.compile(
    r"\bwho (?:then )?(?:began|started|commenced|initiated) (?:\w+ ){0,2}?(?:treatment|therapy|infusions|courses|it)\b"
    r"(?! (?:with|of)\b)",
)
_PUT_TO = re.compile(
    r"\b(?:presence(?: or absence)?|absence) of (?:[\w-]+ ){0,3}$|"
    r"\b(?:pre-?)?(?:incubat(?:ed|ion)|stimulated|cultured) (?:\w+ )?with (?:[\w-]+ ){0,3}$|"
    r"\b(?:lots|batches|contained in|content of) (?:of )?(?:[\w-]+ ){0,3}$",
)
_DISHES = word_set(
    """
    presence absence incubated incubation preincubated preincubation stimulated prestimulated cultured precultured lots
    batches contained content
    """
)
_IN_SOLUTION = re.compile(
    r"(?:\s\([^)]{1,12}\))?\s(?:\(?(?:at\s)?[\d.,]+(?:\s?(?:to|-|\u2013)\s?[\d.,]+)?\s?[m\u00b5\u03bcu]g/ml\b|"
    r"(?:preparations?|products?|lots|batches)\s(?:contain\w*|was|were)\s(?!well\b|given|infused|administered|switched))",
)
# patients' samples from before and after their treatment
_SAMPLED = re.compile(
    r"\bbefore\b.{0,60}?\b(?:after|during|following)\b"
    r"|\b(?:after|during|following)\b.{0,40}\b(?:infusions?|courses?|doses?|cycles?)\b",
)
_COPULAS = frozenset(["is", "are", "remains", "remain"])
# "a comparison with it is needed", "it should be studied"
_WISH = re.compile(
    r"\b(?:(?:is|are|be|remains?|seems?|appears?)\s(?:\w+\s)?"
    r"(?:justified|warranted|needed|required|awaited|necessary|desirable|under way)"
    r"|should|deserves?|merits?|calls? for|future|confirm(?:ed|ation)? (?:in|by)|we (?:need|await|plan))\b",
)
_WISH_WORDS = word_set(
    """
    justified warranted needed required awaited necessary desirable way should deserve deserves merit merits call calls
    future confirm confirmed confirmation need await plan
    """
)


def is_wished_for(sentence: Sentence) -> bool:
    """Whether a sentence speaks of what ought to be done."""
    return sentence.says_any(_WISH_WORDS) and _WISH.search(sentence.lowered) is not None


def keeps_out(clause: Line, place: int) -> bool:
    """Whether those with item `place` were not let in: "patients on it were not sampled", "excluding those on it"."""
    words = clause.sentence.field.tokens.words
    first, last = clause.items[0].first, clause.items[-1].last
    mention = clause.items[place]
    if words[first - 1] == ":" and not _KEEP_OUT.isdisjoint(words[max(0, first - _REACH) : first]):
        return True  # "seventeen were excluded: for recent use in eight"
    if (
        _is_forbidden(clause, mention)
        or words[max(0, mention.first - 2) : mention.first] == ["naive", "to"]
        or (words[first] in _NOBODY and not _TAKE_PART.isdisjoint(words[mention.last : last]))
    ):
        return True
    if _DENYING.isdisjoint(words[first:last]):
        return False
    for spot in range(first, last):
        if not _denies(words, spot, last) or words[max(first, spot - 1)] in _AFTER_ALL:
            continue
        if spot >= mention.last:
            return not _was_let_in(clause, place, spot)
        if not _acts_between(clause, spot, place):
            return True
    return False


def _is_forbidden(clause: Line, mention: Item) -> bool:
    """Whether what is forbidden begins a list with a mention: "it, rituximab and cyclophosphamide were forbidden"."""
    sentence = clause.sentence
    field = sentence.field
    if _FORBIDDING.isdisjoint(field.tokens.words[mention.last : sentence.last]):
        return False
    return _FORBIDDEN.match(field.lowered, field.tokens.ends[mention.last - 1], sentence.end) is not None


def _was_let_in(clause: Line, place: int, spot: int) -> bool:
    """Whether those with item `place` took part and others not: "those on it were included and children excluded"."""
    words = clause.sentence.field.tokens.words
    return any(
        item.tag == "I" and item.last <= spot and words[item.first - 1] not in _NOT
        for item in clause.items[place + 1 :]
    )


def _denies(words: list[str], spot: int, last: int) -> bool:
    if words[spot] in _KEEP_OUT or (spot + 1 < last and PAIRS.get((words[spot], words[spot + 1])) == "e"):
        return True
    return words[spot] in _NOT and not _TAKE_PART.isdisjoint(words[spot + 1 : min(spot + 1 + _REACH, last)])


def _acts_between(clause: Line, spot: int, place: int) -> bool:
    """Whether those kept out of something then received it: "patients excluded from the trial received it"."""
    ahead = next(item for item in range(len(clause.items)) if clause.items[item].last > spot)
    between = clause.tags[ahead + 1 : place]
    people_before = any(tag in "PN" for tag in clause.tags[max(0, ahead - 3) : ahead])
    return people_before and re.search(r"[VG]", between) is not None and re.search(r"[WP]", between) is None


def had_ended(clause: Line) -> bool:
    """Whether a clause speaks of what ended before the study began."""
    return clause.sentence.says_any(_ENDED_WORDS) and _ENDED.search(_text(clause)) is not None


def was_tried_before(clause: Line, place: int) -> bool:
    """Whether item `place` is among what patients had had before: "they had failed three lines, including"."""
    sentence, mention = clause.sentence, clause.items[place]
    if not sentence.says_any(_TRIED_WORDS):
        return False
    text, tokens = sentence.field.lowered, sentence.field.tokens
    ahead, behind = (
        text[sentence.start : tokens.starts[mention.first]],
        text[tokens.ends[mention.last - 1] : sentence.end],
    )
    return _TRIED.search(ahead) is not None or _FAILED_BEHIND.search(behind) is not None


def had_failed(clause: Line, place: int) -> bool:
    """Whether item `place` is what did not help before: "myositis refractory to it"."""
    field = clause.sentence.field
    start = field.tokens.starts[clause.items[place].first]
    return _FAILED.search(field.lowered, max(0, start - 60), start) is not None


def is_kept_off(sentence: Sentence) -> bool:
    """Whether a sentence that names a treatment says that nobody had it during the study."""
    return sentence.says_any(_KEPT_OFF_WORDS) and _KEPT_OFF.search(sentence.lowered) is not None


def is_of_the_past(clause: Line, place: int) -> bool:
    """Whether item `place` is what did not help before, or is called past: "historical controls on it"."""
    field = clause.sentence.field
    start = field.tokens.starts[clause.items[place].first]
    return had_failed(clause, place) or _FORMER.search(field.lowered, max(0, start - 20), start) is not None


def is_told_as_past(sentence: Sentence) -> bool:
    """Whether a sentence tells of what was tried, stopped or failed."""
    return sentence.says_any(_PAST_WORDS)


def if_needed(clause: Line, place: int) -> bool:
    """Whether item `place` is what others were given when their own treatment failed, or made them lack something."""
    sentence, mention = clause.sentence, clause.items[place]
    if sentence.says_any(_IF_NEEDED):
        words = sentence.field.tokens.words
        around = words[sentence.first : mention.first] + words[mention.last : clause.items[-1].last]
        if not _IF_NEEDED.isdisjoint(around):
            return True
    if sentence.says_any(_LACKING_WORDS) and _IF_LACKING.search(sentence.lowered) is not None:
        return True
    return sentence.says_any(_STUDIES) and _LEFT_FOR.search(sentence.lowered) is not None


def is_in_a_dish(clause: Line, place: int) -> bool:
    """Whether item `place` was put to cells or serum: "in the presence of it", "it (10 mg/ml)", "six lots of it"."""
    field, mention = clause.sentence.field, clause.items[place]
    start, end = field.tokens.starts[mention.first], field.tokens.ends[mention.last - 1]
    return (
        clause.sentence.says_any(_DISHES)
        and _PUT_TO.search(field.lowered, max(clause.sentence.start, start - 80), start) is not None
    ) or _IN_SOLUTION.match(field.lowered, end, clause.sentence.end) is not None


def is_of_before_and_after(sentence: Sentence) -> bool:
    """Whether a sentence tells of what was before a treatment and after it, or after its courses."""
    return _SAMPLED.search(sentence.lowered) is not None


def is_instead(clause: Line, place: int) -> bool:
    """Whether item `place` is what something else is compared to as its alternative."""
    words, at = clause.sentence.field.tokens.words, clause.items[place].first
    return words[at - 1 : at] == ["unlike"] or (*words[max(0, at - 2) : at],) in _INSTEAD


def began_it(sentence: Sentence) -> bool:
    """Whether those who were naive to a treatment began it then: "who began treatment", with no other one named."""
    return "naive" in sentence.vocabulary and _BEGAN.search(sentence.lowered) is not None


def is_general(clause: Line, place: int) -> bool:
    """Whether item `place` is the subject of a general truth: "it is burdensome for patients"."""
    words = clause.sentence.field.tokens.words
    after = clause.items[place].last
    return words[after : after + 1] != [] and words[after] in _COPULAS and "N" not in clause.tags


def _text(clause: Line) -> str:
    field = clause.sentence.field
    return field.lowered[field.tokens.starts[clause.items[0].first] : field.tokens.ends[clause.items[-1].last - 1]]
