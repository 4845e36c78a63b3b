"""RIS: cut into entries by line, each read by rispy.

rispy 0.10 alone loses records without a word: all of a file that writes `TY - ` with one space, an entry without its
`ER`, and it parts a continued line of a repeatable tag into two values. So lines are brought to rispy's form first, one
entry is handed over at a time, and starts are counted apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import rispy

from ivigil.sources.files.model import Entry, Rejected, Tokens

START = re.compile(r"^[ \t]*TY[ \t]{0,2}-[ \t]*(.*)$")
STRICT_TAG = re.compile(r"^([A-Z][A-Z0-9]{1,3})(?:[ \t]{2}|\t|[ ]\t)-(?:[ \t]{0,2}|$)(.*)$")
LOOSE_TAG = re.compile(r"^[ \t]*([A-Z][A-Z0-9])[ \t]{0,3}-(?:[ \t]{1,2}|$)(.*)$")
# Rayyan keeps the tags it does not know on the line of the tag before: "10.1/x     LK  - https://...".
COLLAPSED = re.compile(r"[ \t]{3,}([A-Z][A-Z0-9])  - ")
CONTINUED = "\n"


@dataclass
class _Block:
    """The lines of one entry, already as (tag, value); `closed` once its ER was seen."""

    line: int
    loose: bool
    lines: list[tuple[str, str]]
    trailing: list[tuple[str, str]] = field(default_factory=list)
    closed: bool = False


class _EntryParser(rispy.RisParser):  # type: ignore[misc]  # rispy ships without types
    """rispy, keeping continued lines apart from repeated tags."""

    def parse_line(self, line: str) -> tuple[str | None, str]:
        tag, _, value = line.partition("  - ")
        return (tag, value) if tag else (None, CONTINUED + value)


def tokenize(text: str) -> Tokens:
    """Every entry of a RIS file; what stands between entries (provider lines, numbering) is passed over."""
    lines = text.split("\n")
    cutter = _Cutter()
    for number, line in enumerate(lines, start=1):
        cutter.feed(number, line)
    blocks, orphans = cutter.finish()
    read = [(block, _parse(block)) for block in blocks]
    unread = [Rejected(block.line, "rispy found no record in this entry") for block, entry in read if entry is None]
    rejected = sorted([*unread, *(Rejected(line, "no TY line opens this entry") for line in orphans)], key=_line)
    seen = sum(1 for line in lines if START.match(line)) + len(orphans)
    return Tokens(tuple(entry for _, entry in read if entry is not None), seen, tuple(rejected), tuple(cutter.notes))


def _line(rejected: Rejected) -> int:
    return rejected.line


class _Cutter:
    """Takes a file line by line and leaves its entries, and the lines of tags that belong to none."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._blocks: list[_Block] = []
        self._orphans: list[int] = []
        self._stray: int | None = None

    def feed(self, number: int, line: str) -> None:
        """Take the next line."""
        start = START.match(line)
        if start:
            self._open(number, start[1].strip(), loose=not STRICT_TAG.match(line))
            return
        block = self._blocks[-1] if self._blocks else None
        tag, value = _tag(line, loose=block is None or block.loose)
        if block is None or block.closed:
            self._feed_between(number, tag, value)
        elif tag == "ER" and not value.strip("- "):
            block.closed = True
        else:
            _add(block.lines, tag, value)

    def finish(self) -> tuple[list[_Block], list[int]]:
        """The entries, and the lines at which tags without a TY begin."""
        if self._blocks and not self._blocks[-1].closed:
            line = self._blocks[-1].line
            self.notes.append(f"line {line}: the last entry has no ER; the file may be cut short")
        if self._stray is not None and not self._blocks:
            self._orphans.append(self._stray)
        return self._blocks, self._orphans

    def _open(self, number: int, kind: str, *, loose: bool) -> None:
        if self._blocks and not self._blocks[-1].closed:
            self.notes.append(f"line {self._blocks[-1].line}: the entry has no ER; it ends where the next begins")
        if self._stray is not None and not self._blocks:
            self._orphans.append(self._stray)
        self._stray = None
        self._blocks.append(_Block(number, loose, [("TY", kind)]))

    def _feed_between(self, number: int, tag: str | None, value: str) -> None:
        """Ovid writes a few tags after an entry's ER; only an ER of their own makes them an entry without a start."""
        if tag is None or (tag == "ER" and self._stray is None):
            return
        if tag == "ER" and self._stray is not None:
            self._orphans.append(self._stray)
            self._stray = None
            if self._blocks:
                self._blocks[-1].trailing.clear()
            return
        self._stray = self._stray or number
        if self._blocks:
            self._blocks[-1].trailing.append((tag, value))


def _tag(line: str, *, loose: bool) -> tuple[str | None, str]:
    found = STRICT_TAG.match(line) or (LOOSE_TAG.match(line) if loose else None)
    return (found[1], found[2]) if found else (None, line)


def _add(lines: list[tuple[str, str]], tag: str | None, value: str) -> None:
    if tag is None:
        if value.strip() and len(lines) > 1:
            lines.append(("", value.strip()))
        return
    pieces = COLLAPSED.split(value) if "  - " in value else [value]
    lines.append((tag, pieces[0].strip()))
    lines += zip(pieces[1::2], (piece.strip() for piece in pieces[2::2]), strict=True)


def _parse(block: _Block) -> Entry | None:
    lines = block.lines + block.trailing
    tags = sorted({tag for tag, _ in lines if tag})
    parser = _EntryParser(
        mapping={tag: tag for tag in tags}, list_tags=tags[:], delimiter_tags_mapping={}, newline="\n"
    )
    read = parser.parse("\n".join([*(f"{tag}  - {value}" for tag, value in lines), "ER  - "]))
    if len(read) != 1:
        return None
    return Entry(block.line, {tag: _fold(values) for tag, values in read[0].items()})


def _fold(values: str | list[str]) -> tuple[str, ...]:
    folded: list[str] = []
    for value in [values] if isinstance(values, str) else values:
        if value.startswith(CONTINUED) and folded:
            folded[-1] += value
        else:
            folded.append(value.lstrip(CONTINUED))
    return tuple(folded)
