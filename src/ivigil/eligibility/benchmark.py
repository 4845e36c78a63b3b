"""Measures the reader on records with known answers, beside its words alone and a keyword alert.

An item is a record in the form of `ivigil assess` (key, title, abstract, language, pub_types, pub_date) with
`expected`: verdict, and where known criteria (name to status), n_treated, design, organ_systems.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import Field, ValidationError

from ivigil.criteria import Criteria, Design
from ivigil.eligibility.assessing import assess
from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.close_look import CloseLook
from ivigil.eligibility.lexicon import Lexicon, Tokens
from ivigil.eligibility.reading import Assessment, Status, Verdict
from ivigil.errors import ConfigurationError
from ivigil.records import AbstractSection, PartialDate, Record, Value

_LANGUAGES = {"en": "eng", "english": "eng", "fr": "fre", "french": "fre", "de": "ger", "german": "ger", "ja": "jpn"}
_LANGUAGES |= {"japanese": "jpn", "es": "spa", "spanish": "spa", "zh": "chi", "chinese": "chi", "it": "ita"}


class Expected(Value):
    """What a person says of an item."""

    verdict: Verdict
    criteria: dict[str, Status] = Field(default_factory=dict)
    n_treated: int | None = None
    design: Design | None = None
    organ_systems: tuple[str, ...] = ()


class Item(Value):
    """A record with its known answers."""

    key: str
    title: str = ""
    abstract: str = ""
    language: str = ""
    pub_types: tuple[str, ...] = ()
    pub_date: str = Field(default="", pattern=r"^(?:\d{4}(?:-\d{2}(?:-\d{2})?)?)?$")
    expected: Expected

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Item:
        """Check one item.

        Raises:
            ConfigurationError: a field is missing or wrong; names the item and the field.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            raise ConfigurationError(first["msg"], field=f"{values.get('key', 'item without key')}: {field}") from None

    def record(self) -> Record:
        """The item as a record."""
        parts = [int(part) for part in self.pub_date.split("-") if part]
        language = self.language.strip().lower()
        return Record(
            source="benchmark",
            source_id=self.key,
            title=self.title,
            abstract=(AbstractSection(text=self.abstract),) if self.abstract.strip() else (),
            languages=(_LANGUAGES.get(language, language),) if language else (),
            publication_types=self.pub_types,
            published=PartialDate(**dict(zip(("year", "month", "day"), parts, strict=False))) if parts else None,
        )


@dataclass(frozen=True)
class Row:
    """One reader's figures. Rates are 0 to 1, None where there is nothing to divide by.

    `records_per_second` is the reading by words, which every record gets; `close_looks` of them were looked at again,
    so many a second.
    """

    reader: str
    verdicts: dict[str, dict[str, int]]
    sensitivity: float | None
    ineligible_called: float | None
    exact_n: float | None = None
    organ_system_f1: float | None = None
    design_accuracy: float | None = None
    records_per_second: float | None = None
    close_looks: int | None = None
    close_looks_per_second: float | None = None


@dataclass(frozen=True)
class Miss:
    """An item read otherwise than expected."""

    key: str
    what: str
    expected: str
    found: str


@dataclass(frozen=True)
class Result:
    """The reader's row, the baselines', one confusion table for each criterion, and every miss.

    Tables count expected (outer key) against found (inner key).
    """

    rows: tuple[Row, ...]
    criteria: dict[str, dict[str, dict[str, int]]]
    misses: tuple[Miss, ...]
    items: int

    def as_dict(self) -> dict[str, Any]:
        """Plain data: rows, criteria, misses, items."""
        return {
            "items": self.items,
            "rows": [vars(row) for row in self.rows],
            "criteria": self.criteria,
            "misses": [vars(miss) for miss in self.misses],
        }


def evaluate(
    items: Sequence[Mapping[str, Any]],
    criteria: Criteria,
    close: CloseLook | None = None,
    *,
    timer: Callable[[], float] = time.process_time,
) -> Result:
    """Read every item and count agreement; `timer` gives seconds, by default those of one core.

    Sensitivity is the share of eligible items called eligible or needs_full_text: what an alert can still reach.
    Exact N is over eligible items, organ systems (micro-averaged F1) over those not ineligible whose systems are known.
    With a close look, what the words come to alone stands beside it as a baseline.
    """
    known = [Item.of(values) for values in items]
    records = [item.record() for item in known]
    if records:
        assess(records[0], criteria)  # compiles the terms, which is done once for all records
    begin = timer()
    by_words = [assess(record, criteria) for record in records]
    speed = _per_second(len(records), timer() - begin)
    looking = None if close is None else _Counted(close, timer)
    found = by_words if looking is None else [assess(record, criteria, looking) for record in records]
    pairs = list(zip(known, found, strict=True))
    ours, baselines = replace(_row("ivigil", pairs), records_per_second=speed), [_keyword_row(known, records, criteria)]
    if looking is not None:
        rate = _per_second(looking.looks, looking.seconds)
        ours = replace(ours, close_looks=looking.looks, close_looks_per_second=rate)
        alone = _row("ivigil, words alone", list(zip(known, by_words, strict=True)))
        baselines.insert(0, replace(alone, records_per_second=speed))
    return Result(
        rows=(ours, *baselines),
        criteria=_criteria_tables(pairs),
        misses=tuple(miss for item, reading in pairs for miss in _misses(item.key, item.expected, reading)),
        items=len(known),
    )


