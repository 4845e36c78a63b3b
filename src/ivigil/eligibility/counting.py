"""How many were treated: named rules over tagged lines, and how their answers are weighed.

The letters are those of `tagging`. A rule's group `n` is the number it counts; a rule with several groups `n1`, `n2`...
counts their sum. A rule looks at one clause, or at a whole sentence where it says so; `count_treated` looks at the
record.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from ivigil.eligibility.clauses import split
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.tagging import Item, Line
from ivigil.eligibility.text import Part


class Kind(IntEnum):
    """What a rule's number counts; the lower, the closer it is to 'received the intervention'."""

    ARM = 1
    TREATED = 2
    PART = 3
    MEMBER = 4
    COHORT = 5
    SINGLE = 6


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people, the words that say so, and the rule that read them."""

    value: int
    kind: Kind
    rule: str
    line: Line
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A named pattern over tags."""

    name: str
    kind: Kind
    pattern: re.Pattern[str]
    whole_sentence: bool = False


# what may stand between a number and its verb: no second number, no other arm, no negation, plan or literature
_WITHIN = r"[^NK1;TRBCXHLe]"
# "IVIG or placebo", "IVIG versus mycophenolate": the number is that of both arms together
_ONE_ARM = r"(?!x{0,3}h?g?x{0,3}r[xhw]{0,3}[CAR])"
# "to placebo or IVIG": so is this
_FIRST_ARM = r"(?![^T;]{0,8}[AC][^T;]{0,4}r[^T;]{0,5}T)"
_PEOPLE = r"[xDOUMmto]{0,6}P"


def _rule(name: str, kind: Kind, pattern: str, *, whole_sentence: bool = False) -> Rule:
    return Rule(name, kind, re.compile(pattern), whole_sentence)


