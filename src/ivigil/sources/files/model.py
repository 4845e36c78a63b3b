"""What reading an export file gives: records, labels, and every entry that could not be read, with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivigil.records import Record


@dataclass(frozen=True)
class Rejected:
    """One entry that could not be read: the line it starts on, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class Label:
    """What one reviewer, or the team, said of one entry; `included` is None for maybe."""

    included: bool | None
    reason: str | None = None
    stage: str | None = None
    reviewer: str | None = None


@dataclass(frozen=True)
class ImportedRecord:
    """One entry as a record, the line it starts on, and its labels.

    `key` is what the file itself calls the entry, else the record's source id. `labels` has one item for each reviewer
    and stage the file speaks of. `report_key` is the name our own export gave the report, where it is still there.
    """

    record: Record
    line: int
    key: str
    labels: tuple[Label, ...] = ()
    report_key: str | None = None

    @property
    def label(self) -> Label | None:
        """The one label these add up to: later stages outweigh title and abstract; disagreement is a maybe."""
        final = [label for label in self.labels if label.stage != "title_abstract"] or list(self.labels)
        if len(final) < 2:
            return final[0] if final else None
        verdicts = {label.included for label in final}
        reasons = dict.fromkeys(label.reason for label in final if label.reason)
        stages = {label.stage for label in final}
        return Label(
            included=verdicts.pop() if len(verdicts) == 1 else None,
            reason="; ".join(reasons) or None,
            stage=stages.pop() if len(stages) == 1 else None,
        )

    @property
    def passed(self) -> bool | None:
        """Whether it passed title and abstract, where the file says so: by that stage's label, or by a later one."""
        if any(label.included is not None and label.stage == "full_text" for label in self.labels):
            return True
        first = {label.included for label in self.labels if label.stage == "title_abstract"}
        return first.pop() if len(first) == 1 else None


@dataclass(frozen=True)
class ImportResult:
    """A whole file: what it is, its records, what was rejected, and how many entries were seen.

    `seen` is counted apart from parsing and always equals records plus rejected. `notes` say what had to be assumed
    (an encoding, a missing end mark).
    """

    format: str
    dialect: str
    records: tuple[ImportedRecord, ...]
    rejected: tuple[Rejected, ...]
    seen: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One entry as its tokenizer found it: tag, column or element name to values, in the file's own words."""

    line: int
    values: Mapping[str, tuple[str, ...]]

    def first(self, name: str) -> str | None:
        """The first value under a name, None where there is none."""
        return next(iter(self.values.get(name, ())), None)


@dataclass(frozen=True)
class Tokens:
    """A file cut into entries; `seen` counts the starts of entries, however they went.

    `spelling` gives a table's columns as the file writes them, where that differs from their lower-case names.
    """

    entries: tuple[Entry, ...]
    seen: int
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    spelling: Mapping[str, str] = field(default_factory=dict)
