"""How many were treated: named rules over tagged lines, and how their answers are weighed.

The letters are those of `tagging`. A rule's group `n` is the number it counts; a rule with several groups `n1`, `n2`...
counts their sum. Rules look at one sentence; `count_treated` looks at the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from ivigil.eligibility.tagging import Item, Line
from ivigil.eligibility.text import Part


class Kind(IntEnum):
    """What a rule's number counts; the lower, the closer it is to 'received the intervention'."""

    ARM = 1
    TREATED = 2
    MEMBER = 3
    COHORT = 4
    SINGLE = 5


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people, the words that say so, and the rule that read them."""

    value: int
    kind: Kind
    rule: str
    line: Line
    start: int
    end: int
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A named pattern over tags."""

    name: str
    kind: Kind
    pattern: re.Pattern[str]


# what may stand between a number and its verb: no second number, no other arm, no negation, plan or literature
_WITHIN = r"[^NK1;TRBCXHLe]"
# "IVIG or placebo", "IVIG versus mycophenolate": the number is that of both arms together
_ONE_ARM = r"(?!x{0,3}h?g?x{0,3}r[xhw]{0,3}[CAR])"
_PEOPLE = r"[xDOUMmto]{0,6}P"


def _rule(name: str, kind: Kind, pattern: str) -> Rule:
    return Rule(name, kind, re.compile(pattern))


TREATED_RULES = (
    # IVIG (n = 31); IVIg 2 g/kg (22 patients); the IVIG group, n = 31
    _rule("arm with its size", Kind.ARM, r"T(?:[hgwE]{0,3}x?[hgPDmwE]{0,3}|[xhgwE]{0,6}aC)(?P<n>k)"),
    _rule("arm, its size behind a comma", Kind.ARM, r"Tx{0,2}g,?(?P<n>K)"),
    # the IVIG group comprised 18 patients
    _rule("arm that comprised", Kind.ARM, r"Tx?h?g[^NK;TCXAR]{0,3}[IV]x?(?P<n>N)"),
    # 31 in the IVIG group; 31 patients to IVIG
    _rule("so many to the arm", Kind.ARM, r"(?P<n>[NK])[PDm]{0,4}tx{0,2}T(?=x?h?g|x{0,2}a)" + _ONE_ARM),
    # 25 per group; 25 in each arm
    _rule("so many in each arm", Kind.ARM, r"(?P<n>[NK])P?[xt]{0,2}lg"),
    # 46 patients ... were treated with IVIG; 18 received IVIG; 21 (31%) were given IVIG
    _rule(
        "so many received it",
        Kind.TREATED,
        rf"(?<!X)(?<!Xo)(?P<n>[NK])(?:{_PEOPLE}{_WITHIN}{{0,22}}?|[xtlWwDMp,]{{0,5}}|oW[xtl]{{0,3}})[VGZ][^NK1;TXCRHe]{{0,7}}(?<!f)T{_ONE_ARM}",
    ),
    # IVIG was administered for myositis in 17 cases and for skin disease in six
    _rule(
        "given to so many and to so many",
        Kind.TREATED,
        r"T[^NK1;XCRHTe]{0,8}G[^NK1;XCTRHe]{0,5}t[xl]{0,2}(?P<n1>N)P?"
        r"[^NK;TCXR]{0,6}[a,][^NK;TCXR]{0,5}t[xl]{0,2}(?P<n2>N)(?!x?[Ei])"
        r"(?:[^NK;TCXR]{0,6}[a,][^NK;TCXR]{0,5}t[xl]{0,2}(?P<n3>N)(?!x?[Ei]))?",
    ),
    # IVIG was given to twelve women; IVIG had been prescribed to 38 of 2,914 patients
    _rule("given to so many", Kind.TREATED, r"T[^NK1;XCRHTe]{0,8}[GZ][^NK1;XCTRHeI]{0,5}[to][xl]{0,2}(?P<n>N)"),
    # rituximab in 64, IVIG in 18
    _rule("in a list, in so many", Kind.TREATED, r"A[tk][^;]*?Tt(?P<n>N)"),
    # 22 consented to IVIG and 20 received it
    _rule("so many received it, named before", Kind.ARM, r"T[^NK1;XTACRH]{0,3}[a,](?P<n>N)Vx?(?=[;,a]|$)"),
    # we gave IVIG to seven women; the effect of IVIG in 30 patients
    _rule("it in so many patients", Kind.TREATED, r"T[^NK1;XCRHTeVGIa]{0,7}[to][xl]{0,2}(?P<n>N)[xDUOM]{0,6}P(?!x?X)"),
    # we treated twelve patients with IVIG
    _rule("treated so many with it", Kind.TREATED, r"Gl?x?(?P<n>N)[xDUOM]{0,6}P[^NK1;XTCRHe]{0,10}wx{0,3}T" + _ONE_ARM),
    # 16 patients on Kiovig
    _rule("so many on it", Kind.TREATED, r"(?P<n>N)[xDOUMm]{0,6}P[^NK1;XTCRHeVG]{0,8}[nw]x{0,3}T" + _ONE_ARM),
    _rule("so many of them on it", Kind.TREATED, r"(?P<n>N)nT" + _ONE_ARM),
    # twelve IVIG-treated patients; 12 IVIG recipients
    _rule("so many treated patients", Kind.TREATED, r"(?P<n>N)[xDm]{0,4}TG?x?D?P"),
)

