"""Documents by the identifiers each source calls its own: what canaries, watches and reconciliations ask by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ivigil.protocol import KnownStudy


@dataclass(frozen=True)
class OwnIds:
    """A source's own form of identifier, and the one under which a known study can be asked for there.

    Without the latter a study is asked for under the id of the record that a search has brought once. `assures` says
    that a study with that identifier is surely held: a PMID is PubMed's own word.
    """

    form: str
    of_study: Callable[[KnownStudy], str | None] = lambda _study: None
    assures: bool = False

    def fits(self, identifier: str) -> bool:
        """Whether the source could hold anything under it."""
        return re.fullmatch(self.form, identifier) is not None


def _pmid(study: KnownStudy) -> str | None:
    return study.pmid


def _in_europepmc(study: KnownStudy) -> str | None:
    return f"MED/{study.pmid}" if study.pmid else None


def _named(study: KnownStudy) -> str | None:
    if study.pmid:
        return f"PMID:{study.pmid}"
    return f"DOI:{study.doi}" if study.doi else None


def _registration(study: KnownStudy) -> str | None:
    return study.registration


_NAMED = r"|PMID:\d+|DOI:\S+"
"""What many sources are also asked by, where their own numbers are not known."""
OWN_IDS: dict[str, OwnIds] = {
    "pubmed": OwnIds(r"\d{1,9}", _pmid, assures=True),
    "europepmc": OwnIds(r"[A-Z]{3}/[A-Za-z0-9._-]+", _in_europepmc, assures=True),
    "clinicaltrials": OwnIds(r"NCT\d{8}", _registration, assures=True),
    "openalex": OwnIds(r"W\d+" + _NAMED, _named),
    "semanticscholar": OwnIds(r"\d+" + _NAMED, _named),
    "scopus": OwnIds(r"2-s2\.0-\d+" + _NAMED, _named),
    "wos": OwnIds(r"(?!PMID|DOI)[A-Z]+:[A-Z0-9]+" + _NAMED, _named),
    "embase": OwnIds(r"L\d+" + _NAMED, _named),
}


def askable(source: str, identifiers: Iterable[str]) -> list[str]:
    """Those of the identifiers that the source can be asked about.

    An export file may name a source and lack its numbers; its records then carry ids that the source never gave.
    """
    own = OWN_IDS.get(source)
    return [one for one in identifiers if own is None or own.fits(one)]
