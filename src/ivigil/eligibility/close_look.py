"""Who takes the second look at a number that the words leave open."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Protocol

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.reader import READER
from ivigil.pretrained.packaged import DEFAULT_WEIGHTS, NO_MODEL
from ivigil.records import Record


class CloseLook(Protocol):
    """Scores the candidates of a record by the record as a whole."""

    def scores(self, record: Record, candidates: Sequence[Candidate]) -> list[float]:
        """The logarithm of each candidate's chance to be the number treated."""
        ...


class _LoadedWhenNeeded:
    """The close reader; torch takes seconds to load, and many a night has no number left open."""

    def scores(self, record: Record, candidates: Sequence[Candidate]) -> list[float]:
        return _close_reader().scores(record, candidates)


@cache
def _close_reader() -> CloseLook:
    from ivigil.eligibility.close_reader import CloseReader  # noqa: PLC0415

    return CloseReader()


def close_look(embedding_model: str | None) -> CloseLook | None:
    """The close reader, which goes with the packaged encoder; None where the setting asks for no language model."""
    return None if embedding_model == NO_MODEL else _LoadedWhenNeeded()


def reader_with(close: CloseLook | None) -> str:
    """The name that readings are kept under: with a close look it is another reader than without."""
    if close is None:
        return READER
    return hashlib.sha256(f"{READER} {DEFAULT_WEIGHTS}".encode()).hexdigest()  # what was learned is part of READER
