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

START = re.compile(r"^[ \t]*TY[ \t]{0,2}-")
STRICT_TAG = re.compile(r"^([A-Z][A-Z0-9]{1,3})(?:[ \t]{2}|\t|[ ]\t)-(?:[ \t]{0,2}|$)(.*)$")
LOOSE_TAG = re.compile(r"^[ \t]*([A-Z][A-Z0-9])[ \t]{0,3}-(?:[ \t]{1,2}|$)(.*)$")
START_VALUE = re.compile(r"^[ \t]*TY[ \t]{0,2}-[ \t]*(.*)$")
# Rayyan keeps the tags it does not know on the line of the tag before: "10.1/x     LK  - https://...".
COLLAPSED = re.compile(r"[ \t]{3,}([A-Z][A-Z0-9])  - ")
CONTINUED = "\n"


@dataclass
class _Block:
    """The lines of one entry, already as (tag, value); `closed` once its ER was seen."""

    line: int
    loose: bool = False
    lines: list[tuple[str, str]] = field(default_factory=list)
    trailing: list[tuple[str, str]] = field(default_factory=list)
    closed: bool = False


class _EntryParser(rispy.RisParser):  # type: ignore[misc]  # rispy ships without types
    """rispy, keeping continued lines apart from repeated tags."""

    def parse_line(self, line: str) -> tuple[str | None, str]:
        tag, _, value = line.partition("  - ")
        return (tag, value) if tag else (None, CONTINUED + value)


def tokenize(text: str) -> Tokens:
    """Every entry of a RIS file; what stands between entries (provider lines, numbering) is passed over."""
    blocks, rejected, notes = _cut(text)
    entries = []
    for block in blocks:
        read = _parse(block)
        if read is None:
            rejected.append(Rejected(block.line, "rispy found no record in this entry"))
        else:
            entries.append(read)
    starts = sum(1 for line in text.split("\n") if START.match(line))
    orphans = sum(1 for item in rejected if item.why.startswith("no TY"))
    return Tokens(tuple(entries), starts + orphans, tuple(sorted(rejected, key=lambda item: item.line)), tuple(notes))


def _cut(text: str) -> tuple[list[_Block], list[Rejected], list[str]]:
    blocks: list[_Block] = []
    rejected: list[Rejected] = []
    notes: list[str] = []
    block: _Block | None = None
    orphan: int | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        start = START_VALUE.match(line)
        if start:
            if block is not None and not block.closed:
                notes.append(f"line {block.line}: the entry has no ER; it ends where the next begins")
            if orphan is not None:
                rejected.append(Rejected(orphan, "no TY line opens this entry"))
                orphan = None
            block = _Block(number, loose=not STRICT_TAG.match(line))
            block.lines.append(("TY", start[1].strip()))
            blocks.append(block)
            continue
        tag, value = _tag(line, loose=block is None or block.loose)
        if block is not None and not block.closed:
            if tag == "ER" and not value.strip("- "):
                block.closed = True
            else:
                _add(block.lines, tag, value)
        elif tag == "ER" and orphan is not None:
            rejected.append(Rejected(orphan, "no TY line opens this entry"))
            if block is not None:
                block.trailing.clear()
            orphan = None
        elif tag is not None and tag != "ER":
            # Ovid writes a few tags after ER; only an ER of their own makes them an entry without a start.
            orphan = orphan or number
            if block is not None:
                block.trailing.append((tag, value))
    if orphan is not None and block is None:
        rejected.append(Rejected(orphan, "no TY line opens this entry"))
    if block is not None and not block.closed:
        notes.append(f"line {block.line}: the last entry has no ER; the file may be cut short")
    return blocks, rejected, notes


def _tag(line: str, *, loose: bool) -> tuple[str | None, str]:
    found = STRICT_TAG.match(line) or (LOOSE_TAG.match(line) if loose else None)
    return (found[1], found[2]) if found else (None, line)


def _add(lines: list[tuple[str, str]], tag: str | None, value: str) -> None:
    if tag is None:
        if value.strip() and len(lines) > 1:
            lines.append(("", value.strip()))
        return
    pieces = COLLAPSED.split(value)
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
