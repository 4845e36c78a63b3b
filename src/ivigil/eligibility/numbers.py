"""Numbers in running text: numerals and number words, and which of them can count people."""

from __future__ import annotations

import itertools
import re

from ivigil.eligibility.lexicon import Tokens, word_set

SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_NUMBER_WORDS = {*SMALL, *TENS, "hundred", "dozen", "half"}
_NUMERAL = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")

# What stands right before a number that measures, dates or ranks something instead of counting it.
_MEASURE_BEFORE = word_set(
    """
    = < > ≥ ≤ * ~ ^ ± phase type grade stage week month day year visit class level version table figure ref score mean
    median average age aged ratio above below exceeding until since p t f r types stages grades weeks months days years
    scale factor il anti scl covid cutoff $ € £ ¥ usd eur gbp
    """
)
# What stands right behind it. A hyphen makes an adjective of it: "six-month", "5-day", "two-centre".
MEASURES = word_set(
    """
    % percent mg g kg ml l dl ul iu u mm cm mmhg pg ng mmol umol ug mcg hz khz db fold points point units unit times
    year yr month mo week wk day hour h hr minute min second sd iqr sem ci g/l ppm kda bpm x ± ° µg mgs score standard
    degree cent million billion dollars euros yen
    """
) | {"years", "months", "weeks", "days", "hours", "minutes", "seconds", "yrs", "wks", "hrs"}
# what a small numeral names instead of counting: "group 2 received", "patient 3 died"
_LABELLED = word_set("group arm cohort patient case report study trial part step")
_LAST_LABEL = 6
_MOST_DIGITS = 9  # a longer row of digits counts nobody
# "every one of whom", "no one", "all but one", "one another": no count of one
_BEFORE_ONE = frozenset(["every", "each", "any", "no", "another", "this", "that", "which", "but", "not"])
# what makes people of a number that looks like a year
_COUNTED = word_set("patients subjects participants people individuals adults cases women persons beneficiaries")
_ONE_COUNTED = word_set("patient subject participant person case woman")


def read_number(tokens: Tokens, place: int, last: int) -> tuple[int, int] | None:
    """The whole number that begins at a token, and the token after it; None where none begins."""
    word = tokens.words[place]
    if word[0].isdigit():
        whole = word.isdecimal() or _NUMERAL.fullmatch(word) is not None
        digits = word.replace(",", "")
        return (int(digits), place + 1) if whole and len(digits) <= _MOST_DIGITS else None
    if word not in _NUMBER_WORDS:
        return None
    value, after = _below_hundred(tokens, place, last)
    if after < last and tokens.words[after] == "hundred":
        hundreds = (value or 1) * 100
        following = after + 1
        if following + 1 < last and tokens.words[following] == "and":
            rest, end = _below_hundred(tokens, following + 1, last)
        else:
            rest, end = _below_hundred(tokens, following, last)
        return (hundreds + rest, end) if rest else (hundreds, following)
    return _dozens(tokens, place, last, value, after) or ((value, after) if after > place else None)


def _dozens(tokens: Tokens, place: int, last: int, value: int, after: int) -> tuple[int, int] | None:
    """Read "dozen", "two dozen", "half a dozen"; `value` and `after` are what was read so far."""
    words = tokens.words[place:last]
    for half in (["half", "a", "dozen"], ["half", "dozen"]):
        if words[: len(half)] == half:
            return 6, place + len(half)
    if tokens.words[after : min(after + 1, last)] == ["dozen"]:
        return 12 * (value or 1), after + 1
    return None


def is_number(word: str) -> bool:
    """Whether a word is a numeral or begins a number in words."""
    return word[0].isdigit() or word in _NUMBER_WORDS


def _below_hundred(tokens: Tokens, place: int, last: int) -> tuple[int, int]:
    if place >= last:
        return 0, place
    word = tokens.words[place]
    if word in SMALL:
        return SMALL[word], place + 1
    if word in TENS:
        following = place + 1
        if following < last and tokens.words[following] == "-":
            following += 1
        if following < last and 0 < SMALL.get(tokens.words[following], 0) < 10:
            return TENS[word] + SMALL[tokens.words[following]], following + 1
        return TENS[word], place + 1
    return 0, place


def counts_something_else(tokens: Tokens, place: int, after: int, first: int, last: int) -> bool:
    """Whether the number in tokens `place` to `after` is a measure, a date, a bound or part of a decimal or ratio."""
    words = tokens.words
    before = words[place - 1] if place > first else ""
    behind = words[after] if after < last else ""
    if before == "to" and place - 2 >= first and words[place - 2] == "up":
        return True
    if before in _MEASURE_BEFORE:
        # "n = 18" counts; "p = 18", "aged 18" do not
        return not (before == "=" and place - 2 >= first and words[place - 2] == "n")
    if (
        _is_label(before, words[place])
        or (words[place] == "one" and (before in _BEFORE_ONE or _is_one_in(words[after : min(after + 3, last)])))
        or behind in MEASURES
        or (behind in {":", "."} and after + 1 < last and _touches_digit(tokens, after))
        or (behind in {",", "and"} and _opens_series(tokens, after, last))
        or (behind in {"to", "or", "and"} and after + 1 < last and _measures(tokens, place, after + 1, last))
    ):
        return True
    if before == ":" and place - 2 >= first and words[place - 2][0].isdigit() and _touches_digit(tokens, place - 1):
        return True
    if behind == "-" and after + 1 < last:
        following = words[after + 1]
        is_range = following[0].isdigit() and after + 2 < last and words[after + 2] not in MEASURES
        is_series = following in _ONE_COUNTED  # "a 12-patient series"
        return not is_series and (not is_range or _is_year(words[place]))
    return _is_year(words[place]) and not any(word in _COUNTED for word in words[after : min(after + 3, last)])


def _opens_series(tokens: Tokens, after: int, last: int) -> bool:
    """Whether more numbers follow in a row up to a measure: "6, 12, 18 and 24 months"."""
    place = after
    while place + 1 < last and tokens.words[place] in {",", "and", "or"}:
        place += 1 + (tokens.words[place + 1] in {"and", "or"})
        number = read_number(tokens, place, last) if place < last else None
        if number is None:
            return False
        place = number[1]
    return place > after and place < last and tokens.words[place] in MEASURES


def _measures(tokens: Tokens, place: int, following: int, last: int) -> bool:
    """Whether a number begins a range that measures: "four to eight weeks", but not "ten to 2 g/kg"."""
    upper, lower = read_number(tokens, following, last), read_number(tokens, place, last)
    if upper is None or upper[1] >= last or tokens.words[upper[1]] not in MEASURES:
        return False
    return tokens.words[following - 1] != "to" or lower is None or lower[0] < upper[0]


def _is_one_in(behind: list[str]) -> bool:
    """Whether "one" begins a share: "one in five", "one patient in five"."""
    return any(word == "in" and is_number(following) for word, following in itertools.pairwise(behind))


def _is_label(before: str, word: str) -> bool:
    return before in _LABELLED and word.isdigit() and int(word) <= _LAST_LABEL


def _is_year(word: str) -> bool:
    return word.isdigit() and len(word) == 4 and 1900 <= int(word) <= 2035


def _touches_digit(tokens: Tokens, mark: int) -> bool:
    return tokens.words[mark + 1][0].isdigit() and tokens.starts[mark + 1] == tokens.ends[mark]
