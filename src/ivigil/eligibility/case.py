"""A record made ready for the criteria: its sentences, the terms in them, and each term's meaning where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, groupby

from ivigil.criteria import Criteria, Intervention, Population
from ivigil.eligibility.clauses import split
from ivigil.eligibility.counting import own_lines
from ivigil.eligibility.design_words import SEARCH, TEXT, TITLE
from ivigil.eligibility.lexicon import Lexicon, Match
from ivigil.eligibility.naming import TAGS, name_tags
from ivigil.eligibility.reading import Reading, Status
from ivigil.eligibility.tagging import Line, tag_lines, terms_by_token
from ivigil.eligibility.text import Document, Field, Part, Sentence, read_document
from ivigil.records import Record

_POPULATION_TAGS = {
    "terms": "D",
    "mimics": "O",
    "signs": "x",
    "overlaps": "M",
    "other_conditions": "O",
    "umbrellas": "U",
    "manifestations": "m",
}
_INFUSIONS = frozenset(["infusion", "infusions", "infused"])


@lru_cache(maxsize=16)
def compile_terms(criteria: Criteria) -> Lexicon:
    """The lexicon of a set of criteria, built once."""
    groups: dict[str, dict[str, tuple[str, ...]]] = {
        "title design": TITLE,
        "design": TEXT,
        "search": {"search": SEARCH},
    }
    if (population := criteria.population) is not None:
        groups["population"] = {
            name: getattr(population, name) for name in (*_POPULATION_TAGS, "abbreviations", "homonyms")
        }
        groups["company"] = {"company": population.company}
    if (intervention := criteria.intervention) is not None:
        groups["intervention"] = {name: getattr(intervention, name) for name in (*TAGS, "generic")}
        groups["route"] = {"route": intervention.route_words, "other": intervention.other_route_words}
    if (adults := criteria.adults) is not None:
        groups["age"] = {"adult": adults.terms, "child": adults.paediatric_terms}
    groups["system"] = {name: system.terms for name, system in criteria.organ_systems.items()}
    groups["involvement"] = {name: system.involvement for name, system in criteria.organ_systems.items()}
    for name, system in criteria.organ_systems.items():
        if system.subjects and system.changes:
            groups[f"pair {name}"] = {"subject": system.subjects, "change": system.changes}
    if (outcome := criteria.outcome) is not None:
        groups["outcome"] = {"result": outcome.terms, "absent": outcome.absent}
    if criteria.full_text is not None:
        groups["full_text"] = {"marker": criteria.full_text.markers}
    if criteria.publication_type is not None:
        groups["type"] = {"marker": criteria.publication_type.markers}
        groups["without patients"] = {"marker": criteria.publication_type.without_patients}
    return Lexicon(groups)


@dataclass(eq=False)
class Case:
    """One record under one set of criteria, as every criterion reads it; it equals itself alone."""

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

    @property
    def minimum(self) -> int:
        """How many must have been treated: one where the protocol sets no number."""
        return self.criteria.sample_size.minimum if self.criteria.sample_size is not None else 1

    @cached_property
    def sentences(self) -> list[list[Line]]:
        """Every sentence as lines of tags, title first."""
        lines: list[list[Line]] = []
        if not self.labels.get("population") and not self.labels.get("intervention"):
            return lines  # nothing that a rule could count or bind
        for field in (self.document.title, self.document.abstract):
            terms = terms_by_token([*self._population_terms(field), *self._intervention_terms(field)])
            lines += tag_lines(field, terms)
        return lines

    @cached_property
    def lines(self) -> list[Line]:
        """The lines of all sentences."""
        return list(chain.from_iterable(self.sentences))

    @cached_property
    def own_lines(self) -> list[Line]:
        """The lines on the authors' own patients."""
        return own_lines(self.lines)

    @cached_property
    def own_sentences(self) -> list[list[Line]]:
        """The lines on the authors' own patients, by sentence."""
        return [list(lines) for _, lines in groupby(self.own_lines, key=lambda line: id(line.sentence))]

    @cached_property
    def clauses(self) -> list[Line]:
        """The clauses of every line that names the intervention, in order."""
        return [clause for line in self.lines if "T" in line.tags or "B" in line.tags for clause in split(line)]

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
        """For each group found in title or abstract, its classes that were."""
        labels: dict[str, set[str]] = {}
        for field in (self.document.title, self.document.abstract):
            for group, matches in field.found.items():
                labels.setdefault(group, set()).update([match.label for match in matches])
        return labels

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
        return name_tags(
            field,
            self.labels.get("intervention", set()),
            self.labels.get("route", set()),
            infuses=self._infuses,
        )

    @cached_property
    def _infuses(self) -> bool:
        """Whether the record speaks of infusions, and of nothing measured under the same name."""
        return "measures" not in self.labels.get("intervention", ()) and self.document.says_any(_INFUSIONS)


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
