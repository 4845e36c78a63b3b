"""The corpus written for this project: the review's era, a background, and the years after."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from ivigil.simulator.corpus.generate import Family, Writer
from ivigil.simulator.corpus.labels import Label, Labels
from ivigil.simulator.corpus.reading import Names, document, read_toml
from ivigil.simulator.document import BEYOND, Document

SEED = 20240415
ERA = (date(2003, 3, 1), date(2024, 1, 31))
AFTER = (date(2024, 7, 1), date(2026, 11, 15))
HAND_WRITTEN = ("included.toml", "excluded.toml", "later_eligible.toml", "later_misses.toml")
FAMILY_FILES = ("families_clinical.toml", "families_laboratory.toml", "families_reviews.toml")
BACKGROUND_FILE = "families_background.toml"
BEYOND_FILE, BEYOND_EACH, FIRST_BEYOND = "families_clinical.toml", 4, 910_001
FIRST_ERA_ID, FIRST_BACKGROUND_ID, FIRST_LATER_ID = 90_001_001, 90_010_001, 90_020_001


@dataclass(frozen=True)
class WrittenCorpus:
    """All documents, and the review's decisions on those of its era."""

    documents: tuple[Document, ...]
    labels: Labels
    truth: Mapping[str, Label]


@cache
def written_corpus() -> WrittenCorpus:
    """Build it; the same in every run."""
    names = Names.load()
    rows = list(_rows())
    era = [row for row in rows if row.get("label") and row["entered"] <= ERA_END]
    labels = {row["id"]: _label(row) for row in era}
    truth = {row["id"]: _label(row) for row in rows if row.get("label")}
    return WrittenCorpus(tuple(document(row, names) for row in rows), Labels(labels), truth)


ERA_END = date(2024, 4, 15)


def _label(row: Mapping[str, Any]) -> Label:
    return Label(row["label"] == "included", row.get("reason", ""), row["title"], row.get("n"), row.get("design", ""))


def _rows() -> Iterator[dict[str, Any]]:
    writer = Writer(random.Random(SEED))
    for file in HAND_WRITTEN:
        for row in read_toml(file)["record"]:
            writer.note(row["title"])
            yield row
    common = read_toml("slots.toml")
    era, background, later = FIRST_ERA_ID, FIRST_BACKGROUND_ID, FIRST_LATER_ID
    for file in FAMILY_FILES:
        for raw in read_toml(file)["family"]:
            family = Family.read(raw, common)
            yield from writer.rows(family, era, *ERA)
            era += family.count
            after = Family.read({**raw, "count": raw.get("later", 0)}, common)
            yield from writer.rows(after, later, *AFTER)
            later += after.count
    for raw in read_toml(BACKGROUND_FILE)["family"]:
        family = Family.read(raw, common)
        for row in writer.rows(family, background, ERA[0], AFTER[1]):
            yield {name: value for name, value in row.items() if name not in {"label", "reason"}}
        background += family.count
    yield from _beyond(writer, common)


def _beyond(writer: Writer, common: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Hits in journals that neither PubMed nor Europe PMC takes in; the review never saw them."""
    number = FIRST_BEYOND
    for raw in read_toml(BEYOND_FILE)["family"]:
        for row in writer.rows(Family.read({**raw, "count": BEYOND_EACH}, common), number, ERA[0], AFTER[1]):
            bare = {name: value for name, value in row.items() if name not in {"label", "reason"}}
            yield bare | {"id": f"{BEYOND}{row['id']}"}
        number += BEYOND_EACH
