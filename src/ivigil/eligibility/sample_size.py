"""How many own adult patients of the population received the intervention."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.candidates import list_candidates
from ivigil.eligibility.case import Case, quote
from ivigil.eligibility.certainty import say_treated
from ivigil.eligibility.close_look import CloseLook
from ivigil.eligibility.counting import Count
from ivigil.eligibility.mentions import Setting
from ivigil.eligibility.number_model import chances
from ivigil.eligibility.numbers import SMALL, TENS
from ivigil.eligibility.reading import Reading, Status
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Part

# How sure "fewer than the minimum" must be to exclude a study, for a study lost is worse than one more to read; and how
# sure where few may be a part of more. Of 5,124 eligible records two that were learned from came to 0.96, none to this.
SURE, SURE_OF_PART = 0.99, 0.995
# By words alone nothing is ever so sure.
SURE_BY_WORDS, SURE_OF_PART_BY_WORDS = 0.85, 0.97
_LIKELY = 0.5
# With so many times the minimum randomised, an arm of unknown size is large enough (3:1 against it).
_ARM_SHARE = 4

_OTHER_COUNTED = re.compile(r"[NK][xPWo]{0,4}[wVt]?x{0,4}[OU]|[OU][xw]{0,2}k|[OU](?:[xV]{0,2}t|:)x?N|[OU]N(?:[,a]|$)")
# 27 had the condition and four a neighbouring one
_NEIGHBOUR_COUNTED = re.compile(r"[NK][xPW]{0,3}[wV]?x{0,3}D[a,]{1,2}[NK1][xPW]{0,2}[wV]?x{0,2}M")
_MANIFESTATION_COUNTED = re.compile(r"[NK][xPW]{0,3}[wVt]?x{0,4}m|m[xw]{0,2}k|m(?:[xV]{0,2}t|:)x?N")
_OTHERS, _NOT_IT = frozenset("OUMm"), frozenset("OUM")
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
_OR_ANOTHER = re.compile(r"T[^N;]{0,5}r|r[^N;]{0,4}T")
_INFUSED = re.compile(r"T[^NKk;XHLesd,AR]{0,4}G")
_BOTH_ARMS = re.compile(
    r"Z[^;X]{0,10}T[^;]{0,6}r?[^;]{0,3}C|Z[^;X]{0,6}C|Tx{0,4}[ra]x{0,3}C|C[^;]{0,6}Z|Z[^;X]{0,8}A[^;T]{0,4}r[^;T]{0,6}T|"
    r"Z[^;X]{0,8}T[^;]{0,6}r[^;]{0,6}A|g[^;T]{0,6}A[^T]{0,8}g[^T]{0,8}T|g[^;A]{0,8}T[^A]{0,8}g[^;T]{0,6}[AC]"
)
_OR_COMPARATOR = re.compile(r"(?:[^NKk;]|N(?=x{0,2}[Ei]))*T[^NKk;]*r[^NKk;]*C")
_RATIO = re.compile(r"\b([1-9])\s?[:/]\s?([1-9])\b(?!\s?[:/])")
_MATCHED_WITH = re.compile(r"\b(?:matched|paired) (?:with|to) (one|two|three|four|five)\b", re.IGNORECASE)
_MATCHING = frozenset(["matched", "matching", "controls", "comparators", "unexposed", "untreated"])
_CROSSING = frozenset(["crossover", "crossed"])
_EQUALLY = re.compile(
    r"\b(?:equally|equal (?:numbers|groups|arms)|evenly)\b|"
    rf"\btwo (?:equal )?(?:groups|arms) of (?:\d|{'|'.join([*SMALL, *TENS])})",
    re.IGNORECASE,
)
# the title names the condition and the treatment, other drugs beside it at most, and no other condition or arm
_ONE_SUBJECT = re.compile(r"^(?=.*D)(?=.*[TBy])[^OUMACR]*(?:[TBy][^OUMCRr]*)?$")
_ROW = re.compile(r"N(?:[,a]{1,2}N){2,}")
_PAIR = re.compile(r"N[,a]{1,2}N")
_CASE_REPORT = re.compile(r"\bcase report\b", re.IGNORECASE)
_SUBJECTS = frozenset("PDTBy")
_WIDENED = frozenset(["series", "cohort", "registry", "further", "others"])


@dataclass(frozen=True, slots=True)
class Treated:
    """The number treated, where it was read, and how likely each other number is."""

    value: int | None
    count: Count | None = None
    note: str = ""
    chances: Mapping[int | None, float] = field(default_factory=dict)
    of_several: bool = False  # the treated had several conditions, and this is a part of them
    closely: bool = False  # a close look was taken

    def below(self, minimum: int) -> float:
        """The chance that fewer were treated."""
        return sum(chance for value, chance in self.chances.items() if value is not None and value < minimum)

    def at_least(self, minimum: int) -> float:
        """The chance that so many or more were treated."""
        return sum(chance for value, chance in self.chances.items() if value is not None and value >= minimum)


def read_setting(case: Case) -> Setting:
    """What kind of record the numbers stand in."""
    lines = case.own_lines
    tags = "".join(line.tags for line in case.lines)
    return Setting(
        mixed=is_mixed(case),
        compared=any(_BOTH_ARMS.search(line.tags) for line in lines),
        all_treated=all_treated(case, lines),
        routes="R" in tags or "B" in tags,
        young="J" in tags or "child" in case.labels.get("age", ()),
    )


def count_treated(case: Case, close: CloseLook | None = None) -> Treated:
    """Read the number of own patients of the population who received the intervention, with a close look if given."""
    setting = read_setting(case)
    candidates = treated_candidates(case, setting)
    seen = None if close is None else close.scores(case.record, candidates)
    by_value: dict[int | None, float] = defaultdict(float)
    likeliest: dict[int | None, tuple[float, Candidate]] = {}
    for candidate, chance in zip(candidates, chances(candidates, close=seen), strict=True):
        by_value[candidate.value] += chance
        if candidate.value not in likeliest or likeliest[candidate.value][0] < chance:
            likeliest[candidate.value] = chance, candidate
    best = max(by_value, key=by_value.__getitem__)
    if _is_of_both_arms(likeliest[best][1]) and not _crosses_over(case):
        best_said = likeliest[best][1].count()
        return Treated(None, best_said, "the size of the treated arm is not said", by_value, of_several=setting.mixed)
    return Treated(
        best,
        likeliest[best][1].count() if best is not None else _in_both_arms(candidates, setting),
        _note(case, setting) if best is None else "",
        by_value,
        of_several=setting.mixed,
        closely=close is not None,
    )


def treated_candidates(case: Case, setting: Setting) -> list[Candidate]:
    """The numbers that may be the one, with what is said of each."""
    ratio = _share(case, case.own_lines) if setting.compared else None
    return list_candidates(case, setting, ratio or _matched(case))


def _is_of_both_arms(candidate: Candidate) -> bool:
    """Whether a number stands before both arms together: "63 adults were randomised to it or to placebo"."""
    if candidate.derived or not isinstance(candidate.said, tuple):
        return False
    mention = candidate.said[0]
    return _OR_COMPARATOR.match(mention.line.tags, mention.place + 1) is not None


def _crosses_over(case: Case) -> bool:
    return case.document.says_any(_CROSSING)


def _in_both_arms(candidates: list[Candidate], setting: Setting) -> Count | None:
    """The number in both arms, where that of the treated one is not said."""
    if not setting.compared:
        return None
    said = [candidate for candidate in candidates if candidate.value is not None and not candidate.derived]
    return max(said, key=lambda candidate: candidate.value or 0).count() if said else None


def _note(case: Case, setting: Setting) -> str:
    if setting.mixed:
        return "several conditions; how many of the treated had this one is not said"
    if any("B" in line.tags and ("N" in line.tags or "P" in line.tags) for line in case.own_lines):
        return "routes mixed; how many had which is not said"
    return "how many received it is not said"


@lru_cache(maxsize=1)  # asked of the same case by the number and by the outcome
def is_mixed(case: Case) -> bool:
    """Whether the treated are of several conditions, so that the population is a part of them."""
    if case.criteria.population is None:
        return False
    named_in_title = "D" in case.title_tags and not _LISTED_WITH.search(case.title_tags)
    if any(_names_several(line, named_in_title=named_in_title) for line in case.own_lines):
        return True
    return not named_in_title and not _NOT_IT.isdisjoint(case.title_tags)


def _names_several(line: Line, *, named_in_title: bool) -> bool:
    tags = line.tags
    if _OTHERS.isdisjoint(tags):
        return not named_in_title and "D" in tags and bool(_SOME_HAD.search(tags) or _PART_OF_ALL.search(tags))
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


def _matched(case: Case) -> tuple[int, int] | None:
    """How many controls each of the treated was matched with, as "1:2"; None where it is not said."""
    for sentence in case.document.sentences if case.document.says_any(_MATCHING) else ():
        if not sentence.says_any(_MATCHING):
            continue
        if (match := _RATIO.search(sentence.text)) is not None and match[1] == "1":
            return 1, int(match[2])
        if (match := _MATCHED_WITH.search(sentence.text)) is not None:
            return 1, SMALL[match[1].lower()]
    return None


def all_treated(case: Case, lines: list[Line]) -> bool:
    """Whether the record is about people who all received the intervention."""
    if "T" in case.title_tags and not _OR_ANOTHER.search(case.title_tags):
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
    count, minimum = treated.count, section.minimum
    if treated.value is None and count is not None and count.value >= _ARM_SHARE * minimum:
        return _quote(count, Status.MET, f"{count.value} in both arms; the size of the treated arm is not said")
    if treated.value is None or count is None:
        return _unclear(case, treated.note)
    note = f"{say_treated(treated.value, treated.chances)} treated"
    few, below = treated.value < minimum and not _is_in_a_row(count), treated.below(minimum)
    sure, of_part = (SURE, SURE_OF_PART) if treated.closely else (SURE_BY_WORDS, SURE_OF_PART_BY_WORDS)
    if few and below >= sure and (below >= of_part or not may_be_more(case, treated.chances)):
        return _quote(count, Status.NOT_MET, note)
    if treated.value >= minimum and treated.at_least(minimum) >= _LIKELY:
        return _quote(count, Status.MET, note)
    return _quote(count, Status.UNCLEAR, note)


def _is_in_a_row(count: Count) -> bool:
    """Whether a number is one of several in a row, each of another group: "thus 2, 5, 18 and 0 patients".

    So is one of two "respectively".
    """
    starts = count.line.sentence.field.tokens.starts
    row = _PAIR if "respectively" in count.line.sentence.text else _ROW
    return any(
        starts[count.line.items[place].first] == count.start
        for match in row.finditer(count.line.tags)
        for place in range(match.start(), match.end())
    )


def may_be_more(case: Case, values: Iterable[int | None]) -> bool:
    """Whether few treated may be a part of more: where the title names the condition, the treatment and no few.

    `values` are all the numbers that may be the one; one of at least the minimum must be among them.

    Of a study that is about nothing else, "four received a high and four a low dose" and "four of the ten who began it"
    tell of parts; a report of few has no larger number, or says in its title how few they are.
    """
    if case.criteria.sample_size is None or not _ONE_SUBJECT.search(case.title_tags):
        return False
    minimum = case.criteria.sample_size.minimum
    if not any(value is not None and value >= minimum for value in values):
        return False
    titled = [line for line in case.lines if line.sentence.part is Part.TITLE]
    words = {word for line in titled for word in line.sentence.field.tokens.words}
    counting = [line for line in titled if not _SUBJECTS.isdisjoint(line.tags)]  # not "two grams or one?"
    few = any(item.tag in "NK1" and item.value < minimum for line in counting for item in line.items)
    if not _WIDENED.isdisjoint(words) and not (few and "series" in words):
        return True
    return _CASE_REPORT.search(case.record.title) is None and not few


def _quote(count: Count, status: Status, note: str) -> Reading:
    return quote(count.line.sentence, status, note, start=count.start, end=count.end)


def _unclear(case: Case, note: str) -> Reading:
    line = next((line for line in case.lines if "T" in line.tags and line.sentence.part is not Part.TITLE), None)
    return quote(line.sentence, Status.UNCLEAR, note) if line else Reading(Status.UNCLEAR, note=note)