MEMBER_RULES = (
    # nine with systemic sclerosis; 12 had SSc; six systemic sclerosis patients
    _rule("so many of them with the condition", Kind.MEMBER, r"(?P<n>[NK])[xPW]{0,3}[wVtGI]?x{0,4}D"),
    # systemic sclerosis (n = 6)
    _rule("the condition with its number", Kind.MEMBER, r"D[xw]{0,2}(?P<n>k)"),
    # lupus 15, myositis 12, scleroderma 6
    _rule("the condition and its number in a list", Kind.MEMBER, r"(?:[OUm]N[,a]{1,2})+D(?P<n>N)"),
    _rule("the condition and its number at the head of a list", Kind.MEMBER, r"D(?P<n>N)(?=[,a]{1,2}[OUm]N)"),
    # systemic sclerosis in six; systemic sclerosis: 6
    _rule("the condition in so many", Kind.MEMBER, r"D(?:[xV]{0,2}t|:)x?(?P<n>N)(?!x?[wV]?x?[OU])"),
)

COHORT_RULES = (
    # 16 received at least one infusion
    _rule("so many received a course", Kind.COHORT, r"(?P<n>N)[xP]{0,2}V[^NK;XHACR]{0,5}[iN]*i"),
    # forty-six patients were included; 15 patients with SSc were analysed
    _rule("so many were included", Kind.COHORT, rf"(?P<n>N)(?:{_PEOPLE})?[^NK1;XHL]{{0,14}}I"),
    # we identified 14 SSc patients
    _rule("identified so many", Kind.COHORT, r"[IG][^NK1;XHL]{0,6}(?P<n>N)[xDOUMm]{0,6}P"),
    # twelve patients with SSc ...
    _rule("so many patients", Kind.COHORT, r"(?P<n>N)[xDOUMm]{0,6}P"),
    # N = 22 (21 women)
    _rule("the number by itself", Kind.COHORT, r"^[xI;:,]{0,3}(?P<n>K)"),
    _rule("patients, with their number", Kind.COHORT, r"P[^NK;XHLTC]{0,6}(?P<n>k)"),
)

SINGLE_RULES = (_rule("one person", Kind.SINGLE, r"(?P<n>1)"),)


def apply(rules: tuple[Rule, ...], lines: list[Line]) -> Iterator[Count]:
    """Every number that a rule reads in the lines."""
    for line in lines:
        for rule in rules:
            for match in rule.pattern.finditer(line.tags):
                yield _count(rule, line, match)


def _count(rule: Rule, line: Line, match: re.Match[str]) -> Count:
    numbers: list[Item] = [line.items[match.start(group)] for group in match.groupdict() if match[group] is not None]
    tokens = line.sentence.field.tokens
    covered = line.items[match.start() : match.end()]
    return Count(
        value=sum(item.value for item in numbers),
        kind=rule.kind,
        rule=rule.name,
        line=line,
        start=min(tokens.starts[item.first] for item in covered),
        end=max(tokens.ends[item.last - 1] for item in covered),
        of=numbers[0].of if len(numbers) == 1 else None,
    )


_LITERATURE = re.compile(r"[a,;][^a,;]*L")


def own_lines(lines: list[Line]) -> list[Line]:
    """The lines on the authors' own patients: not of the background, the literature or a plan.

    "We describe our 19 patients and review 21 published papers" is kept up to "and".
    """
    own: list[Line] = []
    for line in lines:
        if line.sentence.part is Part.BACKGROUND or "H" in line.tags:
            continue
        if "L" not in line.tags:
            own.append(line)
            continue
        match = _LITERATURE.search(line.tags)
        if match is not None and "p" in line.tags[: match.start()]:
            own.append(replace(line, tags=line.tags[: match.start()], items=line.items[: match.start()]))
    return own
