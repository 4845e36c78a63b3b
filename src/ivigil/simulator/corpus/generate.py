"""Records made from families of sentences: deterministic, varied in topic, register, length and form.

A family holds title patterns, sentence banks for the parts of an abstract, and slots (`{name}`) with their fillings.
Titles that come out too like an earlier one are drawn again, so that no two records look like one report.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ivigil.simulator.index import tokenize
from ivigil.simulator.vocabulary import MONTHS, STOP_WORDS

SLOT = re.compile(r"\{(\w+)\}")
SINCE = re.compile(r"^(.*)@(\d{4})$")  # a filling that makes no sense before a year
PARTS = ("opening", "methods", "results", "closing")
LABELS = (
    ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS"),
    ("OBJECTIVE", "METHODS", "RESULTS", "CONCLUSION"),
    ("AIM", "PATIENTS AND METHODS", "RESULTS", "CONCLUSION"),
    ("INTRODUCTION", "MATERIAL AND METHODS", "FINDINGS", "INTERPRETATION"),
)
MOST_ALIKE = 0.6
MOST_TRIES = 400
EXTRA_SHARE = 0.3


@dataclass(frozen=True)
class Family:
    """One topic: how its records are worded, how many there are, and why a reviewer turns them away."""

    name: str
    count: int
    reason: str
    titles: tuple[str, ...]
    banks: Mapping[str, tuple[str, ...]]
    slots: Mapping[str, tuple[str, ...]]
    extras: Mapping[str, tuple[str, ...]]
    types: tuple[tuple[str, ...], ...] = (("Journal Article",),)
    mesh: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("eng",)
    form: str = "mixed"

    @classmethod
    def read(cls, raw: Mapping[str, Any], common: Mapping[str, Any]) -> Family:
        """A family as its file gives it; slots it does not have are looked up among the common ones."""
        banks = {part: tuple(raw.get(part, ())) for part in (*PARTS, "aside")}
        extras = {part: tuple(each) for part, each in common["extras"].items()} if banks["methods"] else {}
        slots = {name: tuple(values) for name, values in {**common["slots"], **raw.get("slots", {})}.items()}
        return cls(
            name=raw["name"],
            count=raw["count"],
            reason=raw.get("reason", ""),
            titles=tuple(raw["titles"]),
            banks=banks,
            extras=extras,
            slots=slots,
            types=tuple(tuple(each) for each in raw.get("types", (("Journal Article",),))),
            mesh=tuple(raw.get("mesh", ())),
            languages=tuple(raw.get("languages", ("eng",))),
            form=raw.get("form", "mixed"),
        )


@dataclass
class Writer:
    """Draws records; one generator, injected, and the titles so far."""

    rng: random.Random
    _titles: list[int] = field(default_factory=list)
    _bits: dict[str, int] = field(default_factory=dict)

    def rows(self, family: Family, first: int, start: date, end: date) -> Iterator[dict[str, Any]]:
        """Rows as the hand-written files have them, numbered from `first`, entered between the two days."""
        days = (end - start).days
        for number in range(family.count):
            entered = start + timedelta(days=self.rng.randint(0, days))
            yield self._row(family, str(first + number), entered)

    def note(self, title: str) -> None:
        """Remember a title written elsewhere."""
        self._titles.append(self._words(title))

    def _words(self, title: str) -> int:
        """The title's words as a set of bits: a comparison is then one operation on whole numbers."""
        bits = 0
        for word in set(tokenize(title)) - STOP_WORDS:
            bits |= self._bits.setdefault(word, 1 << len(self._bits))
        return bits

    def _is_new(self, words: int) -> bool:
        """Whether no earlier title shares so many words that the two could be one report."""
        size = words.bit_count()
        for other in self._titles:
            shared = (words & other).bit_count()
            if shared >= MOST_ALIKE * (size + other.bit_count() - shared):
                return False
        return True

    def _row(self, family: Family, identifier: str, entered: date) -> dict[str, Any]:
        values = self._values(family, entered)
        title = self._title(family, values, entered.year)
        language = self.rng.choice(family.languages)
        row: dict[str, Any] = {
            "id": identifier,
            "entered": entered,
            "title": title if language == "eng" else f"[{title.rstrip('.')}].",
            "languages": [language],
            "types": list(self.rng.choice(family.types)),
            "label": "excluded",
            "reason": family.reason,
        }
        text = self._abstract(family, values)
        if text:
            row["abstract"] = text
        if family.mesh and self.rng.random() < 0.85:
            row["mesh"] = self.rng.choice(family.mesh)
        if self.rng.random() < 0.06 and entered.month < 12:
            row["published"] = f"{entered.year} {MONTHS[entered.month - 1]}-{MONTHS[entered.month]}"
        if self.rng.random() < 0.04:
            row["authors"] = self._fill("@{group} Study Group", values, family)
        return row

    def _values(self, family: Family, entered: date) -> dict[str, str]:
        """Numbers that hold throughout one record."""
        rng = self.rng
        total = rng.choice((12, 17, 23, 28, 34, 41, 56, 63, 78, 94, 112, 147, 203, 261, 388, 540))
        values = {
            "n": str(total),
            "part": str(max(1, total * rng.randint(10, 45) // 100)),
            "few": rng.choice(("one", "two", "three")),
            "pct": str(rng.randint(8, 88)),
            "pct2": str(rng.randint(4, 60)),
            "p": rng.choice(("p = 0.03", "p < 0.01", "p = 0.002", "p < 0.001", "p = 0.048", "P = 0.011")),
            "ns": rng.choice(("p = 0.21", "p = 0.6", "p = 0.09", "not significant", "P = 0.44", "p = 0.17")),
            "age": str(rng.randint(19, 79)),
            "months": str(rng.choice((3, 4, 6, 9, 12, 18, 24, 30, 36, 60))),
            "year2": str(entered.year - rng.randint(0, 3)),
            "sex": rng.choice(("woman", "man")),
        }
        values["year1"] = str(int(values["year2"]) - rng.randint(4, 13))
        return values | self._fillings(family, entered.year)

    def _fillings(self, family: Family, year: int) -> dict[str, str]:
        """One filling for each slot, none that is ahead of its time."""
        return {name: self._pick(fillings, year) for name, fillings in family.slots.items()}

    def _pick(self, fillings: tuple[str, ...], year: int) -> str:
        while True:
            match = SINCE.match(filling := self.rng.choice(fillings))
            if match is None:
                return filling
            if int(match[2]) <= year:
                return match[1]

    def _fill(self, pattern: str, values: Mapping[str, str], family: Family) -> str:
        """The pattern with its slots filled; a filling may have slots of its own."""
        for _ in range(3):
            pattern = SLOT.sub(lambda match: values[match[1]], pattern)
        if "{" in pattern:
            raise ValueError(f"family {family.name}: a slot is left open in '{pattern}'")
        return pattern[:1].upper() + pattern[1:]

    def _title(self, family: Family, values: dict[str, str], year: int) -> str:
        for _ in range(MOST_TRIES):
            values |= self._fillings(family, year)
            title = self._fill(self.rng.choice(family.titles), values, family)
            words = self._words(title)
            if self._is_new(words):
                self._titles.append(words)
                return title if title.endswith("?") else f"{title}."
        raise ValueError(f"family {family.name}: its patterns do not give {family.count} different titles")

    def _abstract(self, family: Family, values: Mapping[str, str]) -> str:
        """Structured, plain, short or none; the asides (what makes the strategy find it) are always there."""
        rng = self.rng
        form = (
            rng.choice(("structured", "structured", "plain", "plain", "long"))
            if family.form == "mixed"
            else family.form
        )
        if form == "none":
            return ""
        sentences: dict[str, list[str]] = {}
        for part in PARTS:
            bank = family.banks[part]
            most = {"opening": 2, "methods": 2, "results": 3, "closing": 1}[part] + (form == "long")
            count = min(len(bank), rng.randint(1, most)) if bank else 0
            chosen = rng.sample(bank, count)
            if part in family.extras and rng.random() < EXTRA_SHARE:
                chosen.append(rng.choice(family.extras[part]))
            sentences[part] = [self._fill(each, values, family) for each in chosen]
        if family.banks["aside"]:
            aside = self._fill(rng.choice(family.banks["aside"]), values, family)
            place = rng.choice([part for part in PARTS if sentences[part]] or ["results"])
            sentences[place].insert(rng.randint(0, len(sentences[place])), aside)
        if form == "short":
            return " ".join(sentence for part in ("opening", "results") for sentence in sentences[part])
        if form == "structured" and all(sentences[part] for part in PARTS):
            labels = rng.choice(LABELS)
            return "\n".join(f"{label}: {' '.join(sentences[part])}" for label, part in zip(labels, PARTS, strict=True))
        return " ".join(sentence for part in PARTS for sentence in sentences[part])
