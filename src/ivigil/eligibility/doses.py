"""Numbers told by a dose: "11 received 1 g/kg and 13 received 2 g/kg" are arms of one treatment, which are added up."""

from __future__ import annotations

from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.mentions import Counted, Mention

_LEVELS = word_set("low high higher lower standard double half single full reduced")
_BEHIND, _BEFORE = 10, 9  # words in which a dose may stand


def mark_doses(here: Counted) -> None:
    """Mark the numbers of a sentence that are told by a dose: behind the number, before one in brackets."""
    if not _names_dose(here.words):
        return
    words = here.sentence.field.tokens.words
    for mention, begin, end in here.stretches():
        first, last = mention.item.first, mention.item.last
        bracketed = mention.item.tag in "kK"
        near = slice(max(begin, first - _BEFORE), first) if bracketed else slice(last, min(end, last + _BEHIND))
        mention.dosed = _names_dose(words[near])
    dosed = [mention for mention in here.places if mention.dosed]
    for mention in dosed:
        mention.features |= {"dosed", f"dosed of {min(len(dosed), 3)}"}


def dosed_in(group: list[Mention], places: list[Mention]) -> str:
    """How many of the numbers of a sum are told by a dose; "" where none is."""
    dosed = [mention.dosed for mention in group]
    if not any(dosed):
        return ""
    if not all(dosed):
        return "some"
    return "all" if len(group) == sum(mention.dosed for mention in places) else "all, and more"


def _names_dose(words: list[str]) -> bool:
    return "kg" in words or ("dose" in words and not _LEVELS.isdisjoint(words))