TREATED_RULES = (
    # IVIG (n = 31); IVIg 2 g/kg (22 patients); the IVIG group, n = 31
    _rule("arm with its size", Kind.ARM, r"T(?:[hgwE]{0,3}x?[hgPDmwE]{0,3}|[xhgwE]{0,6}aC)(?P<n>k)"),
    _rule("arm, its size behind a comma", Kind.ARM, r"Tx{0,2}g,?(?P<n>K)"),
    # the combined group (mycophenolate plus IVIG every two months, n = 28)
    _rule("arm described, then its size", Kind.ARM, r"T[^NKk;TCXRA]{0,8},(?P<n>K)"),
    # the IVIG group comprised 18 patients
    _rule("arm that comprised", Kind.ARM, r"Tx?h?g[^NK;TCXAR]{0,3}[IV]x?(?P<n>N)"),
    # 31 in the IVIG group; 31 patients to IVIG
    _rule("so many to the arm", Kind.ARM, r"(?P<n>[NK])[PDm]{0,4}tx{0,2}T(?=x?h?g|x{0,2}a)" + _ONE_ARM),
    # group A (n = 15) received IVIG; the first group (15 patients) was given it
    _rule(
        "arm whose size stands before",
        Kind.ARM,
        rf"g[xhPD]{{0,3}}(?P<n>[kK])[^NKk;TXCARH]{{0,4}}[VGZ][^NKk;TXCARHe]{{0,6}}T{_ONE_ARM}",
    ),
    # 25 per group; 25 in each arm
    _rule("so many in each arm", Kind.ARM, r"(?P<n>[NK])P?[xt]{0,2}lg"),
    # 46 patients ... were treated with IVIG; 18 received IVIG; 21 (31%) were given IVIG
    _rule(
        "so many received it",
        Kind.TREATED,
        rf"(?<!X)(?<!Xo)(?P<n>[NK])(?:{_PEOPLE}{_WITHIN}{{0,22}}?|[xtlWwDMp,]{{0,5}}|oW[xtl]{{0,3}})[VGZ]{_FIRST_ARM}[^NK1;TXCRHe]{{0,7}}(?<!f)T{_ONE_ARM}",
    ),
    # IVIG was administered for myositis in 17 cases and for skin disease in six
    _rule(
        "given to so many and to so many",
        Kind.TREATED,
        r"T[^NK1;XCRHTe]{0,8}G[^NK1;XCTRHe]{0,5}t[xl]{0,2}(?P<n1>N)P?"
        r"[^NK;TCXRA]{0,6}[a,][^NK;TCXRA]{0,5}t[xl]{0,2}(?P<n2>N)(?!x?[Ei])"
        r"(?:[^NK;TCXRA]{0,6}[a,][^NK;TCXRA]{0,5}t[xl]{0,2}(?P<n3>N)(?!x?[Ei]))?",
    ),
    # IVIG was given to twelve women; IVIG had been prescribed to 38 of 2,914 patients
    _rule("given to so many", Kind.TREATED, r"T[^NK1;XCRHTeP]{0,8}[GZ][^NK1;XCTRHeIP]{0,5}[to][xl]{0,2}(?P<n>N)"),
    # rituximab in 64, IVIG in 18; IVIG came first in 21 and rituximab in 12
    _rule("in a list, in so many", Kind.TREATED, r"A[xG]{0,3}[tk][^;]*?Tt(?P<n>N)"),
    _rule("at the head of a list, in so many", Kind.TREATED, r"Tx{0,3}t(?P<n>N)P?[,a]{1,2}Ax{0,3}t?N"),
    # 15 cyclophosphamide, 11 IVIG, 9 rituximab; seven abatacept and sixteen IVIG
    _rule("so many of a list", Kind.TREATED, r"(?:(?<=[,ac])|^)(?P<n>N)[wtn]?x?Tx?(?=[,a;:]|$)"),
    # 47 received IVIG, 10 another form and eight both; 34 IVIG alone and 29 both
    _rule(
        "so many it, so many both",
        Kind.ARM,
        r"(?P<n1>N)[xD]{0,2}P?[VG]?x?Tx?[,a]{1,2}(?:Nx?[RA]x?[,a]{1,2})?(?P<n2>N)l(?!g)",
    ),
    # 22 consented to IVIG and 20 received it
    _rule(
        "so many received it, named before",
        Kind.ARM,
        r"T[^NK1;XTACRH]{0,3}[a,](?P<n>N)Vx?(?=[;,a]|$)",
        whole_sentence=True,
    ),
    # we gave IVIG to seven women; the effect of IVIG in 30 patients
    _rule("it in so many patients", Kind.TREATED, r"T[^NK1;XCRHTeVGIa]{0,7}[to][xl]{0,2}(?P<n>N)[xDUOM]{0,6}P(?!x?X)"),
    # we treated twelve patients with IVIG
    _rule("treated so many with it", Kind.TREATED, r"Gl?x?(?P<n>N)[xDUOM]{0,6}P[^NK1;XTCRHe]{0,10}wx{0,3}T" + _ONE_ARM),
    # 16 patients on Kiovig
    _rule("so many on it", Kind.TREATED, r"(?P<n>N)[xDOUMm]{0,6}P[^NK1;XTCRHeVG]{0,8}[nw]x{0,3}T" + _ONE_ARM),
    _rule("so many of them on it", Kind.TREATED, r"(?P<n>N)nx{0,2}T" + _ONE_ARM),
    # 38 new users of IVIG
    _rule("so many users of it", Kind.TREATED, r"(?P<n>N)[xD]{0,4}PoT" + _ONE_ARM),
    # responders (n = 29) and non-responders (n = 18) to IVIG
    _rule("so many and so many to it", Kind.TREATED, r"P?x{0,2}(?P<n1>k)[a,r][xP]{0,3}(?P<n2>k)[to]x{0,2}T"),
    # twelve IVIG-treated patients; 12 IVIG recipients
    _rule("so many treated patients", Kind.TREATED, r"(?P<n>N)[xDm]{0,4}TG?x?D?P"),
    # 34 treated patients and 68 matched controls
    _rule("so many treated beside controls", Kind.ARM, r"(?P<n>N)GP?[^;T]{0,4}[ar][^;T]{0,3}[XC]"),
)

