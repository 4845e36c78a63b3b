"""A record made ready for the criteria: its sentences, the terms in them, and each term's meaning where it stands."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ivigil.criteria import Criteria, Intervention, Population
from ivigil.eligibility.clauses import split
from ivigil.eligibility.counting import own_lines
from ivigil.eligibility.design_words import TEXT, TITLE
from ivigil.eligibility.lexicon import Lexicon, Match, word_set
from ivigil.eligibility.numbers import MEASURES, SMALL
from ivigil.eligibility.reading import Reading, Status
from ivigil.eligibility.tagging import Line, tag_lines, terms_by_token
from ivigil.eligibility.text import Document, Field, Part, Sentence, read_document
from ivigil.eligibility.words import TAG_OF
from ivigil.records import Record

_POPULATION_TAGS = {
    "terms": "D",
    "mimics": "O",
    "overlaps": "M",
    "other_conditions": "O",
    "umbrellas": "U",
    "manifestations": "m",
}
_INTERVENTION_TAGS = {
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
_FORMS = word_set(
    """
    form forms route routes preparation preparations one ones product products
    """
)
_INFUSIONS = frozenset(["infusion", "infusions", "infused"])
_NAMES = frozenset(["terms", "brands", "generic", "other_routes"])
_JOINS = frozenset({"or", "and", "/", "to", ","})
_NEAR = 8  # tokens between a generic name and the word that says its route


@lru_cache(maxsize=16)
def compile_terms(criteria: Criteria) -> Lexicon:
    """The lexicon of a set of criteria, built once."""
    groups: dict[str, dict[str, tuple[str, ...]]] = {"title design": TITLE, "design": TEXT}
    if (population := criteria.population) is not None:
        groups["population"] = {
            name: getattr(population, name) for name in (*_POPULATION_TAGS, "abbreviations", "homonyms")
        }
        groups["company"] = {"company": population.company}
    if (intervention := criteria.intervention) is not None:
        groups["intervention"] = {name: getattr(intervention, name) for name in (*_INTERVENTION_TAGS, "generic")}
        groups["route"] = {"route": intervention.route_words, "other": intervention.other_route_words}
    if (adults := criteria.adults) is not None:
        groups["age"] = {"adult": adults.terms, "child": adults.paediatric_terms}
    groups["system"] = {name: system.terms for name, system in criteria.organ_systems.items()}
    for name, system in criteria.organ_systems.items():
        if system.subjects and system.changes:
            groups[f"pair {name}"] = {"subject": system.subjects, "change": system.changes}
    if (outcome := criteria.outcome) is not None:
        groups["outcome"] = {"result": outcome.terms, "absent": outcome.absent}
    if criteria.full_text is not None:
        groups["full_text"] = {"marker": criteria.full_text.markers}
    if criteria.publication_type is not None:
        groups["type"] = {"marker": criteria.publication_type.markers}
    return Lexicon(groups)


@dataclass
class Case:
    """One record under one set of criteria, as every criterion reads it."""

    document: Document
    criteria: Criteria

    @classmethod
    def of(cls, record: Record, criteria: Criteria) -> Case:
        """Read a record once for all criteria."""
        return cls(read_document(record, compile_terms(criteria)), criteria)

    @property
    def record(self) -> Record:
        """The record itself."""
        return self.document.record

    @property
    def has_abstract(self) -> bool:
        """Whether there is an abstract with words in it."""
        return any(char.isalnum() for char in self.document.abstract.text)

    @cached_property
    def lines(self) -> list[Line]:
        """Every sentence as lines of tags, title first."""
        lines: list[Line] = []
        if not self.labels.get("population") and not self.labels.get("intervention"):
            return lines  # nothing that a rule could count or bind
        for field in (self.document.title, self.document.abstract):
            terms = terms_by_token([*self._population_terms(field), *self._intervention_terms(field)])
            for sentence in field.sentences:
                lines += tag_lines(sentence, terms)
        return lines

    @cached_property
    def own_lines(self) -> list[Line]:
        """The lines on the authors' own patients."""
        return own_lines(self.lines)

    @cached_property
    def clauses(self) -> list[Line]:
        """The clauses of every line, in order."""
        return [clause for line in self.lines for clause in split(line)]

    @cached_property
    def title_tags(self) -> str:
        """The tags of the title's lines, joined."""
        return " ".join(line.tags for line in self.lines if line.sentence.part is Part.TITLE)

    @cached_property
    def abstract_tags(self) -> str:
        """The tags of the abstract's lines, joined."""
        return " ".join(line.tags for line in self.lines if line.sentence.part is not Part.TITLE)

    @cached_property
    def labels(self) -> dict[str, set[str]]:
        """For each group, the classes found anywhere in title or abstract."""
        return {
            group: {
                match.label for field in (self.document.title, self.document.abstract) for match in field.found[group]
            }
            for group in self.document.title.found
        }

    def has_heading(self, section: Population | Intervention | None) -> str | None:
        """The subject heading or keyword of the record that a section's `mesh` names."""
        if section is None:
            return None
        wanted = {name.lower() for name in section.mesh}
        return next((h.descriptor for h in self.record.mesh if h.descriptor.lower() in wanted), None)

    @cached_property
    def _abbreviations_count(self) -> bool:
        found = self.labels.get("population", set())
        return "homonyms" not in found and bool(
            "terms" in found
            or self.labels.get("company")
            or self.has_heading(self.criteria.population) is not None
            or self._keyword_names_population
        )

    @cached_property
    def _keyword_names_population(self) -> bool:
        if self.criteria.population is None:
            return False
        words = " ; ".join(self.record.keywords).lower()
        return any(term.lower().rstrip("*") in words for term in self.criteria.population.terms)

    def _population_terms(self, field: Field) -> list[tuple[Match, str]]:
        terms: list[tuple[Match, str]] = []
        for match in field.found.get("population", []):
            if match.label == "abbreviations":
                if self._abbreviations_count or self._is_written_as_given(field, match):
                    terms.append((match, "D"))
            elif match.label in _POPULATION_TAGS:
                terms.append((match, _POPULATION_TAGS[match.label]))
        return terms

    def _is_written_as_given(self, field: Field, match: Match) -> bool:
        """Whether an abbreviation of mixed case stands as the protocol writes it: "SSc" hardly means else."""
        population = self.criteria.population
        word = field.text[field.tokens.starts[match.first] : field.tokens.ends[match.last - 1]]
        return (
            population is not None
            and word in population.abbreviations
            and not (word.isupper() or word.islower())
            and "homonyms" not in self.labels["population"]
        )

    def _intervention_terms(self, field: Field) -> list[tuple[Match, str]]:
        found = field.found.get("intervention", [])
        routes = field.found.get("route", [])
        terms: list[tuple[Match, str]] = []
        for match in found:
            if match.label == "generic":
                tag = self._generic_tag(field, match, routes)
            else:
                tag = _joined_route(_INTERVENTION_TAGS[match.label], field, match, routes)
            terms.append((match, tag))
        if self.labels.get("intervention", set()) & {"generic", "terms", "brands", "other_routes"}:
            terms += [
                (Match(route.label, route.first, _end_of_form(field, route)), "T" if route.label == "route" else "R")
                for route in routes
                if _is_a_form(field, route)
            ]
        return terms

    def _generic_tag(self, field: Field, match: Match, routes: list[Match]) -> str:
        near = {
            route.label
            for route in routes
            if not _is_a_form(field, route)
            and not _number_between(field, match, route)
            and (route.last <= match.first <= route.last + _NEAR or match.last <= route.first <= match.last + _NEAR)
        }
        if near:
            return {"route": "T", "other": "R"}[near.pop()] if len(near) == 1 else "B"
        if not (self._is_treatment(field, match) or self._infuses):
            return "y"
        if any(_is_a_form(field, route) for route in routes):
            return "B"  # the forms are told apart elsewhere
        found = self.labels["intervention"]
        named = {"terms", "brands"} & found
        if "other_routes" in found:
            return "B" if named else "R"
        return "T" if named or any(route.label == "route" for route in routes) else "B"

    @cached_property
    def _infuses(self) -> bool:
        """Whether the record speaks of infusions, and of nothing measured under the same name."""
        words = {*self.document.title.tokens.words, *self.document.abstract.tokens.words}
        return "measures" not in self.labels["intervention"] and not words.isdisjoint(_INFUSIONS)

    @staticmethod
    def _is_treatment(field: Field, match: Match) -> bool:
        words = field.tokens.words
        sentence = next(s for s in field.sentences if s.first <= match.first < s.last)
        if words[match.first - 1 : match.first] == ["on"]:
            return True
        around = words[sentence.first : sentence.last]
        return any(word in _TREATMENT_NOUNS or TAG_OF.get(word) in {"V", "G"} for word in around)


