"""Tagged text other than RIS: MEDLINE (nbib), Web of Science (FN/PT/ER), Ovid, and EndNote's .enw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import rispy
from Bio import Medline

from ivigil.sources.files.model import Entry, Rejected, Tokens

MEDLINE_TAG = re.compile(r"^([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)$")
MEDLINE_START = re.compile(r"^(?:PMID *-|UI  -)")
WOS_TAG = re.compile(r"^([A-Z][A-Z0-9])(?: (.*)|)$")
OVID_START = re.compile(r"^(?:<(\d+)>|(\d+)\.)\s*$")
OVID_LABEL = re.compile(r"^[A-Z][\w/&().,' -]{1,50}$")
ENW_TAG = re.compile(r"^%([0-9A-Za-z@!$\]&()*+^><\[=~?#]) ?(.*)$")

Block = tuple[int, list[str]]


def tokenize_medline(text: str) -> Tokens:
    """MEDLINE format, PubMed's and ERIC's: entries part at blank lines and at PMID, each read by Bio.Medline."""
    blocks = _medline_blocks(text)
    entries, rejected = [], []
    for line, lines in blocks:
        if not any(MEDLINE_TAG.match(one) for one in lines):
            rejected.append(Rejected(line, "no MEDLINE field in these lines"))
            continue
        records = list(Medline.parse(_in_columns(lines)))  # type: ignore[no-untyped-call]  # Biopython has no types
        if len(records) != 1:
            rejected.append(Rejected(line, f"Bio.Medline found {len(records)} records in this entry"))
            continue
        values = {tag: (value,) if isinstance(value, str) else tuple(value) for tag, value in records[0].items()}
        entries.append(Entry(line, values))
    return Tokens(tuple(entries), len(blocks), tuple(rejected))


def _medline_blocks(text: str) -> list[Block]:
    blocks: list[Block] = []
    parted = True
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            parted = True
        elif parted or MEDLINE_START.match(line):
            # A blank line inside an abstract is followed by an indented line, not by a tag.
            if blocks and line.startswith("      "):
                blocks[-1][1].append(line)
            else:
                blocks.append((number, [line]))
            parted = False
        else:
            blocks[-1][1].append(line)
    return blocks


def _in_columns(lines: Iterable[str]) -> Iterator[str]:
    """The lines as Bio.Medline wants them: tag in columns 1-4, value from column 7; ERIC shifts long tags by one."""
    for line in lines:
        found = MEDLINE_TAG.match(line)
        yield f"{found[1]:<4}- {found[2]}\n" if found else f"      {line.strip()}\n"


def tokenize_wos(text: str) -> Tokens:
    """Web of Science tagged text: each PT ... ER read by rispy, continued lines joined or, for names, kept apart."""
    blocks: list[Block] = []
    closed: set[int] = set()
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("PT "):
            blocks.append((number, []))
        if blocks and len(blocks) not in closed and line.strip():
            if line.strip() == "ER":
                closed.add(len(blocks))
            else:
                blocks[-1][1].append(line if WOS_TAG.match(line) else f"   {line.strip()}")
    entries, rejected = [], []
    for start, lines in blocks:
        tags = {one[:2] for one in lines if not one.startswith(" ")} | {"PT", "ER"}
        read = rispy.WokParser(mapping={tag: tag for tag in tags}, ignore=[]).parse("\n".join([*lines, "ER"]))
        if len(read) == 1:
            values = {tag: (said,) if isinstance(said, str) else tuple(said) for tag, said in read[0].items()}
            entries.append(Entry(start, values))
        else:
            rejected.append(Rejected(start, "rispy found no record in this entry"))
    notes = tuple(f"line {start}: the entry has no ER" for at, (start, _) in enumerate(blocks, 1) if at not in closed)
    return Tokens(tuple(entries), len(blocks), tuple(rejected), notes)


def tokenize_ovid(text: str) -> Tokens:
    """Ovid's labelled text: '<1>' or '1.', then a label on one line and its values indented below it.

    Ovid's Medlars form ('UI  - 123') is MEDLINE's and is read as that.
    """
    entries: list[tuple[int, dict[str, list[str]]]] = []
    label = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if OVID_START.match(line):
            entries.append((number, {}))
            label = ""
        elif entries and line.strip():
            if line[0].isspace():
                entries[-1][1].setdefault(label, []).append(line.strip())
            elif OVID_LABEL.match(line.strip()):
                label = line.strip().lower()
            else:
                entries[-1][1].setdefault(label, []).append(line.strip())
    kept = tuple(
        Entry(line, {name: ("\n".join(values),) for name, values in found.items()}) for line, found in entries if found
    )
    rejected = tuple(Rejected(line, "a number without an entry") for line, found in entries if not found)
    return Tokens(kept, len(entries), rejected)


def tokenize_enw(text: str) -> Tokens:
    """EndNote's tagged text (.enw): '%T title', entries parted by blank lines or by '%0'."""
    blocks: list[tuple[int, dict[str, list[str]]]] = []
    rejected: list[Rejected] = []
    parted, last = True, ""
    for number, line in enumerate(text.split("\n"), start=1):
        found = ENW_TAG.match(line)
        if not line.strip():
            parted = True
        elif found:
            if parted or (found[1] == "0" and "%0" in blocks[-1][1]):
                blocks.append((number, {}))
            last = f"%{found[1]}"
            blocks[-1][1].setdefault(last, []).append(found[2].strip())
            parted = False
        elif blocks:
            blocks[-1][1][last][-1] += f"\n{line.strip()}"
            parted = False
        else:
            rejected.append(Rejected(number, "text before the first tag"))
    entries = tuple(Entry(line, {tag: tuple(values) for tag, values in found.items()}) for line, found in blocks)
    return Tokens(entries, len(blocks) + len(rejected), tuple(rejected))