MEMBER_RULES = (
    # nine with systemic sclerosis; 12 had SSc; six systemic sclerosis patients
    _rule("so many of them with the condition", Kind.MEMBER, r"(?P<n>[NK1])[xPW]{0,3}[wVtGI]?[xw]{0,4}D"),
    # systemic sclerosis (n = 6)
    _rule("the condition with its number", Kind.MEMBER, r"D[xw]{0,2}(?P<n>k)"),
    # lupus 15, myositis 12, scleroderma 6
    _rule("the condition and its number in a list", Kind.MEMBER, r"(?:[OUm]N[,a]{1,2})+D(?P<n>N)"),
    _rule("the condition and its number at the head of a list", Kind.MEMBER, r"D(?P<n>N)(?=[,a]{1,2}[OUm]N)"),
    # systemic sclerosis in six; systemic sclerosis: 6
    _rule("the condition in so many", Kind.MEMBER, r"D(?:[xVI]{0,4}t|:)x?(?P<n>[N1])(?!x?[wV]?x?[OU])"),
)

COHORT_RULES = (
    # 16 received at least one infusion
    _rule("so many received a course", Kind.COHORT, r"(?P<n>N)[cxPDW]{0,5}[VG][^NK;XHACR]{0,5}[iN]*i"),
    # thus 46 patients were analysed; leaving 22
    _rule("so many were left", Kind.COHORT, r"z[^NK;XHLTA]{0,4}(?P<n>N)"),
    # forty-four began treatment; treatment was begun in 23
    _rule("so many began treatment", Kind.COHORT, r"(?P<n>N)[xPD]{0,3}[VG]x{0,2}h"),
    _rule("treatment begun in so many", Kind.COHORT, r"hx{0,2}Gt(?P<n>N)"),
    # 22 cases and 44 controls
    _rule("so many beside controls", Kind.COHORT, r"(?P<n>N)[xD]{0,2}P[ar]{1,2}N?x?C"),
    # seventy-eight patients had been treated; twelve were treated
    _rule("so many were treated", Kind.COHORT, r"(?P<n>N)(?:[xDOUMm]{0,6}P[VxI]{0,3}|x)G(?=$|[;,:a])"),
    # all who were started on it were included (n = 17)
    _rule("included, with their number", Kind.COHORT, r"I[xt]{0,2}(?P<n>k)"),
    # eleven patients received 1 g/kg and another eleven 2 g/kg
    _rule("so many and as many more", Kind.COHORT, r"(?P<n1>N)[^;NKXC]{0,16}aq(?P<n2>N)", whole_sentence=True),
    # forty-six patients were included; 15 patients with SSc were analysed
    _rule("so many were included", Kind.COHORT, rf"(?P<n>N)(?!x?C)(?:{_PEOPLE})?[^NK1;XHL]{{0,14}}I"),
    # we identified 14 SSc patients
    _rule("identified so many", Kind.COHORT, r"[IG][^NK1;XHL]{0,6}(?P<n>N)[xDOUMm]{0,6}P"),
    # twelve patients with SSc ...
    _rule("so many patients", Kind.COHORT, r"(?P<n>N)[xDOUMm]{0,6}P(?!x{0,3}b)"),
    # men (n = 12) and women (n = 30); early starters (n = 17) were compared with late ones (n = 23)
    _rule("two groups", Kind.COHORT, r"P[^NKk;XCA]{0,9}(?P<n1>k)[^NKk;XCA]{0,9}(?P<n2>k)", whole_sentence=True),
    # N = 22 (21 women)
    _rule("the number by itself", Kind.COHORT, r"^[xI;:,]{0,3}(?P<n>K)", whole_sentence=True),
    _rule("patients, with their number", Kind.COHORT, r"P[^NK;XHLTC]{0,6}(?P<n>k)"),
)

