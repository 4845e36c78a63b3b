"""What may be the number treated: numbers as they stand, and what follows from them by a little arithmetic."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from ivigil.eligibility.case import Case
from ivigil.eligibility.counting import Count
from ivigil.eligibility.mentions import NUMBERS, Counted, Mention, Setting, once_each, read_mentions
from ivigil.eligibility.number_words import SHARES
from ivigil.eligibility.spoken import Spoken
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Sentence

_MOST_SUMMED = 4
_SERIES = 5
_MANY = 100
_SMALL_WHOLE = 10  # no share is said of fewer
_COUNT_WITH_SHARE = re.compile(
    r"\b(\d{1,3})\b(?:\s*(?:/\s*\d+|of\s+\d+|patients|pts|cases))?\s*[(\[;,]\s*(\d{1,2}(?:\.\d+)?)\s?%"
)
_SHARE = re.compile(
    r"(?P<percent>\d{1,3}(?:\.\d+)?)\s?(?:%|per ?cent)|\b(?P<words>"
    + "|".join(sorted(SHARES, key=len, reverse=True))
    + r")\b"
)
_NOT_ALL = re.compile(r"[Xe]")
_EVEN = 0.12  # how near a share of a whole must come to a whole number


@dataclass(slots=True, eq=False)
class Candidate:
    """A number that may be the one treated (None: it is not said), its features, and where its words stand."""

    value: int | None
    features: set[str]
    said: tuple[Mention, Mention] | Count | None = None  # its first and its last number, or the words themselves
    derived: bool = False

    def count(self) -> Count | None:
        """The number with its words: from its first number through the people or the treatment behind its last."""
        if self.value is None or self.said is None:
            return None
        if isinstance(self.said, Count):
            return self.said
        first, last = self.said
        line = last.line
        tags = line.tags[last.place + 1 : last.place + 9]
        stop = next((at for at, tag in enumerate(tags) if tag in "NKk;"), len(tags))
        named = max((tags.rfind(tag, 0, stop) for tag in "PTD"), default=-1)
        end_item = line.items[last.place + 1 + named] if named >= 0 else last.item
        tokens = line.sentence.field.tokens
        end = tokens.ends[max(end_item.last, last.item.last) - 1]
        return Count(self.value, line, tokens.starts[first.item.first], end)


def list_candidates(case: Case, setting: Setting, ratio: tuple[int, int] | None) -> list[Candidate]:
    """Every candidate of a record, "not said" last; `ratio` is how arms were allotted, the treated one first."""
    counted = read_mentions(case, setting)
    found = [candidate for here in counted for candidate in _of_sentence(here, setting)]
    direct = {candidate.value for candidate in found if candidate.value is not None and not candidate.derived}
    whole_of_shares = _denominators(case.document.abstract.text)
    found += _shares(counted, direct)
    found += _unsaid_wholes(case, whole_of_shares, direct)
    found += _arms(counted, ratio)
    _add_value_features(found, counted, setting, whole_of_shares)
    found.append(Candidate(None, _none_features(case, setting, direct)))
    return found


def _of_sentence(here: Counted, setting: Setting) -> list[Candidate]:
    found: list[Candidate] = []
    for mention in here.mentions:
        found.append(Candidate(mention.value, set(mention.features), (mention, mention)))
        if mention.item.of:
            features = {f"w{name}" if name.startswith(("tag", "part", "verb")) else name for name in mention.features}
            found.append(Candidate(mention.item.of, features | {"whole"}, (mention, mention)))
    places = once_each(here.mentions)
    return found + _sums(here, places, setting) + _differences(here, places)


def _sums(here: Counted, places: list[Mention], setting: Setting) -> list[Candidate]:
    """Neighbours added up: "nine with diffuse and seven with limited disease"."""
    found: list[Candidate] = []
    common = {f"part={here.sentence.part}", f"sum nth={min(here.number, 3)}"}
    common |= {f"s:{tag}" for tag in "TDOUCAR" if tag in here.tags}
    for many in range(2, _MOST_SUMMED + 1):
        for first in range(len(places) - many + 1):
            group = places[first : first + many]
            if group[0].line is not group[-1].line:
                continue
            tags, begin, end = group[0].line.tags, group[0].place, group[-1].place
            relations = "/".join(sorted({mention.relation for mention in group}))
            features = common | {
                f"sum{many}", f"sum rel={relations}", f"sum rel={relations}&{setting.key}",
                f"sum tags={''.join(mention.tag for mention in group)}",
                "sum over=" + "".join(sorted(set(tags[begin + 1 : end]) & set("DTCAR;a,oXe"))),
                "sum next=" + "".join(sorted({f"{tags}$"[mention.place + 1] for mention in group})),
            }  # fmt: skip
            if many == len(places):
                features.add("sum of all")
            if setting.all_treated:
                features.add("sum, all treated")
            if setting.routes:
                features.add("sum routes=" + "".join(sorted({_route(tags, mention.place) for mention in group})))
            value = sum(mention.value for mention in group)
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


def _differences(here: Counted, places: list[Mention]) -> list[Candidate]:
    """What is left of a number: "all but three of these 18"."""
    if not (
        _NOT_ALL.search(here.tags)
        or any(f"said={name}" in here.mentions[0].features for name in ("lost", "others", "left"))
    ):
        return []
    found: list[Candidate] = []
    for whole, part in itertools.pairwise(places):
        for more, fewer in ((whole, part), (part, whole)):
            if more.value > fewer.value:
                features = {
                    "difference", f"difference part={here.sentence.part}", f"difference T={'T' in here.tags}",
                    f"difference nth={min(here.number, 3)}", f"difference not={bool(_NOT_ALL.search(fewer.line.tags))}",
                    f"difference order={more is whole}", f"difference p1={f'^{fewer.line.tags}'[fewer.place]}",
                }  # fmt: skip
                found.append(Candidate(more.value - fewer.value, features, (whole, part), derived=True))
    return found


def _denominators(text: str) -> Counter[int]:
    """How many of the counts with percentages fit each whole: "12 (63.2%)" fits 19."""
    fits: Counter[int] = Counter()
    if "%" not in text:
        return fits
    for match in _COUNT_WITH_SHARE.finditer(text):
        part, percent = int(match[1]), float(match[2])
        decimals = len(match[2].partition(".")[2])
        if part and percent:
            for whole in range(part, min(int(120 * part / percent) + 2, 300)):
                if abs(100 * part / whole - percent) <= 0.5 * 10**-decimals + 1e-9:
                    fits[whole] += 1
    return fits


def _unsaid_wholes(case: Case, fits: Counter[int], direct: set[int]) -> list[Candidate]:
    """Wholes that no number names, and that two counts with their shares agree on."""
    line = next((line for line in case.own_lines if "T" in line.tags), None)
    if line is None:
        return []
    start, end = line.sentence.start, line.sentence.end
    return [
        Candidate(whole, {"unsaid whole", f"unsaid whole={min(many, 3)}"}, Count(whole, line, start, end), derived=True)
        for whole, many in fits.items()
        if many > 1 and whole not in direct
    ]


def _shares(counted: list[Counted], direct: set[int]) -> list[Candidate]:
    """Shares of a whole where the treatment is named: "45% of the 40 had IVIG", "half of whom"."""
    wholes = [whole for whole in direct if whole >= _SMALL_WHOLE]
    if not wholes:
        return []
    found: list[Candidate] = []
    for here in counted:
        if "T" in here.tags:
            line = here.lines[0]
            found += _shares_in(here.sentence, line, here, wholes)
    return found


def _shares_in(sentence: Sentence, line: Line, here: Counted, wholes: list[int]) -> list[Candidate]:
    text = sentence.text
    beside = {item.value for part in here.lines for item in part.items if item.tag in NUMBERS}
    given = re.search(r"[VG]", here.tags) is not None
    found: list[Candidate] = []
    for match in _SHARE.finditer(text):
        share = float(match["percent"]) / 100 if match["percent"] else SHARES[match["words"]]
        in_bracket = re.search(r"\d\s*\($", text[: match.start()]) is not None
        for whole in wholes:
            value = round(share * whole)
            if value:
                features = {
                    "share", f"share largest={whole == max(wholes)}", f"share beside={whole in beside}",
                    f"share words={match['words'] is not None}", f"share given={given}", f"share bracket={in_bracket}",
                    f"share even={abs(share * whole - value) < _EVEN}",
                }  # fmt: skip
                start = sentence.start + match.start()
                said = Count(value, line, start, sentence.start + match.end())
                found.append(Candidate(value, features, said, derived=True))
    return found


def _arms(counted: list[Counted], ratio: tuple[int, int] | None) -> list[Candidate]:
    """The treated arm of a total whose ratio is said: 75 in 2:1 are 50."""
    found = [
        Candidate(mention.value * arms, {"per arm", f"per arm, arms={arms}"}, (mention, mention), derived=True)
        for here in counted
        for mention in here.mentions
        if {"n1=l", "n2=g"} <= mention.features or "nn=Pl" in mention.features
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
    largest = max(direct, default=0)
    spoken = Spoken.of(counted)
    of_value: dict[int, set[str]] = {}
    of_said: dict[int, set[str]] = {}
    for candidate in found:
        value = candidate.value
        if value is None:
            continue
        if value not in of_value:
            of_value[value] = _size_features(value, direct, largest, setting)
        candidate.features.update(of_value[value])
        if candidate.derived:
            candidate.features.add("derived, said too" if value in direct else "derived")
            if fits[value] > 1:
                candidate.features.add("derived, fits shares")
            continue
        if value not in of_said:
            of_said[value] = spoken.features(value, setting)
            if fits[value]:
                of_said[value] |= {"fits a share", "fits shares"} if fits[value] > 1 else {"fits a share"}
            if any(value - other in direct and other < value - other for other in direct):
                of_said[value].add("sum of two others")
        candidate.features.update(of_said[value])


def _size_features(value: int, direct: set[int], largest: int, setting: Setting) -> set[str]:
    rank = len([other for other in direct if other > value])
    features = {f"rank={min(rank, 4)}", f"rank={min(rank, 3)}&{setting.key}{setting.all_treated}"}
    if value == largest:
        features |= {f"largest&{setting.key}", f"largest&{setting.all_treated}"}
    for name, holds in (("under five", value < _SERIES), ("one", value == 1), ("many", value >= _MANY)):
        if holds:
            features.add(name)
    return features


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
