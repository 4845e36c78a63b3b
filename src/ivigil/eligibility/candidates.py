"""What may be the number treated: numbers as they stand, and what follows from them by a little arithmetic."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from functools import lru_cache
from itertools import combinations

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.case import Case
from ivigil.eligibility.doses import dosed_in, mark_doses
from ivigil.eligibility.further import further
from ivigil.eligibility.losses import differences, losses
from ivigil.eligibility.mentions import Counted, Mention, Setting, read_mentions
from ivigil.eligibility.partitions import mark_parts, mark_parts_in
from ivigil.eligibility.remainders import remainders
from ivigil.eligibility.shares import find_shares, fit_shares, mark_wholes, said_shares, unsaid_wholes
from ivigil.eligibility.spoken import Spoken
from ivigil.eligibility.weights import named

_MOST_SUMMED = 4
_OVER = frozenset("DTCAR;a,oXe")  # tags that tell what a sum is made over
# where values of another size begin, and what those of each are called
_SIZES = (1, 2, 5, 100)
_NAMED_BY_SIZE = ({"under five"}, {"under five", "one"}, {"under five"}, set[str](), {"many"})
_LAST_RANK = 4
_EACH_ARM = re.compile(r"[^NKk1;,TCA]{1,5}lg")
_PER_ARM = frozenset(["n1=l", "n2=g"])


def list_candidates(case: Case, setting: Setting, ratio: tuple[int, int] | None) -> list[Candidate]:
    """Every candidate of a record, "not said" last; `ratio` is how arms were allotted, the treated one first."""
    counted = read_mentions(case, setting)
    left, shares = losses(counted), find_shares(case)
    for here in counted:
        mark_doses(here)
        mark_parts_in(here)
        mark_wholes(here, shares)
    said_of_wholes = mark_parts(counted, setting)
    found = [candidate for here in counted for candidate in _of_sentence(here, setting)]
    direct = {candidate.value for candidate in found if candidate.value is not None and not candidate.derived}
    whole_of_shares = fit_shares(case.document.abstract.text)
    found += said_shares(case, direct, shares)
    found += unsaid_wholes(case, whole_of_shares, direct)
    found += _arms(counted, ratio, setting)
    found += left
    found += remainders(case, counted)
    found += further(counted)
    _add_value_features(found, counted, setting, whole_of_shares)
    _add_wholes(found, said_of_wholes)
    found.append(Candidate(None, _none_features(case, setting, direct)))
    return found


def _of_sentence(here: Counted, setting: Setting) -> list[Candidate]:
    found: list[Candidate] = []
    for mention in here.mentions:
        # the features are not copied: what is still to come of a value is of its mention too
        found.append(Candidate(mention.value, mention.features, (mention, mention)))
        if mention.item.of:
            features = {f"w{name}" if name.startswith(("tag", "part", "verb")) else name for name in mention.features}
            found.append(Candidate(mention.item.of, features | {"whole"}, (mention, mention)))
    return found + _sums(here, setting) + differences(here)


def _sums(here: Counted, setting: Setting) -> list[Candidate]:
    """Neighbours added up: "nine with diffuse and seven with limited disease"."""
    found: list[Candidate] = []
    places, key = here.places, setting.key
    if len(places) < 2:
        return found
    common = {f"part={here.sentence.part}", f"sum nth={min(here.number, 3)}"}
    common |= {f"s:{tag}" for tag in "TDOUCAR" if tag in here.tags}
    lengths = [*range(2, _MOST_SUMMED + 1), *([len(places)] if len(places) > _MOST_SUMMED else [])]
    for many in lengths:
        for first in range(len(places) - many + 1):
            group = places[first : first + many]
            if group[0].line is not group[-1].line:
                continue
            tags, begin, end = group[0].line.tags, group[0].place, group[-1].place
            relations = "/".join(sorted({mention.relation for mention in group}))
            behind = {tags[mention.place + 1 : mention.place + 2] or "$" for mention in group}
            features = common | {
                f"sum{min(many, _MOST_SUMMED + 1)}", f"sum rel={relations}", f"sum rel={relations}&{key}",
                f"sum tags={''.join([mention.item.tag for mention in group[: _MOST_SUMMED + 1]])}",
                "sum over=" + "".join(sorted(_OVER.intersection(tags[begin + 1 : end]))),
                "sum next=" + "".join(sorted(behind)),
            }  # fmt: skip
            if dosed := dosed_in(group, places):
                features.add(f"sum dosed={dosed}")
            if many == len(places):
                features.add("sum of all")
            if setting.all_treated:
                features.add("sum, all treated")
            if setting.routes:
                features.add("sum routes=" + "".join(sorted({_route(tags, mention.place) for mention in group})))
            value = sum([mention.value for mention in group])
            found.append(Candidate(value, features, (group[0], group[-1]), derived=True))
    if setting.routes:
        found += _over_another_route(here, places)
    return found


def _over_another_route(here: Counted, places: list[Mention]) -> list[Candidate]:
    """The first and the last of three of whom the middle ones had another route: 47 by vein, 10 not, 8 both."""
    return [
        Candidate(
            first.value + last.value,
            {"sum over another route", f"sum nth={min(here.number, 3)}"},
            (first, last),
            derived=True,
        )
        for first, other, last in zip(places, places[1:], places[2:], strict=False)
        if first.line is last.line and "R" in first.line.tags[other.place : last.place]
    ]


def _route(tags: str, place: int) -> str:
    if "R" in tags[place : place + 8]:
        return "R"
    return "T" if "T" in tags[place : place + 6] else "-"


def _is_of_each_arm(mention: Mention) -> bool:
    """Whether a number is told of every arm: "23 were allocated to each arm"."""
    return _EACH_ARM.match(mention.line.tags, mention.place + 1) is not None


def _arms(counted: list[Counted], ratio: tuple[int, int] | None, setting: Setting) -> list[Candidate]:
    """The treated arm of a total whose ratio is said: 75 in 2:1 are 50."""
    found = [
        Candidate(
            mention.value * arms,
            {"per arm", f"per arm, arms={arms}", f"per arm, arms={arms}&{setting.key}"},
            (mention, mention),
            derived=True,
        )
        for here in counted
        for mention in here.mentions
        if mention.features >= _PER_ARM or "nn=Pl" in mention.features or _is_of_each_arm(mention)
        for arms in (2, 3)
    ]
    if ratio is None:
        return found
    return found + [
        Candidate(
            mention.value * ratio[0] // sum(ratio),
            {"arm by ratio", f"arm by ratio nth={min(here.number, 2)}"}
            | {name for name in mention.features if name.startswith("verb=")},
            (mention, mention),
            derived=True,
        )
        for here in counted
        for mention in here.mentions
        if mention.value >= sum(ratio) and mention.value * ratio[0] % sum(ratio) == 0
    ]


def _add_value_features(found: list[Candidate], counted: list[Counted], setting: Setting, fits: Counter[int]) -> None:
    """What is known of a value over the whole record: how large it is, and how it is spoken of elsewhere."""
    direct = {candidate.value for candidate in found if candidate.value is not None and not candidate.derived}
    largest, ordered = max(direct, default=0), sorted(direct)
    spoken = Spoken.of(counted)
    sums_of_two = set(map(sum, combinations(direct, 2)))
    of_value: dict[int, frozenset[str]] = {}
    of_said: dict[int, set[str]] = {}
    for candidate in found:
        value = candidate.value
        if value is None:
            continue
        if value not in of_value:
            rank = min(len(ordered) - bisect_right(ordered, value), _LAST_RANK)
            of_value[value] = _size_features(
                bisect_right(_SIZES, value), rank, setting.key, all_treated=setting.all_treated
            )
            if value == largest:
                of_value[value] |= {f"largest&{setting.key}", f"largest&{setting.all_treated}"}
        candidate.features.update(of_value[value])
        if candidate.derived:
            candidate.features.add("derived, said too" if value in direct else "derived")
            if fits.get(value, 0) > 1:
                candidate.features.add("derived, fits shares")
            continue
        if value not in of_said:
            of_said[value] = spoken.features(value, setting)
            if fit := fits.get(value, 0):
                of_said[value] |= {"fits a share", "fits shares"} if fit > 1 else {"fits a share"}
            if value in sums_of_two:
                of_said[value].add("sum of two others")
        candidate.features.update(of_said[value])


def _add_wholes(found: list[Candidate], said: dict[int, set[str]]) -> None:
    """What the parts of a value say of it, apart for the values that no number names."""
    apart = {value: {f"{name}, derived" for name in told} for value, told in said.items()}
    for candidate in found:
        if candidate.value in said:
            candidate.features |= (apart if candidate.derived else said)[candidate.value]


@lru_cache(maxsize=1 << 8)
def _size_features(size: int, rank: int, key: str, *, all_treated: bool) -> frozenset[str]:
    """Features of a value's size, as its place among `_SIZES`, and of how many of the record's are larger."""
    features = {f"rank={rank}", f"rank={min(rank, 3)}&{key}{all_treated}"}
    return named(features | _NAMED_BY_SIZE[size])


def _none_features(case: Case, setting: Setting, direct: set[int]) -> set[str]:
    features = {"none", f"none&{setting.key}", f"none of {min(len(direct), 6)}"}
    tags = " ".join(line.tags for line in case.lines)
    if not any("T" in line.tags for line in case.own_lines):
        features.add("none: not given")
    if "B" in tags:
        features.add("none: both routes")
    if setting.all_treated:
        features.add("none: all treated")
    if "A" in case.title_tags:
        features.add("none: another treatment in the title")
    return features
