"""Documents by the identifiers each source calls its own: what canaries, watches and reconciliations ask by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ivigil.protocol import KnownStudy


@dataclass(frozen=True)
class OwnIds:
    """A source's own form of identifier, and the one by which a known study is held there (None: cannot be told)."""

    form: str
    of_study: Callable[[KnownStudy], str | None]

    def fits(self, identifier: str) -> bool:
        """Whether the source could hold anything under it."""
        return re.fullmatch(self.form, identifier) is not None


def _pmid(study: KnownStudy) -> str | None:
    return study.pmid


def _in_europepmc(study: KnownStudy) -> str | None:
    return f"MED/{study.pmid}" if study.pmid else None


OWN_IDS: dict[str, OwnIds] = {
    "pubmed": OwnIds(r"\d{1,9}", _pmid),
    "europepmc": OwnIds(r"[A-Z]{3}/[A-Za-z0-9._-]+", _in_europepmc),
}


def askable(source: str, identifiers: Iterable[str]) -> list[str]:
    """Those of the identifiers that the source can be asked about.

    An export file may name a source and lack its numbers; its records then carry ids that the source never gave.
    """
    own = OWN_IDS.get(source)
    return [one for one in identifiers if own is None or own.fits(one)]