class _Counted:
    """A close look that counts how often it is taken, and how long that takes; loading it counts for nothing."""

    def __init__(self, close: CloseLook, timer: Callable[[], float]) -> None:
        self._close, self._timer = close, timer
        self.looks, self.seconds = 0, 0.0

    def scores(self, record: Record, candidates: Sequence[Candidate]) -> list[float]:
        if not self.looks:
            self._close.scores(record, candidates)
        begin = self._timer()
        found = self._close.scores(record, candidates)
        self.seconds += self._timer() - begin
        self.looks += 1
        return found


def _per_second(many: int, seconds: float) -> float | None:
    return many / seconds if seconds else None


def _row(reader: str, pairs: Sequence[tuple[Item, Assessment]]) -> Row:
    table = _table((item.expected.verdict, reading.verdict) for item, reading in pairs)
    eligible = [pair for pair in pairs if pair[0].expected.verdict is Verdict.ELIGIBLE]
    designed = [(item, reading) for item, reading in pairs if item.expected.design is not None]
    return Row(
        reader=reader,
        verdicts=table,
        sensitivity=_reached(table),
        ineligible_called=_share(table, Verdict.INELIGIBLE, {Verdict.INELIGIBLE}),
        exact_n=_rate([item.expected.n_treated == reading.n_treated for item, reading in eligible]),
        organ_system_f1=_f1(pairs),
        design_accuracy=_rate([item.expected.design is reading.design for item, reading in designed]),
    )


def _keyword_row(items: Sequence[Item], records: Sequence[Record], criteria: Criteria) -> Row:
    """The usual alert: fires when a population and an intervention term stand anywhere in title or abstract."""
    groups: dict[str, dict[str, tuple[str, ...]]] = {}
    if criteria.population is not None:
        groups["population"] = {"term": criteria.population.terms + criteria.population.abbreviations}
    if criteria.intervention is not None:
        groups["intervention"] = {"term": criteria.intervention.terms + criteria.intervention.brands}
    lexicon = Lexicon(groups)
    called = [
        Verdict.ELIGIBLE
        if len(lexicon.find(Tokens.of(f"{record.title}\n{record.abstract_text}"))) == len(groups)
        else Verdict.INELIGIBLE
        for record in records
    ]
    table = _table((item.expected.verdict, verdict) for item, verdict in zip(items, called, strict=True))
    return Row(
        reader="keywords",
        verdicts=table,
        sensitivity=_reached(table),
        ineligible_called=_share(table, Verdict.INELIGIBLE, {Verdict.INELIGIBLE}),
    )


def _criteria_tables(pairs: Sequence[tuple[Item, Assessment]]) -> dict[str, dict[str, dict[str, int]]]:
    """For each criterion with known answers; an eligible item is known to meet all of them."""
    seen: dict[str, list[tuple[str, str]]] = {}
    for item, reading in pairs:
        known = dict(item.expected.criteria)
        if item.expected.verdict is Verdict.ELIGIBLE:
            known = dict.fromkeys(reading.criteria, Status.MET) | known
        for name, status in known.items():
            if name in reading.criteria:
                seen.setdefault(name, []).append((status, reading.criteria[name].status))
    return {name: _table(answers) for name, answers in seen.items()}


def _misses(key: str, expected: Expected, found: Assessment) -> list[Miss]:
    misses = []
    if expected.verdict is not found.verdict:
        misses.append(Miss(key, "verdict", expected.verdict, found.verdict))
    if expected.verdict is Verdict.ELIGIBLE and expected.n_treated != found.n_treated:
        misses.append(Miss(key, "n_treated", str(expected.n_treated), str(found.n_treated)))
    if _systems_known(expected) and set(expected.organ_systems) != set(found.organ_systems):
        misses.append(Miss(key, "organ_systems", ", ".join(expected.organ_systems), ", ".join(found.organ_systems)))
    return misses


def _table(answers: Any) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for (expected, found), count in sorted(Counter((str(a), str(b)) for a, b in answers).items()):
        table.setdefault(expected, {})[found] = count
    return table


def _reached(table: dict[str, dict[str, int]]) -> float | None:
    return _share(table, Verdict.ELIGIBLE, {Verdict.ELIGIBLE, Verdict.NEEDS_FULL_TEXT})


def _share(table: dict[str, dict[str, int]], expected: str, found: set[Verdict]) -> float | None:
    row = table.get(expected, {})
    total = sum(row.values())
    return sum(count for name, count in row.items() if name in found) / total if total else None


def _rate(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


def _f1(pairs: Sequence[tuple[Item, Assessment]]) -> float | None:
    both = either = 0
    for item, reading in pairs:
        if _systems_known(item.expected):
            wanted, got = set(item.expected.organ_systems), set(reading.organ_systems)
            both += len(wanted & got)
            either += len(wanted) + len(got)
    return 2 * both / either if either else None


def _systems_known(expected: Expected) -> bool:
    """Whether a person said which systems were measured; an item that names none leaves it open."""
    return expected.verdict is not Verdict.INELIGIBLE and bool(expected.organ_systems)
