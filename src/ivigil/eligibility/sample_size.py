"""How many own adult patients of the population received the intervention."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivigil.eligibility.case import Case, quote
from ivigil.eligibility.counting import (
    COHORT_RULES,
    MEMBER_RULES,
    SINGLE_RULES,
    TREATED_RULES,
    Count,
    Kind,
    apply,
)
from ivigil.eligibility.numbers import SMALL, TENS
from ivigil.eligibility.reading import Reading, Status
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Part

# With less than this many times the minimum randomised, an arm of unknown size may be too small (3:1 against it).
_ARM_SHARE = 4

_OTHER_COUNTED = re.compile(r"[NK][xPWo]{0,4}[wVt]?x{0,4}[OU]|[OU][xw]{0,2}k|[OU](?:[xV]{0,2}t|:)x?N|[OU]N(?:[,a]|$)")
# 27 had the condition and four a neighbouring one
_NEIGHBOUR_COUNTED = re.compile(r"[NK][xPW]{0,3}[wV]?x{0,3}D[a,]{1,2}[NK1][xPW]{0,2}[wV]?x{0,2}M")
_MANIFESTATION_COUNTED = re.compile(r"[NK][xPW]{0,3}[wVt]?x{0,4}m|m[xw]{0,2}k|m(?:[xV]{0,2}t|:)x?N")
_AS_AN_EXAMPLE = re.compile(r"[UOm],?cx?D")
_OF_A_WIDER_GROUP = re.compile(r"N[^;]{0,4}PwU.*T")
_TREATED_OTHERS = re.compile(r"T[^;]*[NP][^;]*[OU]|[OU][^;]*T")
# two had the condition, in overlap with another; an overlap with the condition was present in two
_SOME_HAD = re.compile(r"[NK1][xPW]{0,3}V[xwM]{0,4}D|D[xM]{1,4}t[N1]")
# of 118 patients who had it, 6 had the condition
_PART_OF_ALL = re.compile(r"oN[^D;]{0,4}P[^D;]*,[^D;N]*N[xPW]{0,3}[wV]?x{0,3}D")
_NEIGHBOURS = re.compile(r"(?<!D)(?<!Dx)PwM|(?<!D)(?<!Dx)MP|^[^D]*T[^D]*M")
_WIDER_GROUP = re.compile(r"P[wxtV]{0,3}[UO]|[UO]x?P|U[^N;T]{0,4}[tVG][^N;T]{0,3}[TB]|T[^N;]{0,3}tx{0,2}[UO]")
_LISTED_WITH = re.compile(r"D,[xa,]{0,3}O|O[,]?[ar,]{1,2}x?D|Dr[x]{0,2}O|O,[OUx,ar]{0,9}D")
_DEFINED = re.compile(r"[PDl][^NK;XHLTe]{0,12}[VGZn][^NK;XHCRe]{0,6}(?<!f)T|T[^N;XHLe]{0,4}[tG][^N;XHLe]{0,5}[PD]")
# "IVIG was infused for five days": the study's own procedure
_BEFORE_AND_AFTER = re.compile(r"\bbefore and (?:after|during)\b", re.IGNORECASE)
_INFUSED = re.compile(r"T[^NKk;XHLesd,AR]{0,4}G")
_BOTH_ARMS = re.compile(
    r"Z[^;X]{0,10}T[^;]{0,6}r?[^;]{0,3}C|Z[^;X]{0,6}C|Tx{0,4}[ra]x{0,3}C|C[^;]{0,6}Z|Z[^;X]{0,8}A[^;T]{0,4}r[^;T]{0,6}T|"
    r"Z[^;X]{0,8}T[^;]{0,6}r[^;]{0,6}A|g[^;T]{0,6}A[^T]{0,8}g[^T]{0,8}T|g[^;A]{0,8}T[^A]{0,8}g[^;T]{0,6}[AC]"
)
# IVIG 1 g/kg, IVIG 2 g/kg or placebo: arms that differ in dose only
_ARMS_LISTED = re.compile(r"T(?:[xh]{0,3}[,ar]{1,2}x{0,2}T)+(?=[xh]{0,3}[,ar]{1,2}x{0,2}[AC])")
_ARMS_LISTED_LAST = re.compile(r"[AC](?:[xh]{0,3}[,ar]{1,2}x{0,2}T){2,}")
# IVIG 1 g/kg (n = 18), IVIG 2 g/kg (n = 17)
_ARMS_SIZED = re.compile(r"T[xhg]{0,3}k(?:[,ar]{1,2}x{0,2}T[xhg]{0,3}k)+")
_RATIO = re.compile(r"\b([1-9])\s?[:/]\s?([1-9])\b(?!\s?[:/])")
_EQUALLY = re.compile(
    r"\b(?:equally|equal (?:numbers|groups|arms)|evenly)\b|"
    rf"\btwo (?:equal )?(?:groups|arms) of (?:\d|{'|'.join([*SMALL, *TENS])})",
    re.IGNORECASE,
)
_TREATED_NUMBER = re.compile(r"Tx{0,3}tN|NP?x{0,2}[VG]x?T")
_NOBODY = re.compile(r"X[olN]{0,3}[xD]{0,2}P?[xDw]{0,3}[VGZ]{1,3}[xw]{0,3}T")


@dataclass(frozen=True, slots=True)
class Treated:
    """The number treated, where it was read, and what is uncertain about it."""

    value: int | None
    count: Count | None = None
    note: str = ""
    at_least: int | None = None


def count_treated(case: Case) -> Treated:
    """Read the number of own patients of the population who received the intervention."""
    lines = case.own_lines
    treated = list(apply(TREATED_RULES, lines))
    if is_mixed(case, lines):
        return _member(lines, treated)
    if treated:
        return _chosen(case, treated, lines)
    if any(_NOBODY.search(line.tags) for line in lines):
        return Treated(None, note="nobody is said to have received it")
    if any("B" in line.tags and re.search(r"[NP]", line.tags) for line in lines):
        return Treated(None, note="routes mixed; how many had which is not said")
    return _cohort(case, lines)


def is_mixed(case: Case, lines: list[Line]) -> bool:
    """Whether the treated are of several conditions, so that the population is a part of them."""
    if case.criteria.population is None:
        return False
    named_in_title = "D" in case.title_tags and not _LISTED_WITH.search(case.title_tags)
    if any(_names_several(line, named_in_title=named_in_title) for line in lines):
        return True
    return not named_in_title and bool(re.search(r"[OUM]", case.title_tags))


def _names_several(line: Line, *, named_in_title: bool) -> bool:
    tags = line.tags
    if _AS_AN_EXAMPLE.search(tags) or _NEIGHBOURS.search(tags) or _NEIGHBOUR_COUNTED.search(tags):
        return True
    if _OTHER_COUNTED.search(tags) and ("D" in tags or not named_in_title):
        return True
    if "D" not in tags and _OF_A_WIDER_GROUP.search(tags) and _is_plural(line):
        return True
    return not named_in_title and _is_of_several(tags)


def _is_of_several(tags: str) -> bool:
    """Whether a sentence names others beside the population, where the title does not name the population."""
    if _WIDER_GROUP.search(tags):
        return True
    if "D" not in tags:
        return bool(_TREATED_OTHERS.search(tags))
    if _SOME_HAD.search(tags):
        return True
    listed = _LISTED_WITH.search(tags) and re.search(r"[NPT]", tags)
    return bool(listed or _PART_OF_ALL.search(tags) or _MANIFESTATION_COUNTED.search(tags))


def _is_plural(line: Line) -> bool:
    words = line.sentence.field.tokens.words
    return any(item.tag == "U" and words[item.last - 1].endswith("s") for item in line.items)


def _member(lines: list[Line], treated: list[Count]) -> Treated:
    members = [count for count in apply(MEMBER_RULES, lines) if count.value]
    direct = [count for count in treated if "D" in count.line.tags and not re.search(r"[OU]", count.line.tags)]
    if members:
        # "in eight, six of whom had lupus and two systemic sclerosis": those beside the treatment before all others
        beside = [count for count in members if _TREATED_NUMBER.search(count.line.tags)]
        best = (beside or members)[0]
        return Treated(best.value, best)
    if direct:
        best = max(direct, key=lambda count: count.value)
        return Treated(best.value, best)
    return Treated(None, note="several conditions; how many of the treated had this one is not said")


def _chosen(case: Case, treated: list[Count], lines: list[Line]) -> Treated:
    whole = [count for count in treated if count.kind is not Kind.PART]
    if not whole:
        cohort = _cohort(case, lines)
        if cohort.value is not None and cohort.value > max(count.value for count in treated):
            return cohort  # "given for skin disease in 36": the cohort was larger
    arms = [count for count in whole if count.kind is Kind.ARM]
    compared = any(_BOTH_ARMS.search(line.tags) for line in lines)
    pool = arms if arms and (compared or _within_a_larger(arms, whole)) else whole or treated
    best = max(pool, key=lambda count: (count.value, -count.kind))
    if best.kind is Kind.ARM:
        return Treated(_in_all_arms(best, lines), best)
    return Treated(best.value, best)


def _in_all_arms(arm: Count, lines: list[Line]) -> int:
    """The number in every arm that received it, where several did at different doses."""
    if arm.rule == "so many in each arm":
        listed = (_ARMS_LISTED.search(line.tags) or _ARMS_LISTED_LAST.search(line.tags) for line in lines)
        return arm.value * max((match[0].count("T") for match in listed if match is not None), default=1)
    for line in lines:
        match = _ARMS_SIZED.search(line.tags)
        if match is not None and line.sentence is arm.line.sentence:
            return sum(item.value for item in line.items[match.start() : match.end()] if item.tag == "k")
    return arm.value


def _within_a_larger(arms: list[Count], treated: list[Count]) -> bool:
    return any(arm.line is count.line and arm.value < count.value for arm in arms for count in treated)


def _cohort(case: Case, lines: list[Line]) -> Treated:
    counts = [count for count in apply(COHORT_RULES, [line for line in lines if not line.bracketed]) if count.value]
    if any(_BOTH_ARMS.search(line.tags) for line in lines):
        return _arm_of(case, counts, lines)
    single = next(apply(SINGLE_RULES, lines), None)
    if single is not None and not counts and any("T" in line.tags and not _NOBODY.search(line.tags) for line in lines):
        return Treated(1, single)
    if not counts or not all_treated(case, lines):
        return Treated(None, note="how many received it is not said")
    rank = min(_RANKS.get(count.rule, 0) for count in counts)
    said = [count for count in counts if _RANKS.get(count.rule, 0) == rank]
    best = max(said, key=lambda count: count.value)
    return Treated(best.value, best, note="everyone in the cohort received it")


# a number of patients without a word that they were the cohort counts only where no other does
_RANKS = {
    "so many began treatment": -1,
    "treatment begun in so many": -1,
    "so many beside controls": -1,
    "so many were left": -1,
    "two groups": 1,
    "so many patients": 2,
}


def _arm_of(case: Case, counts: list[Count], lines: list[Line]) -> Treated:
    """The treated arm where only the number in both arms is said: by their ratio, or at least by what is usual."""
    if not counts:
        return Treated(None, note="the size of the treated arm is not said")
    best = max(counts, key=lambda count: count.value)
    if _crosses_over(case):
        return Treated(best.value, best, note="everyone crossed over")
    share = _share(case, lines)
    if share is not None and best.value * share[0] % sum(share) == 0:
        return Treated(
            best.value * share[0] // sum(share), best, note=f"{best.value} in arms of {share[0]} to {share[1]}"
        )
    return Treated(
        None,
        best,
        note=f"{best.value} in both arms; the size of the treated arm is not said",
        at_least=best.value // _ARM_SHARE,
    )


def _share(case: Case, lines: list[Line]) -> tuple[int, int] | None:
    """How arms were allotted, the treated one first: "2:1 to IVIG or placebo", "equally"; None where it is not said."""
    compared = next((line for line in lines if _BOTH_ARMS.search(line.tags)), None)
    for sentence in (compared.sentence, *case.document.sentences) if compared is not None else ():
        if _EQUALLY.search(sentence.text):
            return 1, 1
        if (match := _RATIO.search(sentence.text)) is not None and "random" in sentence.text.lower():
            first, second = int(match[1]), int(match[2])
            treated_first = re.search(r"T[^CA]*[CA]", compared.tags) is not None if compared is not None else True
            return (first, second) if treated_first else (second, first)
    return None


def _crosses_over(case: Case) -> bool:
    fields = (case.document.title, case.document.abstract)
    return any(word in {"crossover", "crossed"} for field in fields for word in field.tokens.words)


def all_treated(case: Case, lines: list[Line]) -> bool:
    """Whether the record is about people who all received the intervention."""
    if "T" in case.title_tags and not re.search(r"T[^N;]{0,5}[r]|[r][^N;]{0,4}T", case.title_tags):
        return True
    if any(_DEFINED.search(line.tags) or _spans_it(line) for line in lines):
        return True
    return "A" not in case.title_tags and any(_INFUSED.search(line.tags) for line in lines)


def _spans_it(line: Line) -> bool:
    """Whether patients were seen before and after the intervention, so that all of them had it."""
    return "T" in line.tags and _BEFORE_AND_AFTER.search(line.sentence.text) is not None


def read_sample_size(case: Case, treated: Treated) -> Reading:
    """Compare the number treated with the minimum."""
    section = case.criteria.sample_size
    if section is None:
        raise ValueError("the protocol sets no sample size")
    count = treated.count
    if treated.value is None:
        if treated.at_least is not None and count is not None and treated.at_least >= section.minimum:
            return quote(count.line.sentence, Status.MET, treated.note, start=count.start, end=count.end)
        return _unclear(case, treated)
    if count is None:
        raise ValueError("a number without its words")
    status = Status.MET if treated.value >= section.minimum else Status.NOT_MET
    return quote(count.line.sentence, status, f"{treated.value} treated", start=count.start, end=count.end)


def _unclear(case: Case, treated: Treated) -> Reading:
    if treated.count is not None:
        return quote(treated.count.line.sentence, Status.UNCLEAR, treated.note)
    line = next((line for line in case.lines if "T" in line.tags and line.sentence.part is not Part.TITLE), None)
    return quote(line.sentence, Status.UNCLEAR, treated.note) if line else Reading(Status.UNCLEAR, note=treated.note)