SINGLE_RULES = (_rule("one person", Kind.SINGLE, r"(?P<n>1)"),)


_NUMBERS = frozenset("NKk1")


def apply(rules: tuple[Rule, ...], lines: list[Line]) -> Iterator[Count]:
    """Every number that a rule reads in the lines."""
    for line in lines:
        if _NUMBERS.isdisjoint(line.tags):
            continue
        clauses = [clause for clause in split(line) if not _NUMBERS.isdisjoint(clause.tags)]
        for rule in rules:
            for part in (line,) if rule.whole_sentence else clauses:
                for match in rule.pattern.finditer(part.tags):
                    if not _is_of_prescribers(part, match):
                        yield _count(rule, part, match)


def _count(rule: Rule, line: Line, match: re.Match[str]) -> Count:
    numbers: list[Item] = [line.items[match.start(group)] for group in match.groupdict() if match[group] is not None]
    tokens = line.sentence.field.tokens
    covered = line.items[match.start() : match.end()]
    words = tokens.words[covered[0].first : covered[-1].last]
    value, kind = sum(item.value for item in numbers), rule.kind
    if len(numbers) == 1 and numbers[0].of is not None and kind is Kind.TREATED and _is_whole(words):
        value = numbers[0].of
    if kind is Kind.TREATED and rule.name.startswith("given to") and not _PURPOSES.isdisjoint(words):
        kind = Kind.PART
    return Count(
        value=value,
        kind=kind,
        rule=rule.name,
        line=line,
        start=min(tokens.starts[item.first] for item in covered),
        end=max(tokens.ends[item.last - 1] for item in covered),
    )


_GAVE = word_set("prescribed used administered offered given recommended tried employed")


def _is_of_prescribers(line: Line, match: re.Match[str]) -> bool:
    """Whether those who are counted gave the treatment instead of having it: "64 had prescribed IVIG"."""
    items = line.items[match.start() : match.end()]
    words = line.sentence.field.tokens.words[items[0].first : items[-1].last]
    return any(one in {"had", "have", "would"} and other in _GAVE for one, other in itertools.pairwise(words))


_PURPOSES = frozenset(["for", "because"])


def count_of(line: Line, place: int, end: int, kind: Kind, name: str) -> Count:
    """A count of the number at a line's item `place`, with the words up to item `end` (exclusive)."""
    tokens = line.sentence.field.tokens
    first, last = line.items[place], line.items[end - 1]
    return Count(first.value, kind, name, line, tokens.starts[first.first], tokens.ends[last.last - 1])


FINITE = word_set("were was had received underwent got have has required needed")
_RELATIVE = frozenset(["who", "whom", "receiving", "having"])
_PARTICIPLES = word_set("given treated exposed prescribed started maintained managed")


def _is_whole(words: list[str]) -> bool:
    """Whether "12 of the 19 patients given IVIG" says that the whole received it, and the part did something else."""
    if not _RELATIVE.isdisjoint(words):
        return True
    return FINITE.isdisjoint(words) and not _PARTICIPLES.isdisjoint(words)


_LITERATURE = re.compile(r"[a,;][^a,;]*L")


def own_lines(lines: list[Line]) -> list[Line]:
    """The lines on the authors' own patients: not of the background, the literature or a plan.

    Where a part of a sentence is about something else, its other clauses are kept; "We describe our 19 patients and
    review 21 published papers" is kept up to "and".
    """
    own: list[Line] = []
    for line in lines:
        if line.sentence.part is Part.BACKGROUND:
            continue
        if "L" not in line.tags and "H" not in line.tags:
            own.append(line)
            continue
        for clause in split(line):
            if "L" in clause.tags:
                match = _LITERATURE.search(clause.tags)
                if match is not None and "p" in clause.tags[: match.start()]:
                    own.append(replace(clause, tags=clause.tags[: match.start()], items=clause.items[: match.start()]))
                break  # what follows is of the literature too
            if "H" not in clause.tags:
                own.append(clause)
    return own
