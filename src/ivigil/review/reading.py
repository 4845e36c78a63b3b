"""A report's title and abstract with the words that its criteria were read from."""

from __future__ import annotations

from dataclasses import dataclass

from ivigil.records import Record
from ivigil.review.text import Piece, Span, fold, pieces
from ivigil.surveillance.report_view import Criterion, ReportView


@dataclass(frozen=True)
class FoldedText:
    """Text in pieces: what is shown at once, what on demand, and how many characters only as plain text."""

    shown: tuple[Piece, ...]
    folded: tuple[Piece, ...]
    left_out: int


def title_of(view: ReportView) -> FoldedText:
    """The title, marked."""
    return _folded(pieces(view.record.title, _spans(view.criteria, "title")))


def abstract_of(view: ReportView) -> FoldedText:
    """The abstract, marked, its sections' labels apart."""
    text = view.record.abstract_text
    return _folded(pieces(text, _spans(view.criteria, "abstract"), _labels(view.record)))


def _folded(found: list[Piece]) -> FoldedText:
    shown, folded, left_out = fold(found)
    return FoldedText(tuple(shown), tuple(folded), left_out)


def _spans(criteria: tuple[Criterion, ...], field: str) -> list[Span]:
    """The phrase a rule went by, and around it, fainter, the sentence that it stands in."""
    found = []
    for read in criteria:
        if read.field != field or read.end <= read.start:
            continue
        at = read.evidence.find(read.phrase) if read.phrase else -1
        if at < 0 or read.phrase == read.evidence:
            found.append(Span(read.start, read.end, read.name))
        else:
            found.append(Span(read.start + at, read.start + at + len(read.phrase), read.name))
            found.append(Span(read.start, read.end, read.name, strong=False))
    return found


def _labels(record: Record) -> list[tuple[int, int]]:
    """Where the labels of an abstract's sections stand in its whole text."""
    found, at = [], 0
    for section in record.abstract:
        if section.label:
            found.append((at, at + len(section.label) + 1))
            at += len(section.label) + 2
        at += len(section.text) + 1
    return found
