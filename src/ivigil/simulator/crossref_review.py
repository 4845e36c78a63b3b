"""The published review as its publisher deposited it at Crossref: no search of the corpus finds it, its DOI does.

What its real list of 53 references names is not known here, so the list is made up: of the corpus the included studies,
reviews and single cases that a search finds too, and papers on the disease that no search on the question finds; beside
them works that no database holds.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from ivigil.records import Author, PartialDate, Record
from ivigil.simulator.corpus import Labels
from ivigil.simulator.document import MEDLINE, Document
from ivigil.simulator.library import Holding

DOI = "10.1016/j.semarthrit.2024.152471"
TITLE = "Role of intravenous immunoglobulins in systemic sclerosis (SSc): A systematic literature review"
DEPOSITED, CUTOFF_YEAR = date(2024, 6, 22), 2023
REFERENCES = 53
CASES, REVIEWS = 9, 15
REVIEW_TYPES = frozenset({"Review", "Systematic Review", "Meta-Analysis"})
UNHELD = (
    ("Quillfeather A", 2009, "Handbook of scleroderma care: a guide for the ward, third edition.", None),
    ("Marchbank T", 2012, "How immunoglobulin is pooled, purified and shipped.", "10.5555/unheld.1"),
    ("Osterwald L", 2021, "Reporting of systematic literature reviews in small diseases.", "10.5555/unheld.2"),
    ("Pemberly S", 2016, "Appraising uncontrolled series: a checklist of nine questions.", "10.5555/unheld.3"),
)


@dataclass(frozen=True)
class PublishedReview:
    """The review, and the records of what it cites in the order of its list."""

    holding: Holding
    cited: tuple[Record, ...]

    @classmethod
    def of(cls, documents: Sequence[Document], labels: Labels) -> Self | None:
        """The review of a labelled corpus, the same in every run; None where nobody has labelled it."""
        if not labels:
            return None
        record = Record(
            source="crossref",
            source_id=DOI,
            doi=DOI,
            title=TITLE,
            journal="Seminars in Arthritis and Rheumatism",
            published=PartialDate(year=2024, month=10),
            entered=DEPOSITED,
            publication_types=("Systematic Review",),
        )
        held = Holding(Document(((DEPOSITED, record),)), record)
        return cls(
            held, _references({each.identifier: each.forms[-1][1] for each in documents if _is_early(each)}, labels)
        )


def _is_early(document: Document) -> bool:
    year = document.forms[0][1].year
    return document.source == MEDLINE and year is not None and year <= CUTOFF_YEAR


def _references(records: Mapping[str, Record], labels: Labels) -> tuple[Record, ...]:
    rng = random.Random(DOI)
    included = [records[name] for name, label in labels.items() if label.included]
    excluded = [records[name] for name, label in labels.items() if not label.included and name in records]
    reviews = [record for record in excluded if REVIEW_TYPES.intersection(record.publication_types)]
    cases = [record for record in excluded if "Case Reports" in record.publication_types]
    beside = [record for name, record in records.items() if name not in labels and "sclero" in record.title.lower()]
    unheld = [_unheld(*each) for each in UNHELD]
    chosen = [*included, *rng.sample(reviews, REVIEWS), *rng.sample(cases, CASES), *unheld]
    chosen += rng.sample(beside, REFERENCES - len(chosen))
    rng.shuffle(chosen)
    return tuple(chosen)


def _unheld(author: str, year: int, title: str, doi: str | None) -> Record:
    last, _, initials = author.partition(" ")
    return Record(
        source="crossref",
        source_id=doi or title,
        doi=doi,
        title=title,
        authors=(Author(last_name=last, initials=initials),),
        published=PartialDate(year=year),
    )
