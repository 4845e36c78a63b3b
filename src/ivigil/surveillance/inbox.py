"""The drop folder: export files laid into `inbox/` of the home folder are imported by the next night.

A subfolder or the beginning of a file's name may say which database it was exported from (`inbox/embase/2026-05.ris`,
`inbox/embase-2026-05.ris`). What was imported moves to `inbox/done/RUN/`, what cannot be read to `inbox/rejected/` with
its reason beside it.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivigil.errors import ImportError_
from ivigil.sources.files import ImportResult, known_sources, read_file
from ivigil.sources.registry import SOURCES
from ivigil.store import ledger
from ivigil.store.ledger import IMPORT
from ivigil.surveillance.context import Context
from ivigil.surveillance.importing import take_in_file
from ivigil.surveillance.steps import Step

log = logging.getLogger(__name__)

INBOX, DONE, REJECTED = "inbox", "done", "rejected"
UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".temp", ".swp", "~")
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

FirstLook = dict[str, tuple[int, int]]
"""File, named from the inbox on -> (bytes, time of last change in ns) when the night began."""


@dataclass
class _Sorted:
    """Where the files went."""

    imported: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def as_step(self) -> Step:
        return Step(
            new=sum(file["new_records"] for file in self.imported),
            changed=sum(file["changed_records"] for file in self.imported),
            errors=tuple(f"{file['file']} was rejected: {file['why']}" for file in self.rejected),
            counts={"files": self.imported, "rejected": self.rejected, "left": self.left},
        )


def look_into(home: Path) -> FirstLook:
    """The files that wait now. One that changes, or comes, after this look is left for the next night."""
    inbox = home / INBOX
    found = {}
    for file in sorted(inbox.rglob("*")):
        parts = file.relative_to(inbox).parts
        if parts[0] in (DONE, REJECTED) or any(part.startswith((".", "~")) for part in parts):
            continue
        if file.is_file() and not file.name.lower().endswith(UNFINISHED):
            found["/".join(parts)] = _state(file)
    return found


def import_waiting(context: Context, run_id: int, look: FirstLook, *, keep_lease: Callable[[], None]) -> Step:
    """Import the files of a first look that have not changed since, and move each where it belongs.

    A file is moved after it is stored: killed in between, the next night knows its content again and only moves it.
    """
    inbox = context.settings.home / INBOX
    inbox.mkdir(parents=True, exist_ok=True)
    went = _Sorted()
    for name, seen in look.items():
        keep_lease()
        _sort(context, run_id, inbox, name, seen, went)
    return went.as_step()


def source_of(name: str) -> str | None:
    """The source that a file's folder or the beginning of its name speaks of; None where neither does."""
    folders, file = name.lower().split("/")[:-1], name.lower().split("/")[-1]
    if folders and SOURCE_NAME.fullmatch(folders[0]):
        return folders[0]
    known = known_sources() | set(SOURCES)
    return next((part for part in [re.split(r"[-_. ]", file)[0]] if part in known), None)


def _sort(context: Context, run_id: int, inbox: Path, name: str, seen: tuple[int, int], went: _Sorted) -> None:
    file = inbox / name
    if not file.is_file() or _state(file) != seen:
        went.left.append(name)
        return
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    with context.store.transaction() as session:
        earlier = ledger.import_of(session, digest)
    if earlier is not None:
        note = f"the same content was imported by run {earlier.run_id}"
        went.imported.append({"file": name, "new_records": 0, "changed_records": 0, "records": 0, "note": note})
        _move(file, inbox / DONE / str(run_id) / name)
        return
    try:
        found = read_file(file, source=source_of(name))
    except ImportError_ as error:
        _reject(inbox, name, " ".join(part for part in (str(error), error.hint) if part), went)
        return
    except Exception as error:  # one odd file must not keep every later night from its end
        log.exception("a file of the inbox broke its reader", extra={"run": run_id, "file": name})
        _reject(inbox, name, f"cannot be read: {type(error).__name__}: {error}", went)
        return
    if _state(file) != seen:
        went.left.append(name)
        return
    went.imported.append({"file": name, **_store(context, run_id, name, digest, found)})
    _move(file, inbox / DONE / str(run_id) / name)


def _store(context: Context, run_id: int, name: str, digest: str, found: ImportResult) -> dict[str, Any]:
    """Take a file in and write its row, in one transaction."""
    named = Counter(entry.record.source for entry in found.records).most_common(1)
    source = named[0][0] if named else source_of(name) or found.dialect
    now = context.clock.now()
    with context.store.transaction() as session:
        row_id = ledger.open_lookup(session, run_id, source, f"{INBOX}/{name}", kind=IMPORT, now=now)
        taken = take_in_file(context, session, run_id, found, name=Path(name).name)
        ledger.close_import(session, row_id, digest, taken.counts, now=now)
    return taken.counts


def _reject(inbox: Path, name: str, why: str, went: _Sorted) -> None:
    went.rejected.append({"file": name, "why": why})
    moved = _move(inbox / name, inbox / REJECTED / name)
    moved.with_name(f"{moved.name}.why.txt").write_text(f"{why}\n", encoding="utf-8")


def _move(file: Path, to: Path) -> Path:
    """Move a file, under a number of its own where its name is taken."""
    to.parent.mkdir(parents=True, exist_ok=True)
    free, number = to, 1
    while free.exists():
        number += 1
        free = to.with_name(f"{to.stem}-{number}{to.suffix}")
    return file.replace(free)


def _state(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns
