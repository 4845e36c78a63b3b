"""Which documents each service holds: its own part of one corpus, from its own day on."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Self

from ivigil.records import Record
from ivigil.simulator.citations import Citations
from ivigil.simulator.corpus import Labels, load_folder, written_corpus
from ivigil.simulator.corpus.bulk import bulk_documents
from ivigil.simulator.document import BEYOND, MEDLINE, PREPRINT, Document
from ivigil.simulator.library import Library


def as_written(record: Record) -> Record:
    """The record as the corpus has it."""
    return record


@dataclass(frozen=True)
class Coverage:
    """What a service holds of a corpus.

    `lag` is how many days after PubMed it has a record; `origins` are the kinds of documents it takes in; `share` is
    how many of these it holds, drawn by document (of what PubMed has not, `BEYOND_SHARE`: such documents are spread
    thinly); `abstracts` is the share of journals whose abstracts it may show; `form` is its own record of a document,
    None where it cannot have one.
    """

    lag: int = 0
    origins: frozenset[str] = frozenset({MEDLINE})
    share: float = 1.0
    abstracts: float = 1.0
    form: Callable[[Record], Record | None] = as_written


def with_doi(record: Record) -> Record | None:
    """The record if it has a DOI."""
    return record if record.doi else None


EVERYTHING = frozenset({MEDLINE, PREPRINT, BEYOND})
BEYOND_SHARE = 0.4
COVERAGE: Mapping[str, Coverage] = {
    "pubmed": Coverage(),
    "europepmc": Coverage(lag=1, origins=frozenset({MEDLINE, PREPRINT})),
    "scopus": Coverage(lag=3, share=0.9),
    "wos": Coverage(lag=5, share=0.8),
    "embase": Coverage(lag=2, share=0.95),
    "openalex": Coverage(lag=3, origins=EVERYTHING, share=0.96, abstracts=0.75),
    "crossref": Coverage(origins=EVERYTHING, abstracts=0.5, form=with_doi),
    "semanticscholar": Coverage(lag=5, origins=EVERYTHING, share=0.92, abstracts=0.7),
    "unpaywall": Coverage(lag=2, origins=EVERYTHING, form=with_doi),
}


def drawn(name: str, identifier: str) -> float:
    """A number in [0, 1) for a service and a document, the same in every run; services draw independently."""
    return random.Random(f"{name}/{identifier}").random()


@dataclass
class Holdings:
    """One corpus, the labels that come with it, and the library of each service, made when it is first asked for.

    Every service has the included studies, abstracts and all: they are what a search is checked by.
    """

    documents: Sequence[Document]
    labels: Labels
    bulk: int = 0
    _libraries: dict[str, Library] = field(default_factory=dict)
    _citations: Citations | None = None
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def of_folder(cls, path: Path) -> Self:
        """A file or folder of real PubMed XML; nobody has labelled it."""
        return cls(load_folder(path), Labels({}))

    @classmethod
    @cache
    def written(cls, bulk: int = 0) -> Self:
        """The corpus written for this project, with so many generated hits more in PubMed."""
        corpus = written_corpus()
        return cls(corpus.documents, corpus.labels, bulk)

    @property
    def last(self) -> date:
        """The day on which nothing changes any more at any service."""
        last = max(day for document in self.documents for day, _ in document.forms)
        return last + timedelta(days=max(coverage.lag for coverage in COVERAGE.values()))

    def library(self, source: str) -> Library:
        """What a service holds."""
        with self._lock:
            if source not in self._libraries:
                self._libraries[source] = Library(self._documents(source), lag=COVERAGE[source].lag)
            return self._libraries[source]

    @property
    def citations(self) -> Citations:
        """Which documents cite which."""
        with self._lock:
            if self._citations is None:
                included = frozenset(name for name, label in self.labels.items() if label.included)
                self._citations = Citations.of(self.documents, included)
            return self._citations

    def _documents(self, source: str) -> list[Document]:
        coverage = COVERAGE[source]
        held = [own for document in self.documents if (own := self._held(source, coverage, document)) is not None]
        return [*held, *bulk_documents(self.bulk)] if source == "pubmed" else held

    def _held(self, source: str, coverage: Coverage, document: Document) -> Document | None:
        """The document as a service has it, from the first day on which it can; None where it never has it."""
        if document.source not in coverage.origins:
            return None
        label = self.labels.get(document.identifier)
        included = label is not None and label.included
        share = coverage.share * (BEYOND_SHARE if document.source == BEYOND else 1)
        if not included and drawn(source, document.identifier) >= share:
            return None
        place = document.forms[0][1].journal or document.forms[0][1].publisher or ""
        hidden = not included and drawn(f"{source} shows", place) >= coverage.abstracts
        forms = [
            (day, own.model_copy(update={"abstract": ()}) if hidden else own)
            for day, record in document.forms
            if (own := coverage.form(record)) is not None
        ]
        return replace(document, forms=tuple(forms)) if forms else None
