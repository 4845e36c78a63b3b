"""Text from outside, made inert for a page, and cut at the words that criteria were read from.

Templates escape everything; what escaping leaves is dealt with here: characters that steer a terminal or turn the
reading direction of a page, and sheer length.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FOLDED_AFTER = 6_000  # characters: the longest ordinary abstracts have about 4,000
SHOWN_AT_MOST = 60_000  # what a page can hold without becoming slow; the rest is one click away, as plain text
_JOINERS = frozenset("\u200c\u200d")  # part of how some scripts are written
_KEPT_CONTROLS = frozenset("\n\t")


def inert(text: str) -> str:
    """The text without control, direction and unassigned characters; each leaves a visible mark."""
    if text.isprintable():
        return text
    return "".join(char if char in _JOINERS or char in _KEPT_CONTROLS else _shown(char) for char in text)


def _shown(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Zl", "Zp"):
        return "\n"
    return "�" if category in ("Cc", "Cf", "Cs", "Co", "Cn") else char


@dataclass(frozen=True)
class Span:
    """Words that a criterion was read from, by their place in a text. `strong` for the phrase the rule went by."""

    start: int
    end: int
    criterion: str
    strong: bool = True


@dataclass(frozen=True)
class Piece:
    """A stretch of text under the same marks. `label` for the label of an abstract's section."""

    text: str
    criteria: tuple[str, ...] = ()
    strong: bool = False
    anchors: tuple[str, ...] = ()
    label: bool = False


def pieces(text: str, spans: Sequence[Span], labels: Sequence[tuple[int, int]] = ()) -> list[Piece]:
    """Cut a text at the ends of its spans, so that overlapping marks become neighbours; nothing is lost or doubled.

    A span beyond the text is cut to it. The first piece of each criterion carries the anchor `words-CRITERION`.
    """
    marks = [Span(max(s.start, 0), min(s.end, len(text)), s.criterion, s.strong) for s in spans]
    marks = [mark for mark in marks if mark.start < mark.end]
    cuts = {0, len(text)} | {at for mark in marks for at in (mark.start, mark.end)}
    cuts |= {at for label in labels for at in label if 0 <= at <= len(text)}
    seen: set[str] = set()
    found = []
    places = sorted(cuts)
    for start, end in pairwise(places):
        over = [mark for mark in marks if mark.start <= start and end <= mark.end]
        criteria = tuple(dict.fromkeys(mark.criterion for mark in over))
        strong = any(mark.strong for mark in over)
        fresh = tuple(mark.criterion for mark in over if mark.strong and mark.criterion not in seen)
        seen.update(fresh)
        found.append(
            Piece(
                inert(text[start:end]),
                criteria,
                strong,
                tuple(dict.fromkeys(fresh)),
                any(first <= start and end <= last for first, last in labels),
            )
        )
    return found


def fold(
    found: Sequence[Piece], after: int = FOLDED_AFTER, at_most: int = SHOWN_AT_MOST
) -> tuple[list[Piece], list[Piece], int]:
    """(shown at once, shown on demand, characters left out): no piece is lost before `at_most` characters."""
    first: list[Piece] = []
    later: list[Piece] = []
    length = left_out = 0
    for piece in found:
        room = max(at_most - length, 0)
        shown = Piece(piece.text[:room], piece.criteria, piece.strong, piece.anchors, piece.label)
        left_out += len(piece.text) - len(shown.text)
        cut = min(max(after - length, 0), len(shown.text))
        if shown.text[:cut]:
            first.append(Piece(shown.text[:cut], shown.criteria, shown.strong, shown.anchors, shown.label))
        if shown.text[cut:]:
            anchors = () if cut else shown.anchors
            later.append(Piece(shown.text[cut:], shown.criteria, shown.strong, anchors, shown.label))
        length += len(piece.text)
    return first, later, left_out
