"""Treated people told of in two places, added up: "first-line in seven ... as second line in a further five"."""

from __future__ import annotations

import itertools

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.mentions import Counted, Mention

_MORE = word_set(
    """
    another further additional additionally more later late second also subsequently past other others
    """
)
_REACH = 2  # sentences with numbers between the two
_EARLIER = 4  # numbers that a later one may be added to
_AHEAD, _BEHIND = 5, 4  # words around a number that may say that these are more


def further(counted: list[Counted]) -> list[Candidate]:
    """Sums of two numbers that are no neighbours in a clause: both said to have been treated, or the later to be more.

    So are those in two brackets of a sentence, and "nine women and a man".
    """
    found: list[Candidate] = []
    recent: list[tuple[int, Mention]] = []  # with their sentences' places
    for at, here in enumerate(counted):
        previous: Mention | None = None
        for mention in here.places:
            more = _is_more(mention)
            for number, earlier in recent[-_EARLIER:]:
                if earlier is previous and earlier.line is mention.line:
                    continue
                same = earlier is previous and (earlier.line.bracketed or mention.line.bracketed)
                told = more or same or ("T" in mention.relation and "T" in earlier.relation)
                if told and at - number <= _REACH and earlier.line.sentence.field is mention.line.sentence.field:
                    found.append(_added(earlier, mention, at - number, more=more))
            recent.append((at, mention))
            previous = mention
        found += _and_one(here)
    return found


def _is_more(mention: Mention) -> bool:
    """Whether the words around a number say that these come on top of others."""
    item, sentence = mention.item, mention.line.sentence
    words = sentence.field.tokens.words
    around = words[max(item.first - _AHEAD, sentence.first) : min(item.last + _BEHIND, sentence.last)]
    return not _MORE.isdisjoint(around)


def _and_one(here: Counted) -> list[Candidate]:
    """A number with the single person named beside it: "nine women and a man", "a man and three women"."""
    return [
        Candidate(one.value + other.value, {"and one", f"and one rel={one.relation}"}, (one, other), derived=True)
        for one, other in itertools.pairwise(here.mentions)
        if (one.item.tag == "1") is not (other.item.tag == "1") and one.line is other.line
        and "a" in other.line.tags[one.place : other.place]
        and other.place - one.place <= _AHEAD
    ]  # fmt: skip


def _added(earlier: Mention, later: Mention, apart: int, *, more: bool) -> Candidate:
    features = {
        "further", f"further more={more}", f"further apart={apart}", f"further more={more}&{apart}",
        f"further rel={earlier.relation}/{later.relation}", f"further dosed={earlier.dosed}{later.dosed}",
        f"further brackets={earlier.line.bracketed}{later.line.bracketed}",
    }  # fmt: skip
    return Candidate(earlier.value + later.value, features, (later, later), derived=True, begins=earlier)
