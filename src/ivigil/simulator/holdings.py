"""Which documents each service holds: a corpus split between PubMed and Europe PMC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Self

from ivigil.simulator.corpus import Labels, load_folder, written_corpus
from ivigil.simulator.corpus.bulk import bulk_documents
from ivigil.simulator.document import MEDLINE, Document
from ivigil.simulator.library import Library

EUROPEPMC_LAG = 1  # days after PubMed on which Europe PMC has a record


@dataclass(frozen=True)
class Holdings:
    """Two libraries over one corpus, the labels that come with it, and the day on which nothing more changes."""

    pubmed: Library
    europepmc: Library
    labels: Labels
    last: date

    @classmethod
    def _of(cls, documents: Sequence[Document], labels: Labels, bulk: int = 0) -> Self:
        last = max(day for document in documents for day, _ in document.forms)
        in_pubmed = [document for document in documents if document.source == MEDLINE]
        return cls(
            pubmed=Library([*in_pubmed, *bulk_documents(bulk)]),
            europepmc=Library(documents, lag=EUROPEPMC_LAG),
            labels=labels,
            last=last + timedelta(days=EUROPEPMC_LAG),
        )

    @classmethod
    def of_folder(cls, path: Path) -> Self:
        """A file or folder of real PubMed XML; nobody has labelled it."""
        return cls._of(load_folder(path), Labels({}))

    @classmethod
    @cache
    def written(cls, bulk: int = 0) -> Self:
        """The corpus written for this project, with so many generated hits more in PubMed."""
        corpus = written_corpus()
        return cls._of(corpus.documents, corpus.labels, bulk)