def _is_a_form(field: Field, route: Match) -> bool:
    """Whether a route stands for the whole: "the intravenous form", "41 intravenous, 24 subcutaneous"."""
    words = field.tokens.words
    behind = words[route.last] if route.last < len(words) else "."
    if behind in _FORMS or _is_adverb_alone(field, route):
        return True
    before = words[route.first - 1] if route.first else ""
    if TAG_OF.get(before) in {"V", "G"}:  # "24 received intravenous and 26 subcutaneous"
        return behind == "and" and not words[route.first].endswith("ly")
    return (before[:1].isdigit() or before in SMALL) and (not behind.isalnum() or behind == "and")


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


def quote(
    sentence: Sentence, status: Status, note: str = "", *, start: int | None = None, end: int | None = None
) -> Reading:
    """A reading whose evidence is a sentence; `start` and `end` mark the phrase in it, in the field's characters."""
    text = sentence.field.text
    phrase = text[start:end] if start is not None and end is not None else sentence.text
    return Reading(status, sentence.text, sentence.field.name, sentence.start, sentence.end, note, phrase)


def quote_line(line: Line, first: int, last: int, status: Status, note: str = "") -> Reading:
    """A reading whose phrase is a line's items `first` to `last` (exclusive)."""
    tokens, items = line.sentence.field.tokens, line.items[first:last]
    start = min(tokens.starts[item.first] for item in items)
    end = max(tokens.ends[item.last - 1] for item in items)
    return quote(line.sentence, status, note, start=start, end=end)
