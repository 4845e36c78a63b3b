"""What a name of the intervention stands for where it stands: the right route, another one, both, or a measure."""

from __future__ import annotations

import itertools
from collections.abc import Collection

from ivigil.eligibility.lexicon import Match, word_set
from ivigil.eligibility.numbers import MEASURES, SMALL
from ivigil.eligibility.text import Field, Sentence
from ivigil.eligibility.words import TAG_OF

TAGS = {
    "terms": "T",
    "brands": "T",
    "other_routes": "R",
    "measures": "Y",
    "false_friends": "A",
    "comparators": "C",
    "other_treatments": "A",
}
_TREATMENT_NOUNS = word_set(
    """
    therapy therapies treatment treatments infusion infusions administration replacement management efficacy effect
    effects response responses prescription prescriptions use tolerability safety
    """
)
_FORMS = word_set("form forms route routes preparation preparations one ones product products")
_NAMES = frozenset(["terms", "brands", "generic", "other_routes"])
_OTHERS = frozenset(["false_friends", "other_treatments"])
_JOINS = frozenset({"or", "and", "/", "to", ","})
_NEAR = 8  # tokens between a generic name and the word that says its route


def name_tags(
    field: Field, labels: Collection[str], routes: Collection[str], *, infuses: bool
) -> list[tuple[Match, str]]:
    """Each name and each route that stands for one, with its tag (`tagging`).

    `labels` and `routes` are the classes of the intervention's terms and of its routes found anywhere in the record;
    `infuses` says whether it speaks of infusions.
    """
    found = field.found.get("intervention", [])
    here = field.found.get("route", [])
    terms: list[tuple[Match, str]] = []
    for match in found:
        if match.label == "generic":
            tag = _generic_tag(field, match, labels, routes, infuses=infuses)
        else:
            tag = _joined_route(TAGS[match.label], field, match, here)
        terms.append((match, tag))
    if not _NAMES.isdisjoint(labels):
        terms += [
            (Match(route.label, route.first, _end_of_form(field, route)), "T" if route.label == "route" else "R")
            for route in here
            if _is_a_form(field, route)
        ]
    return terms


def _generic_tag(field: Field, match: Match, labels: Collection[str], routes: Collection[str], *, infuses: bool) -> str:
    here = field.found.get("route", [])
    near = {
        route.label
        for route in here
        if not _is_a_form(field, route)
        and not _number_between(field, match, route)
        and (route.last <= match.first <= route.last + _NEAR or match.last <= route.first <= match.last + _NEAR)
    }
    if near:
        return {"route": "T", "other": "R"}[near.pop()] if len(near) == 1 else "B"
    if not (infuses or _is_treatment(field, match)):
        return "y"
    if any(_is_a_form(field, route) for route in here):
        return "B"  # the forms are told apart elsewhere
    named = "terms" in labels or "brands" in labels
    if "other_routes" in labels:
        return "B" if named or "route" in routes else "R"
    return "T" if named or set(routes) == {"route"} else "B"


def _is_treatment(field: Field, match: Match) -> bool:
    words = field.tokens.words
    if words[match.first - 1 : match.first] == ["on"]:
        return True
    sentence = _sentence_of(field, match)
    around = words[sentence.first : sentence.last]
    return any(word in _TREATMENT_NOUNS or TAG_OF.get(word) in {"V", "G"} for word in around)


def _sentence_of(field: Field, match: Match) -> Sentence:
    return next(sentence for sentence in field.sentences if sentence.first <= match.first < sentence.last)


def _is_a_form(field: Field, route: Match) -> bool:
    """Whether a route stands for the whole: "the intravenous form", "41 intravenous, 24 subcutaneous"."""
    if _is_of_another_drug(field, route):
        return False
    words = field.tokens.words
    behind = words[route.last] if route.last < len(words) else "."
    if behind in _FORMS or _is_adverb_alone(field, route):
        return True
    before = words[route.first - 1] if route.first else ""
    if TAG_OF.get(before) in {"V", "G"}:  # "24 received intravenous and 26 subcutaneous"
        return behind == "and" and not words[route.first].endswith("ly")
    return (before[:1].isdigit() or before in SMALL) and (not behind.isalnum() or behind == "and")


def _is_of_another_drug(field: Field, route: Match) -> bool:
    """Whether the sentence names another drug and not the intervention: "tocilizumab 8 mg/kg intravenously"."""
    sentence = _sentence_of(field, route)
    labels = {match.label for match in sentence.matches("intervention")}
    return not _OTHERS.isdisjoint(labels) and _NAMES.isdisjoint(labels)


def _is_adverb_alone(field: Field, route: Match) -> bool:
    """Whether a route stands far from any name: "15 obtained them by vein and 11 under the skin"."""
    if not (field.tokens.words[route.last - 1].endswith("ly") or route.last - route.first > 1):
        return False
    return not any(
        match.label in _NAMES
        and route.first - _NEAR <= match.last
        and match.first <= route.last + _NEAR
        and not _number_between(field, match, route)
        for match in field.found.get("intervention", [])
    )


def _number_between(field: Field, match: Match, route: Match) -> bool:
    """Whether a number parts a name from a route: "on immunoglobulins, 15 obtained them by vein"."""
    between = field.tokens.words[min(match.last, route.last) : max(match.first, route.first)]
    return any(
        (word.isdigit() or word in SMALL) and after not in MEASURES
        for word, after in itertools.pairwise([*between, ""])
    )


def _end_of_form(field: Field, route: Match) -> int:
    words = field.tokens.words
    return route.last + (route.last < len(words) and words[route.last] in _FORMS)


def _joined_route(tag: str, field: Field, match: Match, routes: list[Match]) -> str:
    """B for "intravenous or subcutaneous immunoglobulin", whichever of the two the term itself names."""
    if tag not in "TR":
        return tag
    opposite = "other" if tag == "T" else "route"
    for route in routes:
        if route.label == opposite and 0 < match.first - route.last <= 2:
            between = field.tokens.words[route.last : match.first]
            if any(word in _JOINS for word in between):
                return "B"
    return tag
